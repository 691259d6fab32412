"""Comparing what was rehearsed for a system with a log of what the way before has sent it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.shadowing import Compared, Line, Rehearsal, compared
from gateway.ops.proposing import UnknownSystem
from gateway.ports.store import DeliveryView, Ledger, Timeline

_SHADOWED = "shadowed"  #: the outcome of a rehearsal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadower:
    """Serves whoever compares; what it reads, it reads only to compare."""

    ledger: Ledger = field(repr=False)
    systems: frozenset[SystemId]  #: every configured one

    async def compare(self, system: SystemId, lines: Sequence[Line]) -> tuple[Compared, ...]:
        """Compare each line. Raises UnknownSystem."""
        if system not in self.systems:
            raise UnknownSystem(system)
        return tuple([await self._line(system, line) for line in lines])

    async def _line(self, system: SystemId, line: Line) -> Compared:
        ours: list[Rehearsal] = []
        delivered: list[datetime] = []
        for view in await self.ledger.dossiers(line.code):
            known = await self.ledger.timeline(DossierId(view.id))
            mine = {one.id: one for one in known.deliveries if one.destination == system}
            ours += _rehearsals(known, mine.keys())
            delivered += [at for one in mine.values() if (at := _delivered_at(one)) is not None]
        return compared(line, ours, delivered_at=min(delivered, default=None))


def _rehearsals(known: Timeline, mine: Collection[DeliveryId]) -> list[Rehearsal]:
    """Return what was rehearsed last for each of these deliveries."""
    attempts = (view.attempt for view in known.attempts if view.attempt.outcome == _SHADOWED)
    last = {one.delivery_id: one.reply for one in attempts if one.delivery_id in mine}
    return [Rehearsal(delivery=delivery, body=reply.body) for delivery, reply in last.items() if reply is not None]


def _delivered_at(view: DeliveryView) -> datetime | None:
    return view.settled_at if view.kind == SUBMITTED and view.state is State.DELIVERED else None
