"""Pauses, what nodes tell one another of the systems, and whose turn it is to find out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.acts import Target, Verb
from gateway.core.breaker import Phase
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.judging import Decision
from gateway.core.reason import Reason, Why
from gateway.core.weather import NotPaused, Pause, Tally
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_draft
from gateway.testing.store_contract.acting import BINH, by
from gateway.testing.store_contract.world import NODE, StoreCase, World, slots

_OTHER = NodeId("node-2")
_MINUTE = timedelta(minutes=1)


class WeatherContract(StoreCase):
    """What lasts longer than a process."""

    async def test_a_pause_is_kept_with_who_and_why_until_somebody_resumes(self, world: World) -> None:
        """G10: every node learns of it on its next beat, and the act stands beside it."""
        await world.store.join(NODE, config="config-1")
        paused = await world.store.pause(CIVIL_STATUS, by=by())
        pause = Pause(system=CIVIL_STATUS, by=by(), since=world.clock.now())
        assert (await world.store.beat(NODE, {})).pauses == {CIVIL_STATUS: pause}
        world.clock.advance(60)
        resumed = await world.store.resume(CIVIL_STATUS, by=by(BINH))
        assert not (await world.store.fleet()).pauses
        assert list(await world.store.acts(Target.system(CIVIL_STATUS))) == [resumed, paused]
        assert (paused.verb, resumed.verb) == (Verb.PAUSE, Verb.RESUME)

    async def test_another_pause_replaces_the_text(self, world: World) -> None:
        """One pause per system; both acts stay."""
        first = await world.store.pause(LAND, by=by())
        second = await world.store.pause(LAND, by=by(BINH, "Công văn 12: kéo dài đến thứ Hai"))
        assert [pause.by for pause in (await world.store.fleet()).pauses.values()] == [second.by]
        assert list(await world.store.acts(Target.system(LAND))) == [second, first]

    async def test_what_is_not_paused_cannot_be_resumed(self, world: World) -> None:
        """Nothing is recorded that did not happen."""
        with pytest.raises(NotPaused):
            await world.store.resume(LAND, by=by())
        assert await world.store.acts() == []

    async def test_the_next_incarnation_learns_how_systems_were_last_seen(self, world: World) -> None:
        """G11: what was open before a crash is not called as if nothing had happened."""
        now = world.clock.now()
        tally = Tally(
            phase=Phase.OPEN,
            since=now,
            opened=3,
            reason=Why.TIMEOUT,
            answered_at=now,
            failed_at=now,
            failure=Why.TIMEOUT,
        )
        await world.store.join(NODE, config="config-1")
        await world.store.beat(NODE, {CIVIL_STATUS: tally, LAND: Tally()})
        await world.store.join(_OTHER, config="config-1")
        fleet = await world.store.beat(_OTHER, {LAND: Tally(answered_at=now)})
        assert fleet.tallies == {CIVIL_STATUS: tally, LAND: Tally(answered_at=now)}

    async def test_a_reason_that_only_a_later_version_knows_is_kept_as_it_is(self, world: World) -> None:
        """G2: where that version was exchanged for this one, what it wrote goes on."""
        later = Why("reason_of_tomorrow")
        await world.store.join(NODE, config="config-1")
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, reason=Reason(later, "words"))
        found = await world.store.delivery((await world.claim_one()).id)
        assert found is not None
        view, attempts = found
        assert view.reason == attempts[0].attempt.reason == Reason(later, "words")
        fleet = await world.store.beat(NODE, {LAND: Tally(failure=later)})
        assert fleet.tallies == {LAND: Tally(failure=later)}

    async def test_one_node_at_a_time_finds_out(self, world: World) -> None:
        """Others may once it is over, or its lease has lapsed."""
        store = world.store
        assert await store.take_probe(LAND, NODE, lease_for=_MINUTE)
        assert await store.take_probe(LAND, NODE, lease_for=_MINUTE)
        assert not await store.take_probe(LAND, _OTHER, lease_for=_MINUTE)
        assert await store.take_probe(CIVIL_STATUS, _OTHER, lease_for=_MINUTE)
        world.clock.advance(61)
        assert await store.take_probe(LAND, _OTHER, lease_for=_MINUTE)

    async def test_who_is_over_holds_no_probe(self, world: World) -> None:
        """G11: a node that vanished keeps nobody from finding out."""
        await world.store.join(NODE, config="config-1")
        assert await world.store.take_probe(LAND, NODE, lease_for=_MINUTE)
        await world.store.join(_OTHER, config="config-1")
        assert await world.store.take_probe(LAND, _OTHER, lease_for=_MINUTE)

    async def test_what_was_refused_with_everything_else_is_held_and_its_source_told(self, world: World) -> None:
        """G2, G10: in the transaction of the pause; what is not dead stays as it is."""
        receipts = [await world.receive(a_draft(code)) for code in ("A", "B")]
        refused, other = await world.claim()
        await world.settle(refused, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        await world.settle(other)
        act = await world.store.doubt(CIVIL_STATUS, (refused.id, other.id), by=by(), plan=world.plan)
        states = {state for receipt in receipts for state in await world.states(receipt)}
        assert states == {State.HELD, State.DELIVERED}
        assert (await world.store.fleet()).pauses[CIVIL_STATUS].since == act.at
        (told,) = [item for item in await world.claim(PORTAL) if item.message.kind == "relay.held"]
        assert told.message.causation_id == refused.message.id
        await world.store.decide(refused.id, Decision.RETRY, by=by(), plan=world.plan)
        assert (await world.claim_one()).id == refused.id

    async def test_what_is_given_back_is_as_it_was(self, world: World) -> None:
        """No attempt is burned while a system cannot be called: tries, place and doubt are unchanged."""
        receipt = await world.receive(a_draft())
        before = await world.view(receipt.deliveries[0])
        delivery = await world.claim_one()
        assert delivery.lease is not None
        await world.store.begin(delivery.lease)
        await world.store.release((delivery.lease,))
        after = await world.view(receipt.deliveries[0])
        assert (after.state, after.tries, after.attempts) == (State.READY, before.tries, before.attempts)
        assert after.in_doubt_since is None
        world.clock.advance(1)
        await world.receive(a_draft("LATER"))
        (again,) = await world.claim(free=1)
        assert (again.id, again.tries, again.reclaims) == (delivery.id, 0, 0)

    async def test_a_probe_is_a_fresh_delivery_where_there_is_one(self, world: World) -> None:
        """G6: what failed before may be the only thing that fails."""
        await world.receive(a_draft("OLD"))
        await world.settle(await world.claim_one(), State.DELAYED)
        world.clock.advance(1)
        await world.receive(a_draft("NEW"))
        found = await world.store.claim(replace(slots(free=1), fresh_first=frozenset({CIVIL_STATUS})))
        assert [item.message.codes[0].value for item in found] == ["NEW"]
