"""``statuses.toml``: which status may follow which. The commented file beside this one is the default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from gateway.config.nearest import suggestion
from gateway.core.errors import Problem
from gateway.core.statuses import STATUSES, StatusBook, StatusTable

FILE = "statuses.toml"

_NAMES = frozenset(map(str, STATUSES))
_Numbers = Annotated[tuple[int, ...], Meta(description="national statuses: [2, 4]")]


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: unknown keys are errors."""


class ProcedureConfig(_Table, frozen=True):
    """``[[procedure]]``: what differs for some procedures. A row of ``next`` replaces the row of the same status."""

    codes: Annotated[tuple[str, ...], Meta(min_length=1)]
    start: _Numbers | None = None
    closing: _Numbers | None = None
    next: dict[str, _Numbers] = {}


class StatusesConfig(_Table, frozen=True):
    """``statuses.toml`` over its default."""

    start: _Numbers
    closing: _Numbers
    next: dict[str, _Numbers]
    procedure: tuple[ProcedureConfig, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Return what is wrong with what was written, and if nothing is, with where the tables lead."""
        written: tuple[_Written, ...] = (self, *self.procedure)
        slips = [problem for config, at in zip(written, self._places(), strict=True) for problem in _slips(config, at)]
        yield from slips or self._dead_ends()
        counted = Counter(code for config in self.procedure for code in config.codes)
        for code, count in counted.items():
            if count > 1:
                text = f"{code!r} is given {count} times, and the first counts"
                yield _problem("procedure.codes", text, "keep one")

    def book(self) -> StatusBook:
        """Return the core's value; only of a file without problems."""
        by_procedure = tuple((config.codes, _table(self._of(config))) for config in self.procedure)
        return StatusBook(default=_table(self), by_procedure=by_procedure)

    def _places(self) -> Iterator[str]:
        """Yield where each table stands: the default at the top, then each procedure's."""
        yield ""
        yield from (f"procedure[{number}]." for number in range(len(self.procedure)))

    def _dead_ends(self) -> Iterator[Problem]:
        """Return faults of the tables as wholes; what the default has, a procedure's table would only repeat."""
        wholes = (self, *map(self._of, self.procedure))
        found = (list(_dead_ends(_table(whole), at)) for whole, at in zip(wholes, self._places(), strict=True))
        default = next(found)
        yield from default or (problem for problems in found for problem in problems)

    def _of(self, config: ProcedureConfig) -> StatusesConfig:
        """Return the whole table of some procedures."""
        return StatusesConfig(
            start=self.start if config.start is None else config.start,
            closing=self.closing if config.closing is None else config.closing,
            next={**self.next, **config.next},
        )


_Written: TypeAlias = StatusesConfig | ProcedureConfig


def _table(config: StatusesConfig) -> StatusTable:
    return StatusTable(
        start=frozenset(config.start),
        following={int(status): frozenset(after) for status, after in config.next.items()},
        closing=frozenset(config.closing),
    )


def _lists(config: _Written) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each list of statuses that was written, by its key."""
    yield "start", config.start or ()
    yield "closing", config.closing or ()
    for status, after in config.next.items():
        yield f"next.{status}", after


def _slips(config: _Written, at: str) -> Iterator[Problem]:
    """Name what is no status, and what is said twice."""
    for status in config.next:
        if status not in _NAMES:
            yield _problem(f"{at}next.{status}", "is no national status", suggestion(status, _NAMES))
    for key, statuses in _lists(config):
        for number, count in Counter(statuses).items():
            if number not in STATUSES:
                yield _problem(f"{at}{key}", f"{number} is no national status", "write numbers from 1 to 10")
            if count > 1:
                yield _problem(f"{at}{key}", f"{number} is given {count} times", "keep one")
            if key == f"next.{number}":
                yield _problem(f"{at}{key}", "names itself", "leave it out: every status may be repeated")


def _dead_ends(table: StatusTable, at: str) -> Iterator[Problem]:
    """Name statuses that have a row and that nothing leads to, and those from which there is no end."""
    if not table.start:
        yield _problem(f"{at}start", "is empty: no dossier could begin", "name a status: [1, 2]")
        return
    reached = _reachable(table.start, table.following)
    for status in sorted(table.following):
        if table.following[status] and status not in reached:
            remedy = f"let a status lead to it, or write next.{status} = []"
            yield _problem(f"{at}next.{status}", "nothing leads to this status", remedy)
    for status in sorted(reached):
        if not any(table.is_final(other) for other in _reachable(frozenset({status}), table.following)):
            remedy = "let it lead to a status that nothing follows"
            yield _problem(f"{at}next.{status}", "a dossier that stands here can never end", remedy)


def _reachable(start: frozenset[int], following: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """Return where steps from these statuses lead, themselves included."""
    found, ahead = set(start), list(start)
    while ahead:
        new = following.get(ahead.pop(), frozenset()) - found
        found |= new
        ahead += new
    return frozenset(found)


def _problem(key: str, text: str, remedy: str) -> Problem:
    return Problem(file=FILE, key=key, text=text, remedy=remedy)
