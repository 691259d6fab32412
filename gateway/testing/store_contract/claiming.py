"""Claims and leases: one of a lane at a time, urgent first, never lost."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import Delivery, DoubtMark, Lease, State, Step
from gateway.core.errors import Fenced
from gateway.core.ids import NodeId
from gateway.core.message import Code, Receipt
from gateway.core.reason import Reason, Why
from gateway.core.routing import Order
from gateway.testing.books import (
    CIVIL_STATUS,
    CRIMINAL_RECORD,
    LAND,
    a_book,
    a_draft,
    a_route,
    a_settlement,
    a_status,
    a_system,
)
from gateway.testing.store_contract.world import LEASE, NODE, StoreCase, World, slots

_OTHER = NodeId("node-2")
_HOLD = {CIVIL_STATUS: {"dossier.submitted"}}
_LOST, _BUSY = Reason(Why.WORKER_LOST), Reason(Why.THROTTLED)


class ClaimContract(StoreCase):
    """What the dispatcher and the janitor rely on."""

    async def test_a_claim_by_a_route_in_shadow_is_no_beginning(self, world: World) -> None:
        """G4: nothing leaves, so a lost lease leaves no doubt."""
        await world.receive(a_draft())
        (delivery,) = await world.store.claim(replace(slots(), shadow_routes={CIVIL_STATUS}))
        assert delivery.route == CIVIL_STATUS  # the test books name a route by its systems
        assert delivery.lease is not None
        assert not delivery.lease.begun

    async def test_workers_lost_over_a_rehearsal_are_counted_until_it_is_a_suspect(self, world: World) -> None:
        """G11: it never counts as begun, and may kill its worker all the same; the third is counted once it begins."""
        await world.receive(a_draft())
        shadow = replace(slots(), shadow_systems={CIVIL_STATUS})
        counted: list[int] = []
        for _ in range(4):
            (delivery,) = await world.store.claim(replace(slots(), shadow_routes={CIVIL_STATUS}))
            counted.append(delivery.reclaims)
            world.clock.advance(31)
            assert await world.store.reclaim(shadow, limit=8) == ()
        assert counted == [0, 1, 2, 2]

    async def test_never_claims_two_of_one_dossier(self, world: World) -> None:
        """G3: one of a lane is on the move."""
        await world.accept(a_draft(), a_draft(text="2", kind="dossier.amended"))
        assert len(await world.claim()) == 1
        assert await world.claim() == ()

    async def test_a_lane_leaves_in_the_order_accepted(self, world: World) -> None:
        """G3: the next only after the one before is settled."""
        await world.accept(a_draft(), *(a_draft(text=str(n), kind="dossier.amended") for n in range(3)))
        seen: list[int] = []
        for _ in range(4):
            delivery = await world.claim_one()
            seen.append(delivery.lane_seq)
            await world.settle(delivery)
        assert seen == [1, 2, 3, 4]
        assert await world.claim() == ()

    async def test_lanes_do_not_wait_for_one_another(self, world: World) -> None:
        """G6: another dossier, or another system, goes on."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.accept(a_draft("A"), a_draft("B"))
        assert len(await world.claim(CIVIL_STATUS)) == 2
        assert len(await world.claim(LAND)) == 2

    async def test_claims_no_more_than_the_free_slots(self, world: World) -> None:
        """The store hands out what the node can take."""
        await world.accept(*(a_draft(str(n)) for n in range(5)))
        assert len(await world.claim(free=3)) == 3
        assert await world.claim(free=0) == ()
        assert len(await world.claim(free=8)) == 2

    async def test_the_most_urgent_goes_first(self, world: World) -> None:
        """By due date where the system says so, bounded by the longest wait."""
        world.use(a_book(systems=[a_system(CIVIL_STATUS, order=Order.DUE)]))
        soon = world.clock.now() + timedelta(minutes=5)
        await world.accept(a_draft("A"), a_draft("B", due_at=soon), a_draft("C"))
        assert [d.codes["province"] for d in await world.claim(free=1)] == ["B"]
        assert [d.codes["province"] for d in await world.claim()] == ["A", "C"]

    async def test_what_is_claimed_is_whole(self, world: World) -> None:
        """An adapter gets message, dossier, codes and the system's own facts."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), codes={"unit": "U-9"}, facts={"id": "77"})
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        delivery = await world.claim_one()
        assert delivery.codes == {"province": "H01-1", "unit": "U-9"}
        assert delivery.dossier.facts == {"id": "77"}
        assert delivery.message.payload.body
        assert delivery.pinned == "config-1"

    async def test_retries_take_a_quarter_while_fresh_ones_wait(self, world: World) -> None:
        """G6: a burst of retries does not push back new dossiers."""
        await world.accept(*(a_draft(f"r{n}") for n in range(8)))
        for delivery in await world.claim(free=8):
            await world.settle(delivery, State.DELAYED, wait=timedelta(seconds=1))
        await world.accept(*(a_draft(f"f{n}") for n in range(8)))
        world.clock.advance(2)
        claimed = await world.claim(free=8)
        assert [d.tries for d in claimed].count(1) == 2
        assert [d.tries for d in await world.claim(free=16)].count(0) == 2

    async def test_retries_fill_what_fresh_ones_leave(self, world: World) -> None:
        """No slot stays empty."""
        await world.accept(*(a_draft(f"r{n}") for n in range(6)))
        for delivery in await world.claim():
            await world.settle(delivery, State.DELAYED)
        assert len(await world.claim(free=8)) == 6

    async def test_retries_get_no_more_slots_than_the_node_has_for_them(self, world: World) -> None:
        """G6: what waits long at a partner, try after try, leaves room for what comes first."""
        await world.accept(*(a_draft(f"r{n}") for n in range(6)))
        for delivery in await world.claim():
            await world.settle(delivery, State.DELAYED)
        assert len(await world.claim(free=8, again=2)) == 2
        await world.accept(*(a_draft(f"f{n}") for n in range(2)))
        assert [d.tries for d in await world.claim(free=8, again=0)] == [0, 0]
        assert await world.claim(free=1, again=0) == ()

    async def test_a_delayed_delivery_comes_when_it_is_due(self, world: World) -> None:
        """A retry is a row with a time, so it survives a crash."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, wait=timedelta(seconds=60))
        assert await world.store.next_due() == timedelta(seconds=60)
        world.clock.advance(59)
        assert await world.claim() == ()
        world.clock.advance(1)
        assert await world.store.next_due() == timedelta(0)
        assert (await world.claim_one()).tries == 1
        assert await world.store.next_due() is None

    async def test_a_delayed_head_keeps_its_lane(self, world: World) -> None:
        """G3: nothing passes a head that comes again."""
        await world.accept(a_draft(), a_draft(text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one(), State.DELAYED, wait=timedelta(seconds=60))
        assert await world.claim() == ()

    async def test_what_is_released_is_ready_again(self, world: World) -> None:
        """G2: sent nothing, lost nothing."""
        await world.receive(a_draft())
        delivery = await world.claim_one()
        await world.store.release([_lease(delivery)])
        again = await world.claim_one()
        assert (again.id, again.tries, again.reclaims) == (delivery.id, 0, 0)

    async def test_renewing_prolongs_only_what_is_ours(self, world: World) -> None:
        """A worker learns that it has lost a lease."""
        await world.accept(a_draft("A"), a_draft("B"))
        kept, lost = await world.claim()
        await world.settle(lost)
        world.clock.advance(20)
        renewed = await world.store.renew([_lease(kept), _lease(lost)], lease_for=LEASE)
        assert [lease.delivery_id for lease in renewed] == [kept.id]
        world.clock.advance(20)
        assert await world.store.reclaim(slots(node=_OTHER), limit=8) == ()

    async def test_a_lapsed_lease_that_had_not_begun_is_ready_again(self, world: World) -> None:
        """G4: a HOLD kind is sent by another only if surely nothing left."""
        await world.receive(a_draft())
        (delivery,) = await world.store.claim(slots(hold_kinds=_HOLD))
        assert not _lease(delivery).begun
        world.clock.advance(31)
        assert await world.store.reclaim(slots(node=_OTHER), limit=8) == ()
        assert not await world.store.begin(_lease(delivery))
        again = await world.claim_one()
        assert (again.id, again.reclaims) == (delivery.id, 0)

    async def test_a_lapsed_lease_begins_nothing_though_nobody_has_freed_it_yet(self, world: World) -> None:
        """G4: whoever frees it at this moment takes it that no byte has left."""
        await world.receive(a_draft())
        (delivery,) = await world.store.claim(slots(hold_kinds=_HOLD))
        world.clock.advance(30)
        assert not await world.store.begin(_lease(delivery))
        assert await world.store.reclaim(slots(node=_OTHER), limit=8) == ()
        assert (await world.claim_one()).id == delivery.id

    async def test_a_lapsed_lease_that_had_begun_is_taken_over(self, world: World) -> None:
        """G4, G11: to be settled as Ambiguous, and counted."""
        await world.receive(a_draft())
        (delivery,) = await world.store.claim(slots(hold_kinds=_HOLD))
        assert await world.store.begin(_lease(delivery))
        world.clock.advance(31)
        (taken,) = await world.store.reclaim(slots(node=_OTHER, hold_kinds=_HOLD), limit=8)
        assert (taken.id, taken.reclaims, _lease(taken).node, _lease(taken).begun) == (delivery.id, 1, _OTHER, True)
        assert not await world.store.begin(_lease(delivery))

    async def test_workers_lost_in_a_row_are_counted_and_two_make_a_suspect(self, world: World) -> None:
        """G11: what is taken over twice for one loss counts once; a suspect begins only once its turn has come."""
        await world.receive(a_draft())
        await world.claim_one()
        assert (await world.take_over()).reclaims == 1
        await _end(world, await world.take_over(), _LOST)  # who took it over is lost as well, before it was settled
        await _lose(world)
        suspect = await world.claim_one()
        assert (suspect.reclaims, _lease(suspect).begun) == (2, False)
        world.clock.advance(31)
        assert await world.store.reclaim(slots(), limit=8) == ()
        assert await world.store.begin(_lease(suspect := await world.claim_one()))
        assert (await world.take_over()).reclaims == 3

    async def test_a_send_that_ended_clears_of_lost_workers_and_a_look_up_of_its_own(self, world: World) -> None:
        """G11: what was on its way at every outage is no poison; a look-up that ends says nothing about the send."""
        await world.receive(a_draft())
        await _lose(world)
        await _lose(world)
        await _end(world, await world.claim_one(), _BUSY)
        cleared = await world.claim_one()
        assert (cleared.reclaims, _lease(cleared).begun) == (0, True)
        await _end(world, cleared, _BUSY)
        await _lose(world, then=Step.LOOKUP)
        await _lose(world, then=Step.LOOKUP)
        await _end(world, await world.claim_one(), Reason(Why.NOT_FOUND_THERE))
        await _lose(world)
        assert (await world.claim_one()).reclaims == 2

    async def test_for_other_kinds_the_claim_counts_as_begun(self, world: World) -> None:
        """G4: a lost lease of a RESEND kind is Ambiguous."""
        await world.receive(a_draft())
        await world.claim_one()
        world.clock.advance(31)
        assert len(await world.store.reclaim(slots(node=_OTHER), limit=8)) == 1

    async def test_a_new_incarnation_fences_the_old(self, world: World) -> None:
        """G11: its leases are reclaimed at once, its heartbeat fails."""
        await world.store.join(NODE, config="config-1")
        await world.store.beat(NODE, {})
        await world.receive(a_draft())
        delivery = await world.claim_one()
        await world.store.join(_OTHER, config="config-2")
        with pytest.raises(Fenced):
            await world.store.beat(NODE, {})
        (taken,) = await world.store.reclaim(slots(node=_OTHER), limit=8)
        assert taken.id == delivery.id

    async def test_who_leaves_in_order_gives_up_its_leases(self, world: World) -> None:
        """Nothing waits for a node that said goodbye."""
        await world.store.join(NODE, config="config-1")
        await world.receive(a_draft())
        await world.claim_one()
        await world.store.leave(NODE)
        with pytest.raises(Fenced):
            await world.store.beat(NODE, {})
        assert len(await world.store.reclaim(slots(node=_OTHER), limit=8)) == 1

    async def test_a_leg_waits_for_the_leg_before_it(self, world: World) -> None:
        """``after`` orders transport."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS), a_route(LAND, after=(CIVIL_STATUS,))]))
        await world.receive(a_draft())
        assert await world.claim(LAND) == ()
        await world.settle(await world.claim_one(CIVIL_STATUS))
        assert (await world.claim_one(LAND)).destination == LAND

    async def test_a_leg_of_a_dead_leg_keeps_waiting(self, world: World) -> None:
        """G2: it stays visible, and goes on when a person has put the first right."""
        world.use(a_book(routes=[a_route(CRIMINAL_RECORD), a_route(LAND, after=(CRIMINAL_RECORD,))]))
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one(CRIMINAL_RECORD), State.DEAD)
        assert await world.claim(LAND) == ()
        assert await world.states(receipt) == [State.DEAD, State.WAITING]

    async def test_a_sound_store_needs_no_repair(self, world: World) -> None:
        """G2: every lane with something to send has a head."""
        receipts = await world.accept(a_draft("A"), a_draft("B"), a_draft("A", text="2", kind="dossier.amended"))
        assert all(isinstance(receipt, Receipt) for receipt in receipts)
        await world.settle((await world.claim())[0])
        assert await world.store.repair() == 0

    async def test_what_is_in_doubt_goes_again_with_the_codes_that_it_went_with(self, world: World) -> None:
        """G8: a code that is bound while it is in doubt is for what comes after."""
        await world.receive(a_draft())
        delivery = await world.claim_one()
        await self._learn_code(world)
        await world.settle(delivery, State.DELAYED, doubt=DoubtMark.SET)
        again = await world.claim_one()
        assert again.codes == {"province": "H01-1"}
        await world.settle(again, State.DELAYED, step=Step.LOOKUP)
        asked = await world.claim_one()
        assert asked.codes == {"province": "H01-1", "unit": "U-9"}
        await world.settle(asked, State.READY, doubt=DoubtMark.CLEAR)
        assert (await world.claim_one()).codes == {"province": "H01-1", "unit": "U-9"}

    async def test_what_was_lost_goes_again_with_the_codes_that_it_went_with(self, world: World) -> None:
        """G8, G11: the process vanished; the partner had taken it and told its code before anybody took it over."""
        await world.receive(a_draft())
        await world.claim_one()
        await self._learn_code(world)
        world.clock.advance(LEASE.total_seconds() + 1)
        (taken,) = await world.store.reclaim(slots(node=_OTHER), limit=8)
        await world.settle(taken, State.DELAYED, doubt=DoubtMark.SET)
        assert (await world.claim_one()).codes == {"province": "H01-1"}

    async def _learn_code(self, world: World) -> None:
        told = a_status(codes=(Code("province", "H01-1"), Code("unit", "U-9")))
        await world.receive(told)


async def _lose(world: World, then: Step = Step.SEND) -> None:
    """Claim what there is, lose its worker, and settle that: it comes again, for this step."""
    await world.claim_one()
    await _end(world, await world.take_over(), _LOST, then)


async def _end(world: World, delivery: Delivery, why: Reason, then: Step = Step.SEND) -> None:
    """Settle an attempt at the delivery's step."""
    settlement = a_settlement(delivery, State.DELAYED, reason=why, step=then)
    assert settlement.attempt is not None
    await world.end(replace(settlement, attempt=replace(settlement.attempt, step=delivery.step)))


def _lease(delivery: Delivery) -> Lease:
    assert delivery.lease is not None
    return delivery.lease
