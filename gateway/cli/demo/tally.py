"""Counting the demo from what the simulators saw: by business key (dossier and event), never by our own ids."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

Line: TypeAlias = Mapping[str, object]
Event: TypeAlias = tuple[str, str]  #: dossier code and the source's own id of the event

PORTAL = "portal"
#: What a partner begins and the portal waits for: results, and dossiers that were submitted there.
_RESULTS = frozenset({"result.issued", "result.corrected", "dossier.submitted"})


_HANDED_OVER = "dossier.submitted"  #: how a dossier is first spoken of


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One simulator's journal, sorted out."""

    sent: tuple[Line, ...]  #: what it stated, in order
    effects: tuple[Line, ...]  #: what took effect there, in order
    requests: int
    open: int  #: requests that it has not answered yet
    finished: frozenset[str]  #: dossiers that it is done with
    refused: tuple[Line, ...]
    bad_files: int
    handed_over: int | None

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Books:
        """Sort a journal's lines."""
        by_kind: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            by_kind[str(line["what"])].append(line)
        ended = Counter(line["delivery"] for kind in ("replied", "dropped") for line in by_kind[kind])
        begun = Counter(line["delivery"] for line in by_kind["request"])
        return cls(
            sent=tuple(by_kind["sent"] + by_kind["issued"]),
            effects=tuple(by_kind["effect"]),
            requests=len(by_kind["request"]),
            open=len(begun - ended),
            finished=frozenset(str(line["dossier"]) for line in by_kind["finished"]),
            refused=tuple(by_kind["refused"]),
            bad_files=len(by_kind["bad_file"]),
            handed_over=_number(by_kind["handed_over"]),
        )


def _number(lines: list[Line]) -> int | None:
    count = lines[0]["count"] if lines else None
    return count if isinstance(count, int) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One direction: what had to take effect at a system, and what did."""

    system: str
    requests: int
    expected: int
    effects: int
    missing: tuple[Event, ...]  #: what has not taken effect, in the order stated
    duplicated: int
    reordered: int

    @property
    def lost(self) -> int:
        """Return how much is missing: lost, once nothing is under way any more."""
        return len(self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole demo in numbers."""

    dossiers: int
    rows: tuple[Row, ...]  #: one per ministry, the portal last
    results: int  #: that the ministries issued
    results_got: int  #: that the portal got
    refused: int
    bad_files: int
    is_complete: bool  #: nothing is under way any more

    @property
    def effects(self) -> tuple[int, int]:
        """Return effects seen at the ministries and effects that had to be."""
        ministries = [row for row in self.rows if row.system != PORTAL]
        return sum(row.effects for row in ministries), sum(row.expected for row in ministries)

    @property
    def calls(self) -> int:
        """Return how many requests the ministries got."""
        return sum(row.requests for row in self.rows if row.system != PORTAL)

    def total(self, name: str) -> int:
        """Return the sum of one column."""
        return sum(getattr(row, name) for row in self.rows)

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        seen, due = self.effects
        faults = (self.total("lost"), self.total("duplicated"), self.total("reordered"), self.refused, self.bad_files)
        return self.is_complete and seen == due and self.results == self.results_got and not any(faults)

    def complaints(self) -> list[str]:
        """Say what else went wrong, beside what the last line counts."""
        found = [] if self.is_complete else ["not everything had ended when the time was over"]
        found += [f"refused: {self.refused}; the journals say what, and why"] * bool(self.refused)
        return found + [f"files that did not arrive as they were: {self.bad_files}"] * bool(self.bad_files)

    def line(self) -> str:
        """Return the last line of the demo."""
        seen, due = self.effects
        return (
            f"demo: dossiers={self.dossiers} effects={seen}/{due} results={self.results_got}/{self.results}"
            f" lost={self.total('lost')} duplicated={self.total('duplicated')} reordered={self.total('reordered')}"
        )


