"""A database that was put back: nothing of what is open is taken for known, and no cursor of before is valid."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.core.acts import Act, Target, Verb
from gateway.core.attention import Matter
from gateway.core.delivery import DoubtMark, State, Step
from gateway.core.errors import CursorExpired
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.judging import Decision
from gateway.core.message import Receipt
from gateway.core.proposals import ProposalState, Wish
from gateway.core.reason import Reason, Why
from gateway.core.replay import RunState, Selection, order
from gateway.core.restoring import Restoring
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_book, a_draft, a_patience, a_route
from gateway.testing.evidence import proof_of
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.replaying import AT_ONCE
from gateway.testing.store_contract.world import NODE, StoreCase, World, slots

_ALL = Restoring(systems=(CIVIL_STATUS, PORTAL), facts={"file": "gateway.db"})
_HOUR = timedelta(hours=1)


async def restore(world: World) -> Act:
    """Put the database back an hour after the last sign of life of whoever served it."""
    world.clock.advance(_HOUR.total_seconds())
    return await world.store.restored(_ALL, by=by())


async def _one_of_each(world: World) -> tuple[list[Receipt], datetime]:
    """Return a delivery in each open state, and one that has arrived; and when the node last lived."""
    await world.store.join(NODE, config="config-1")
    moves = {"A": State.DELIVERED, "B": State.DELAYED, "C": State.HELD, "D": State.DEAD}
    receipts = [await world.receive(a_draft(code)) for code in (*moves, "E", "F")]
    receipts.append(await world.receive(a_draft("F", kind="dossier.amended", text="2")))
    for delivery in await world.claim(free=len(moves)):
        mark = DoubtMark.SET if (to := moves[delivery.codes["province"]]) is State.DELAYED else DoubtMark.KEEP
        await world.settle(delivery, to, doubt=mark, reason=Reason(Why.REFUSED_BY_PARTNER), wait=timedelta(days=1))
    await world.claim(free=1)
    world.clock.advance(1)
    await world.store.beat(NODE, {})
    return receipts, world.clock.now()


async def _waiting(world: World) -> set[SystemId]:
    """Return the systems that people are told to compare and resume."""
    found = await world.store.attention(a_patience().bounds)
    return {entry.cause.system for entry in found if entry.cause.matter is Matter.RESTORED}


class RestoreContract(StoreCase):
    """What holds after an earlier state took the place of a later one."""

    async def test_whatever_is_open_is_in_doubt_and_nothing_that_has_ended(self, world: World) -> None:
        """G4: sent or not, refused or not: it may have been sent since, from the last sign of life on at the latest."""
        receipts, last = await _one_of_each(world)
        act = await restore(world)
        views = [await world.view(receipt.deliveries[0]) for receipt in receipts]
        stands = [State.DELIVERED, State.DELAYED, State.HELD, State.HELD, State.READY, State.READY, State.WAITING]
        assert [view.state for view in views] == stands
        done, before, held, dead, leased, ready, waiting = views
        assert done.in_doubt_since is None
        assert {before.in_doubt_since, leased.in_doubt_since} == {last - timedelta(seconds=1)}
        assert {view.in_doubt_since for view in (held, dead, ready, waiting)} == {last}
        assert {view.reason and view.reason.code for view in views[1:]} == {Why.RESTORED}
        numbers = {name: act.facts[name] for name in ("leased", "dead", "in_doubt", "file")}
        assert numbers == {"leased": "1", "dead": "1", "in_doubt": "6", "file": "gateway.db"}
        assert not await world.store.reclaim(slots(), limit=8)

    async def test_the_lane_goes_on_in_its_order(self, world: World) -> None:
        """G3: what is in doubt behind the head waits for it, and comes in doubt."""
        await _one_of_each(world)
        await restore(world)
        first, second = [one for one in await world.claim() if one.codes["province"] in {"E", "F"}]
        assert (first.in_doubt_since is None, second.reason) == (False, Reason(Why.RESTORED))
        await world.settle(second, doubt=DoubtMark.CLEAR)
        (behind,) = await world.claim()
        assert (behind.message.kind, behind.in_doubt_since is None) == ("dossier.amended", False)

    async def test_all_that_is_called_is_paused_and_what_may_have_been_done_is_called_off(self, world: World) -> None:
        """A person lets each system be called again; nobody approves, or goes on with, what was approved since."""
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        choice = await world.store.choose(Selection())
        run = await world.store.begin_run(order(choice, {}, AT_ONCE), by=by())
        wish = Wish(verb=Verb.EDIT, target=Target.system(LAND), parameters=b"{}")
        await world.store.propose(wish, by=by())
        act = await restore(world)
        assert {name: act.facts[name] for name in ("replays", "proposals")} == {"replays": "1", "proposals": "1"}
        pauses = (await world.store.fleet()).pauses
        assert {name: pause.by for name, pause in pauses.items()} == {CIVIL_STATUS: by(), PORTAL: by()}
        assert await _waiting(world) == {CIVIL_STATUS, PORTAL}
        await world.store.resume(PORTAL, by=by())
        assert await _waiting(world) == {CIVIL_STATUS}
        assert (await world.store.run(run.id))[0].state is RunState.CANCELLED
        assert [one.state for one in await world.store.proposals()] == [ProposalState.REJECTED]

    async def test_a_reader_begins_anew_and_acknowledges_nothing_that_it_has_not_seen(self, world: World) -> None:
        """G2: its place lies in a feed that is gone, though the numbers are given again."""
        world.use(a_book(routes=[a_route(TAX)]))
        await world.receive(a_draft("A"))
        page = await world.store.read(TAX, "", limit=10)
        await restore(world)
        await world.receive(a_draft("B"))
        for ask in (
            world.store.read(TAX, page.next, limit=10),
            world.store.acknowledge(TAX, page.next, plan=world.plan),
        ):
            with pytest.raises(CursorExpired) as expired:
                await ask
        again = await world.store.read(TAX, expired.value.earliest, limit=10)
        assert [item.delivery.codes["province"] for item in again.items] == ["A", "B"]
        assert await world.store.acknowledge(TAX, again.next, plan=world.plan) == 2
        (first, _) = await world.store.find(state=State.DELIVERED, destination=TAX)
        assert first.in_doubt_since is None

    async def test_what_comes_until_a_system_is_resumed_is_looked_up_first(self, world: World) -> None:
        """G4: a portal that hands over again what is gone gives it another id: no partner knows it by that."""
        await world.store.join(NODE, config="config-1")
        judged = await world.receive(a_draft("OLD"))
        restored = await restore(world)
        await world.store.decide(judged.deliveries[0], Decision.ABSENT, by=by(), plan=world.plan)
        world.clock.advance(60)
        again = await world.receive(a_draft("GONE"))
        act = await world.store.resume(CIVIL_STATUS, by=by())
        later = await world.receive(a_draft("LATER"))
        views = [await world.view(receipt.deliveries[0]) for receipt in (judged, again, later)]
        assert [view.in_doubt_since is None for view in views] == [True, False, True]
        assert [view.step for view in views] == [Step.SEND, Step.LOOKUP, Step.SEND]
        assert (views[1].in_doubt_since, act.facts) == (restored.at - _HOUR, {"in_doubt": "1"})
        await world.store.pause(CIVIL_STATUS, by=by())
        await world.receive(a_draft("MUCH-LATER"))
        assert (await world.store.resume(CIVIL_STATUS, by=by())).facts == {}

    async def test_doing_it_again_is_harmless_and_recorded(self, world: World) -> None:
        """G10, G11: a doubt keeps its beginning, a gap only grows; each is an act in the chain."""
        await world.store.join(NODE, config="config-1")
        receipt = await world.receive(a_draft("A"))
        await restore(world)
        before = await world.view(receipt.deliveries[0])
        await restore(world)
        assert (await world.view(receipt.deliveries[0])).in_doubt_since == before.in_doubt_since
        first, second = reversed(await world.store.acts(Target.system(GATEWAY)))
        assert (first.verb, first.facts["epoch"]) == (Verb.RESTORE, second.facts["epoch_before"])
        acted = [one for one in (await proof_of(world.store)).records if one.get("verb") == "restore"]
        assert len(acted) == 2
        assert LAND not in (await world.store.fleet()).pauses
