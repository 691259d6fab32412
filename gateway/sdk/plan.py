"""What a system's file says to do for each kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from gateway.core.codes import BLANKS, LONGEST
from gateway.core.composing import composed
from gateway.core.doubt import Declarations, Doubt
from gateway.core.existing import UPDATES, OnFirstExists
from gateway.model.kinds import is_met_by_family, nearest
from gateway.sdk.classify import Judge
from gateway.sdk.compare import Same, compile_same
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.rules import Reply, Rule, Then, compile_checks, compile_rules
from gateway.sdk.words import as_text, has_control

_REMEMBERED = 256  #: kinds whose operation is kept at hand
_YES = frozenset({Then.DELIVERED, Then.EXISTS, Then.REPEATED})
Call = TypeVar("Call")


class OperationTable(Table, frozen=True, kw_only=True):
    """What every dialect's operation says."""

    mapping: str = ""
    codes: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    facts: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    outcomes: tuple[dict[str, object], ...] = ()  #: before the system's own
    lookup: dict[str, object] | None = None
    found: tuple[dict[str, object], ...] = ()  #: of a look-up: all must hold
    absent: tuple[dict[str, object], ...] = ()  #: of a look-up: all must hold
    or_absent: tuple[dict[str, object], ...] = ()  #: of a look-up: another way to say no, all must hold
    same: dict[str, str] = msgspec.field(default_factory=dict[str, str])  #: of a look-up: what must agree with ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Call]):
    """What to send for one kind, and how to read the answer."""

    call: Call  #: the dialect's own part
    mapping: MappingTable | None
    judge: Judge
    codes: Mapping[str, Path]
    facts: Mapping[str, Path]
    lookup: Operation[Call] | None = None
    same: Same = field(default_factory=Same)  #: of a look-up

    @property
    def content(self) -> frozenset[str]:
        """Which forms of the files' bytes it needs."""
        return self.mapping.content if self.mapping else frozenset()

    def codes_in(self, reply: Reply) -> dict[str, str]:
        """Return the codes that a reply gives, whether they may be bound or not: what is none is held for a person."""
        return _taken(self.codes, reply)

    def facts_in(self, reply: Reply) -> dict[str, str]:
        """Return the partner's own ids in a reply; what is none is left out, since nothing may fail any more."""
        return {name: text for name, text in _taken(self.facts, reply).items() if _is_fact(text)}


def _taken(paths: Mapping[str, Path], reply: Reply) -> dict[str, str]:
    if not paths:
        return {}
    found = ((name, (as_text(path.find(reply.document)) or "").strip(BLANKS)) for name, path in paths.items())
    return {name: composed(text) for name, text in found if text}


def _is_fact(text: str) -> bool:
    return len(text) <= LONGEST and not has_control(text) and not set(text) & set("\t\r\n")