def tally(journals: Mapping[str, Iterable[Line]]) -> Report:
    """Count everything; ``journals`` holds the lines of each system's simulator, the portal's among them."""
    books = {system: Books.of(lines) for system, lines in journals.items()}
    portal = books.pop(PORTAL)
    cancelled = _cancelled(portal)
    stated = sorted((line for book in (portal, *books.values()) for line in book.sent), key=_moment)
    rows = [_ministry(system, book, stated, cancelled) for system, book in books.items()]
    rows.append(_portal_row(portal, stated, books))
    issued = [line for line in stated if _goes_to(line, PORTAL) and line["kind"] in _RESULTS]
    got = {_key(line) for line in portal.effects if line["kind"] in _RESULTS}
    return Report(
        dossiers=len({line["dossier"] for line in portal.sent if line["kind"] == _HANDED_OVER}),
        rows=tuple(rows),
        results=len(issued),
        results_got=len(got & {_key(line) for line in issued}),
        refused=sum(len(book.refused) for book in (portal, *books.values())),
        bad_files=sum(book.bad_files for book in books.values()),
        is_complete=_is_complete(portal, books, rows),
    )


def _moment(line: Line, what: str = "at") -> float:
    """Return when something was stated, or when its sender began to: several may state one dossier's matters."""
    at = line.get(what, line.get("at"))
    return at if isinstance(at, float) else 0.0


def _key(line: Line) -> Event:
    return str(line["dossier"]), str(line["event"])


def _cancelled(portal: Books) -> frozenset[tuple[str, str]]:
    """Return (system, dossier) of submissions that a withdrawal overtook: the portal was told so."""
    dossier_of = {str(line["message"]): str(line["dossier"]) for line in portal.sent}
    told: set[tuple[str, str]] = set()
    for line in portal.effects:
        if line["kind"] == "relay.cancelled":
            data = cast("Mapping[str, object]", line["data"])
            told.add((str(data["system"]), dossier_of.get(str(data["event_id"]), "")))
    return frozenset(told)


def _ministry(system: str, book: Books, stated: Iterable[Line], cancelled: frozenset[tuple[str, str]]) -> Row:
    """Count one partner; what is stated a second time under the same key is due once."""
    wanted = (line for line in stated if _goes_to(line, system) and (system, str(line["dossier"])) not in cancelled)
    return _row(system, book.requests, wanted, [_key(line) for line in book.effects])


def _goes_to(line: Line, system: str) -> bool:
    """Whether something that was stated has to reach this system; a line that names none is for the portal."""
    systems = line.get("systems", (PORTAL,))
    return isinstance(systems, list | tuple) and system in systems


def _portal_row(portal: Books, stated: Iterable[Line], ministries: Mapping[str, Books]) -> Row:
    due = (line for line in stated if _goes_to(line, PORTAL))
    seen = [_key(line) for line in portal.effects if line["source"] in ministries]
    return _row(PORTAL, portal.requests, due, seen)


def _row(system: str, requests: int, stated: Iterable[Line], seen: list[Event]) -> Row:
    due: dict[Event, Line] = {}
    for line in stated:
        due.setdefault(_key(line), line)
    counted = Counter(seen)
    return Row(
        system=system,
        requests=requests,
        expected=len(due),
        effects=len(set(seen) & set(due)),
        missing=tuple(event for event in due if event not in counted),
        duplicated=sum(count - 1 for count in counted.values()),
        reordered=_reordered(due, seen),
    )


def _reordered(due: Mapping[Event, Line], seen: Iterable[Event]) -> int:
    """Count effects that came after one of the same sender and dossier that was stated later.

    Later is what its sender began to state once it had been answered about the other one. What it states while it still
    repeats the other may be accepted in either order.
    """
    place = {event: position for position, event in enumerate(due)}
    begun: dict[tuple[str, str], tuple[float, int]] = {}
    wrong = 0
    for event in dict.fromkeys(seen):
        if (line := due.get(event)) is None:
            continue
        lane = (event[0], event[1].rpartition("/")[0])
        latest = begun.get(lane, (-math.inf, 0))
        wrong += (_moment(line), place[event]) < latest
        begun[lane] = max(latest, (_moment(line, "begun"), place[event]))
    return wrong


def _is_complete(portal: Books, ministries: Mapping[str, Books], rows: Iterable[Row]) -> bool:
    if portal.handed_over is None or any(row.lost for row in rows):
        return False
    return all({str(line["dossier"]) for line in book.effects} <= book.finished for book in ministries.values())
