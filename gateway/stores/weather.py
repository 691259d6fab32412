"""Pausing and resuming, with the act; and what the nodes tell one another of the systems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from gateway.core.acts import Act, By, Target, Verb
from gateway.core.delivery import State, Transition
from gateway.core.errors import Fenced
from gateway.core.ids import DeliveryId, NodeId, SystemId
from gateway.core.planning import Planner
from gateway.core.record import Move
from gateway.core.weather import Fleet, NotPaused, Pause, Tally
from gateway.stores import acts, decisions
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

_PART = 2000  #: deliveries put in doubt in one transaction: everybody who writes waits for it


def pause(tx: Transaction, system: SystemId, by: By) -> Act:
    """Keep a pause, and who made it."""
    tx.weather.pause(Pause(system=system, by=by, since=tx.now))
    return acts.record(tx, Verb.PAUSE, Target.system(system), by=by)


def doubt(tx: Transaction, system: SystemId, refused: Collection[DeliveryId], by: By, plan: Planner) -> Act:
    """Pause a system that refuses everything; what is dead for it is held, and its source is told."""
    for delivery in refused:
        row = tx.deliveries.get(delivery)
        if row is not None and row.state is State.DEAD and row.in_doubt_since is None:
            decisions.apply(tx, row, Transition(to=State.HELD, reason=row.reason), plan, move=Move.DOUBTED)
    return pause(tx, system, by)


def resume(tx: Transaction, system: SystemId, by: By, doubted: int = 0) -> Act:
    """Drop a pause, and wake who waits for it; what came since the database was put back is in doubt (see ``_doubt``).

    ``doubted`` of that are so already.
    """
    if not tx.weather.resume(system):
        raise NotPaused(system)
    facts: dict[str, str] = {}
    if tx.restores.gap(system) is not None:
        while some := _doubt(tx, system):
            doubted += some
        facts["in_doubt"] = str(doubted)
        tx.restores.close(system)
    tx.wake.add(system)
    return acts.record(tx, Verb.RESUME, Target.system(system), by=by, facts=facts)


def _doubt(tx: Transaction, system: SystemId) -> int:
    """Put in doubt a part of what came while a system was paused because the database was put back; return how many.

    The system may have it already, under an id that is gone.
    """
    gap = tx.restores.gap(system)
    return 0 if gap is None else tx.deliveries.doubt_new(system, gap.since, gap.until, _PART)


def fleet(tx: Transaction) -> Fleet:
    """Return what is kept."""
    return Fleet(
        now=tx.now,
        pauses={one.system: one for one in tx.weather.pauses()},
        tallies=dict(tx.weather.tallies()),
        nodes=tuple(tx.registers.living(tx.now)),
    )


def beat(tx: Transaction, node: NodeId, tallies: Mapping[SystemId, Tally]) -> Fleet:
    """Record a sign of life and what it tells; return what is kept."""
    if not tx.registers.beat(node, tx.now):
        raise Fenced(f"{node} is over: another incarnation has taken over")
    kept = dict(tx.weather.tallies()) if tallies else {}
    for system, tally in tallies.items():
        if system not in kept or tally.may_replace(kept[system]):
            tx.weather.tell(system, tally)
    return fleet(tx)


class WeatherStore(Transacting):
    """``ports.weather.Weather``, and its part of ``ports.nodes.Nodes``, over any driver."""

    async def pause(self, system: SystemId, *, by: By) -> Act:
        return await self._write(lambda tx: pause(tx, system, by))

    async def doubt(self, system: SystemId, refused: Collection[DeliveryId], *, by: By, plan: Planner) -> Act:
        return await self._write(lambda tx: doubt(tx, system, refused, by, plan))

    async def resume(self, system: SystemId, *, by: By) -> Act:
        doubted, some = 0, _PART
        while some == _PART:  # whoever else writes has a turn between them
            some = await self._write(lambda tx: _doubt(tx, system))
            doubted += some
        return await self._write(lambda tx: resume(tx, system, by, doubted))

    async def fleet(self) -> Fleet:
        return await self._read(fleet)

    async def beat(self, node: NodeId, tallies: Mapping[SystemId, Tally]) -> Fleet:
        return await self._write(lambda tx: beat(tx, node, tallies))

    async def take_probe(self, system: SystemId, node: NodeId, *, lease_for: timedelta) -> bool:
        return await self._write(lambda tx: tx.weather.take_probe(system, node, tx.now, tx.now + lease_for))
