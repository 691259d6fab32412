"""Withdrawals: what they overtake, at once or once a doubt is resolved, and what is sent to whom afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import DoubtMark, State
from gateway.core.judging import Decision
from gateway.core.message import Code, Draft, Exists
from gateway.core.reason import Reason, Why
from gateway.core.routing import Route, UnknownDossier
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_route, a_status, a_system
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_NOT_THERE = Reason(Why.NOT_FOUND_THERE)


def _said(kind: str, text: str = "") -> Draft:
    """Return what the portal says of the dossier."""
    return a_draft(text=text or kind, kind=kind, document=None)


def _pass_on(world: World) -> None:
    """Let one ministry's words go to the other, too."""
    across = Route(id="across", source=LAND, to=(CIVIL_STATUS, PORTAL))
    world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND), across]))


class WithdrawContract(StoreCase):
    """Model rule 7."""

    async def test_a_route_in_shadow_proves_nothing_about_what_its_system_has(self, world: World) -> None:
        """G2: another way may have sent it, so the gateway does not answer the withdrawal itself."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, shadow=True)]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.CANCELLED)
        asked = await world.receive(a_draft(kind="withdrawal.requested", text="rút"))
        assert await world.states(asked) == [State.READY]
        await world.settle(await world.claim_one(), State.DELAYED)
        assert await world.states(asked) == [State.DELAYED]
        (view,) = await world.store.dossiers("H01-1")
        told = (await world.store.timeline(view.id)).messages
        assert "withdrawal.accepted" not in {message.kind for message in told}

    async def test_nor_does_one_that_takes_no_withdrawals(self, world: World) -> None:
        """G2: the way that has sent the dossier is the one that withdraws it."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, shadow=True, kinds=("dossier.*",))]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.CANCELLED, reason=Reason(Why.SHADOW))
        asked = await world.receive(_said("withdrawal.requested"))
        assert (asked.deliveries, asked.warnings) == ((), (Reason(Why.NO_ROUTE),))
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}

    async def test_a_system_that_a_withdrawal_overtook_hears_nothing_more(self, world: World) -> None:
        """It never had the submission: what follows would be about a dossier that it does not know."""
        await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        later = await world.receive(_said("supplement.submitted"))
        assert later.deliveries == ()
        assert Reason(Why.WITHDRAWN, CIVIL_STATUS) in later.warnings
        assert await world.claim() == ()

    async def test_what_another_has_said_of_it_ends_with_it(self, world: World) -> None:
        """G3: it would be about a dossier that the system does not know; who has said it is told."""
        _pass_on(world)
        await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        said = await world.receive(a_status(source=LAND))
        await world.receive(_said("withdrawal.requested"))
        assert await world.states(said) == [State.CANCELLED, State.READY]
        assert [view.kind for view in await world.store.find(destination=LAND) if view.kind.startswith("relay")] == [
            "relay.cancelled"
        ]
        assert await world.claim() == ()

    async def test_what_another_has_said_ends_once_the_last_doubt_does(self, world: World) -> None:
        """G3: the submission was under way when it was withdrawn."""
        _pass_on(world)
        await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        head = await world.claim_one()
        said = [await world.receive(a_status(source=LAND))]
        await world.receive(_said("withdrawal.requested"))
        said.append(await world.receive(a_status(source=LAND, number=5)))
        await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert [(await world.states(one))[0] for one in said] == [State.CANCELLED, State.CANCELLED]
        assert await world.claim() == ()

    async def test_what_another_has_said_before_its_submission_goes(self, world: World) -> None:
        """G2: the system was told of it by itself, before anybody submitted it there."""
        world.use(
            a_book(
                routes=[a_route(CIVIL_STATUS), Route(id="across", source=LAND, to=(CIVIL_STATUS,))],
                systems=[a_system(LAND, unknown_dossier=UnknownDossier.RELAY)],
            )
        )
        said = await world.receive(a_status(source=LAND))
        await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        assert (await world.states(said))[0] is State.READY

    async def test_a_withdrawal_that_nobody_hears_of_or_answers_says_so(self, world: World) -> None:
        """G2: one system was overtaken, and no route leads to the other, which has the dossier."""
        submits = a_route(CIVIL_STATUS, LAND, kinds=("dossier.submitted",))
        world.use(a_book(routes=[submits, a_route(CIVIL_STATUS, kinds=("withdrawal.requested",))]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        asked = await world.receive(_said("withdrawal.requested"))
        assert (asked.deliveries, asked.warnings) == ((), (Reason(Why.NO_ROUTE),))

    @pytest.mark.parametrize("is_heard", [True, False])
    async def test_nor_is_it_silent_where_that_is_known_only_later(self, world: World, *, is_heard: bool) -> None:
        """G2: the one system to which it was to go has refused the submission; the other has the dossier."""
        hear = (CIVIL_STATUS, LAND) if is_heard else (CIVIL_STATUS,)
        submits = a_route(CIVIL_STATUS, LAND, kinds=("dossier.submitted",))
        world.use(a_book(routes=[submits, a_route(*hear, kinds=("withdrawal.requested",))]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        head = await world.claim_one()
        await world.receive(_said("withdrawal.requested"))
        await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        told = await world.store.whole([view.id for view in await world.store.find(destination=PORTAL)])
        news = (json.loads(one.message.payload.body)["data"] for one in told)
        assert {one["event_kind"]: one["reason"] for one in news} == {
            "dossier.submitted": "withdrawn",
            "withdrawal.requested": "withdrawn" if is_heard else "no_route",
        }

    async def test_a_withdrawn_dossier_may_be_submitted_anew(self, world: World) -> None:
        """G2: nobody has it, so the same content is no repetition, and what follows goes on."""
        first = await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        again = await world.receive(a_draft())
        assert not again.duplicate
        assert (again.dossier_id, again.revision) == (first.dossier_id, 2)
        await world.settle(await world.claim_one())
        later = await world.receive(_said("supplement.submitted"))
        assert await world.states(later) == [State.READY]

    async def test_what_one_system_has_is_not_submitted_anew(self, world: World) -> None:
        """G4: the other was overtaken, but a second submission would be a second dossier here."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        await world.receive(_said("withdrawal.requested"))
        (answer,) = await world.accept(a_draft(text="other"))
        assert isinstance(answer, Exists)
        amended = await world.receive(a_draft(text="other", kind="dossier.amended"))
        assert [(await world.view(one)).destination for one in amended.deliveries] == [LAND]
        assert Reason(Why.WITHDRAWN, CIVIL_STATUS) in amended.warnings

    async def test_nor_what_is_still_to_be_sent_to_one(self, world: World) -> None:
        """G4: it was given back unsent behind the withdrawal; that the other was overtaken proves nothing about it."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        first = await world.receive(a_draft())
        given_back = await world.claim_one(LAND)
        await world.receive(_said("withdrawal.requested"))
        assert given_back.lease is not None
        await world.store.release((given_back.lease,))
        assert isinstance((await world.accept(a_draft(text="anew")))[0], Exists)
        assert (await world.receive(a_draft())).message_id == first.message_id

    async def test_a_final_no_leaves_nothing_to_withdraw(self, world: World) -> None:
        """In doubt, look first: what the look-up does not find is not sent again, and the withdrawal is accepted."""
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        withdrawal = await world.receive(_said("withdrawal.requested"))
        await world.settle(head, State.DELAYED, doubt=DoubtMark.SET)
        assert await world.states(withdrawal) == [State.WAITING]
        looked = await world.claim_one()
        await world.settle(looked, State.READY, doubt=DoubtMark.CLEAR, reason=_NOT_THERE)
        assert await world.states(submitted) == await world.states(withdrawal) == [State.CANCELLED]
        assert await world.claim() == ()
        told = [view.kind for view in await world.store.find(destination=PORTAL)]
        assert sorted(told) == ["relay.cancelled", "relay.cancelled", "withdrawal.accepted"]
        news = await world.store.whole([view.id for view in await world.store.find(destination=PORTAL)])
        why = [json.loads(one.message.payload.body)["data"].get("reason") for one in news]
        assert why.count("withdrawn") == len(told) - 1

    async def test_a_refused_submission_leaves_nothing_to_withdraw(self, world: World) -> None:
        """A dead head does not block a withdrawal that came while it was under way."""
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        withdrawal = await world.receive(_said("withdrawal.requested"))
        await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert await world.states(submitted) == await world.states(withdrawal) == [State.CANCELLED]

    async def test_what_is_said_after_a_withdrawal_ends_with_it(self, world: World) -> None:
        """It was said while the submission was under way, and is about a dossier that the system never had."""
        await world.receive(a_draft())
        head = await world.claim_one()
        await world.receive(_said("withdrawal.requested"))
        later = await world.receive(_said("supplement.submitted"))
        await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert await world.states(later) == [State.CANCELLED]
        assert await world.claim() == ()

    async def test_what_is_in_doubt_is_not_overtaken(self, world: World) -> None:
        """G4: only a final answer, or a person, ends a doubt."""
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        await world.settle(head, State.HELD, doubt=DoubtMark.SET)
        withdrawal = await world.receive(_said("withdrawal.requested"))
        assert (await world.states(submitted), await world.states(withdrawal)) == ([State.HELD], [State.WAITING])

    @pytest.mark.parametrize("state", [State.HELD, State.DELAYED])
    async def test_what_the_ministry_says_it_has_is_not_overtaken(self, world: World, state: State) -> None:
        """Model rules 6 and 7: it may be this very dossier, so nobody tells the citizen that it was never sent."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), state, reason=Reason(Why.ALREADY_EXISTS))
        withdrawal = await world.receive(_said("withdrawal.requested"))
        assert await world.states(withdrawal) == [State.WAITING]
        told = [view.kind for view in await world.store.find(destination=PORTAL)]
        assert "withdrawal.accepted" not in told

    async def test_a_persons_no_leaves_nothing_to_withdraw(self, world: World) -> None:
        """Somebody has asked the ministry: it has nothing, so nothing is sent that is withdrawn at once."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        withdrawal = await world.receive(_said("withdrawal.requested"))
        await world.store.decide(submitted.deliveries[0], Decision.ABSENT, by=by(), plan=world.plan)
        assert await world.states(submitted) == await world.states(withdrawal) == [State.CANCELLED]
        assert await world.claim() == ()

    @pytest.mark.parametrize(
        ("doubt", "why", "decision"),
        [
            (DoubtMark.SET, Why.TIMEOUT, Decision.CANCELLED),
            (DoubtMark.KEEP, Why.ALREADY_EXISTS, Decision.SKIP),
            (DoubtMark.KEEP, Why.ALREADY_EXISTS, Decision.CANCELLED),
        ],
    )
    async def test_what_a_person_ended_that_may_have_arrived_is_withdrawn_there(
        self, world: World, doubt: DoubtMark, why: Why, decision: Decision
    ) -> None:
        """G2: nobody knows that the system has nothing, so it is told, and the answer is its own."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=doubt, reason=Reason(why))
        await world.store.decide(submitted.deliveries[0], decision, by=by(), plan=world.plan)
        await world.receive(_said("withdrawal.requested"))
        assert (await world.claim_one()).kind == "withdrawal.requested"
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}

    async def test_nor_is_it_submitted_anew(self, world: World) -> None:
        """G4: a second submission could be a second effect; the other system alone was overtaken."""
        submits = a_route(CIVIL_STATUS, LAND, kinds=("dossier.submitted",))
        world.use(a_book(routes=[submits, a_route(LAND, kinds=("withdrawal.requested",))]))
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        await world.receive(_said("withdrawal.requested"))
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}
        assert isinstance((await world.accept(a_draft(text="anew")))[0], Exists)

    async def test_what_has_spoken_of_it_is_told_of_the_withdrawal(self, world: World) -> None:
        """G2: it has the dossier by another way than the submission that a person called off."""
        submitted = await world.receive(a_draft())
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        await world.receive(a_status(source=CIVIL_STATUS))
        await world.receive(_said("withdrawal.requested"))
        assert (await world.claim_one()).kind == "withdrawal.requested"
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}

    async def test_nor_is_what_waits_for_who_has_spoken_of_it_overtaken(self, world: World) -> None:
        """G2: it has the dossier by another way than the submission that is tried again, and would go on with it."""
        submitted = await world.receive(a_draft())
        await world.receive(a_status(source=CIVIL_STATUS))
        await world.receive(_said("withdrawal.requested"))
        assert await world.states(submitted) == [State.READY]
        await world.settle(await world.claim_one(), State.DELIVERED)
        assert (await world.claim_one()).kind == "withdrawal.requested"
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}

    async def test_nor_is_a_withdrawal_behind_what_who_has_spoken_of_it_refuses(self, world: World) -> None:
        """G2: a final no to our submission takes nothing from what the system has by another way."""
        await world.receive(a_draft())
        refused = await world.claim_one()
        await world.receive(_said("withdrawal.requested"))
        await world.receive(a_status(source=CIVIL_STATUS))
        await world.settle(refused, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert (await world.claim_one()).kind == "withdrawal.requested"
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}

    async def test_what_was_overtaken_is_not_submitted_anew_where_the_system_has_spoken_of_it_since(
        self, world: World
    ) -> None:
        """G4: it has the dossier by another way, and a second submission could be a second effect."""
        await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        await world.receive(a_status(source=CIVIL_STATUS))
        assert isinstance((await world.accept(a_draft(text="anew")))[0], Exists)

    async def test_a_reader_of_a_feed_is_not_shown_what_waited_for_what_is_overtaken(self, world: World) -> None:
        """G2: it went into the feed as the other ended, and nobody told the reader of the withdrawal."""
        reader = a_system(CIVIL_STATUS, feed=True)
        world.use(a_book(routes=[a_route(LAND), a_route(CIVIL_STATUS, after=(LAND,))], systems=[reader]))
        submitted = await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        assert await world.states(submitted) == [State.CANCELLED, State.CANCELLED]
        assert [*(await world.store.read(CIVIL_STATUS, "", limit=10)).items] == []

    async def test_nothing_is_accepted_while_a_submission_is_still_to_be_sent(self, world: World) -> None:
        """G2: it was given back unsent behind the withdrawal, and its system is told of that in order."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.receive(a_draft())
        given_back, refused = await world.claim_one(), await world.claim_one(LAND)
        await world.receive(_said("withdrawal.requested"))
        assert given_back.lease is not None
        await world.store.release((given_back.lease,))
        await world.settle(refused, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert "withdrawal.accepted" not in {view.kind for view in await world.store.find()}
        await world.settle(await world.claim_one(), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert "withdrawal.accepted" in {view.kind for view in await world.store.find()}

    async def test_a_withdrawal_may_bring_an_earlier_one_to_its_dossier(self, world: World) -> None:
        """G1: the one that was parked goes first, and leaves the other nothing to overtake."""
        national = Code("national", "G-1")
        submitted = await world.receive(a_draft())
        await world.receive(replace(_said("withdrawal.requested"), codes=(national,)))
        both = (Code("province", "H01-1"), national)
        await world.receive(replace(_said("withdrawal.requested", "again"), codes=both))
        assert await world.states(submitted) == [State.CANCELLED]

    async def test_what_is_held_for_want_of_a_dossier_ends_where_a_ministry_spoke_of_the_withdrawal_first(
        self, world: World
    ) -> None:
        """G2: no amendment goes there any more that could let it go."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(LAND))
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        held = await world.receive(_said("supplement.submitted"))
        await world.receive(a_status(source=LAND, kind="withdrawal.accepted", status=None))
        await world.receive(_said("withdrawal.requested"))
        assert (await world.states(held))[0] is State.CANCELLED

    async def test_what_expires_in_front_of_a_withdrawal_does_not_block_it(self, world: World) -> None:
        """It ends dead, and surely had no effect."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        withdrawal = await world.receive(_said("withdrawal.requested"))
        await world.store.release((head.lease,) if head.lease else ())
        world.clock.advance(3601)
        await world.store.expire(plan=world.plan, limit=10)
        assert await world.states(submitted) == await world.states(withdrawal) == [State.CANCELLED]

    async def test_a_dead_head_does_not_block_a_withdrawal(self, world: World) -> None:
        """What was refused before, and what waited behind it, is moot: the ministry hears of the withdrawal."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        amended = await world.receive(a_draft(text="new", kind="dossier.amended"))
        await world.settle(await world.claim_one(), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        behind = await world.receive(_said("supplement.submitted"))
        await world.receive(_said("withdrawal.requested"))
        assert await world.states(amended) == await world.states(behind) == [State.CANCELLED]
        assert (await world.claim_one()).message.kind == "withdrawal.requested"

    async def test_a_head_that_dies_in_front_of_a_withdrawal_does_not_block_it(self, world: World) -> None:
        """It was under way when the citizen withdrew."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        amended = await world.receive(a_draft(text="new", kind="dossier.amended"))
        head = await world.claim_one()
        await world.receive(_said("withdrawal.requested"))
        await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert await world.states(amended) == [State.CANCELLED]
        assert (await world.claim_one()).message.kind == "withdrawal.requested"

    @pytest.mark.parametrize("is_first", [True, False])
    async def test_nor_does_what_another_has_said(self, world: World, *, is_first: bool) -> None:
        """Model rule 7: whoever is refused in front of it, and whether that is before or after the citizen withdrew."""
        _pass_on(world)
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        issued = await world.receive(a_status(source=LAND, kind="result.issued", status=None))
        head = await world.claim_one()
        if is_first:
            await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        await world.receive(_said("withdrawal.requested"))
        if not is_first:
            await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        assert (await world.states(issued))[0] is State.CANCELLED
        assert (await world.claim_one()).kind == "withdrawal.requested"

    @pytest.mark.parametrize("is_first", [True, False])
    async def test_what_others_have_said_behind_a_dead_head_goes_on_before_it(
        self, world: World, *, is_first: bool
    ) -> None:
        """G2, G3: the system has the dossier, and only what the withdrawing source has said is moot."""
        _pass_on(world)
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        await world.receive(a_draft(text="new", kind="dossier.amended"))
        head = await world.claim_one()
        if is_first:
            await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        await world.receive(a_status(source=LAND))
        await world.receive(_said("withdrawal.requested"))
        later = await world.receive(_said("supplement.submitted"))
        if not is_first:
            await world.settle(head, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        went: list[str] = []
        for _ in range(3):
            head = await world.claim_one()
            await world.settle(head)
            went.append(head.kind)
        assert went == ["status.changed", "withdrawal.requested", "supplement.submitted"]
        assert (await world.states(later))[0] is State.DELIVERED

    async def test_a_withdrawal_that_must_be_repeated_is_not_overtaken_by_itself(self, world: World) -> None:
        """G2: the ministry knows the dossier by another way, and must hear of it."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        withdrawal = await world.receive(_said("withdrawal.requested"))
        await world.settle(await world.claim_one(), State.DELAYED)
        assert await world.states(withdrawal) == [State.DELAYED]

    async def test_the_ministry_may_refuse_and_the_dossier_goes_on(self, world: World) -> None:
        """`withdrawal.refused` goes to the portal; the ministry still has the dossier."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        await world.receive(_said("withdrawal.requested"))
        await world.settle(await world.claim_one())
        refusal = await world.receive(a_status(text="no", kind="withdrawal.refused", status=None))
        assert [(await world.view(one)).destination for one in refusal.deliveries] == [PORTAL]
        later = await world.receive(_said("supplement.submitted"))
        assert await world.states(later) == [State.READY]
