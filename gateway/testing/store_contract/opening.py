"""Dossiers that a system was never given: what opens them there, and what waits for that (model rules 4 and 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import Delivery, DoubtMark, State
from gateway.core.ids import FileId, SystemId
from gateway.core.judging import Decision
from gateway.core.message import Blob, Draft, PendingFile, Receipt
from gateway.core.reason import Reason, Why
from gateway.core.routing import Route
from gateway.core.statuses import GuardMode
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_book, a_draft, a_route, a_status
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.guarding import guarded
from gateway.testing.store_contract.world import StoreCase, World

_GONE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
_ALSO_GONE = PendingFile(file_id=FileId("f-2"), url="https://portal.example/f-2")
_BLOB = Blob(key="k1", sha256="0" * 64, size=3, content_type="application/pdf", name="a.pdf", file_id=FileId("f-1"))
_SUBMITTED, _AMENDED, _SUPPLEMENT = "dossier.submitted", "dossier.amended", "supplement.submitted"


def _amendment(text: str = "2", pending: tuple[PendingFile, ...] = ()) -> Draft:
    return a_draft(text=text, kind=_AMENDED, pending=pending)


async def _lose(world: World, receipt: Receipt, file: PendingFile = _GONE) -> None:
    """Find that a file cannot be had until its sender has acted."""
    reason = Reason(Why.FILE_NOT_THERE)
    await world.store.miss(receipt.message_id, file.file_id, reason, again_in=timedelta(seconds=2), plan=world.plan)


async def _fileless(world: World) -> Receipt:
    """Return a submission whose file cannot be had."""
    receipt = await world.receive(a_draft(pending=(_GONE,)))
    await _lose(world, receipt)
    return receipt


def _said(kind: str) -> Draft:
    """Return what the portal says of the dossier."""
    return a_draft(text=kind, kind=kind, document=None)


async def _decide(world: World, receipt: Receipt, decision: Decision = Decision.CANCELLED, place: int = 0) -> None:
    await world.store.decide(receipt.deliveries[place], decision, by=by(), plan=world.plan)


async def _called_off(world: World) -> Receipt:
    """Return a submission that a person has ended before anything of it was sent."""
    receipt = await world.receive(a_draft())
    await _decide(world, receipt)
    return receipt


async def _stands(world: World, receipt: Receipt) -> tuple[State, Why | None]:
    (delivery,) = receipt.deliveries
    view = await world.view(delivery)
    return view.state, view.reason.code if view.reason else None


async def _goes(world: World, system: SystemId = CIVIL_STATUS) -> Delivery:
    """Claim what goes next, and settle it as delivered."""
    delivery = await world.claim_one(system)
    await world.settle(delivery)
    return delivery


class OpenContract(StoreCase):
    """Nothing is told to a system about a dossier that it was never given."""

    async def test_what_states_it_whole_takes_the_place_of_a_submission_that_was_called_off(self, world: World) -> None:
        """G3: it goes as the submission; what the source said between them follows."""
        submitted = await world.receive(a_draft())
        await world.receive(_said(_SUPPLEMENT))
        amended = await world.receive(_amendment())
        await _decide(world, submitted)
        assert await _stands(world, submitted) == (State.CANCELLED, Why.CALLED_OFF)
        opening = await _goes(world)
        assert (opening.kind, opening.message.kind, opening.message.id) == (_SUBMITTED, _AMENDED, amended.message_id)
        assert (await _goes(world)).kind == _SUPPLEMENT
        assert await world.claim() == ()

    async def test_what_presumes_it_is_held_until_something_states_it_whole(self, world: World) -> None:
        """G2: it stays visible, its source is told, and no person has to let it go."""
        submitted = await world.receive(a_draft())
        behind = [await world.receive(_said(kind)) for kind in (_SUPPLEMENT, "progress.recorded")]
        await _decide(world, submitted)
        later = await world.receive(_said("fee.paid"))
        for receipt in (*behind, later):
            assert await _stands(world, receipt) == (State.HELD, Why.NEVER_GIVEN)
        assert await world.claim() == ()
        told = [view.kind for view in await world.store.find(destination=PORTAL)]
        assert sorted(told) == ["relay.cancelled", "relay.held", "relay.held", "relay.held"]
        await world.receive(_amendment())
        gone = [(await _goes(world)).kind for _ in range(4)]
        assert gone == [_SUBMITTED, _SUPPLEMENT, "progress.recorded", "fee.paid"]

    async def test_what_expired_behind_it_is_held_with_the_rest(self, world: World) -> None:
        """G3: nobody sends it again without seeing what it presumes, and what opens the dossier goes before it."""
        later = a_route(CIVIL_STATUS, kinds=("fee.paid",), expires=timedelta(hours=1))
        world.use(a_book(routes=[later, a_route(CIVIL_STATUS)]))
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        fee = await world.receive(_said("fee.paid"))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        await _decide(world, submitted)
        assert await _stands(world, fee) == (State.HELD, Why.NEVER_GIVEN)
        await world.receive(_amendment())
        assert (await _goes(world)).kind == _SUBMITTED

    async def test_what_comes_after_it_was_opened_goes_as_what_it_is(self, world: World) -> None:
        await _called_off(world)
        await world.receive(_amendment())
        later = await world.receive(_amendment("3"))
        assert await _stands(world, later) == (State.WAITING, None)
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]

    async def test_what_is_ended_behind_a_submission_is_no_submission(self, world: World) -> None:
        """G4: what states the dossier whole takes no other place than a submission's, or the system gets two."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        between = await world.receive(_said(_SUPPLEMENT))
        amended = await world.receive(_amendment())
        await _decide(world, between)
        assert await _stands(world, between) == (State.CANCELLED, Why.JUDGED)
        await world.store.attach(submitted.message_id, _GONE.file_id, _BLOB)
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]
        assert await world.states(amended) == [State.DELIVERED]

    async def test_it_can_be_called_off_again(self, world: World) -> None:
        await _called_off(world)
        amended = await world.receive(_amendment())
        await _decide(world, amended)
        assert await _stands(world, await world.receive(_said(_SUPPLEMENT))) == (State.HELD, Why.NEVER_GIVEN)
        await world.receive(_amendment("3"))
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _SUPPLEMENT]

    async def test_a_submission_that_was_refused_and_skipped_was_never_given(self, world: World) -> None:
        """The portal has put it right: the ministry, which refused it, gets it as new."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        amended = await world.receive(_amendment())
        await _decide(world, submitted, Decision.SKIP)
        assert (await world.view(amended.deliveries[0])).skips == ()
        assert (await _goes(world)).kind == _SUBMITTED

    async def test_what_may_have_arrived_is_amended(self, world: World) -> None:
        """G4: a second submission could be a second effect, whatever a person has ended."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        await _decide(world, submitted)
        await world.receive(_amendment())
        assert (await _goes(world)).kind == _AMENDED

    @pytest.mark.parametrize("state", [State.HELD, State.DEAD])
    async def test_what_the_system_says_it_has_is_amended(self, world: World, state: State) -> None:
        """G4: by another way than ours, perhaps (model rule 6)."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), state, reason=Reason(Why.ALREADY_EXISTS))
        await _decide(world, submitted, Decision.SKIP)
        await world.receive(_amendment())
        assert (await _goes(world)).kind == _AMENDED

    @pytest.mark.parametrize("before", [True, False])
    async def test_what_the_system_has_spoken_of_is_amended(self, world: World, *, before: bool) -> None:
        """Who states a dossier's status has it."""
        submitted = await world.receive(a_draft())
        if not before:
            await _decide(world, submitted)
        await world.receive(a_status(source=CIVIL_STATUS))
        if before:
            await _decide(world, submitted)
        await world.receive(_amendment())
        assert (await _goes(world)).kind == _AMENDED

    async def test_what_waits_behind_what_the_system_has_spoken_of_stays_an_amendment(self, world: World) -> None:
        """G4: it would be submitted a second time by what came before a person ended the first."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        await world.receive(_amendment())
        await world.receive(a_status(source=CIVIL_STATUS))
        await _decide(world, submitted)
        assert await _stands(world, submitted) == (State.CANCELLED, Why.JUDGED)
        assert (await _goes(world)).kind == _AMENDED

    async def test_what_is_odd_and_held_for_a_person_stays_so_when_the_dossier_is_opened(self, world: World) -> None:
        """Model rule 19: it waits for what a person says of it, whatever becomes of the submission before it."""
        book = guarded(GuardMode.HOLD, LAND)
        world.use(replace(book, routes=(a_route(CIVIL_STATUS, LAND), *book.routes[1:])))
        submitted = await world.receive(a_draft())
        await _goes(world)
        odd = await world.receive(a_status(number=9))
        await _decide(world, submitted, place=1)
        assert await _stands(world, odd) == (State.HELD, Why.IMPOSSIBLE_STATUS)
        await world.receive(_amendment())
        assert (await _goes(world, LAND)).kind == _SUBMITTED
        assert await _stands(world, odd) == (State.HELD, Why.IMPOSSIBLE_STATUS)
        assert await world.claim(LAND) == ()

    async def test_what_is_held_goes_before_an_amendment_of_what_the_system_has(self, world: World) -> None:
        """G2: it was held as of a dossier that the system did not have; it has spoken since, so nothing opens it."""
        await _called_off(world)
        for kind in (_SUPPLEMENT, "progress.recorded"):
            await world.receive(_said(kind))
        await world.receive(a_status(source=CIVIL_STATUS))
        await world.receive(_amendment())
        assert [(await _goes(world)).kind for _ in range(3)] == [_SUPPLEMENT, "progress.recorded", _AMENDED]

    async def test_who_waits_for_a_system_to_have_it_waits_for_what_opens_it(self, world: World) -> None:
        """G3: as behind a corrected message."""
        world.use(a_book(routes=[a_route(LAND), a_route(CIVIL_STATUS, after=(LAND,))]))
        submitted = await world.receive(a_draft())
        await world.receive(_amendment())
        await _decide(world, submitted)
        assert await world.claim(CIVIL_STATUS) == ()
        assert (await _goes(world, LAND)).kind == _SUBMITTED
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]

    @pytest.mark.parametrize("between", [(), (TAX,)])
    async def test_nobody_waits_in_a_circle_for_what_opens_it(
        self, world: World, between: tuple[SystemId, ...]
    ) -> None:
        """G2: the amendment waits for the other system, and what stands before it there must not wait for that."""
        other = between or (CIVIL_STATUS,)
        submits = [a_route(LAND), a_route(*other, kinds=(_SUBMITTED,), after=(LAND,))]
        if between:
            submits.append(a_route(CIVIL_STATUS, kinds=(_SUBMITTED,), after=between))
        amends = [
            a_route(CIVIL_STATUS, *between, kinds=(_AMENDED,)),
            a_route(LAND, kinds=(_AMENDED,), after=(CIVIL_STATUS,)),
        ]
        world.use(a_book(routes=submits))
        submitted = await world.receive(a_draft())
        world.use(a_book(routes=amends))
        await world.receive(_amendment())
        await _decide(world, submitted)
        if between:
            page = await world.store.read(TAX, "", limit=10)
            assert [item.delivery.kind for item in page.items] == [_SUBMITTED, _AMENDED]
            await world.store.acknowledge(TAX, page.next, plan=world.plan)
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]
        assert (await _goes(world, LAND)).kind == _SUBMITTED

    @pytest.mark.parametrize("is_late", [False, True])
    async def test_nor_for_what_stands_behind_what_opens_it(self, world: World, *, is_late: bool) -> None:
        """G2: a supplement waits for one that the amendment has overtaken, and that waits for the amendment there."""
        orders = [a_route(CIVIL_STATUS, LAND, kinds=(_SUBMITTED,))]
        for kind, first, second in ((_SUPPLEMENT, LAND, CIVIL_STATUS), (_AMENDED, CIVIL_STATUS, LAND)):
            orders += [a_route(first, kinds=(kind,)), a_route(second, kinds=(kind,), after=(first,))]
        world.use(a_book(routes=orders))
        submitted = await world.receive(a_draft())
        if is_late:
            await _decide(world, submitted, place=1)
        await world.receive(_said(_SUPPLEMENT))
        await world.receive(_amendment())
        if not is_late:
            await _decide(world, submitted, place=1)
        assert [(await _goes(world)).kind for _ in range(3)] == [_SUBMITTED, _SUPPLEMENT, _AMENDED]
        assert [(await _goes(world, LAND)).kind for _ in range(2)] == [_SUBMITTED, _SUPPLEMENT]

    async def test_each_system_has_what_it_was_given(self, world: World) -> None:
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        submitted = await world.receive(a_draft())
        await _goes(world, LAND)
        await _decide(world, submitted)
        await world.receive(_amendment())
        assert (await _goes(world, LAND)).kind == _AMENDED
        assert (await _goes(world)).kind == _SUBMITTED

    async def test_an_amendment_supersedes_a_submission_that_lacks_its_files(self, world: World) -> None:
        """A file that can never be had keeps no dossier for ever: its source has put it right."""
        submitted = await _fileless(world)
        behind = await world.receive(_said(_SUPPLEMENT))
        await world.receive(_amendment())
        assert await _stands(world, submitted) == (State.CANCELLED, Why.SUPERSEDED)
        assert await _stands(world, behind) == (State.WAITING, None)
        told = [view.kind for view in await world.store.find(destination=PORTAL)]
        assert sorted(told) == ["relay.cancelled", "relay.delayed"]
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _SUPPLEMENT]

    async def test_an_amendment_that_lacks_its_files_is_superseded_likewise(self, world: World) -> None:
        await _fileless(world)
        second = await world.receive(_amendment(pending=(_ALSO_GONE,)))
        await _lose(world, second, _ALSO_GONE)
        await world.receive(_amendment("3"))
        assert await _stands(world, second) == (State.CANCELLED, Why.SUPERSEDED)
        assert (await _goes(world)).kind == _SUBMITTED
        assert await world.claim() == ()

    async def test_a_submission_that_has_its_files_goes_before_its_amendment(self, world: World) -> None:
        """G3: both were accepted to be sent, and are."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        await world.store.attach(submitted.message_id, FileId("f-1"), _BLOB)
        await world.receive(_amendment())
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]

    async def test_files_on_their_way_are_waited_for(self, world: World) -> None:
        """G3: what can be had will be, and every revision that was accepted goes."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        reason = Reason(Why.FILE_MISSING)
        await world.store.miss(
            submitted.message_id, _GONE.file_id, reason, again_in=timedelta(seconds=2), plan=world.plan
        )
        amended = await world.receive(_amendment())
        assert await _stands(world, submitted) == await _stands(world, amended) == (State.WAITING, None)
        await world.store.attach(submitted.message_id, _GONE.file_id, _BLOB)
        assert [(await _goes(world)).kind for _ in range(2)] == [_SUBMITTED, _AMENDED]

    async def test_a_submission_gives_way_once_its_file_is_known_to_be_gone(self, world: World) -> None:
        """The amendment came first; of several, all but the first stay what they are."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        behind = await world.receive(_said(_SUPPLEMENT))
        await world.receive(_amendment())
        await world.receive(_amendment("3"))
        await _lose(world, submitted)
        assert await _stands(world, submitted) == (State.CANCELLED, Why.SUPERSEDED)
        assert await _stands(world, behind) == (State.WAITING, None)
        assert [view.kind for view in await world.store.find(destination=PORTAL)] == ["relay.cancelled"]
        assert [(await _goes(world)).kind for _ in range(3)] == [_SUBMITTED, _SUPPLEMENT, _AMENDED]

    async def test_amendments_give_way_one_after_the_other(self, world: World) -> None:
        """That the second lacks its file, too, was known before the first one's was."""
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        second = await world.receive(_amendment(pending=(_ALSO_GONE,)))
        await world.receive(_amendment("3"))
        await _lose(world, second, _ALSO_GONE)
        await _lose(world, submitted)
        for receipt in (submitted, second):
            assert await _stands(world, receipt) == (State.CANCELLED, Why.SUPERSEDED)
        assert (await _goes(world)).kind == _SUBMITTED
        assert await world.claim() == ()

    async def test_a_submission_is_superseded_only_where_the_amendment_goes(self, world: World) -> None:
        """G2: the other system would never hear of the dossier."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS), a_route(LAND, kinds=(_SUBMITTED,))]))
        submitted = await _fileless(world)
        await world.receive(_amendment())
        assert await world.states(submitted) == [State.CANCELLED, State.WAITING]
        await world.store.attach(submitted.message_id, FileId("f-1"), _BLOB)
        assert (await _goes(world, LAND)).message.kind == _SUBMITTED

    async def test_a_reader_of_a_feed_is_shown_the_submission(self, world: World) -> None:
        world.use(a_book(routes=[a_route(TAX)]))
        await _fileless(world)
        await world.receive(_said(_SUPPLEMENT))
        await world.receive(_amendment())
        page = await world.store.read(TAX, "", limit=10)
        assert [item.delivery.kind for item in page.items] == [_SUBMITTED, _SUPPLEMENT]

    async def test_a_withdrawal_ends_what_waits_for_the_dossier(self, world: World) -> None:
        """Model rule 7: nobody has anything, so the gateway accepts it; the dossier may be submitted anew."""
        await _called_off(world)
        held = await world.receive(_said(_SUPPLEMENT))
        assert (await world.receive(_said("withdrawal.requested"))).deliveries == ()
        assert await _stands(world, held) == (State.CANCELLED, Why.WITHDRAWN)
        assert "withdrawal.accepted" in {view.kind for view in await world.store.find(destination=PORTAL)}
        await world.receive(a_draft(text="anew"))
        assert (await _goes(world)).message.kind == _SUBMITTED

    async def test_a_dossier_that_was_called_off_and_withdrawn_is_not_opened(self, world: World) -> None:
        await _called_off(world)
        await world.receive(_said("withdrawal.requested"))
        amended = await world.receive(_amendment())
        assert (amended.deliveries, amended.warnings) == ((), (Reason(Why.WITHDRAWN, CIVIL_STATUS),))

    async def test_a_withdrawal_behind_a_submission_that_a_person_ends_ends_it_too(self, world: World) -> None:
        """G2: it came while the submission was under way; nobody has anything, and the citizen is answered."""
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        asked = await world.receive(_said("withdrawal.requested"))
        await world.settle(head, State.HELD, reason=Reason(Why.REFUSED_BY_PARTNER))
        await _decide(world, submitted, Decision.SKIP)
        for receipt in (submitted, asked):
            assert await _stands(world, receipt) == (State.CANCELLED, Why.WITHDRAWN)
        assert "withdrawal.accepted" in {view.kind for view in await world.store.find(destination=PORTAL)}

    async def test_what_another_has_said_of_it_keeps_no_withdrawal(self, world: World) -> None:
        """G2: what is held there is about a dossier that the system never had; the withdrawal goes to who has it."""
        back = Route(id="across", source=LAND, to=(CIVIL_STATUS, PORTAL))
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND), back]))
        submitted = await world.receive(a_draft())
        await _goes(world, LAND)
        await _decide(world, submitted)
        said = await world.receive(a_status(source=LAND))
        asked = await world.receive(_said("withdrawal.requested"))
        assert [(await world.view(one)).destination for one in asked.deliveries] == [LAND]
        assert (await world.states(said))[0] is State.CANCELLED

    async def test_the_last_place_of_a_submission_that_another_had_is_withdrawn_with_it(self, world: World) -> None:
        """Model rule 7: what was superseded is no submission that the withdrawal has left over."""
        await _fileless(world)
        await world.receive(_amendment())
        await world.receive(_said("withdrawal.requested"))
        later = await world.receive(_said(_SUPPLEMENT))
        assert (later.deliveries, later.warnings) == ((), (Reason(Why.WITHDRAWN, CIVIL_STATUS),))

    async def test_what_was_submitted_anew_and_called_off_is_opened_like_any_other(self, world: World) -> None:
        """G2: the withdrawal was of the dossier before; what its source says since went nowhere for it."""
        await world.receive(a_draft())
        await world.receive(_said("withdrawal.requested"))
        anew = await world.receive(a_draft(text="anew"))
        await _decide(world, anew)
        assert await _stands(world, await world.receive(_said(_SUPPLEMENT))) == (State.HELD, Why.NEVER_GIVEN)
        amended = await world.receive(_amendment())
        later = await world.receive(_said("fee.paid"))
        assert (amended.warnings, later.warnings) == ((), ())
        assert [(await _goes(world)).kind for _ in range(3)] == [_SUBMITTED, _SUPPLEMENT, "fee.paid"]
        assert await world.claim() == ()

    async def test_only_the_last_withdrawal_counts_however_often_it_was_called_off(self, world: World) -> None:
        """G2, model rule 7: nothing that was called off before it stands for what was submitted anew since."""
        nowhere = (Reason(Why.WITHDRAWN, CIVIL_STATUS),)
        await _called_off(world)
        await world.receive(_amendment())
        await world.receive(_said(_SUPPLEMENT))
        await world.receive(_said("withdrawal.requested"))
        assert (await world.receive(_said("progress.recorded"))).warnings == nowhere
        await _decide(world, await world.receive(a_draft(text="anew")))
        await world.receive(_amendment("3"))
        assert (await world.receive(_said("fee.paid"))).warnings == ()
        await world.receive(replace(_said("withdrawal.requested"), dedup_key="again"))
        assert (await world.receive(_said("appointment.booked"))).warnings == nowhere

    async def test_what_expired_in_front_is_opened_by_what_was_not(self, world: World) -> None:
        """G2: dead is not forgotten; once a person goes on without it, the amendment is what the system gets."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        submitted = await world.receive(a_draft(pending=(_GONE,)))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        amended = await world.receive(_amendment())
        assert await _stands(world, amended) == (State.WAITING, None)
        await _decide(world, submitted, Decision.SKIP)
        assert (await _goes(world)).kind == _SUBMITTED

    async def test_what_expired_gives_way_when_it_waits_for_its_file_again(self, world: World) -> None:
        """G2: its source was told before that the file cannot be had, and has put it right since."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, expires=timedelta(hours=1))]))
        submitted = await _fileless(world)
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        await world.receive(_amendment())
        await _decide(world, submitted, Decision.RETRY)
        await _lose(world, submitted)
        assert await _stands(world, submitted) == (State.CANCELLED, Why.SUPERSEDED)
        assert (await _goes(world)).kind == _SUBMITTED

    async def test_what_was_done_is_in_the_evidence(self, world: World) -> None:
        """G10: that it goes as something else than its source said."""
        await _fileless(world)
        await world.receive(_amendment())
        (chain,) = await world.store.chains()
        records = await world.store.chained(chain.place, after=0, until=chain.head.number)
        assert b'"move":"opened"' in b"".join(record.record for record in records)
