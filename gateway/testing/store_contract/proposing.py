"""What needs a second person: done once, by another, exactly as it was shown; or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from gateway.core.acts import Target, TargetKind, Verb
from gateway.core.delivery import Delivery, DoubtMark, State
from gateway.core.doubt import Declarations
from gateway.core.ids import KeyId
from gateway.core.judging import Decision, Undecidable
from gateway.core.listing import PartnerList, settlement, wish
from gateway.core.message import Actor, ActorKind, Code, Draft
from gateway.core.proposals import (
    OVERTAKEN,
    UNNAMED,
    Objection,
    Proposal,
    ProposalId,
    ProposalState,
    Unapprovable,
    UnknownProposal,
    Wish,
)
from gateway.core.reason import Reason, Why
from gateway.core.ways import Way
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_route, a_status
from gateway.testing.store_contract.acting import BINH, LAN, by
from gateway.testing.store_contract.world import StoreCase, World

_NOBODY = Actor(kind=ActorKind.OPERATOR, name=UNNAMED, key_id=KeyId("key-local"))
_A_MACHINE = Actor(kind=ActorKind.OPERATOR, name=f"{UNNAMED}.1a2b3c4d", key_id=KeyId("key-machine"))


async def _by_list(world: World, *codes: str) -> Wish:
    """Return what a list of these codes, made a day later, would do."""
    world.clock.advance(86_400)
    found = PartnerList(system=CIVIL_STATUS, codes=frozenset(codes), as_of=world.clock.now(), file_sha256="f" * 64)
    doubtful = await world.store.doubtful(CIVIL_STATUS, limit=100)
    return wish(settlement(doubtful, found, lambda _kind: timedelta(hours=1)), found)


async def _approve(world: World, proposal: Proposal, who: Actor = BINH) -> Proposal:
    return await world.store.approve(proposal.id, by=by(who, "Đã đối chiếu"), plan=world.plan)


def _edit(delivery: Delivery, draft: Draft) -> Wish:
    parameters = msgspec.json.encode({"delivery": delivery.id, "draft": draft})
    return Wish(
        verb=Verb.EDIT,
        target=Target.delivery(delivery.id),
        parameters=parameters,
        dossier_id=delivery.message.dossier_id,
    )


class ProposeContract(StoreCase):
    """What two operators rely on."""

    async def test_a_proposal_is_kept_as_it_was_made(self, world: World) -> None:
        """G10: who, why, what exactly, and until when."""
        await world.doubt("A")
        asked = await _by_list(world, "A")
        made = await world.store.propose(asked, by=by())
        assert await world.store.proposal(made.id) == made
        assert (made.wish, made.by, made.state, made.digest) == (asked, by(), ProposalState.OPEN, asked.digest)
        assert list(await world.store.proposals(ProposalState.OPEN)) == [made]
        assert [act.verb for act in await world.store.acts()] == [Verb.PROPOSE]

    async def test_another_person_s_approval_does_it_once(self, world: World) -> None:
        """Executed in the approving transaction; a second approval finds it closed."""
        first, second = await world.doubt("A", "B")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        done = await _approve(world, proposal)
        assert done.outcome == {"absent": "1", "delivered": "1", "skipped": "0"}
        assert (done.state, done.decided_by) == (ProposalState.APPROVED, by(BINH, "Đã đối chiếu"))
        assert [(await world.view(item.id)).state for item in (first, second)] == [State.DELIVERED, State.READY]
        with pytest.raises(Unapprovable) as caught:
            await _approve(world, proposal)
        assert caught.value.objection is Objection.CLOSED
        assert (await world.view(second.id)).state is State.READY

    async def test_nothing_is_sent_again_that_the_system_has_spoken_of(self, world: World) -> None:
        """G4: it may do so between the proposal and the approval; then a person asks it."""
        held, other = await world.doubt("A", "B")
        proposal = await world.store.propose(await _by_list(world, "C"), by=by())
        await world.receive(a_status("A", 2, source=CIVIL_STATUS))
        done = await _approve(world, proposal)
        assert done.outcome == {"absent": "1", "delivered": "0", "skipped": "1"}
        assert [(await world.view(item.id)).state for item in (held, other)] == [State.HELD, State.READY]
        with_word = await world.store.doubtful(CIVIL_STATUS, limit=10)
        assert [item.is_spoken_of for item in with_word] == [True]

    async def test_a_number_that_another_dossier_has_too_proves_nothing(self, world: World) -> None:
        """G2, G4: each ministry numbers for itself; whose the listed one is, nobody knows."""
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), codes={"receipt": "1234"})
        await world.receive(a_draft(None, codes=(Code("province", "B"), Code("other", "1234"))))
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        (item,) = await world.store.doubtful(CIVIL_STATUS, limit=10)
        assert (item.codes, item.shared) == (("B", "1234"), frozenset({"1234"}))
        assert [(await _by_list(world, code)).facts["delivered"] for code in ("1234", "B")] == ["0", "1"]

    @pytest.mark.parametrize(
        "who",
        [
            LAN,
            replace(LAN, key_id=KeyId("other")),
            replace(LAN, name=" LAN "),
            replace(BINH, key_id=LAN.key_id),
        ],
    )
    async def test_nobody_approves_their_own_proposal(self, world: World, who: Actor) -> None:
        """The same key, or the same name, is the same person."""
        (held,) = await world.doubt("A")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        with pytest.raises(Unapprovable) as caught:
            await _approve(world, proposal, who)
        assert caught.value.objection is Objection.OWN
        assert (await world.view(held.id)).state is State.HELD

    @pytest.mark.parametrize("who", [_NOBODY, _A_MACHINE, Actor(kind=ActorKind.OPERATOR, name="root")])
    async def test_the_machine_s_own_key_is_nobody(self, world: World, who: Actor) -> None:
        """Two people behind it, or at the file without any, could not be told apart."""
        await world.doubt("A")
        asked = await _by_list(world, "A")
        with pytest.raises(Unapprovable):
            await world.store.propose(asked, by=by(who))
        proposal = await world.store.propose(asked, by=by())
        with pytest.raises(Unapprovable) as caught:
            await _approve(world, proposal, who)
        assert caught.value.objection is Objection.UNNAMED

    async def test_whoever_proposed_may_take_it_back(self, world: World) -> None:
        """Rejected, it is never done."""
        (held,) = await world.doubt("A")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        back = await world.store.reject(proposal.id, by=by(reason="Nhầm danh sách"))
        assert back.state is ProposalState.REJECTED
        with pytest.raises(Unapprovable):
            await _approve(world, proposal)
        assert (await world.view(held.id)).state is State.HELD
        with pytest.raises(UnknownProposal):
            await world.store.reject(ProposalId("x"), by=by())

    async def test_a_proposal_lapses(self, world: World) -> None:
        """Nobody agrees to what was true last month."""
        await world.doubt("A")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        world.clock.advance(7 * 86_400)
        found = await world.store.proposal(proposal.id)
        assert found is not None
        assert found.state is ProposalState.EXPIRED
        assert list(await world.store.proposals(ProposalState.EXPIRED)) == [found]
        assert list(await world.store.proposals(ProposalState.OPEN)) == []
        with pytest.raises(Unapprovable) as caught:
            await _approve(world, proposal)
        assert caught.value.objection is Objection.EXPIRED

    # --- Settling by a partner's list

    async def test_a_settlement_by_list_is_only_what_was_shown(self, world: World) -> None:
        """G4: what arrived after the dry run is not included, and what has moved since is left alone."""
        first, second = await world.doubt("A", "B")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        (later,) = await world.doubt("C")
        await world.store.decide(first.id, Decision.CANCELLED, by=by(), plan=world.plan)
        await world.store.decide(second.id, Decision.ABSENT, by=by(), plan=world.plan)
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        done = await _approve(world, proposal)
        assert done.outcome == {"absent": "0", "delivered": "0", "skipped": "2"}
        assert (await world.view(later.id)).state is State.HELD
        assert (await world.view(second.id)).in_doubt_since is not None

    async def test_a_settlement_by_list_keeps_an_act_for_each_and_the_file_s_digest(self, world: World) -> None:
        """G10: years later it can be shown which list said so."""
        (delivery,) = await world.doubt("A")
        proposal = await world.store.propose(await _by_list(world, "A"), by=by())
        await _approve(world, proposal)
        (act,) = await world.store.acts(Target.delivery(delivery.id))
        assert (act.verb, act.by.actor, act.facts["file_sha256"]) == (Verb.JUDGE, BINH, "f" * 64)
        (whole,) = await world.store.acts(Target.system(CIVIL_STATUS))
        assert (whole.verb, whole.facts["delivered"]) == (Verb.SETTLE, "1")

    async def test_what_a_worker_holds_is_not_settled_by_a_list(self, world: World) -> None:
        """G4: a look-up in flight knows better; other systems' doubt is not this list's."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), State.DELAYED, doubt=DoubtMark.SET)
        await world.settle(await world.claim_one(LAND), State.HELD, doubt=DoubtMark.SET)
        (item,) = await world.store.doubtful(CIVIL_STATUS, limit=10)
        assert item.codes == ("A",)
        await world.claim_one()
        assert list(await world.store.doubtful(CIVIL_STATUS, limit=10)) == []

    # --- Editing

    async def test_an_edited_message_takes_the_refused_one_s_place(self, world: World) -> None:
        """G3: sent in its place, before what waits behind; history is never changed."""
        (refused,) = await world.refuse("A")
        await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        better = a_draft("A", text="better", source=PORTAL)
        proposal = await world.store.propose(_edit(refused, better), by=by())
        done = await _approve(world, proposal)
        again = await world.claim_one()
        assert (again.id, again.message.id) == (done.outcome["delivery"], done.outcome["message"])
        assert (again.message.payload, again.message.causation_id) == (better.payload, refused.message.id)
        assert again.dossier.document == better.document
        assert again.route == refused.route != ""
        old = await world.view(refused.id)
        assert (old.state, old.reason) == (State.CANCELLED, Reason(Why.EDITED))
        assert (await world.store.message(refused.message.id)) == refused.message
        await world.settle(again)
        assert (await world.claim_one()).message.kind == "dossier.amended"
        assert (await world.view(again.id)).skips == ()

    async def test_another_correction_of_what_is_corrected_ends_and_names_the_one_that_was_approved(
        self, world: World
    ) -> None:
        """Four eyes: nobody could agree to it any more. One for another delivery, or that lapsed, stays so."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        receipt = await world.receive(a_draft("A"))
        for system in (CIVIL_STATUS, LAND):
            await world.settle(await world.claim_one(system), State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        refused, elsewhere = await world.store.whole(receipt.deliveries)
        lapsed = await world.store.propose(_edit(refused, a_draft("A", text="late")), by=by())
        world.clock.advance(7 * 86_400)
        other = await world.store.propose(_edit(refused, a_draft("A", text="other")), by=by())
        beside = await world.store.propose(_edit(elsewhere, a_draft("A", text="beside")), by=by())
        done = await _approve(world, await world.store.propose(_edit(refused, a_draft("A", text="1")), by=by()))
        found = await world.store.proposal(other.id)
        assert found is not None
        assert (found.state, found.outcome) == (ProposalState.REJECTED, {OVERTAKEN: done.id})
        assert found.decided_by == done.decided_by
        assert list(await world.store.proposals(ProposalState.OPEN)) == [beside]
        assert [one.id for one in await world.store.proposals(ProposalState.EXPIRED)] == [lapsed.id]
        (ended,) = await world.store.acts(Target(TargetKind.PROPOSAL, other.id), limit=1)
        assert (ended.verb, ended.facts[OVERTAKEN]) == (Verb.REJECT, done.id)

    async def test_every_code_that_an_edited_message_gives_leads_to_its_dossier(self, world: World) -> None:
        """G2: also where one scheme gave it two; what its system says under either is not parked."""
        (refused,) = await world.refuse("A")
        codes = (Code("province", "A"), Code("receipt", "R-1"), Code("receipt", "R-2"))
        better = a_draft("A", text="better", codes=codes)
        await _approve(world, await world.store.propose(_edit(refused, better), by=by()))
        dossier = await world.store.dossier(refused.message.dossier_id)
        assert dossier is not None
        assert dossier.codes == codes

    async def test_an_edited_message_is_read_where_the_refused_one_was(self, world: World) -> None:
        """G2: what a system reads in its feed is never claimed, a corrected message neither."""
        (refused,) = await world.refuse("A")
        ways = {CIVIL_STATUS: Way(feed=True, declarations=Declarations())}
        await world.store.serve(ways, limit=10)
        better = a_draft("A", text="better")
        await _approve(world, await world.store.propose(_edit(refused, better), by=by()))
        assert await world.claim() == ()
        page = await world.store.read(CIVIL_STATUS, "", limit=10)
        assert [item.delivery.message.payload for item in page.items] == [better.payload]

    async def test_an_edit_leaves_the_dossier_s_later_word_the_current_one(self, world: World) -> None:
        """What the portal has stated since is not undone by the correction of something older."""
        (refused,) = await world.refuse("A")
        amended = a_draft("A", text="2", kind="dossier.amended")
        receipt = await world.receive(amended)
        await _approve(world, await world.store.propose(_edit(refused, a_draft("A", text="better")), by=by()))
        dossier = await world.store.dossier(receipt.dossier_id)
        assert dossier is not None
        assert amended.document is not None
        assert (dossier.document, dossier.revision) == (amended.document.body, 4)

    async def test_an_edit_of_the_current_revision_is_the_next(self, world: World) -> None:
        """The corrected dossier is what everybody sees from now on."""
        (refused,) = await world.refuse("A")
        better = a_draft("A", text="better")
        await _approve(world, await world.store.propose(_edit(refused, better), by=by()))
        dossier = await world.store.dossier(refused.message.dossier_id)
        assert dossier is not None
        assert better.document is not None
        assert (dossier.document, dossier.revision) == (better.document.body, 2)

    async def test_an_edited_leg_waits_for_whom_the_one_that_expired_waited(self, world: World) -> None:
        """G3: what its route puts before it goes before it, also where an amendment has taken that one's place."""
        world.use(a_book(routes=[a_route(LAND), a_route(CIVIL_STATUS, after=(LAND,), expires=timedelta(hours=1))]))
        receipt = await world.receive(a_draft("A"))
        await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        await world.store.decide(receipt.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        (expired,) = await world.store.whole(receipt.deliveries[1:])
        await _approve(world, await world.store.propose(_edit(expired, a_draft("A", text="b")), by=by()))
        assert await world.claim() == ()
        await world.settle(await world.claim_one(LAND))
        assert (await world.claim_one()).id not in receipt.deliveries

    async def test_an_edited_message_waits_for_its_dossier_as_the_first_one_did(self, world: World) -> None:
        """G3: correcting what it says is no decision to tell a system of a dossier that it was never given."""
        receipt = await world.receive(a_draft("A"))
        fee = await world.receive(a_draft("A", text="2", kind="fee.paid", document=None))
        await world.store.decide(receipt.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        (held,) = await world.store.whole(fee.deliveries)
        better = a_draft("A", text="b", kind="fee.paid", document=None)
        await _approve(world, await world.store.propose(_edit(held, better), by=by()))
        assert await world.claim() == ()
        await world.receive(a_draft("A", text="3", kind="dossier.amended"))
        await world.settle(await world.claim_one())
        assert (await world.claim_one()).message.digest == better.digest

    async def test_what_waits_for_an_edited_leg_waits_on(self, world: World) -> None:
        """A leg after another goes when the corrected one is delivered."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS), a_route(LAND, after=(CIVIL_STATUS,))]))
        (refused,) = await world.refuse("A")
        await _approve(world, await world.store.propose(_edit(refused, a_draft("A", text="b")), by=by()))
        assert await world.claim(LAND) == ()
        await world.settle(await world.claim_one())
        assert (await world.claim_one(LAND)).message.id == refused.message.id

    @pytest.mark.parametrize("moved", [Decision.RETRY, Decision.SKIP])
    async def test_what_has_moved_is_not_edited_any_more(self, world: World, moved: Decision) -> None:
        """G4: the approval fails whole; the proposal stays open."""
        (refused,) = await world.refuse("A")
        proposal = await world.store.propose(_edit(refused, a_draft("A", text="better")), by=by())
        await world.store.decide(refused.id, moved, by=by(), plan=world.plan)
        with pytest.raises(Undecidable):
            await _approve(world, proposal)
        assert list(await world.store.proposals(ProposalState.OPEN)) == [proposal]
        said = (await world.store.timeline(refused.message.dossier_id)).messages
        assert [message.kind for message in said].count("dossier.submitted") == 1

    async def test_what_is_in_doubt_is_not_edited(self, world: World) -> None:
        """G4: a new id would defeat the partner's deduplication."""
        (held,) = await world.doubt("A")
        proposal = await world.store.propose(_edit(held, a_draft("A", text="better")), by=by())
        with pytest.raises(Undecidable):
            await _approve(world, proposal)
        assert (await world.view(held.id)).state is State.HELD
