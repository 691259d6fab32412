"""Parked messages: kept under codes that nobody has bound, matched when somebody does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.delivery import State
from gateway.core.ids import OPERATORS
from gateway.core.judging import Decision
from gateway.core.message import Code, Draft
from gateway.core.planning import Planning
from gateway.core.pressure import Strain, Urgency
from gateway.core.reason import Reason, Why
from gateway.ports.store import Settled
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_planner, a_status
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_N = (Code("national", "N-1"),)
_BOTH = (Code("province", "H01-1"), *_N)


def _withdrawal(codes: tuple[Code, ...]) -> Draft:
    return a_draft(text="rút", kind="withdrawal.requested", document=None, codes=codes)


class MatchContract(StoreCase):
    """What comes before its dossier is not lost."""

    async def test_an_unknown_code_is_held_for_operators(self, world: World) -> None:
        """G2: what nobody can place stays visible."""
        receipt = await world.receive(a_status(codes=_N))
        assert not receipt.matched
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason is not None
        assert held.reason.code is Why.UNMATCHED
        assert await world.store.dossiers("N-1") == ()

    async def test_a_code_bound_later_matches_what_was_parked(self, world: World) -> None:
        """G2, G3: it goes on in the order accepted, under its own id."""
        await world.receive(a_draft())
        early = [await world.receive(a_status(number=n, codes=_N)) for n in (4, 9)]
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert [(await world.states(receipt))[0] for receipt in early] == [State.CANCELLED] * 2
        first = await world.claim_one(PORTAL)
        assert first.message.id == early[0].message_id
        await world.settle(first)
        assert (await world.claim_one(PORTAL)).message.id == early[1].message_id

    async def test_no_pressure_refuses_what_was_accepted_before_its_dossier(self, world: World) -> None:
        """G2: there was room for it when it was promised."""
        await world.receive(a_draft())
        early = await world.receive(a_status(codes=_N))
        world.plan = replace(a_planner(world.ids), strain=lambda: Strain(space=Urgency.BACK, room=0))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert (await world.claim_one(PORTAL)).message.id == early.message_id

    async def test_a_matched_message_belongs_to_its_dossier(self, world: World) -> None:
        """Timeline and statuses show it where people look for it."""
        submitted = await world.receive(a_draft())
        early = await world.receive(a_status(number=4, codes=_N))
        await world.receive(a_status(number=5, codes=(Code("province", "H01-1"), *_N)))
        timeline = await world.store.timeline(submitted.dossier_id)
        assert early.message_id in {message.id for message in timeline.messages}
        assert {view.reason.code for view in timeline.deliveries if view.reason} == {Why.MATCHED}
        again = await world.receive(a_status(number=4, codes=_N, text="again"))
        assert again.matched

    async def test_what_was_parked_goes_before_the_event_that_binds_its_code(self, world: World) -> None:
        """G3: the parked one was accepted first, so it leaves first."""
        await world.receive(a_draft())
        early = await world.receive(a_status(number=4, codes=_N))
        later = await world.receive(a_status(number=9, codes=(Code("province", "H01-1"), *_N)))
        first = await world.claim_one(PORTAL)
        assert first.message.id == early.message_id
        await world.settle(first)
        assert (await world.claim_one(PORTAL)).message.id == later.message_id

    async def test_what_binds_its_code_is_weighed_after_it(self, world: World) -> None:
        """G4: the parked amendment opens the dossier at its system, so the one that binds its code amends it."""
        submitted = await world.receive(a_draft())
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        await world.receive(a_draft(text="2", kind="dossier.amended", codes=_N))
        await world.receive(a_draft(text="3", kind="dossier.amended", codes=_BOTH))
        for kind in ("dossier.submitted", "dossier.amended"):
            delivery = await world.claim_one()
            assert delivery.kind == kind
            await world.settle(delivery)

    async def test_nor_does_it_go_where_that_has_withdrawn(self, world: World) -> None:
        """Model rule 7: nobody has anything, and the parked withdrawal has been accepted."""
        await world.receive(a_draft())
        await world.receive(_withdrawal(codes=_N))
        amended = await world.receive(a_draft(text="2", kind="dossier.amended", codes=_BOTH))
        assert (amended.deliveries, amended.warnings) == ((), (Reason(Why.WITHDRAWN, CIVIL_STATUS),))

    async def test_a_withdrawal_that_binds_its_code_overtakes_it(self, world: World) -> None:
        """G3: the system will never have the dossier that the parked one is about."""
        await world.receive(a_draft())
        early = await world.receive(a_draft(text="more", kind="supplement.submitted", document=None, codes=_N))
        await world.receive(_withdrawal(codes=_BOTH))
        assert await world.states(early) == [State.CANCELLED]
        assert await world.claim() == ()

    async def test_what_was_said_last_is_what_the_dossier_says(self, world: World) -> None:
        """G3: a parked amendment is the revision before the one that binds its code, whichever that means to change."""
        await world.receive(a_draft())
        await world.receive(a_draft(text="2", kind="dossier.amended", codes=_N))
        last = a_draft(text="3", kind="dossier.amended", codes=_BOTH, if_match=1)
        receipt = await world.receive(last)
        (dossier,) = await world.store.dossiers("N-1")
        assert (receipt.revision, dossier.revision) == (3, 3)
        assert last.document is not None
        assert dossier.document == last.document.body

    async def test_of_what_was_parked_the_earlier_goes_first_whichever_code_is_bound(self, world: World) -> None:
        """G3: the code that is bound leads to the later one alone, and that to the earlier."""
        await world.receive(a_draft())
        await world.receive(a_draft(text="2", kind="dossier.amended", codes=_N))
        last = a_draft(text="3", kind="dossier.amended", codes=(Code("receipt", "R-1"), *_N))
        await world.receive(last)
        await world.settle(await world.claim_one(), codes={"receipt": "R-1"})
        (dossier,) = await world.store.dossiers("N-1")
        assert last.document is not None
        assert (dossier.revision, dossier.document) == (3, last.document.body)
        await world.settle(await world.claim_one())
        assert (await world.claim_one()).message.digest == last.digest

    async def test_what_waits_under_the_same_two_codes_goes_once(self, world: World) -> None:
        """G3, G4: the first of them binds the other code, by which the second has its turn; its own comes no more."""
        await world.receive(a_draft())
        both = (*_N, Code("receipt", "R-1"))
        early = [await world.receive(a_status(number=n, codes=both)) for n in (4, 5, 9)]
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        went: list[str] = []
        for _ in early:
            head = await world.claim_one(PORTAL)
            await world.settle(head)
            went.append(head.message.id)
        assert went == [one.message_id for one in early]
        assert await world.claim() == ()

    async def test_what_was_stated_anew_meanwhile_is_not_stated_as_before(self, world: World) -> None:
        """G3: the parked amendment is older than what the system has been sent since: a person sees it."""
        await world.receive(a_draft())
        early = await world.receive(a_draft(text="2", kind="dossier.amended", codes=_N))
        last = a_draft(text="3", kind="dossier.amended")
        await world.receive(last)
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        (dossier,) = await world.store.dossiers("N-1")
        assert last.document is not None
        assert (dossier.revision, dossier.document) == (2, last.document.body)
        view = await world.view(early.deliveries[0])
        assert (view.state, view.reason) == (State.HELD, Reason(Why.SUPERSEDED))
        await world.settle(await world.claim_one())
        assert await world.claim() == ()

    async def test_nor_is_it_where_the_node_that_parked_it_is_ahead_of_the_others(self, world: World) -> None:
        """G3: by the store's clock, not by ids, which each node makes by its own."""
        await world.receive(a_draft())
        ahead = Planning(book=a_book(), new_id=lambda: f"f{world.ids.new()[1:]}")
        await world.store.accept([a_draft(text="2", kind="dossier.amended", codes=_N)], plan=ahead)
        world.clock.advance(1)
        last = a_draft(text="3", kind="dossier.amended")
        await world.receive(last)
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        (dossier,) = await world.store.dossiers("N-1")
        assert last.document is not None
        assert dossier.document == last.document.body

    @pytest.mark.parametrize("codes", [_N, _BOTH[:1]])
    async def test_an_amendment_that_came_before_its_submission_goes_behind_it(
        self, world: World, codes: tuple[Code, ...]
    ) -> None:
        """G2: nobody amends what was not handed over, so it is the newer of the two."""
        early = a_draft(text="2", kind="dossier.amended", codes=codes)
        await world.receive(early)
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert (await world.claim_one()).message.digest == early.digest

    async def test_what_was_submitted_anew_meanwhile_is_not_withdrawn(self, world: World) -> None:
        """G3: the parked withdrawal is about what was handed over before."""
        await world.receive(a_draft())
        early = await world.receive(_withdrawal(codes=_N))
        await world.receive(_withdrawal(codes=_BOTH[:1]))
        await world.receive(a_draft(text="anew"))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert await world.claim() == ()
        assert (await world.view(early.deliveries[0])).reason == Reason(Why.SUPERSEDED)

    async def test_a_draft_that_binds_a_code_matches_too(self, world: World) -> None:
        """A submission that comes after its status."""
        early = await world.receive(a_status("H01-1", dedup_key="s1"))
        submitted = await world.receive(a_draft("H01-1"))
        message = await world.store.message(early.message_id)
        assert message is not None
        # The system has no part in the dossier before the submission was routed to it: now it has.
        assert message.dossier_id == submitted.dossier_id
        again = await world.receive(a_status("H01-1", dedup_key="s1"))
        assert (again.duplicate, again.matched, again.warnings) == (True, True, ())

    async def test_a_parked_message_that_cannot_be_matched_stops_nobody(self, world: World) -> None:
        """G2, G6: what fails over it stays with the operators; the dossier is accepted and the settlement done."""
        await world.receive(a_status(codes=_N, text="poison"))
        await world.receive(a_status("H01-1", text="poison too"))
        world.poison("status.changed")
        await world.receive(a_draft("H01-1"))
        assert await world.settle(await world.claim_one(), codes={"national": "N-1"}) is Settled.DONE
        held = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert [view.reason.code for view in held if view.reason] == [Why.UNREADABLE] * 2

    async def test_a_stranger_s_parked_message_stays_held(self, world: World) -> None:
        """Authority is asked when the dossier is known."""
        await world.receive(a_status("H01-1", source=CRIMINAL_RECORD))
        await world.receive(a_draft("H01-1"))
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason is not None
        assert held.reason.code is Why.NOT_AUTHORISED

    async def test_what_a_person_has_ended_is_not_matched_any_more(self, world: World) -> None:
        """A status under a wrong code: who ends it does not have it relayed once that code is somebody's."""
        await world.receive(a_draft())
        for number, decision in enumerate((Decision.CANCELLED, Decision.SKIP, Decision.DELIVERED), start=4):
            early = await world.receive(a_status(number=number, codes=_N))
            await world.store.decide(early.deliveries[0], decision, by=by(), plan=world.plan)
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert not await world.claim(PORTAL)
        assert not await world.store.find(state=State.HELD)

    async def test_a_parked_message_gives_no_number_of_the_portal_s(self, world: World) -> None:
        """What is matched later may not do what it could not have done at once."""
        await world.receive(a_draft())
        await world.receive(a_status(number=4, codes=(*_N, Code("province", "H01-2"))))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        (dossier,) = await world.store.dossiers("N-1")
        assert dossier.codes == (Code("province", "H01-1"), *_N)
        assert (await world.claim_one(PORTAL)).message.codes == _N

    async def test_a_parked_repeat_is_a_duplicate(self, world: World) -> None:
        """G7: also before anybody has bound the code."""
        first = await world.receive(a_status(codes=_N))
        again = await world.receive(a_status(codes=_N))
        assert (again.duplicate, again.message_id) == (True, first.message_id)
        assert again.warnings == first.warnings == (Reason(Why.UNMATCHED),)

    async def test_a_code_of_another_dossier_is_held(self, world: World) -> None:
        """G5: a partner's wrong code fails no settlement and moves no dossier."""
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        await world.receive(a_draft("B"))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        (held,) = await world.store.find(state=State.HELD, destination=OPERATORS)
        assert held.reason is not None
        assert held.reason.code is Why.CODES_CONFLICT
        (dossier,) = await world.store.dossiers("N-1")
        assert Code("province", "A") in dossier.codes
        assert len(await world.store.find(state=State.DELIVERED, destination=CIVIL_STATUS)) == 2  # noqa: PLR2004 - A and B

    async def test_a_code_that_nobody_could_name_is_held(self, world: World) -> None:
        """G2: what a partner calls a code is bound or shown, and fails no settlement."""
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), codes={"national": "N\u200b-1", "unit": "x" * 5000, "receipt": "R"})
        held = await world.store.find(state=State.HELD, destination=OPERATORS)
        reasons = {(one.reason.code, one.reason.detail) for one in held if one.reason}
        assert reasons == {(Why.UNREADABLE, "national"), (Why.UNREADABLE, "unit")}
        (dossier,) = await world.store.dossiers("A")
        assert {code.scheme for code in dossier.codes} == {"province", "receipt"}
