"""What people decide: judged, sent again, skipped; the lane goes on by itself, and the act is kept."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.core.acts import Verb
from gateway.core.delivery import DoubtMark, State, Step
from gateway.core.ids import OPERATORS, DeliveryId
from gateway.core.judging import Decision, Obstacle, Undecidable, UnknownDelivery
from gateway.core.message import Code, Receipt
from gateway.core.reason import Reason, Why
from gateway.ports.store import Settled
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_book, a_draft, a_route, a_settlement, a_status
from gateway.testing.evidence import proof_of
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_NOTE = "progress.recorded"


async def _stopped(world: World, *, behind: int = 0) -> Receipt:
    """Return a submission that is held in doubt, and let so many amendments wait behind it."""
    receipt = await world.receive(a_draft())
    for number in range(behind):
        await world.receive(a_draft(text=f"{number}", kind="dossier.amended"))
    await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET, reason=Reason(Why.TIMEOUT))
    return receipt


async def _decide(world: World, delivery: DeliveryId, decision: Decision, **codes: str) -> None:
    await world.store.decide(delivery, decision, by=by(), plan=world.plan, codes=codes)


class DecideContract(StoreCase):
    """What operators rely on."""

    async def test_judged_delivered_binds_the_partner_s_code_and_promotes_the_lane(self, world: World) -> None:
        """G3, G4: the partner has it, a person says; what waited goes on."""
        receipt = await _stopped(world, behind=1)
        await _decide(world, receipt.deliveries[0], Decision.DELIVERED, national="G01-1")
        view = await world.view(receipt.deliveries[0])
        assert (view.state, view.in_doubt_since) == (State.DELIVERED, None)
        assert view.reason == Reason(Why.JUDGED)
        (dossier,) = await world.store.dossiers("G01-1")
        assert Code("national", "G01-1") in dossier.codes
        assert (await world.claim_one()).message.kind == "dossier.amended"

    async def test_a_judgement_is_kept_with_who_and_why(self, world: World) -> None:
        """G10: in the transaction that does it, and in the dossier's timeline."""
        receipt = await _stopped(world)
        await _decide(world, receipt.deliveries[0], Decision.DELIVERED, national="G01-1")
        (act,) = (await world.store.timeline(receipt.dossier_id)).acts
        assert (act.verb, act.by, act.target.id) == (Verb.JUDGE, by(), receipt.deliveries[0])
        assert act.facts == {
            "decision": "delivered",
            "was": "held",
            "system": CIVIL_STATUS,
            "code.national": "G01-1",
        }

    async def test_judged_absent_it_is_sent_again_before_what_waits(self, world: World) -> None:
        """G3, G4: the doubt is cleared by a named person; the order stays."""
        receipt = await _stopped(world, behind=1)
        await _decide(world, receipt.deliveries[0], Decision.ABSENT)
        again = await world.claim_one()
        assert (again.id, again.in_doubt_since, again.step) == (receipt.deliveries[0], None, Step.SEND)
        await world.settle(again)
        assert (await world.claim_one()).message.kind == "dossier.amended"

    async def test_what_the_system_has_spoken_of_since_is_not_judged_absent(self, world: World) -> None:
        """G4: who states a dossier's status has it; a person who says otherwise is told so, and judges again."""
        receipt = await _stopped(world)
        await world.receive(a_status("H01-1", 2, source=CIVIL_STATUS))
        with pytest.raises(Undecidable) as caught:
            await _decide(world, receipt.deliveries[0], Decision.ABSENT)
        assert caught.value.obstacle is Obstacle.SPOKEN
        assert await world.store.acts() == []
        await _decide(world, receipt.deliveries[0], Decision.DELIVERED)

    async def test_judged_cancelled_it_ends_and_the_lane_goes_on(self, world: World) -> None:
        """G3: whatever the partner has, a person has decided."""
        receipt = await _stopped(world, behind=1)
        await _decide(world, receipt.deliveries[0], Decision.CANCELLED)
        view = await world.view(receipt.deliveries[0])
        assert (view.state, view.in_doubt_since) == (State.CANCELLED, None)
        assert (await world.claim_one()).message.kind == "dossier.amended"

    async def test_what_is_leased_is_not_judged(self, world: World) -> None:
        """G4: a worker is about to know better."""
        receipt = await world.receive(a_draft())
        await world.claim_one()
        with pytest.raises(Undecidable) as caught:
            await _decide(world, receipt.deliveries[0], Decision.DELIVERED)
        assert caught.value.obstacle is Obstacle.LEASED
        assert await world.store.acts() == []

    async def test_what_has_ended_is_not_judged(self, world: World) -> None:
        """G2: an end is an end."""
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one())
        with pytest.raises(Undecidable) as caught:
            await _decide(world, receipt.deliveries[0], Decision.CANCELLED)
        assert caught.value.obstacle is Obstacle.FINAL
        with pytest.raises(UnknownDelivery):
            await _decide(world, DeliveryId("x"), Decision.CANCELLED)

    async def test_what_is_in_doubt_is_neither_retried_nor_skipped(self, world: World) -> None:
        """G4: somebody must say what the partner has."""
        receipt = await _stopped(world)
        for decision in (Decision.RETRY, Decision.SKIP):
            with pytest.raises(Undecidable) as caught:
                await _decide(world, receipt.deliveries[0], decision)
            assert caught.value.obstacle is Obstacle.IN_DOUBT

    async def test_doubt_that_is_being_resolved_may_be_judged(self, world: World) -> None:
        """G4: a person may know before the look-up does."""
        receipt = await world.receive(a_draft())
        delivery = await world.claim_one()
        hour = timedelta(hours=1)
        await world.settle(delivery, State.DELAYED, doubt=DoubtMark.SET, step=Step.LOOKUP, wait=hour)
        await _decide(world, receipt.deliveries[0], Decision.ABSENT)
        again = await world.claim_one()
        assert (again.step, again.in_doubt_since) == (Step.SEND, None)
        await world.settle(again, State.DELAYED, doubt=DoubtMark.SET, wait=hour)
        await _decide(world, receipt.deliveries[0], Decision.DELIVERED)
        assert await world.states(receipt) == [State.DELIVERED]

    async def test_a_late_settlement_after_a_judgement_is_only_evidence(self, world: World) -> None:
        """G4: kept, and it undoes nothing that a person decided."""
        receipt = await world.receive(a_draft())
        late = a_settlement(await world.claim_one())
        taken = await world.take_over()
        await world.settle(taken, State.HELD, doubt=DoubtMark.SET)
        await _decide(world, receipt.deliveries[0], Decision.CANCELLED)
        assert await world.end(late) is Settled.LATE
        found = await world.store.delivery(receipt.deliveries[0])
        assert found is not None
        assert found[0].state is State.CANCELLED
        assert "delivered" in [view.attempt.outcome for view in found[1]]
        assert (await proof_of(world.store)).retold()[receipt.deliveries[0]] is State.CANCELLED

    async def test_a_late_delivered_ends_what_was_judged_absent(self, world: World) -> None:
        """G4: the partner has it after all: it is not sent again."""
        receipt = await world.receive(a_draft())
        late = a_settlement(await world.claim_one())
        taken = await world.take_over()
        await world.settle(taken, State.HELD, doubt=DoubtMark.SET)
        await _decide(world, receipt.deliveries[0], Decision.ABSENT)
        await world.end(late)
        assert await world.claim() == ()
        assert await world.states(receipt) == [State.DELIVERED]

    @pytest.mark.parametrize("state", [State.HELD, State.DEAD])
    async def test_retried_it_goes_from_its_place_with_fresh_patience(self, world: World, state: State) -> None:
        """G3: fixed on the other side, the lane goes on in order by itself."""
        receipt = await world.receive(a_draft())
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one(), state, consumes=True, reason=Reason(Why.ATTEMPTS_EXHAUSTED))
        await _decide(world, receipt.deliveries[0], Decision.RETRY)
        again = await world.claim_one()
        assert (again.id, again.attempts, again.tries) == (receipt.deliveries[0], 0, 1)
        await world.settle(again)
        assert (await world.claim_one()).message.kind == "dossier.amended"

    async def test_skipped_it_is_flagged_on_what_follows(self, world: World) -> None:
        """G3: a message that a person skips leaves its name behind."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        receipt = await world.receive(a_draft(text="2", kind="dossier.amended"))
        await world.receive(a_draft(text="3", kind="dossier.amended"))
        await world.settle(await world.claim_one(), State.DEAD)
        await _decide(world, receipt.deliveries[0], Decision.SKIP)
        following = await world.claim_one()
        view = await world.view(following.id)
        assert view.skips == receipt.deliveries
        assert (await world.view(receipt.deliveries[0])).reason == Reason(Why.SKIPPED)

    async def test_what_was_passed_over_goes_next_when_it_is_retried_and_is_flagged(self, world: World) -> None:
        """G3: one at a time also then; out of order by name."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        note = await world.receive(a_draft(text="note", kind=_NOTE, document=None))
        for number in (2, 3):
            await world.receive(a_draft(text=f"{number}", kind="dossier.amended"))
        await world.settle(await world.claim_one(), State.DEAD)
        on_the_move = await world.claim_one()
        await _decide(world, note.deliveries[0], Decision.RETRY)
        assert (await world.claim(), await world.store.repair()) == ((), 0)
        world.clock.advance(1)
        await world.settle(on_the_move)
        again = await world.claim_one()
        assert again.id == note.deliveries[0]
        world.clock.advance(1)
        await world.settle(again)
        assert (await world.view(again.id)).out_of_order
        assert (await world.claim_one()).message.kind == "dossier.amended"

    @pytest.mark.parametrize("stop", [State.HELD, State.DEAD])
    async def test_what_was_passed_over_goes_also_where_what_is_on_the_move_stops(
        self, world: World, stop: State
    ) -> None:
        """G2: it stands before what has stopped, and nothing else would let it go."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        note = await world.receive(a_draft(text="note", kind=_NOTE, document=None))
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one(), State.DEAD)
        on_the_move = await world.claim_one()
        await _decide(world, note.deliveries[0], Decision.RETRY)
        await world.settle(on_the_move, stop)
        assert (await world.claim_one()).id == note.deliveries[0]

    async def test_the_end_of_what_waits_does_not_make_a_second_head(self, world: World) -> None:
        """G3: at most one of a lane is on the move, whoever ends what behind it."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        note = await world.receive(a_draft(text="note", kind=_NOTE, document=None))
        last = [await world.receive(a_draft(text=f"{n}", kind="dossier.amended")) for n in (2, 3)][-1]
        await world.settle(await world.claim_one(), State.DEAD)
        on_the_move = await world.claim_one()
        await _decide(world, note.deliveries[0], Decision.RETRY)
        await _decide(world, last.deliveries[0], Decision.CANCELLED)
        assert await world.claim() == ()
        await world.settle(on_the_move)
        assert (await world.claim_one()).id == note.deliveries[0]

    @pytest.mark.parametrize(
        ("decision", "kind"),
        [(Decision.DELIVERED, "relay.delivered"), (Decision.CANCELLED, "relay.cancelled")],
    )
    async def test_its_source_is_told_what_was_decided(self, world: World, decision: Decision, kind: str) -> None:
        """«Has the ministry got it?» is answered, whoever found out."""
        receipt = await _stopped(world)
        await _decide(world, receipt.deliveries[0], decision)
        assert [told.message.kind for told in await world.claim(PORTAL)] == [kind]

    async def test_what_is_for_the_operators_is_ended_but_sent_to_nobody(self, world: World) -> None:
        """A parked message has no destination to go to."""
        parked = await world.receive(a_status("nobody"))
        with pytest.raises(Undecidable) as caught:
            await _decide(world, parked.deliveries[0], Decision.RETRY)
        assert caught.value.obstacle is Obstacle.NO_DESTINATION
        await _decide(world, parked.deliveries[0], Decision.CANCELLED)
        assert await world.store.find(state=State.HELD, destination=OPERATORS) == ()

    async def test_what_passes_its_expiry_unsent_is_dead(self, world: World) -> None:
        """G2: also where its system is off or down; it stays visible, with its reason."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        receipt = await world.receive(a_draft())
        later = await world.receive(a_draft(text="2", kind="dossier.amended"))
        assert await world.store.expire(plan=world.plan, limit=10) == 0
        world.clock.advance(3600)
        assert await world.store.expire(plan=world.plan, limit=10) == 2
        assert [await world.states(item) for item in (receipt, later)] == [[State.DEAD], [State.DEAD]]
        assert (await world.view(receipt.deliveries[0])).reason == Reason(Why.EXPIRED)

    async def test_what_is_leased_or_in_doubt_does_not_expire_by_itself(self, world: World) -> None:
        """G4: nobody knows what the partner has."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        receipt = await world.receive(a_draft())
        delivery = await world.claim_one()
        world.clock.advance(3600)
        assert await world.store.expire(plan=world.plan, limit=10) == 0
        await world.settle(delivery, State.DELAYED, doubt=DoubtMark.SET, wait=timedelta(hours=1))
        assert await world.store.expire(plan=world.plan, limit=10) == 0
        assert await world.states(receipt) == [State.DELAYED]

    async def test_an_expired_one_that_a_person_retries_does_not_expire_again(self, world: World) -> None:
        """A person has decided that it is still wanted."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        receipt = await world.receive(a_draft())
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        await _decide(world, receipt.deliveries[0], Decision.RETRY)
        assert await world.store.expire(plan=world.plan, limit=10) == 0
        assert (await world.claim_one()).expires_at is None
