"""Settlements: what moves, what is counted, what follows, and what comes too late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.core.delivery import DoubtMark, State, Step
from gateway.core.ids import OPERATORS
from gateway.core.message import Draft, Known
from gateway.core.planning import Planned
from gateway.core.reason import Reason, Why
from gateway.ports.store import Settled
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_draft, a_settlement, a_status
from gateway.testing.store_contract.world import NODE, StoreCase, World


class SettleContract(StoreCase):
    """What workers rely on."""

    async def test_a_delivered_delivery_is_final(self, world: World) -> None:
        """G2: it ends, with its attempt as evidence."""
        receipt = await world.receive(a_draft())
        assert await world.settle(await world.claim_one()) is Settled.DONE
        found = await world.store.delivery(receipt.deliveries[0])
        assert found is not None
        view, attempts = found
        assert (view.state, view.tries, view.settled_at) == (State.DELIVERED, 1, world.clock.now())
        assert [attempt.attempt.outcome for attempt in attempts] == ["delivered"]

    async def test_the_same_settlement_again_changes_nothing(self, world: World) -> None:
        """A worker may repeat what it is not sure about."""
        receipt = await world.receive(a_draft())
        settlement = a_settlement(await world.claim_one())
        assert await world.end(settlement) is Settled.DONE
        assert await world.end(settlement) is Settled.AGAIN
        assert (await world.view(receipt.deliveries[0])).tries == 1

    async def test_a_repeat_after_a_new_claim_is_still_again(self, world: World) -> None:
        """A settlement is known by its lease, not by the delivery's state."""
        await world.receive(a_draft())
        settlement = a_settlement(await world.claim_one(), State.DELAYED)
        await world.end(settlement)
        await world.claim_one()
        assert await world.end(settlement) is Settled.AGAIN

    async def test_attempts_count_only_when_the_message_is_to_blame(self, world: World) -> None:
        """Blame on the system consumes no attempt."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED)
        await world.settle(await world.claim_one(), State.DELAYED, consumes=True)
        delivery = await world.claim_one()
        assert (delivery.tries, delivery.attempts) == (2, 1)

    async def test_doubt_stays_until_it_is_cleared(self, world: World) -> None:
        """G4: doubt begins once; our side of each doubtful exchange ends anew."""
        await world.receive(a_draft())
        since = world.clock.now()
        await world.settle(await world.claim_one(), State.DELAYED, doubt=DoubtMark.SET)
        world.clock.advance(60)
        await world.settle(await world.claim_one(), State.DELAYED, doubt=DoubtMark.SET, step=Step.LOOKUP)
        delivery = await world.claim_one()
        assert (delivery.in_doubt_since, delivery.closed_at) == (since, world.clock.now())
        assert delivery.step is Step.LOOKUP
        await world.settle(delivery, State.READY, doubt=DoubtMark.CLEAR)
        assert (await world.claim_one()).in_doubt_since is None

    async def test_doubt_begins_with_the_claim(self, world: World) -> None:
        """G4: a byte may have left from then on; a partner's window of deduplication runs from its first."""
        receipt = await world.receive(a_draft())
        delivery = await world.claim_one()
        since = world.clock.now()
        world.clock.advance(20)
        await world.settle(delivery, State.DELAYED, doubt=DoubtMark.SET)
        assert (await world.view(receipt.deliveries[0])).in_doubt_since == since

    async def test_doubt_about_a_lost_lease_begins_with_that_lease(self, world: World) -> None:
        """G4, G11: however long nobody was there to take it over."""
        receipt = await world.receive(a_draft())
        await world.claim_one()
        since = world.clock.now()
        lost = await world.take_over(after=86_400)
        await world.settle(lost, State.DELAYED, doubt=DoubtMark.SET)
        assert (await world.view(receipt.deliveries[0])).in_doubt_since == since

    async def test_notes_of_done_steps_are_kept(self, world: World) -> None:
        """A send of several steps does not repeat them."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, notes={"upload": "1"})
        await world.settle(await world.claim_one(), State.DELAYED, notes={"form": "2"})
        assert (await world.claim_one()).notes == {"upload": "1", "form": "2"}

    @pytest.mark.parametrize("state", [State.HELD, State.DEAD])
    async def test_a_stopped_submission_blocks_its_lane(self, world: World, state: State) -> None:
        """G3: what comes after it waits for a person."""
        await world.accept(a_draft(), a_draft(text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one(), state, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert await world.claim() == ()

    @pytest.mark.parametrize("state", [State.HELD, State.DEAD])
    async def test_a_stopped_progress_note_is_passed_over(self, world: World, state: State) -> None:
        """G3: by its kind's rule."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        note = a_draft(text="note", kind="progress.recorded", document=None)
        await world.accept(note, a_draft(text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one(), state)
        assert (await world.claim_one()).message.kind == "dossier.amended"

    async def test_a_delivery_behind_a_stopped_note_is_ready_when_it_comes(self, world: World) -> None:
        """G3: a lane that holds only what it has passed is empty."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        await world.receive(a_draft(text="note", kind="progress.recorded", document=None))
        await world.settle(await world.claim_one(), State.DEAD)
        later = await world.receive(a_draft(text="2", kind="dossier.amended"))
        assert await world.states(later) == [State.READY]

    async def test_replies_are_accepted_with_the_settlement(self, world: World) -> None:
        """A status in the reply goes back in the same transaction."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), then=(a_status(),))
        assert (await world.claim_one(PORTAL)).message.kind == "status.changed"

    async def test_a_reply_without_a_known_code_is_about_the_delivery(self, world: World) -> None:
        """A partner may answer with its own code only."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), then=(a_status(None),))
        back = await world.claim_one(PORTAL)
        assert back.message.dossier_id == submitted.dossier_id

    async def test_a_reply_that_cannot_be_planned_is_held(self, world: World) -> None:
        """G5: nothing derived from the reply fails the settlement."""
        receipt = await world.receive(a_draft())
        delivery = await world.claim_one()

        def plan(draft: Draft, known: Known) -> Planned:
            raise RuntimeError(f"no plan for {draft.kind} at {known.now}")

        settlement = a_settlement(delivery, then=(a_status(), a_status(number=9)))
        assert await world.store.settle(settlement, plan=plan) is Settled.DONE
        assert await world.states(receipt) == [State.DELIVERED]
        held = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert [view.reason and view.reason.code for view in held] == [Why.UNREADABLE] * 2

    async def test_a_reply_that_is_refused_is_held(self, world: World) -> None:
        """G2: it stays visible, with its reason."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), then=(a_status(source=CRIMINAL_RECORD),))
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason is not None
        assert held.reason.code is Why.NOT_AUTHORISED

    async def test_what_follows_under_a_key_that_was_used_for_something_else_is_held(self, world: World) -> None:
        """G2: nobody repeats what a reply has said, so whoever looks at it decides what it was."""
        await world.receive(a_draft())
        delivery = await world.claim_one()
        await world.receive(a_status(number=4, dedup_key="k"))
        await world.settle(delivery, then=(a_status(number=5, dedup_key="k"),))
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason is not None
        assert (held.kind, held.reason.code) == ("status.changed", Why.UNREADABLE)

    async def test_a_late_failure_is_only_evidence(self, world: World) -> None:
        """G4: who lost the lease decides nothing."""
        receipt = await world.receive(a_draft())
        slow = a_settlement(await world.claim_one(), State.DEAD)
        await world.take_over()
        assert await world.end(slow) is Settled.LATE
        found = await world.store.delivery(receipt.deliveries[0])
        assert found is not None
        assert found[0].state is State.LEASED
        assert [attempt.attempt.outcome for attempt in found[1]] == ["rejected"]

    async def test_a_late_delivered_resolves_doubt(self, world: World) -> None:
        """G4: what the partner has is delivered, whoever holds the lease now."""
        receipt = await world.receive(a_draft())
        late = a_settlement(await world.claim_one())
        taken = await world.take_over()
        await world.settle(taken, State.DELAYED, doubt=DoubtMark.SET, wait=timedelta(hours=1))
        assert await world.end(late) is Settled.LATE
        view = await world.view(receipt.deliveries[0])
        assert (view.state, view.in_doubt_since) == (State.DELIVERED, None)
        assert await world.end(late) is Settled.AGAIN

    async def test_a_late_delivered_overtakes_who_holds_the_lease(self, world: World) -> None:
        """G4, G10: the other's settlement is harmless then, and on record."""
        receipt = await world.receive(a_draft())
        late = a_settlement(await world.claim_one())
        taken = await world.take_over()
        assert await world.end(late) is Settled.LATE
        assert await world.settle(taken, State.HELD) is Settled.AGAIN
        assert await world.states(receipt) == [State.DELIVERED]
        found = await world.store.delivery(receipt.deliveries[0])
        assert found is not None
        assert [attempt.attempt.outcome for attempt in found[1]] == ["delivered", "ambiguous"]

    async def test_settling_without_an_attempt_counts_no_try(self, world: World) -> None:
        """An expiry found before sending."""
        receipt = await world.receive(a_draft())
        delivery = await world.claim_one()
        made = a_settlement(delivery, State.DEAD, reason=Reason(Why.EXPIRED))
        bare = type(made)(lease=made.lease, transition=made.transition, attempt=None)
        assert await world.end(bare) is Settled.DONE
        assert await world.end(bare) is Settled.AGAIN
        assert (await world.view(receipt.deliveries[0])).tries == 0

    async def test_of_two_lanes_each_end_is_its_own_and_counted(self, world: World) -> None:
        """G6: beside one that is refused another is delivered."""
        await world.accept(a_draft("A"), a_draft("B"))
        first, second = await world.claim()
        await world.settle(first, State.DEAD)
        await world.settle(second)
        counts = {count.system: count for count in await world.store.counts()}
        assert counts[CIVIL_STATUS].by_state == {State.DEAD: 1, State.DELIVERED: 1}
        assert second.lease is not None
        assert second.lease.node == NODE