@dataclass(frozen=True, slots=True)
class Plan(Generic[Call]):
    """Operations by kind; ``dossier.*`` and ``*`` are patterns, the longest match wins."""

    operations: Mapping[str, Operation[Call]] = field(repr=False)
    _found: dict[str, Operation[Call] | None] = field(
        default_factory=dict[str, "Operation[Call] | None"], repr=False, compare=False
    )  #: answers so far

    def of(self, kind: str) -> Operation[Call] | None:
        """Return the operation for this kind, None where the file declares none."""
        if kind not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[kind] = self._look(kind)
        return self._found[kind]

    def _look(self, kind: str) -> Operation[Call] | None:
        if kind in self.operations:
            return self.operations[kind]
        parts = kind.split(".")
        families = (".".join([*parts[:count], "*"]) for count in range(len(parts) - 1, 0, -1))
        return next((self.operations[name] for name in (*families, "*") if name in self.operations), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What the operations of one system share."""

    rules: tuple[Rule, ...]
    clean_5xx: bool
    words: tuple[Path, ...]
    mappings: Mapping[str, MappingTable]

    @property
    def general(self) -> tuple[Rule, ...]:
        """The rules that hold for look-ups and questions, too: they say nothing of what is asked about."""
        return tuple(rule for rule in self.rules if rule.then is Then.CREDENTIALS or rule.is_of_way)

    def judge(self, rules: tuple[Rule, ...]) -> Judge:
        """Return a judge by these rules."""
        return Judge(rules=rules, clean_5xx=self.clean_5xx, words=self.words)


Shape = TypeVar("Shape", bound=OperationTable)


class TableCompiler(Generic[Shape, Call]):
    """Turns the tables of operations or questions into what is done; problems are noted."""

    def __init__(
        self, shape: type[Shape], make: Callable[[Shape, str, Reader], Call | None], common: Common, reader: Reader
    ) -> None:
        """``make`` returns the dialect's part of a table, or None with the problem noted."""
        self._shape = shape
        self._make = make
        self._common = common
        self._reader = reader


class PlanCompiler(TableCompiler[Shape, Call]):
    """Turns ``[options.operations]`` into a plan."""

    def compile(self, raws: Mapping[str, dict[str, object]]) -> Plan[Call]:
        """Return the plan of everything that could be read."""
        found = {kind: self._operation(raw, f'options.operations."{kind}"') for kind, raw in raws.items()}
        for kind in raws:
            self._check_kind(kind)
        return Plan({kind: operation for kind, operation in found.items() if operation})

    def _check_kind(self, kind: str) -> None:
        if not is_met_by_family(kind):
            near = nearest(kind)
            remedy = f"did you mean {near!r}?" if near else 'write a kind, a family as "dossier.*", or "*"'
            self._reader.wrong(f'options.operations."{kind}"', "no event is of this kind", remedy)

    def _operation(self, raw: dict[str, object], key: str) -> Operation[Call] | None:
        table = self._reader.read(self._shape, raw, key)
        if table is None:
            return None
        if table.found or table.absent or table.or_absent or table.same:
            names = "`found`, `absent`, `or_absent` and `same`"
            self._reader.wrong(key, f"{names} belong to a look-up", f"move them to {key}.lookup")
        rules = compile_rules(table.outcomes, f"{key}.outcomes", self._reader)
        lookup = self._lookup(table.lookup, f"{key}.lookup") if table.lookup is not None else None
        return self._built(table, key, (*rules, *self._common.rules), lookup)

    def _lookup(self, raw: dict[str, object], key: str) -> Operation[Call] | None:
        table = self._reader.read(self._shape, raw, key)
        if table is None:
            return None
        if table.lookup is not None or table.outcomes or not table.found or not table.absent:
            self._reader.wrong(key, "a look-up has `found` and `absent`, and neither `lookup` nor `outcomes`")
        found = compile_checks(table.found, Then.DELIVERED, f"{key}.found", self._reader)
        absent = compile_checks(table.absent, Then.ABSENT, f"{key}.absent", self._reader)
        absent += compile_checks(table.or_absent, Then.ABSENT, f"{key}.or_absent", self._reader)
        # a session that is not known is no dossier that is not known, in whatever words it is said
        return self._built(table, key, (*found, *self._common.general, *absent), None)

    def _built(
        self, table: Shape, key: str, rules: tuple[Rule, ...], lookup: Operation[Call] | None
    ) -> Operation[Call] | None:
        call = self._make(table, key, self._reader)
        if call is None:
            return None
        return Operation(
            call=call,
            mapping=self._common.mappings.get(table.mapping),
            judge=self._common.judge(rules),
            codes=self._paths(table.codes, f"{key}.codes"),
            facts=self._paths(table.facts, f"{key}.facts"),
            lookup=lookup,
            same=compile_same(table.same, f"{key}.same", self._reader),
        )

    def _paths(self, raws: Mapping[str, str], key: str) -> dict[str, Path]:
        return compile_paths(raws, key, self._reader)


def compile_paths(raws: Mapping[str, str], key: str, reader: Reader) -> dict[str, Path]:
    """Compile named paths; problems are noted."""
    paths = {name: reader.made(f"{key}.{name}", Path.parse, text) for name, text in raws.items()}
    return {name: path for name, path in paths.items() if path is not None}


def check_doubt(plan: Plan[Call], declared: Declarations, reader: Reader) -> None:
    """Note every operation whose doubt is to be looked up although it has no look-up."""
    for kind, operation in plan.operations.items():
        promise = declared.of(kind)
        if Doubt.LOOKUP in (promise.doubt, promise.after_window) and operation.lookup is None:
            key = f'options.operations."{kind}"'
            reader.wrong(key, "doubt is declared LOOKUP, but there is no look-up", f"write [{key}.lookup], or hold")


def check_yes(plan: Plan[Call], reader: Reader) -> None:
    """Note every operation of which no reply, and no look-up, could ever deliver anything."""
    if any(".outcomes[" in problem.key for problem in reader.problems):
        return  # the rule that could not be read may be the one
    for kind, operation in plan.operations.items():
        if operation.lookup is None and not any(rule.then in _YES for rule in operation.judge.rules):
            remedy = 'write a rule with then = "delivered" for what a yes looks like'
            reader.wrong(f'options.operations."{kind}"', "no rule says `delivered`: nothing ever would be", remedy)


def check_updates(plan: Plan[Call], way: OnFirstExists, reader: Reader) -> None:
    """Note a system that is to be sent updates although its file has no operation for them."""
    if way is OnFirstExists.SEND_AS_UPDATE:
        for kind, update in UPDATES.items():
            if plan.of(kind) is not None and plan.of(update) is None:
                remedy = f'declare options.operations."{update}", or write "lookup_compare" or "hold"'
                reader.wrong("on_first_exists", f"there is no operation for {update!r}", remedy)
