"""Handing back: what was never sent ends, once, and its dossiers are named for the way before."""

from __future__ import annotations

from datetime import timedelta

from gateway.core.acts import Target, Verb
from gateway.core.delivery import DoubtMark, State
from gateway.core.handback import HandedBack, Handing, Wanted
from gateway.core.ids import SystemId
from gateway.core.reason import Reason, Why
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.adopting import adopt, had
from gateway.testing.store_contract.world import StoreCase, World


async def hand_back(world: World, *, silent: bool = True, is_trial: bool = False, **wanted: str) -> HandedBack:
    """Hand back what ``civil_status`` was never sent in the last hour."""

    def rehearsed(_system: SystemId, _route: str) -> bool:
        return silent

    asked = Wanted(system=CIVIL_STATUS, since=world.clock.now() - timedelta(hours=1), **wanted)
    return await world.store.hand_back(asked, rehearsed=rehearsed, by=by(), plan=world.plan, is_trial=is_trial)


def named(found: HandedBack) -> dict[str, Handing]:
    """Return how each dossier stands."""
    return {item.codes[0].value: item.handing for item in found.items}


class HandContract(StoreCase):
    """What a province relies on that goes back to its own synchronisation."""

    async def test_what_was_never_sent_ends_and_is_named(self, world: World) -> None:
        """G2: and nobody sends it by us any more, whatever its route is tomorrow."""
        receipt = await world.receive(a_draft())
        found = await hand_back(world)
        assert (found.is_done, named(found)) == (True, {"H01-1": Handing.WHOLE})
        view = await world.view(receipt.deliveries[0])
        assert (view.state, view.reason) == (State.CANCELLED, Reason(Why.HANDED_BACK))
        assert await world.claim() == ()

    async def test_the_source_of_what_is_handed_back_is_told(self, world: World) -> None:
        """The portal's side of it."""
        await world.receive(a_draft())
        await hand_back(world)
        assert [one.message.kind for one in await world.claim(PORTAL)] == ["relay.cancelled"]

    async def test_what_was_only_rehearsed_is_handed_back_too_and_named_again(self, world: World) -> None:
        """The list can be printed a second time."""
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), State.CANCELLED, reason=Reason(Why.SHADOW))
        await world.receive(a_draft("B"))
        first = await hand_back(world)
        assert named(first) == {"A": Handing.WHOLE, "B": Handing.WHOLE}
        assert named(await hand_back(world)) == named(first)

    async def test_what_was_handed_back_before_is_told_as_such_and_not_done_again(self, world: World) -> None:
        """G10: run again after an interruption it names all, and its act counts only the rest."""
        await world.receive(a_draft("A"))
        assert [item.is_done for item in (await hand_back(world)).items] == [True]
        await world.receive(a_draft("B"))
        assert [item.is_done for item in (await hand_back(world, is_trial=True)).items] == [True, False]
        again = await hand_back(world)
        assert (again.is_done, [item.is_done for item in again.items]) == (True, [True, True])
        assert [act.facts["whole"] for act in await world.store.acts()] == ["1", "1"]

    async def test_what_may_have_left_is_not_handed_back(self, world: World) -> None:
        """G4: a person judges it; what waits behind it is not sent either way by us."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        await world.receive(a_draft(kind="dossier.amended", text="sửa"))
        found = await hand_back(world)
        assert [(item.handing, item.kinds) for item in found.items] == [(Handing.IN_FLIGHT, ("dossier.amended",))]
        held = await world.store.find(state=State.HELD)
        assert [view.in_doubt_since is not None for view in held] == [True]

    async def test_of_what_was_delivered_only_the_rest_is_handed_back(self, world: World) -> None:
        """G4: the way before must not submit it again."""
        for code in ("A", "B"):
            await world.receive(a_draft(code))
            await world.settle(await world.claim_one())
        await adopt(world, had(world, "C"))
        for code in ("B", "C"):
            await world.receive(a_draft(code, kind="dossier.amended", text="sửa"))
        assert named(await hand_back(world)) == {"B": Handing.REST, "C": Handing.REST}

    async def test_nothing_is_handed_back_while_a_route_still_sends(self, world: World) -> None:
        """G4: both would send it."""
        receipt = await world.receive(a_draft())
        found = await hand_back(world, silent=False)
        assert (found.is_done, named(found)) == (False, {"H01-1": Handing.LIVE})
        assert await world.states(receipt) == [State.READY]

    async def test_what_turns_out_to_be_sent_once_it_is_to_end_stays(self, world: World) -> None:
        """G4: its route went live after the look; it would end here, and be handed in by the way before, too."""
        receipt = await world.receive(a_draft())
        answers = iter((True,))

        def rehearsed(_system: SystemId, _route: str) -> bool:
            return next(answers, False)

        asked = Wanted(system=CIVIL_STATUS, since=world.clock.now() - timedelta(hours=1))
        found = await world.store.hand_back(asked, rehearsed=rehearsed, by=by(), plan=world.plan, is_trial=False)
        assert [(item.handing, item.is_done) for item in found.items] == [(Handing.LIVE, False)]
        assert await world.states(receipt) == [State.READY]
        assert await world.store.acts() == []

    async def test_only_what_is_asked_for_is_handed_back(self, world: World) -> None:
        """By procedure, unit and time: what the way before has sent earlier is none of it."""
        await world.receive(a_draft("OLD"))
        world.clock.advance(3600 * 2)
        await world.receive(a_draft("A"))
        await world.receive(a_draft("B", procedure="2.1"))
        await world.receive(a_draft("C", agency="H02"))
        found = await hand_back(world, procedure="1.*", agency="H01.*", is_trial=True)
        assert named(found) == {"A": Handing.WHOLE}

    async def test_a_trial_hands_nothing_back_and_who_did_is_kept(self, world: World) -> None:
        """G10: the person, and how much of it there was."""
        receipt = await world.receive(a_draft())
        assert not (await hand_back(world, is_trial=True)).is_done
        assert await world.states(receipt) == [State.READY]
        assert await world.store.acts() == []
        await hand_back(world)
        (act,) = await world.store.acts()
        assert (act.verb, act.target, act.facts["whole"]) == (Verb.HAND_BACK, Target.system(CIVIL_STATUS), "1")
