"""Runs that amend: what a system has taken is stated to it once more, by a delivery of its own, counted exactly."""

from __future__ import annotations

import json

from gateway.core.acts import Target, Verb
from gateway.core.delivery import Delivery, DoubtMark, State
from gateway.core.ids import GATEWAY
from gateway.core.message import Receipt
from gateway.core.replay import Left, Run, RunPlan, RunState, Selection, Tally, order
from gateway.testing.books import CIVIL_STATUS, LAND, a_book, a_draft, a_system
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

AT_ONCE = RunPlan(steps=(100,), rate=1000)


async def delivered(world: World, *codes: str) -> list[Delivery]:
    """Let submissions of these codes be taken; return their deliveries."""
    for code in codes:
        await world.receive(a_draft(code))
    taken = list(await world.claim(free=500))
    for delivery in taken:
        await world.settle(delivery, codes={"unit": f"U-{delivery.codes['province']}"})
    return taken


async def begun(world: World, *names: str) -> Run:
    """Begin a run that amends what civil status has of these."""
    selection = Selection(system=CIVIL_STATUS, names=names, amend=True)
    choice = await world.store.choose(selection)
    return await world.store.begin_run(order(choice, selection.words(), AT_ONCE), by=by())


async def left_out(world: World, *names: str) -> dict[str, Left]:
    """Return what cannot be amended, and why."""
    found = await world.store.choose(Selection(system=CIVIL_STATUS, names=names, amend=True))
    return {item.name: item.why for item in found.left_out}


async def tally(world: World, run: Run) -> Tally:
    """Return how the items of a run stand."""
    return (await world.store.run(run.id))[1]


class AmendContract(StoreCase):
    """What operators rely on when many went out wrong."""

    async def test_states_the_dossier_once_more_by_a_new_delivery(self, world: World) -> None:
        """G4: what was delivered stays so; the new one is a message of the gateway, caused by the old, in its lane."""
        first, _ = await delivered(world, "A", "B")
        run = await begun(world, "A")
        await world.store.advance(plan=world.plan)
        new = await world.claim_one()
        assert (new.message.kind, new.message.source, new.message.causation_id) == (
            "dossier.amended",
            GATEWAY,
            first.message.id,
        )
        assert (new.lane_seq, new.dossier, new.codes) == (2, first.dossier, {"province": "A", "unit": "U-A"})
        assert json.loads(new.message.payload.body)["data"]["code"] == "A"
        await world.settle(new)
        assert (await world.view(first.id)).state is State.DELIVERED
        assert await tally(world, run) == Tally(done=1)
        await world.store.advance(plan=world.plan)
        assert (await world.store.run(run.id))[0].state is RunState.FINISHED

    async def test_a_system_that_reads_by_now_reads_it(self, world: World) -> None:
        """G2: what it has came by calls, and it is called no more."""
        await delivered(world, "A")
        world.use(a_book(systems=[a_system(CIVIL_STATUS, feed=True)]))
        run = await begun(world, "A")
        await world.store.advance(plan=world.plan)
        page = await world.store.read(CIVIL_STATUS, "", limit=10)
        assert [item.delivery.kind for item in page.items] == ["dossier.amended"]
        await world.store.acknowledge(CIVIL_STATUS, page.next, plan=world.plan)
        assert await tally(world, run) == Tally(done=1)

    async def test_nobody_else_notices(self, world: World) -> None:
        """G7: no revision is made, and what the portal repeats is what it said last."""
        await world.receive(a_draft("A"))
        (taken,) = await world.claim()
        await world.settle(taken)
        note = a_draft("A", text="note", kind="supplement.submitted", document=None)
        said = await world.receive(note)
        await world.settle(await world.claim_one())
        await begun(world, "A")
        await world.store.advance(plan=world.plan)
        again = await world.receive(note)
        assert (again.message_id, again.duplicate) == (said.message_id, True)
        found = await world.accept(a_draft("A", text="2", kind="dossier.amended", if_match=1))
        assert isinstance(found[0], Receipt)

    async def test_what_cannot_be_amended_is_told(self, world: World) -> None:
        """G4: nothing is sent to a system that may have it, has something coming, or never had it."""
        doubtful, coming, refused, _, over = await self._several(world)
        assert await left_out(world, doubtful, coming, refused, "nobody", over) == {
            doubtful: Left.IN_DOUBT,
            coming: Left.ON_ITS_WAY,
            refused: Left.BLOCKED,
            "nobody": Left.UNKNOWN,
            over: Left.WITHDRAWN,
        }
        found = await world.store.choose(Selection(system=LAND, names=("D",), amend=True))
        assert [item.why for item in found.left_out] == [Left.NOT_DELIVERED]
        found = await world.store.choose(Selection(names=("D",), amend=True))
        assert [item.why for item in found.left_out] == [Left.NO_DESTINATION]

    async def _several(self, world: World) -> tuple[str, ...]:
        codes = ("A", "B", "C", "D", "E")
        for code in codes:
            await world.receive(a_draft(code))
        for delivery in await world.claim(free=9):
            match delivery.codes["province"]:
                case "A":
                    await world.settle(delivery, State.HELD, doubt=DoubtMark.SET)
                case "C":
                    await world.settle(delivery, State.DEAD)
                case _:
                    await world.settle(delivery)
        await world.receive(a_draft("B", text="2", kind="dossier.amended"))
        asked = a_draft("E", text="rút", kind="withdrawal.requested", document=None)
        await world.receive(asked)
        for delivery in await world.claim(free=9):
            if delivery.message.kind == "withdrawal.requested":
                await world.settle(delivery)
        return codes

    async def test_what_was_amended_since_it_was_chosen_is_skipped(self, world: World) -> None:
        """G4: the portal itself has amended it meanwhile: that one says it better."""
        await delivered(world, "A", "B")
        run = await begun(world, "A", "B")
        await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        await world.settle(await world.claim_one())
        await world.store.advance(plan=world.plan)
        assert await tally(world, run) == Tally(sent=1, skipped=1)
        items = await world.store.run_items(run.id)
        assert [item.why for item in items] == [Left.MOVED, None]

    async def test_two_runs_amend_nothing_twice(self, world: World) -> None:
        """Chosen by one, it is left out of the other; and on its way, too."""
        await delivered(world, "A")
        await begun(world, "A")
        assert await left_out(world, "A") == {"A": Left.OTHER_RUN}
        await world.store.advance(plan=world.plan)
        assert await left_out(world, "A") == {"A": Left.ON_ITS_WAY}

    async def test_a_refused_amendment_counts_and_holds_up_its_lane_like_any(self, world: World) -> None:
        """The run stops by itself at the first, as every run."""
        await delivered(world, "A", "B")
        run = await begun(world, "A", "B")
        await world.store.advance(plan=world.plan)
        for delivery in await world.claim(free=9):
            await world.settle(delivery, State.DEAD)
        await world.store.advance(plan=world.plan)
        assert await tally(world, run) == Tally(failed=2)

    async def test_who_amended_is_kept(self, world: World) -> None:
        """G10: with the run, its place, and the delivery that was made."""
        (first,) = await delivered(world, "A")
        run = await begun(world, "A")
        await world.store.advance(plan=world.plan)
        (act,) = await world.store.acts(Target.delivery(first.id))
        new = await world.claim_one()
        assert (act.verb, act.by.actor) == (Verb.AMEND, by().actor)
        assert (act.facts["replay"], act.facts["place"], act.facts["delivery"]) == (run.id, "1", new.id)
