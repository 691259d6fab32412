"""Outcome rules: what a reply means, by HTTP code and by the values in its body. First match wins.

A 200 can be a failure, so nothing is delivered unless a rule says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.core.hot_value import hot_value
from gateway.core.ids import FileId
from gateway.core.message import Blob
from gateway.core.outcome import Blame
from gateway.sdk.paths import Places
from gateway.sdk.reading import Reader, Table
from gateway.sdk.words import as_text, folded, is_empty
from gateway.wire.xml_query import XmlBody, XPath


class Then(StrEnum):
    """What a reply means."""

    DELIVERED = "delivered"  #: it has it
    EXISTS = "exists"  #: it says that it had it already: delivered only where this delivery is in doubt
    REPEATED = "repeated"  #: it says that it had this very delivery already, by our id
    RETRY = "retry"  #: it surely has not taken it
    REJECT = "reject"  #: same bytes, same refusal
    AMBIGUOUS = "ambiguous"  #: nobody can tell
    CREDENTIALS = "credentials"  #: it does not know us: log in again, once
    ABSENT = "absent"  #: a look-up's plain no


@hot_value
class Reply:
    """A whole reply, as rules see it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    document: object = field(default=None, repr=False)  #: dicts, lists and scalars; a fault is at ``fault.code``
    xml: XmlBody | None = field(default=None, repr=False)  #: what ``xpath`` looks into
    loose: bool = False  #: of XML: the only item of a list may stand there without being one
    readable: bool = True  #: False: the body is not what the partner's format promises
    problem: str = ""  #: why it is not readable, or not to be trusted, in our words; never a value
    fault: str | None = None  #: the code of a SOAP fault, empty where it names none; None where there is no fault
    early: bool = False  #: it came before the request was read
    transport: str = ""  #: the code by which the way between us refuses: the partner has not spoken
    proof: Mapping[str, str] = field(default_factory=dict[str, str])  #: what the way says of the message
    blobs: Mapping[FileId, Blob] = field(default_factory=dict[FileId, Blob], repr=False)  #: its files that were kept
    distrusted: bool = False  #: nothing proves that it is the partner's answer to this request
    _folded: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people: a login, a proxy's regrets."""
        return _PAGE.match(self.body[:_BEGINNING].replace(b"\0", b"")) is not None

    @property
    def folded(self) -> str:
        """The whole body as text, whatever it is, in the form in which texts are compared: made once for all rules."""
        if self._folded is None:
            object.__setattr__(self, "_folded", folded(self.body.decode("utf-8", errors="replace")))
        return self._folded or ""

    def header(self, name: str) -> str | None:
        """Return a header, whatever the case of its name."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), None)


Status = int | Literal["1xx", "2xx", "3xx", "4xx", "5xx"]
_GOOD: tuple[Status, ...] = ("2xx",)
_ANY: tuple[Status, ...] = ("1xx", "2xx", "3xx", "4xx", "5xx")
_NAMED = (401, 403)  #: codes that are a login's affair unless a rule names the very code
_LOWEST, _HIGHEST = 100, 599  #: codes of HTTP
_BEGINNING = 4096  #: bytes of a body that are looked at
#: How a page begins, behind what may stand before it in XHTML: a mark of UTF-8 or UTF-16, declarations, comments.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s++|<\?[^>]*+>|<!--[^-]*+(?:-(?!->)[^-]*+)*-->)*"
    rb"<(?:!doctype\s++html|(?:html|head|title|meta|script|body)(?=[\s/>]))",
    re.IGNORECASE,
)
_Word = str | int | bool
_OF_WAYS = ("retry", "reject", "ambiguous", "credentials")  #: what an error of the way between us can mean


class CheckTable(Table, frozen=True, kw_only=True):
    """A condition on a reply: all that is written must hold."""

    http: tuple[Status, ...] = ()  #: any 2xx where nothing is said; any at all with ``transport`` or ``fault``
    transport: tuple[str, ...] = ()  #: codes of the way between us; ``*`` at the end stands for anything
    fault: tuple[str, ...] = ()  #: codes of SOAP faults, likewise
    path: str = ""  #: into JSON, or into the fields of a SOAP reply
    xpath: str = ""  #: into XML, by local names
    equals: tuple[_Word, ...] = ()
    contains: tuple[str, ...] = ()
    empty: bool = False  #: what is there is an empty list, table or text


class RuleTable(CheckTable, frozen=True, kw_only=True):
    """One ``[[options.outcomes]]``."""

    then: Literal["delivered", "exists", "repeated", "retry", "reject", "ambiguous", "credentials"]
    also: tuple[CheckTable, ...] = ()  #: what must hold beside it
    blame: Blame = Blame.SYSTEM  #: for ``retry``: ``message`` counts the attempt against the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A compiled condition; texts are compared in NFC and without case."""

    http: frozenset[Status]
    transport: tuple[str, ...] = ()
    fault: tuple[str, ...] = ()
    path: Places | None = None
    xpath: XPath | None = None
    equals: frozenset[str]
    contains: tuple[str, ...]
    empty: bool = False

    @classmethod
    def of(cls, table: CheckTable) -> Check:
        """Compile; raises ValueError."""
        _refuse_unclear(table)
        return cls(
            http=frozenset(table.http or (_ANY if table.transport or table.fault else _GOOD)),
            transport=tuple(code.lower().replace("_", "") for code in table.transport),
            fault=tuple(code.casefold() for code in table.fault),
            path=Places.parse(table.path) if table.path else None,
            xpath=XPath(table.xpath) if table.xpath else None,
            equals=frozenset(folded(as_text(word) or "") for word in table.equals),
            contains=tuple(folded(text) for text in table.contains),
            empty=table.empty,
        )

    def holds(self, reply: Reply) -> bool:
        """Whether the reply is so; where several places are meant, whether one of them is."""
        if reply.status not in self.http and f"{reply.status // 100}xx" not in self.http:
            return False
        if not self._speaks(reply):
            return False
        if self.path is None and self.xpath is None:
            return self._says(reply.folded) if self.contains else True
        return any(map(self._fits, self._values(reply)))

    @property
    def looks(self) -> bool:
        """Whether it looks at anything beside the code of HTTP."""
        return bool(self.path or self.xpath or self.contains or self.fault or self.transport)

    def covers(self, other: Check) -> bool:
        """Whether it surely holds wherever the other does; of an ``xpath`` nobody knows."""
        if not all(code in self.http or f"{str(code)[0]}xx" in self.http for code in other.http):
            return False
        if (self.transport, self.fault) != (other.transport, other.fault) or self.xpath or other.xpath:
            return False
        return not (self.path or self.contains) or (self.path == other.path and self._takes_values_of(other))

    def _takes_values_of(self, other: Check) -> bool:
        if self.empty or other.empty:
            return self.empty and other.empty
        if not self.equals and not self.contains:
            return "" not in other.equals and "" not in other.contains  # it wants any value, and an empty text is none
        exact = all(text in self.equals or self._says(text) for text in other.equals)
        return bool(other.equals or other.contains) and exact and all(map(self._says, other.contains))

    def _speaks(self, reply: Reply) -> bool:
        """Whether it is the one wanted that speaks: the way between us, by one of these codes, or else the partner."""
        if self.transport or reply.transport:
            return _is_among(reply.transport, self.transport)
        return not self.fault or _is_among((reply.fault or "").casefold(), self.fault)

    def _values(self, reply: Reply) -> Iterable[object]:
        if self.path is not None:
            return self.path.find(reply.document)
        root = reply.xml.root() if reply.xml else None
        return self.xpath.find(root) if self.xpath and root is not None else ()

    def _fits(self, value: object) -> bool:
        if self.empty:
            return value is not None and is_empty(value)
        text = as_text(value)
        if not self.equals and not self.contains:
            return not is_empty(value)
        if text is None:
            return False
        text = folded(text)
        return text in self.equals or self._says(text)

    def _says(self, text: str) -> bool:
        return any(words in text for words in self.contains)


