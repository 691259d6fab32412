"""What all questions to a partner have in common, an officer's and our own for news: their tables, compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeVar

from gateway.sdk.plan import Operation, OperationTable, TableCompiler
from gateway.sdk.reading import Table
from gateway.sdk.rules import CheckTable, Rule, Then, compile_rule

Call = TypeVar("Call")
Shape = TypeVar("Shape", bound=OperationTable)
Own = TypeVar("Own", bound=Table)
Raw = dict[str, object]

_THEN: Mapping[str, Then] = {"found": Then.DELIVERED, "none": Then.ABSENT, "refused": Then.REJECT}
#: What belongs to a delivery and not to a question.
_DELIVERING = ("codes", "facts", "lookup", "found", "absent", "or_absent", "same")


class QueryRuleTable(CheckTable, frozen=True, kw_only=True):
    """One ``[[options.queries.<operation>.outcomes]]``, or one of a stream of news."""

    then: Literal["found", "none", "refused"]


class QuestionCompiler(TableCompiler[Shape, Call]):
    """Turns tables into questions."""

    def _tables(self, own: type[Own], raw: Raw, key: str) -> tuple[Own, Shape] | None:
        """Return what every dialect's question says, and what stands beside it in this dialect."""
        names = set(own.__struct_fields__)
        table = self._reader.read(own, {name: value for name, value in raw.items() if name in names}, key)
        rest = {name: value for name, value in raw.items() if name not in names}
        theirs = self._reader.read(self._shape, rest, key)
        if table is None or theirs is None:
            return None
        if any(getattr(theirs, name) for name in _DELIVERING):
            self._reader.wrong(key, f"{', '.join(_DELIVERING)} belong to an operation", "take them out")
        return table, theirs

    def _operation(self, call: Call, theirs: Shape, outcomes: Sequence[Raw], key: str) -> Operation[Call]:
        return Operation(
            call=call,
            mapping=self._common.mappings.get(theirs.mapping),
            judge=self._common.judge((*self._common.general, *self._rules(outcomes, f"{key}.outcomes"))),
            codes={},
            facts={},
        )

    def _rules(self, outcomes: Sequence[Raw], key: str) -> Iterator[Rule]:
        if not any(raw.get("then") == "found" for raw in outcomes):
            self._reader.wrong(key, "no reply is an answer", 'write a rule with then = "found"')
        for position, raw in enumerate(outcomes):
            place = f"{key}[{position}]"
            rule = self._reader.read(QueryRuleTable, raw, place)
            compiled = compile_rule(rule, _THEN[rule.then], place, self._reader) if rule else None
            if compiled:
                yield compiled
