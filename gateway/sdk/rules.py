"""Outcome rules: what a reply means, by HTTP code and by the values in its body. First match wins.

A 200 can be a failure, so nothing is delivered unless a rule says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from gateway.core.outcome import Blame
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.words import as_text, folded, is_empty


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole reply, as rules see it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    document: object = field(default=None, repr=False)  #: dicts, lists and scalars; a fault is at ``fault.code``
    readable: bool = True  #: False: the body is not what the partner's format promises
    problem: str = ""  #: why it is not readable, or not to be trusted, in our words; never a value
    fault: str = ""  #: the code of a SOAP fault
    early: bool = False  #: it came before the request was read
    transport: str = ""  #: the code by which the way between us refuses: the partner has not spoken
    proof: Mapping[str, str] = field(default_factory=dict[str, str])  #: what the way says of the message
    distrusted: bool = False  #: nothing proves that it is the partner's answer to this request

    @property
    def text(self) -> str:
        """The whole body as text, whatever it is."""
        return self.body.decode("utf-8", errors="replace")

    def header(self, name: str) -> str | None:
        """Return a header, whatever the case of its name."""
        wanted = name.lower()
        return next((text for key, text in self.headers.items() if key.lower() == wanted), None)


Status = int | Literal["1xx", "2xx", "3xx", "4xx", "5xx"]
_GOOD: tuple[Status, ...] = ("2xx",)
_ANY: tuple[Status, ...] = ("1xx", "2xx", "3xx", "4xx", "5xx")
_Word = str | int | bool
_OF_WAYS = ("retry", "reject", "ambiguous", "credentials")  #: what an error of the way between us can mean


class CheckTable(Table, frozen=True, kw_only=True):
    """A condition on a reply: all that is written must hold."""

    http: tuple[Status, ...] = ()  #: any 2xx where nothing is said; any at all with ``transport``
    transport: tuple[str, ...] = ()  #: codes of the way between us; ``*`` at the end stands for anything
    path: str = ""
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
    transport: tuple[str, ...]
    path: Path | None
    equals: frozenset[str]
    contains: tuple[str, ...]
    empty: bool = False

    @classmethod
    def of(cls, table: CheckTable) -> Check:
        """Compile; raises ValueError."""
        if table.equals and not table.path:
            raise ValueError("`equals` needs a `path`")
        if table.empty and (not table.path or table.equals or table.contains):
            raise ValueError("`empty` needs a `path`, and goes with neither `equals` nor `contains`")
        if any("*" in code[:-1] for code in table.transport):
            raise ValueError("in `transport`, `*` stands at the end of a code")
        return cls(
            http=frozenset(table.http or (_ANY if table.transport else _GOOD)),
            transport=tuple(code.lower().replace("_", "") for code in table.transport),
            path=Path.parse(table.path) if table.path else None,
            equals=frozenset(folded(as_text(word) or "") for word in table.equals),
            contains=tuple(folded(text) for text in table.contains),
            empty=table.empty,
        )

    def holds(self, reply: Reply) -> bool:
        """Whether the reply is so."""
        if reply.status not in self.http and f"{reply.status // 100}xx" not in self.http:
            return False
        if not self._came_by(reply.transport):
            return False
        if self.path is None:
            return self._says(folded(reply.text)) if self.contains else True
        value = self.path.find(reply.document)
        if self.empty:
            return value is not None and is_empty(value)
        text = as_text(value)
        if not self.equals and not self.contains:
            return not is_empty(value)
        return text is not None and (folded(text) in self.equals or self._says(folded(text)))

    def _came_by(self, code: str) -> bool:
        """Whether it is the one wanted that speaks: the way between us, by one of these codes, or else the partner."""
        if not self.transport or not code:
            return not self.transport and not code
        return any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in self.transport)

    def _says(self, text: str) -> bool:
        return any(words in text for words in self.contains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a reply means if all these conditions hold."""

    checks: tuple[Check, ...]
    then: Then
    blame: Blame = Blame.SYSTEM

    @property
    def is_of_way(self) -> bool:
        """Whether it is about what the way between us says."""
        return any(check.transport for check in self.checks)


def first_match(rules: Iterable[Rule], reply: Reply) -> Rule | None:
    """Return the first rule that holds, None where there is none."""
    return next((rule for rule in rules if all(check.holds(reply) for check in rule.checks)), None)


def compile_rules(raws: Sequence[dict[str, object]], key: str, reader: Reader) -> tuple[Rule, ...]:
    """Compile ``outcomes``; problems are noted."""
    rules: list[Rule] = []
    for position, raw in enumerate(raws):
        table = reader.read(RuleTable, raw, f"{key}[{position}]")
        checks = _checks((table, *table.also), f"{key}[{position}]", reader) if table else ()
        if table and any(check.transport for check in checks) and table.then not in _OF_WAYS:
            reader.wrong(f"{key}[{position}].then", f"what `transport` says is one of {', '.join(_OF_WAYS)}")
        elif table and checks:
            rules.append(Rule(checks=checks, then=Then(table.then), blame=table.blame))
    return tuple(rules)


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
    checks: list[Check] = []
    for table in tables:
        try:
            checks.append(Check.of(table))
        except ValueError as error:
            reader.wrong(key, str(error))
    return tuple(checks)