def _refuse_unclear(table: CheckTable) -> None:
    """Raise ValueError where it is not clear what a condition is about."""
    is_placed = bool(table.path or table.xpath)
    if strange := [code for code in table.http if isinstance(code, int) and not _LOWEST <= code <= _HIGHEST]:
        raise ValueError(f"{strange[0]} is no code of HTTP: they go from {_LOWEST} to {_HIGHEST}")
    if table.path and table.xpath:
        raise ValueError("a condition has a `path` or an `xpath`: write the other one into `also`")
    if table.equals and not is_placed:
        raise ValueError("`equals` needs a `path` or an `xpath`")
    if table.empty and (not is_placed or table.equals or table.contains):
        raise ValueError("`empty` needs a `path` or an `xpath`, and goes with neither `equals` nor `contains`")
    if any("*" in code[:-1] for code in (*table.transport, *table.fault)):
        raise ValueError("in `transport` and `fault`, `*` stands at the end of a code")


def _is_among(code: str, wanted: Sequence[str]) -> bool:
    """Whether a code is one of these; ``*`` at an end stands for anything, but not for nothing said."""
    return bool(code) and any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a reply means if all these conditions hold."""

    checks: tuple[Check, ...]
    then: Then
    blame: Blame = Blame.SYSTEM

    def names(self, status: int) -> bool:
        """Whether it is about this very code of HTTP, not about a class of them."""
        return any(status in check.http for check in self.checks)

    @property
    def is_blind(self) -> bool:
        """Whether it looks at nothing that a reply says."""
        return not any(check.looks for check in self.checks)

    @property
    def reads(self) -> bool:
        """Whether it looks at a place in the document."""
        return any(check.path or check.xpath for check in self.checks)

    def leaves_nothing_of(self, other: Rule) -> bool:
        """Whether it surely takes every reply that the other would; a blind one takes no page and no fault."""
        if self.is_blind or any(other.names(code) and not self.names(code) for code in _NAMED):
            return False
        return all(any(map(one.covers, other.checks)) for one in self.checks)

    @property
    def is_of_way(self) -> bool:
        """Whether it is about what the way between us says."""
        return any(check.transport for check in self.checks)


def first_match(rules: Iterable[Rule], reply: Reply) -> Rule | None:
    """Return the first rule that holds, None where there is none."""
    for rule in rules:
        if all(check.holds(reply) for check in rule.checks):
            return rule
    return None


def compile_rules(raws: Sequence[dict[str, object]], key: str, reader: Reader) -> tuple[Rule, ...]:
    """Compile ``outcomes``; problems are noted."""
    rules: dict[str, Rule] = {}
    for position, raw in enumerate(raws):
        place = f"{key}[{position}]"
        rule = _rule(raw, place, reader)
        if rule is not None:
            _check_counts(rule, rules, place, reader)
            rules[place] = rule
    return tuple(rules.values())


def _rule(raw: dict[str, object], place: str, reader: Reader) -> Rule | None:
    table = reader.read(RuleTable, raw, place)
    checks = _checks((table, *table.also), place, reader) if table else ()
    if table and any(check.transport for check in checks) and table.then not in _OF_WAYS:
        reader.wrong(f"{place}.then", f"what `transport` says is one of {', '.join(_OF_WAYS)}")
        return None
    return Rule(checks=checks, then=Then(table.then), blame=table.blame) if table and checks else None


def _check_counts(rule: Rule, earlier: Mapping[str, Rule], place: str, reader: Reader) -> None:
    """Note a rule that never counts: the first match wins."""
    wider = next((at for at, one in earlier.items() if one.leaves_nothing_of(rule)), None)
    if wider is not None:
        text = f"never counts: {wider} takes every reply that it would"
        reader.wrong(place, text, "put the narrower rule first, or take one out")


def compile_rule(table: CheckTable, then: Then, key: str, reader: Reader) -> Rule | None:
    """Compile one condition; None where a problem was noted."""
    checks = _checks((table,), key, reader)
    return Rule(checks=checks, then=then) if checks else None


def compile_checks(raws: Sequence[dict[str, object]], then: Then, key: str, reader: Reader) -> tuple[Rule, ...]:
    """Compile a list of conditions that must all hold into at most one rule."""
    tables = [reader.read(CheckTable, raw, f"{key}[{position}]") for position, raw in enumerate(raws)]
    checks = _checks([table for table in tables if table], key, reader)
    return (Rule(checks=checks, then=then),) if checks else ()


def _checks(tables: Iterable[CheckTable], key: str, reader: Reader) -> tuple[Check, ...]:
    made = (reader.made(key, Check.of, table) for table in tables)
    return tuple(check for check in made if check is not None)
