"""Replays: a frozen selection, released step by step, each delivery once, and every item counted."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.acts import Target, Verb
from gateway.core.attention import Cause, Entry, Matter
from gateway.core.delivery import DoubtMark, State
from gateway.core.ids import DeliveryId, KeyId
from gateway.core.judging import Decision
from gateway.core.proposals import ALONE, WITHIN, ProposalState, TooMany
from gateway.core.reason import Reason, Why
from gateway.core.replay import (
    Choice,
    ItemState,
    Left,
    Run,
    RunClosed,
    RunId,
    RunPlan,
    RunState,
    Selection,
    Steering,
    Tally,
    UnknownRun,
    order,
    target,
    wish,
)
from gateway.testing.books import CIVIL_STATUS, LAND, a_book, a_draft, a_patience, a_route, a_status, an_order
from gateway.testing.store_contract.acting import BINH, LAN, by
from gateway.testing.store_contract.world import StoreCase, World

ALL = Selection()
AT_ONCE = RunPlan(steps=(100,), rate=1000)


async def begun(world: World, selection: Selection = ALL, plan: RunPlan = AT_ONCE) -> Run:
    """Begin a run of all that the selection comes to."""
    choice = await world.store.choose(selection)
    return await world.store.begin_run(order(choice, selection.words(), plan), by=by())


async def advance(world: World) -> None:
    """Let the relay go on with every run, until nothing can go now."""
    while await world.store.advance(plan=world.plan):
        pass


async def tally(world: World, run: Run) -> Tally:
    """Return how the items of a run stand."""
    return (await world.store.run(run.id))[1]


async def state(world: World, run: Run) -> RunState:
    """Return how a run stands."""
    return (await world.store.run(run.id))[0].state


async def stopped(world: World) -> list[Entry]:
    """Return what the attention list says of replays."""
    found = await world.store.attention(a_patience().bounds)
    return [entry for entry in found if entry.cause.matter is Matter.REPLAY]


def _ids(choice: Choice) -> list[DeliveryId]:
    return [item.id for item in choice.chosen]


def _left(choice: Choice) -> dict[str, Left]:
    return {item.name: item.why for item in choice.left_out}


class ReplayContract(StoreCase):
    """What operators rely on when many stopped at once."""

    # --- Choosing

    async def test_a_selection_holds_all_its_conditions(self, world: World) -> None:
        """What is shown is what would be sent."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        first, second = await world.refuse("A", "B")
        world.clock.advance(60)
        (held,) = [d for d in await world.claim(LAND) if d.message.codes[0].value == "A"]
        await world.settle(held, State.HELD, reason=Reason(Why.CANNOT_RENDER))
        cases: list[tuple[Selection, list[DeliveryId]]] = [
            (ALL, [first.id, held.id, second.id]),
            (Selection(system=LAND), [held.id]),
            (Selection(state=State.DEAD), [first.id, second.id]),
            (Selection(reason=Why.CANNOT_RENDER), [held.id]),
            (Selection(kind="dossier.amended"), []),
            (Selection(procedure="1.000894", system=CIVIL_STATUS), [first.id, second.id]),
            (Selection(procedure="9.9"), []),
            (Selection(since=world.clock.now()), [held.id]),
            (Selection(until=world.clock.now()), [first.id, second.id]),
            (Selection(names=("B",)), [second.id]),
            (Selection(names=("A", second.id), system=CIVIL_STATUS), [first.id, second.id]),
        ]
        for selection, expected in cases:
            assert sorted(_ids(await world.store.choose(selection))) == sorted(expected), selection

    async def test_what_cannot_go_is_left_out_with_why(self, world: World) -> None:
        """G4: in doubt, delivered, on its way, for the operators: never sent again by a run."""
        (doubtful,) = await world.doubt("A")
        await world.receive(a_draft("B"))
        delivered = await world.claim_one()
        await world.settle(delivered)
        moving = await world.receive(a_draft("C"))
        parked = await world.receive(a_status("nobody"))
        names = (doubtful.id, delivered.id, moving.deliveries[0], parked.deliveries[0], "no-such-code")
        choice = await world.store.choose(Selection(names=names))
        assert choice.chosen == ()
        why = [Left.IN_DOUBT, Left.DELIVERED, Left.ON_ITS_WAY, Left.NO_DESTINATION, Left.UNKNOWN]
        assert _left(choice) == dict(zip(names, why, strict=True))
        assert _ids(await world.store.choose(ALL)) == []

    async def test_what_presumes_a_dossier_that_its_system_never_had_is_left_out(self, world: World) -> None:
        """G3: it would tell the system of a dossier that it does not know; a person may let one go who knows better."""
        submitted = await world.receive(a_draft("A"))
        (behind,) = (await world.receive(a_draft("A", text="2", kind="supplement.submitted", document=None))).deliveries
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        choice = await world.store.choose(ALL)
        assert (choice.chosen, _left(choice)) == ((), {behind: Left.NEVER_GIVEN})
        await world.store.decide(behind, Decision.RETRY, by=by(), plan=world.plan)
        assert (await world.claim_one()).id == behind

    async def test_a_lane_is_chosen_in_its_order(self, world: World) -> None:
        """G3: also where an earlier place was taken later."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        receipt = await world.receive(a_draft("A"))
        later = await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        assert _ids(await world.store.choose(ALL)) == [*receipt.deliveries, *later.deliveries]

    # --- Frozen

    async def test_what_stops_later_is_never_included(self, world: World) -> None:
        """The selection is frozen when it is made."""
        await world.refuse("A", "B")
        run = await begun(world)
        (later,) = await world.refuse("C")
        await advance(world)
        for delivery in await world.claim(free=10):
            await world.settle(delivery)
        await advance(world)
        assert await tally(world, run) == Tally(done=2)
        assert await state(world, run) is RunState.FINISHED
        assert (await world.view(later.id)).state is State.DEAD

    async def test_what_has_moved_since_it_was_chosen_is_skipped_with_why(self, world: World) -> None:
        """G4: judged, sent again by hand, in doubt, edited: the run leaves it alone, and says so."""
        taken = await world.refuse(*"ABCD")
        choice = await world.store.choose(ALL)
        cancelled, again, doubtful, _ = (item.id for item in taken)
        decisions = ((cancelled, Decision.CANCELLED), (again, Decision.RETRY), (doubtful, Decision.RETRY))
        for delivery, decision in decisions:
            await world.store.decide(delivery, decision, by=by(), plan=world.plan)
        ends = {again: DoubtMark.KEEP, doubtful: DoubtMark.SET}
        world.clock.advance(1)
        for item in await world.claim(free=10):
            await world.settle(item, State.HELD, doubt=ends[item.id])
        run = await world.store.begin_run(order(choice, {}, AT_ONCE), by=by())
        await advance(world)
        why = [item.why for item in await world.store.run_items(run.id)]
        assert why == [Left.JUDGED, Left.MOVED, Left.IN_DOUBT, None]
        assert await tally(world, run) == Tally(sent=1, skipped=3)

    async def test_a_delivery_is_in_one_run_only(self, world: World) -> None:
        """Two people at once: the second run leaves it to the first."""
        (delivery,) = await world.refuse("A")
        choice = await world.store.choose(ALL)
        await world.store.begin_run(order(choice, {}, AT_ONCE), by=by())
        assert _left(await world.store.choose(ALL)) == {delivery.id: Left.OTHER_RUN}
        second = await world.store.begin_run(order(choice, {}, AT_ONCE), by=by(BINH))
        (item,) = await world.store.run_items(second.id)
        assert (item.state, item.why) == (ItemState.SKIPPED, Left.OTHER_RUN)

    # --- Released

    async def test_a_step_begins_when_the_one_before_has_ended(self, world: World) -> None:
        """One, then two, then the rest: a mistake shows on the first."""
        await world.refuse(*"ABCDEF")
        run = await begun(world, plan=RunPlan(steps=(1, 2, 3), rate=1000))
        for size in (1, 2, 3):
            await advance(world)
            claimed = await world.claim(free=10)
            assert len(claimed) == size
            for delivery in claimed[1:]:
                await world.settle(delivery)
            assert await world.store.advance(plan=world.plan) == {} or size == 3
            await world.settle(claimed[0])
        await advance(world)
        assert await tally(world, run) == Tally(done=6)

    async def test_no_more_than_the_rate_are_released_in_a_minute(self, world: World) -> None:
        """A partner that just came back is not run over."""
        await world.refuse(*"ABCDE")
        run = await begun(world, plan=RunPlan(steps=(100,), rate=2))
        for expected in (2, 4, 5):
            await advance(world)
            assert (await tally(world, run)).sent == expected
            world.clock.advance(59)
            await advance(world)
            assert (await tally(world, run)).sent == expected
            world.clock.advance(1)

    async def test_it_is_sent_again_as_a_person_would_and_says_by_which_run(self, world: World) -> None:
        """G10: the act names the run, under the name of who began it; the run has an act of its own."""
        (delivery,) = await world.refuse("A")
        run = await begun(world, Selection(system=CIVIL_STATUS))
        await advance(world)
        assert (await world.claim_one()).id == delivery.id
        (act,) = await world.store.acts(Target.delivery(delivery.id))
        assert (act.verb, act.by, act.facts["replay"], act.facts["place"]) == (Verb.RETRY, by(), run.id, "1")
        (whole,) = await world.store.acts(target(run.id))
        assert (whole.verb, whole.facts["requested"], whole.facts["system"]) == (Verb.REPLAY, "1", CIVIL_STATUS)

    async def test_nothing_is_released_twice_however_often_it_goes_on(self, world: World) -> None:
        """G4, G11: the release and its mark are one transaction."""
        await world.refuse("A", "B")
        await begun(world)
        await advance(world)
        claimed = await world.claim(free=10)
        await advance(world)
        assert await world.claim(free=10) == ()
        for delivery in claimed:
            await world.settle(delivery)
        await advance(world)
        assert await world.claim(free=10) == ()

    async def test_what_waits_behind_a_stop_is_left_to_its_lane(self, world: World) -> None:
        """G3: it goes by itself once a person has decided about what stands before it; the run does not wait."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        await world.receive(a_draft("A"))
        await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        run = await begun(world, plan=replace(AT_ONCE, stop_at=1))
        await advance(world)
        await world.settle(await world.claim_one(), State.DEAD)
        await advance(world)
        assert await tally(world, run) == Tally(failed=1, skipped=1)
        assert [item.why for item in await world.store.run_items(run.id)] == [None, Left.BLOCKED]
        assert await state(world, run) is RunState.FINISHED

    async def test_what_stands_behind_a_stop_that_the_run_leaves_is_not_let_go(self, world: World) -> None:
        """G3: what a run says that it has skipped stays as it was, and does not go by itself on another day."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        await world.receive(a_draft("A"))
        later = await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        run = await begun(world, Selection(names=later.deliveries))
        await advance(world)
        assert [item.why for item in await world.store.run_items(run.id)] == [Left.BLOCKED]
        assert await world.states(later) == [State.DEAD]
        assert await world.store.acts(Target.delivery(later.deliveries[0])) == []

    # --- Counted, stopped, steered

    async def test_every_item_is_counted_as_its_delivery_ends(self, world: World) -> None:
        """G2: requested is done, failed and skipped, exactly; what a person does later changes no count."""
        taken = await world.refuse(*"ABC")
        run = await begun(world, plan=replace(AT_ONCE, stop_at=1))
        await advance(world)
        ends = dict(zip((item.id for item in taken), (State.DELIVERED, State.DEAD, State.CANCELLED), strict=True))
        for delivery in await world.claim(free=10):
            await world.settle(delivery, ends[delivery.id])
        await advance(world)
        counted = await tally(world, run)
        assert counted == Tally(done=1, failed=1, skipped=1)
        await world.store.decide(taken[1].id, Decision.RETRY, by=by(), plan=world.plan)
        await world.settle(await world.claim_one())
        assert await tally(world, run) == counted

    async def test_too_many_failures_stop_it_until_a_person_lets_it_go_on(self, world: World) -> None:
        """Nothing more is released; what had failed by then does not stop it again."""
        await world.refuse(*"ABC")
        run = await begun(world, plan=RunPlan(steps=(1,), rate=1000))
        await advance(world)
        await world.settle(await world.claim_one(), State.DEAD)
        await advance(world)
        assert await state(world, run) is RunState.STOPPED
        assert await world.claim() == ()
        await world.store.steer_run(run.id, Steering.RESUME, by=by())
        for _ in range(2):
            await advance(world)
            await world.settle(await world.claim_one())
        await advance(world)
        assert await state(world, run) is RunState.FINISHED
        assert await tally(world, run) == Tally(done=2, failed=1)

    async def test_a_run_that_has_stopped_by_itself_needs_a_person(self, world: World) -> None:
        """It is on the attention list until somebody lets it go on or ends it; a paused one has somebody."""
        await world.refuse(*"ABC")
        run = await begun(world, Selection(system=CIVIL_STATUS), RunPlan(steps=(1,), rate=1000))
        await advance(world)
        await world.settle(await world.claim_one(), State.DEAD)
        await advance(world)
        (found,) = await stopped(world)
        assert found.cause == Cause(matter=Matter.REPLAY, system=CIVIL_STATUS)
        assert [one.replay_id for one in found.examples] == [run.id]
        await world.store.steer_run(run.id, Steering.CANCEL, by=by())
        assert await stopped(world) == []

    async def test_a_paused_run_releases_nothing_and_a_cancelled_one_never_will(self, world: World) -> None:
        """What is on its way is still counted."""
        await world.refuse(*"ABC")
        run = await begun(world, plan=RunPlan(steps=(1,), rate=1000))
        await advance(world)
        delivery = await world.claim_one()
        paused = await world.store.steer_run(run.id, Steering.PAUSE, by=by())
        assert paused.state is RunState.PAUSED
        await advance(world)
        cancelled = await world.store.steer_run(run.id, Steering.CANCEL, by=by())
        assert cancelled.state is RunState.CANCELLED
        await world.settle(delivery)
        await advance(world)
        assert await world.claim() == ()
        assert await tally(world, run) == Tally(done=1, skipped=2)
        assert [act.verb for act in await world.store.acts(target(run.id))] == [Verb.CANCEL, Verb.PAUSE, Verb.REPLAY]
        with pytest.raises(RunClosed):
            await world.store.steer_run(run.id, Steering.RESUME, by=by())
        with pytest.raises(UnknownRun):
            await world.store.steer_run(RunId("x"), Steering.PAUSE, by=by())

    async def test_what_a_cancelled_run_had_left_is_free_for_another(self, world: World) -> None:
        """Its deliveries are where they were."""
        await world.refuse("A", "B")
        run = await begun(world)
        await world.store.steer_run(run.id, Steering.CANCEL, by=by())
        assert len((await world.store.choose(ALL)).chosen) == 2

    async def test_runs_and_items_are_read_as_they_were_kept(self, world: World) -> None:
        """The newest run first; items by state, and page by page."""
        await world.refuse(*"ABC")
        one = await begun(world, Selection(names=("A", "B")), RunPlan(steps=(1, 2), rate=7, stop_at=0.5))
        two = await begun(world)
        assert [run for run, _ in await world.store.runs()] == [two, one]
        assert (one.words, one.plan, one.by) == ({"named": "2"}, RunPlan(steps=(1, 2), rate=7, stop_at=0.5), by())
        assert [item.place for item in await world.store.run_items(one.id, after=1)] == [2]
        assert await _states(world, one, ItemState.SENT) == []
        await advance(world)
        assert await _states(world, one, ItemState.SENT) == [1]

    # --- Two people

    async def test_a_large_run_needs_a_second_person(self, world: World) -> None:
        """Frozen when proposed, begun by another's approval."""
        await world.refuse(*(f"D{number}" for number in range(ALONE + 1)))
        asked = order(await world.store.choose(ALL), ALL.words(), AT_ONCE)
        with pytest.raises(TooMany):
            await world.store.begin_run(asked, by=by())
        assert await world.store.runs() == ()
        proposal = await world.store.propose(wish(asked), by=by())
        await world.refuse("later")
        done = await world.store.approve(proposal.id, by=by(BINH), plan=world.plan)
        assert done.state is ProposalState.APPROVED
        ((run, counts),) = await world.store.runs()
        assert (run.id, run.plan, run.by.actor) == (done.outcome["replay"], AT_ONCE, BINH)
        assert counts == Tally(chosen=ALONE + 1)
        await advance(world)
        assert len(await world.claim(free=500)) == 100

    async def test_what_one_person_begins_within_a_day_counts_together(self, world: World) -> None:
        """Four eyes: several runs below the limit are one above it, by any key or spelling; another's are not."""
        again = by(replace(LAN, name=" LAN", key_id=KeyId("another")))
        await world.store.begin_run(an_order(*range(60)), by=by())
        with pytest.raises(TooMany) as refused:
            await world.store.begin_run(an_order(*range(60, 101)), by=again)
        assert (refused.value.asked, refused.value.lately) == (41, 60)
        assert len(await world.store.runs()) == 1
        await world.store.begin_run(an_order(*range(60, 101)), by=by(BINH))
        await world.store.begin_run(an_order(*range(101, 141)), by=by())

    async def test_what_was_sent_counts_for_a_day_and_what_may_still_be_sent_for_as_long(self, world: World) -> None:
        """Four eyes: runs of several days are not resumed together as one that nobody else has agreed to."""
        await world.refuse("A", "B")
        run = await begun(world, plan=RunPlan(steps=(1,)))
        await world.store.steer_run(run.id, Steering.PAUSE, by=by())
        world.clock.advance(WITHIN.total_seconds())
        with pytest.raises(TooMany) as refused:
            await world.store.begin_run(an_order(*range(ALONE - 1)), by=by())
        assert refused.value.lately == 2
        await world.store.steer_run(run.id, Steering.RESUME, by=by())
        await advance(world)
        await world.store.steer_run(run.id, Steering.CANCEL, by=by())
        world.clock.advance(WITHIN.total_seconds() - 1)
        assert (await world.store.choose(ALL, whose=LAN)).lately == 1
        world.clock.advance(1)
        assert (await world.store.choose(ALL, whose=LAN)).lately == 0

    async def test_what_one_person_decides_one_by_one_counts_with_their_runs(self, world: World) -> None:
        """Four eyes: what sends again or says that it is there; not what ends, nor what a second person agreed to."""
        (first, second, third), (doubtful,) = await world.refuse(*"ABC"), await world.doubt("D")
        await world.store.begin_run(an_order(*range(ALONE - 2)), by=by())
        for delivery, decision in ((first, Decision.RETRY), (doubtful, Decision.ABSENT)):
            await world.store.decide(delivery.id, decision, by=by(), plan=world.plan)
        for decision in (Decision.RETRY, Decision.DELIVERED):
            with pytest.raises(TooMany) as refused:
                await world.store.decide(second.id, decision, by=by(), plan=world.plan)
            assert (refused.value.asked, refused.value.lately) == (1, ALONE)
        assert [(await world.store.choose(ALL, whose=one)).lately for one in (LAN, BINH)] == [ALONE, 0]
        await world.store.decide(second.id, Decision.CANCELLED, by=by(), plan=world.plan)
        await world.store.decide(third.id, Decision.SKIP, by=by(), plan=world.plan)
        assert (await world.store.choose(ALL, whose=LAN)).lately == ALONE

    async def test_what_was_approved_or_never_sent_does_not_count(self, world: World) -> None:
        """Four eyes: a run cancelled costs what it had sent; who approves has begun nothing alone."""
        await world.refuse("A", "B")
        run = await begun(world, plan=RunPlan(steps=(1,)))
        await advance(world)
        await world.store.steer_run(run.id, Steering.CANCEL, by=by())
        assert (await world.store.choose(ALL, whose=LAN)).lately == 1
        proposal = await world.store.propose(wish(an_order(*range(ALONE)), lately=1), by=by())
        assert proposal.wish.facts["lately"] == "1"
        done = await world.store.approve(proposal.id, by=by(BINH), plan=world.plan)
        approved, _ = await world.store.run(RunId(done.outcome["replay"]))
        assert (approved.proposal, run.proposal) == (proposal.id, None)
        assert [(await world.store.choose(ALL, whose=one)).lately for one in (LAN, BINH)] == [1, 0]


async def _states(world: World, run: Run, wanted: ItemState) -> Sequence[int]:
    return [item.place for item in await world.store.run_items(run.id, state=wanted)]
