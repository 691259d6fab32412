"""Two ways beside each other: what was rehearsed against what the way before has sent, and who sends twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.delivery import State
from gateway.core.doubling import Double, Try, sign_of
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Code, Payload
from gateway.core.reason import Why
from gateway.core.shadowing import CALLS, Compared, Line, Rehearsal, compared
from gateway.ops.known import check_known
from gateway.ports.store import DeliveryView, Ledger, Timeline

_SHADOWED = "shadowed"  #: the outcome of a rehearsal
#: Deliveries that are looked through, the newest first.
MOST_SEEN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A rehearsal that no line of a log is like."""

    delivery: DeliveryId
    codes: tuple[Code, ...]
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadower:
    """Serves whoever compares; what it reads, it reads only to compare."""

    ledger: Ledger = field(repr=False)
    systems: frozenset[SystemId]  #: every configured one

    async def compare(self, system: SystemId, lines: Sequence[Line]) -> tuple[Compared, ...]:
        """Compare each line. Raises UnknownSystem."""
        check_known(system, self.systems)
        found: list[Compared] = []
        taken: set[DeliveryId] = set()
        for line in lines:
            found.append(await self._line(system, line, taken))
            taken.update([found[-1].delivery] if found[-1].delivery else [])
        return tuple(found)

    async def ours(
        self, system: SystemId, since: datetime, until: datetime, matched: Collection[DeliveryId]
    ) -> tuple[Sequence[Ours], bool]:
        """Return what was rehearsed in this time and no line was like, the oldest first, and whether that is all.

        Raises UnknownSystem.
        """
        check_known(system, self.systems)
        views = await self.ledger.find(state=State.CANCELLED, destination=system, limit=MOST_SEEN)
        rehearsed = [view for view in reversed(views) if _is_rehearsed(view, since, until) and view.id not in matched]
        found = [
            Ours(delivery=view.id, codes=await self._codes(view.dossier_id), kind=view.kind, at=view.settled_at)
            for view in rehearsed
            if view.settled_at is not None
        ]
        return found, _is_whole(views, since)

    async def doubles(self, system: SystemId, since: datetime) -> tuple[Sequence[Double], bool]:
        """Return the dossiers submitted since then that somebody else sends, too, and whether that is all.

        Raises UnknownSystem.
        """
        check_known(system, self.systems)
        views = await self.ledger.find(destination=system, limit=MOST_SEEN)
        wanted = (view for view in reversed(views) if view.kind == SUBMITTED and view.created_at >= since)
        found = [await self._double(system, view) for view in wanted]
        return [one for one in found if one is not None], _is_whole(views, since)

    async def _line(self, system: SystemId, line: Line, taken: Collection[DeliveryId]) -> Compared:
        ours: list[Rehearsal] = []
        delivered: list[datetime] = []
        for view in await self.ledger.dossiers(line.code):
            known = await self.ledger.timeline(DossierId(view.id))
            mine = {one.id: one for one in known.deliveries if one.destination == system}
            ours += _rehearsals(known, mine.keys())
            delivered += [at for one in mine.values() if (at := _delivered_at(one)) is not None]
        return compared(line, ours, delivered_at=min(delivered, default=None), taken=taken)

    async def _double(self, system: SystemId, view: DeliveryView) -> Double | None:
        known = await self.ledger.timeline(view.dossier_id)
        tries = [Try(at=one.at, attempt=one.attempt) for one in known.attempts if one.attempt.delivery_id == view.id]
        spoken = [message.accepted_at for message in known.messages if message.source == system]
        sign = sign_of(tries, spoken)
        dossier = await self.ledger.dossier(view.dossier_id) if sign else None
        if sign is None or dossier is None:
            return None
        return Double(
            delivery=view.id,
            codes=dossier.codes,
            procedure=dossier.procedure,
            agency=dossier.agency,
            sign=sign[0],
            at=sign[1],
        )

    async def _codes(self, dossier: DossierId) -> tuple[Code, ...]:
        found = await self.ledger.dossier(dossier)
        return found.codes if found else ()


def _is_whole(views: Sequence[DeliveryView], since: datetime) -> bool:
    return len(views) < MOST_SEEN or views[-1].created_at < since


def _is_rehearsed(view: DeliveryView, since: datetime, until: datetime) -> bool:
    is_shadow = view.reason is not None and view.reason.code is Why.SHADOW
    return is_shadow and view.settled_at is not None and since <= view.settled_at <= until


def _rehearsals(known: Timeline, mine: Collection[DeliveryId]) -> list[Rehearsal]:
    """Return what was rehearsed last for each of these deliveries."""
    attempts = (view.attempt for view in known.attempts if view.attempt.outcome == _SHADOWED)
    last = {one.delivery_id: one.reply for one in attempts if one.delivery_id in mine}
    return [Rehearsal(delivery=delivery, body=body) for delivery, reply in last.items() for body in _calls(reply)]


def _calls(rendered: Payload | None) -> Sequence[bytes | None]:
    """Return the body of each call of a rehearsal; None where it was not kept."""
    if rendered is None:
        return (None,)
    return rendered.body.split(b"\n") if rendered.media_type == CALLS else (rendered.body,)


def _delivered_at(view: DeliveryView) -> datetime | None:
    return view.settled_at if view.kind == SUBMITTED and view.state is State.DELIVERED else None
