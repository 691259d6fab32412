"""Where something stands that has not taken effect: lost is only what the gateway answers for, and nobody is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.town import Town

#: What was accepted under which id of its source, and each delivery of it.
DELIVERIES = """
SELECT dedup.key, dedup.message_id, delivery.destination, delivery.id, delivery.state, delivery.reason, delivery.tries,
    delivery.reclaims
FROM dedup LEFT JOIN delivery ON delivery.message_id = dedup.message_id
"""
#: Every try, in order.
ATTEMPTS = "SELECT delivery_id, attempt FROM attempt ORDER BY seq"

_GOES_ON = frozenset({"waiting", "delayed", "ready", "leased"})
_IS_SHOWN = frozenset({"held", "dead"})
_LINES = 6  #: at most, of what the gateways have logged about a message, and about its dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One delivery as the store has it, or a message without any: of one that is erased, only its mark is left."""

    event: str  #: the source's own id of it
    message: str
    destination: str | None = None
    id: str | None = None
    state: str | None = None
    reason: str | None = None
    tries: int | None = None
    reclaims: int | None = None
    attempts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return all of it."""
        if self.id is None:
            return f"message {self.message} has no deliveries"
        told = f"delivery {self.id} to {self.destination} is {self.state}, reason {self.reason}"
        return f"{told}, tries {self.tries}, workers lost {self.reclaims}, attempts [{', '.join(self.attempts)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One event that has not taken effect where it had to."""

    what: str
    is_lost: bool
    where: str  #: it stands

    def __str__(self) -> str:
        """Return the verdict, and what it is founded on."""
        return f"{'lost' if self.is_lost else 'not there, but not lost'}: {self.what}: {self.where}"


def kept(deliveries: Iterable[Sequence[Any]], attempts: Iterable[Sequence[Any]]) -> list[Kept]:
    """Return what the two questions above have found."""
    tried: dict[str, list[str]] = {}
    for delivery, attempt in attempts:
        tried.setdefault(delivery, []).append(bytes(attempt).decode())
    return [
        Kept(
            event=event,
            message=message,
            destination=destination,
            id=delivery,
            state=state,
            reason=reason,
            tries=tries,
            reclaims=reclaims,
            attempts=tuple(tried.get(delivery, ())),
        )
        for event, message, destination, delivery, state, reason, tries, reclaims in deliveries
    ]


def explain(town: Town, rows: Collection[Kept], folder: Path) -> list[Missing]:
    """Return all that has no effect by the books of a town's partners, and where it stands.

    ``folder`` is what its gateways' data folders are in.
    """
    kinds = {line["event"]: line["kind"] for book in town.books.values() for line in book.lines if "kind" in line}
    found: list[Missing] = []
    for system in town.report().rows:
        for dossier, event in system.missing:
            deliveries = [row for row in rows if row.event == event]
            is_lost, where = stands(deliveries, system.system, is_asked=town.still_asks(event))
            told = dict.fromkeys(_logged(folder, {row.message for row in deliveries}) + _logged(folder, {dossier}))
            what = f"{kinds[event]} {event} of {dossier} at {system.system}"
            found.append(Missing(what=what, is_lost=is_lost, where="\n".join((where, *told))))
    return found


def stands(deliveries: Collection[Kept], system: str, *, is_asked: bool) -> tuple[bool, str]:
    """Return whether an event without an effect at a system is lost, and where it stands.

    It is not while its sender still waits for a yes (``is_asked``), while it is being sent, or where a person is shown
    that it is not.
    """
    there = [row for row in deliveries if row.destination == system] or deliveries
    is_kept = any(row.state in _GOES_ON | _IS_SHOWN for row in there)
    where = "its sender still asks" if is_asked else "its sender was told yes"
    return not (is_asked or is_kept), "; ".join([where, *map(str, there)]) + "; the store has no such message" * (
        not there
    )


def _logged(folder: Path, words: Collection[str]) -> list[str]:
    """Return the last lines of the gateways' logs that have one of these words."""
    lines = [line for log in folder.glob("*/log/*.jsonl") for line in log.read_text(encoding="utf-8").splitlines()]
    return sorted(line for line in lines if any(word in line for word in words))[-_LINES:]
