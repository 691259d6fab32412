"""Accepting: receipts, duplicates, revisions, bookmarks, leases at once."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.delivery import State
from gateway.core.ids import GATEWAY
from gateway.core.message import Code, Conflict, Draft, Exists, Known, Receipt, Refused, Stale
from gateway.core.planning import Planned, Planning
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode, UnknownDossier
from gateway.ports.store import Bookmark, BookmarkMoved
from gateway.relay.kept import Keeping
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_route, a_status, a_system
from gateway.testing.store_contract.world import StoreCase, World, slots


class AcceptContract(StoreCase):
    """What doors and pollers rely on."""

    async def test_a_new_dossier_gets_a_receipt_and_a_delivery(self, world: World) -> None:
        """G1, G2: what was accepted is there, with its delivery."""
        receipt = await world.receive(a_draft())
        assert (receipt.revision, receipt.duplicate, receipt.matched) == (1, False, True)
        assert await world.states(receipt) == [State.READY]
        dossier = await world.store.dossier(receipt.dossier_id)
        assert dossier is not None
        assert dossier.codes == (Code("province", "H01-1"),)

    async def test_the_same_key_and_digest_get_the_first_receipt(self, world: World) -> None:
        """G7: same key, same digest."""
        first = await world.receive(a_draft(dedup_key="k"))
        again = await world.receive(a_draft(dedup_key="k"))
        assert again.duplicate
        assert (again.message_id, again.deliveries) == (first.message_id, first.deliveries)

    async def test_a_repeat_is_warned_as_the_first_was(self, world: World) -> None:
        """G7: its sender may not have had the first receipt, and must hear who does not get it."""
        world.use(a_book(systems=[a_system(CIVIL_STATUS, mode=Mode.OFF)]))
        first = await world.receive(a_draft(dedup_key="k"))
        assert first.warnings == (Reason(Why.SYSTEM_OFF, CIVIL_STATUS),)
        assert await world.receive(a_draft(dedup_key="k")) == replace(first, duplicate=True)

    async def test_the_same_key_with_another_digest_is_a_conflict(self, world: World) -> None:
        """G7: same key, other digest."""
        first = await world.receive(a_draft(dedup_key="k"))
        assert await world.accept(a_draft(text="other", dedup_key="k")) == (Conflict(first.message_id),)

    async def test_a_key_of_what_says_nothing_new_is_used_all_the_same(self, world: World) -> None:
        """G7: what was absorbed as the current revision answers under its key, also once the revision is another."""
        first = await world.receive(a_draft(dedup_key="1"))
        again = await world.receive(a_draft(dedup_key="2"))
        assert (again.duplicate, again.message_id) == (True, first.message_id)
        assert await world.accept(a_draft("H01-2", dedup_key="2")) == (Conflict(first.message_id),)
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        assert (await world.receive(a_draft(dedup_key="2"))).message_id == first.message_id

    async def test_a_key_belongs_to_its_source_and_operation(self, world: World) -> None:
        """G7: keys of different doors are different."""
        first = await world.receive(a_draft(dedup_key="k"))
        other = await world.receive(a_draft("H01-2", dedup_key="k", operation="soap.events"))
        assert not other.duplicate
        assert other.message_id != first.message_id

    async def test_a_duplicate_suppresses_no_neighbour(self, world: World) -> None:
        """G7: each item has its own answer."""
        drafts = [a_draft("A", dedup_key="1"), a_draft("A", dedup_key="1"), a_draft("B", dedup_key="2")]
        results = await world.accept(*drafts)
        assert [isinstance(r, Receipt) and r.duplicate for r in results] == [False, True, False]

    async def test_a_b_a_without_keys_are_three_events(self, world: World) -> None:
        """G7: only equality with the last event is absorbed."""
        await world.receive(a_draft())
        said = [await world.receive(a_status(number=n)) for n in (4, 5, 5, 4)]
        assert [receipt.duplicate for receipt in said] == [False, False, True, False]
        assert len({receipt.message_id for receipt in said}) == 3

    async def test_the_same_dossier_again_gets_its_receipt(self, world: World) -> None:
        """G7: without a key a submission is compared with the current revision."""
        first = await world.receive(a_draft())
        await world.receive(a_status())
        again = await world.receive(a_draft())
        assert (again.duplicate, again.message_id) == (True, first.message_id)

    async def test_other_content_for_a_known_code_exists_already(self, world: World) -> None:
        """A sender who means to change a dossier amends it."""
        await world.receive(a_draft())
        assert await world.accept(a_draft(text="other")) == (Exists(code="H01-1", revision=1),)

    async def test_an_amendment_makes_a_revision(self, world: World) -> None:
        """Deliveries carry the dossier as of their message."""
        first = await world.receive(a_draft())
        amended = await world.receive(a_draft(text="new", kind="dossier.amended", if_match=1))
        assert (first.revision, amended.revision) == (1, 2)
        old = await world.claim_one()
        assert old.dossier.revision == 1
        await world.settle(old)
        new = await world.claim_one()
        assert new.dossier.revision == 2
        assert new.dossier.document is not None
        assert b"new" in new.dossier.document.body

    async def test_a_stale_amendment_is_refused(self, world: World) -> None:
        """If-Match names the revision that the sender has seen."""
        await world.receive(a_draft())
        stale = await world.accept(a_draft(text="new", kind="dossier.amended", if_match=7))
        assert stale == (Stale(revision=1),)

    async def test_an_amendment_said_again_is_not_stale(self, world: World) -> None:
        """G7: whoever got no answer says the same again, of the revision that the first try has changed."""
        await world.receive(a_draft())
        amendment = a_draft(text="new", kind="dossier.amended", if_match=1)
        first, again = await world.receive(amendment), await world.receive(amendment)
        assert (again.message_id, again.revision, again.duplicate) == (first.message_id, 2, True)

    async def test_codes_of_two_dossiers_conflict(self, world: World) -> None:
        """Nothing is merged by a sender's mistake."""
        await world.accept(a_draft("A"), a_draft("B"))
        both = a_status(codes=(Code("province", "A"), Code("province", "B")))
        (result,) = await world.accept(both)
        assert isinstance(result, Refused)
        assert result.reason.code is Why.CODES_CONFLICT

    async def test_every_code_a_draft_carries_leads_to_its_dossier(self, world: World) -> None:
        """Codes given later are bound too."""
        await world.receive(a_draft("A"))
        await world.receive(a_status("A", codes=(Code("province", "A"), Code("national", "N"))))
        (dossier,) = await world.store.dossiers("N", scheme="national")
        assert dossier.codes == (Code("province", "A"), Code("national", "N"))

    async def test_only_the_portal_gives_a_dossier_its_number(self, world: World) -> None:
        """G6: else a ministry could have others told of another dossier, or be given one that comes later."""
        submitted = await world.receive(a_draft("A"))
        await world.settle(await world.claim_one())
        both = (Code("province", "A"), Code("province", "B"), Code("unit", "U"))
        stated = await world.receive(a_status("A", codes=both))
        assert Reason(Why.CODE_NOT_YOURS, "province") in stated.warnings
        told = await world.claim_one(PORTAL)
        assert told.codes == {"province": "A", "unit": "U"}
        news = a_status("A", source=GATEWAY, kind="relay.delayed", status=None, codes=both)
        await world.settle(told, then=(news,))
        assert (await world.receive(a_draft("B"))).dossier_id != submitted.dossier_id
        renumbered = (Code("province", "A"), Code("province", "C"))
        await world.receive(a_draft("A", text="new", kind="dossier.amended", codes=renumbered))
        (dossier,) = await world.store.dossiers("C")
        assert dossier.codes == (Code("province", "A"), Code("unit", "U"), Code("province", "C"))

    async def test_a_ministry_begins_nothing_under_a_number_of_the_portals(self, world: World) -> None:
        """G6: one that the portal gives tomorrow would be taken, and the ministry see what is then said under it."""
        (refused,) = await world.accept(a_draft("B", source=CIVIL_STATUS))
        assert refused == Refused(Reason(Why.NOT_AUTHORISED))
        own = Code("unit", "U")
        begun = await world.receive(a_draft(None, source=CIVIL_STATUS, codes=(Code("province", "B"), own)))
        assert Reason(Why.CODE_NOT_YOURS, "province") in begun.warnings
        await world.receive(
            a_draft(None, source=CIVIL_STATUS, text="new", kind="dossier.amended", codes=(own, Code("province", "B")))
        )
        assert (await world.receive(a_draft("B"))).dossier_id != begun.dossier_id
        (dossier,) = await world.store.dossiers("U", scheme="unit")
        assert dossier.codes == (own,)

    async def test_nor_is_anybody_told_of_it_under_that_number(self, world: World) -> None:
        """G6: not of a dossier that has no number either."""
        await world.receive(a_draft(None, codes=(Code("unit", "U"),)))
        await world.settle(await world.claim_one())
        await world.receive(a_status(None, codes=(Code("province", "B"), Code("unit", "U"))))
        told = await world.claim_one(PORTAL)
        assert told.message.codes == (Code("unit", "U"),)

    async def test_a_stranger_may_not_speak_of_a_dossier(self, world: World) -> None:
        """Authority is planned on what the store knows of the dossier's routes."""
        await world.receive(a_draft())
        (result,) = await world.accept(a_status(source=CRIMINAL_RECORD))
        assert isinstance(result, Refused)
        assert result.reason.code is Why.NOT_AUTHORISED

    async def test_a_plan_that_raises_leaves_nothing(self, world: World) -> None:
        """G1: a call is accepted whole or not at all."""

        def plan(draft: Draft, known: Known) -> Planned:
            if draft.dedup_key == "bad":
                raise RuntimeError("no plan")
            return world.plan(draft, known)

        with pytest.raises(RuntimeError, match="no plan"):
            await world.store.accept([a_draft("A"), a_draft("B", dedup_key="bad")], plan=plan)
        assert await world.store.find() == ()
        assert await world.store.dossiers("A") == ()

    async def test_a_bookmark_moves_with_the_accept(self, world: World) -> None:
        """What was polled is accepted once, however often the poller stumbles."""
        mark = Bookmark(system=CIVIL_STATUS, stream="s", cursor="2", previous="")
        assert await world.store.bookmark(CIVIL_STATUS, "s") == ""
        await world.store.accept([a_draft()], plan=world.plan, bookmark=mark)
        assert await world.store.bookmark(CIVIL_STATUS, "s") == "2"

    async def test_what_is_kept_of_a_refused_statement_is_kept_once(self, world: World) -> None:
        """G7: under a key of its own; that of the statement stays free, since nothing of it was accepted."""
        book = a_book(systems=[a_system(CIVIL_STATUS, unknown_dossier=UnknownDossier.REFUSE)])
        polled = Keeping(plan=Planning(book=book, new_id=world.ids.new), new_id=world.ids.new)
        said = a_status("A", dedup_key="e-1")
        both = (await world.store.accept([said, said], plan=polled)).results
        again = (await world.store.accept([said], plan=polled)).results
        receipts = [one for one in (*both, *again) if isinstance(one, Receipt)]
        assert [one.duplicate for one in receipts] == [False, True, True]
        assert len({one.message_id for one in receipts}) == 1
        await world.receive(a_draft("A"))
        assert not (await world.receive(said)).duplicate

    async def test_a_bookmark_that_moved_accepts_nothing(self, world: World) -> None:
        """Two pollers cannot both accept a page."""
        mark = Bookmark(system=CIVIL_STATUS, stream="s", cursor="2", previous="1")
        with pytest.raises(BookmarkMoved):
            await world.store.accept([a_draft()], plan=world.plan, bookmark=mark)
        assert await world.store.find() == ()

    async def test_a_head_of_an_empty_lane_may_be_leased_at_once(self, world: World) -> None:
        """No second round trip on the hot path."""
        accepted = await world.store.accept([a_draft()], plan=world.plan, slots=slots())
        (delivery,) = accepted.leased
        assert delivery.state is State.LEASED
        assert delivery.pinned == "config-1"
        assert delivery.lease is not None
        assert delivery.lease.begun
        assert delivery.codes == {"province": "H01-1"}
        assert await world.claim() == ()
        await world.settle(delivery)

    async def test_nothing_is_leased_at_once_without_a_free_slot(self, world: World) -> None:
        """Slots are counted within a call."""
        accepted = await world.store.accept([a_draft("A"), a_draft("B")], plan=world.plan, slots=slots(free=1))
        assert len(accepted.leased) == 1
        assert len(await world.claim()) == 1

    async def test_nothing_is_leased_at_once_past_a_backlog(self, world: World) -> None:
        """G6: who came first goes first."""
        await world.receive(a_draft("A"))
        accepted = await world.store.accept([a_draft("B")], plan=world.plan, slots=slots())
        assert accepted.leased == ()

    async def test_nothing_is_leased_at_once_behind_its_lane(self, world: World) -> None:
        """G3: an occupied lane keeps its order."""
        await world.store.accept([a_draft()], plan=world.plan, slots=slots())
        amended = a_draft(text="new", kind="dossier.amended")
        accepted = await world.store.accept([amended], plan=world.plan, slots=slots())
        assert accepted.leased == ()

    async def test_hold_kinds_are_never_leased_at_once(self, world: World) -> None:
        """G4: a durable begin precedes their first byte."""
        world.use(a_book(routes=[a_route(CRIMINAL_RECORD)]))
        room = slots(CRIMINAL_RECORD, hold_kinds={CRIMINAL_RECORD: {"dossier.submitted"}})
        accepted = await world.store.accept([a_draft()], plan=world.plan, slots=room)
        assert accepted.leased == ()

    async def test_an_event_never_goes_back_to_its_source(self, world: World) -> None:
        """A status of the ministry goes to the portal only."""
        await world.receive(a_draft())
        receipt = await world.receive(a_status())
        assert [(await world.view(d)).destination for d in receipt.deliveries] == [PORTAL]

    async def test_a_withdrawal_cancels_what_was_never_begun(self, world: World) -> None:
        """G2: what the citizen withdrew ends cancelled, and the portal hears of it."""
        submitted = await world.receive(a_draft())
        await world.receive(a_draft(text="withdraw", kind="withdrawal.requested", document=None))
        assert await world.states(submitted) == [State.CANCELLED]
        told = {view.kind for view in await world.store.find(destination=PORTAL)}
        assert told == {"relay.cancelled", "withdrawal.accepted"}

    async def test_a_withdrawal_follows_what_was_begun(self, world: World) -> None:
        """G3: what may have been sent is not overtaken."""
        submitted = await world.receive(a_draft())
        head = await world.claim_one()
        withdrawal = await world.receive(a_draft(text="withdraw", kind="withdrawal.requested", document=None))
        assert await world.states(submitted) == [State.LEASED]
        assert await world.states(withdrawal) == [State.WAITING]
        await world.settle(head)
        assert (await world.claim_one()).message.kind == "withdrawal.requested"
