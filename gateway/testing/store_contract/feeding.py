"""Feeds: order, acknowledgement, cursors."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

import pytest

from gateway.core.delivery import State
from gateway.core.errors import CursorExpired, CursorInvalid
from gateway.core.ids import FileId
from gateway.core.message import Blob, PendingFile, Receipt
from gateway.testing.books import LAND, TAX, a_book, a_draft, a_route
from gateway.testing.store_contract.world import StoreCase, World

_TO_TAX = a_book(routes=[a_route(TAX)])
_FILE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
_BLOB = Blob(key="k", sha256="0" * 64, size=1, content_type="application/pdf", name="a.pdf")


class FeedContract(StoreCase):
    """What systems that read rely on."""

    async def test_a_feed_is_read_and_never_claimed(self, world: World) -> None:
        """A system is served by feed or by calls, never by both."""
        world.use(_TO_TAX)
        await world.accept(a_draft("A"), a_draft("B"))
        assert await world.claim(TAX) == ()
        page = await world.store.read(TAX, "", limit=10)
        assert [item.delivery.codes["province"] for item in page.items] == ["A", "B"]
        assert not page.more

    async def test_a_page_shows_a_whole_lane_in_order(self, world: World) -> None:
        """G3: a reader gets what follows without acknowledging each."""
        world.use(_TO_TAX)
        receipts = await world.accept(a_draft(), *(a_draft(text=str(n), kind="dossier.amended") for n in range(3)))
        page = await world.store.read(TAX, "", limit=10)
        said = [receipt.message_id for receipt in receipts if isinstance(receipt, Receipt)]
        assert len(said) == 4
        assert [item.delivery.message.id for item in page.items] == said

    async def test_pages_follow_one_another(self, world: World) -> None:
        """Reading after a cursor leaves nothing out and repeats nothing."""
        world.use(_TO_TAX)
        await world.accept(*(a_draft(str(n)) for n in range(5)))
        first = await world.store.read(TAX, "", limit=3)
        rest = await world.store.read(TAX, first.next, limit=3)
        assert (len(first.items), first.more, len(rest.items), rest.more) == (3, True, 2, False)
        assert (await world.store.read(TAX, rest.next, limit=3)).next == rest.next

    async def test_acknowledging_settles_all_up_to_the_cursor(self, world: World) -> None:
        """G2: delivered is what the reader says it has."""
        world.use(_TO_TAX)
        await world.accept(a_draft(), a_draft(text="2", kind="dossier.amended"), a_draft("B"))
        page = await world.store.read(TAX, "", limit=10)
        assert await world.store.acknowledge(TAX, page.items[1].cursor, plan=world.plan) == 2
        assert await world.store.acknowledge(TAX, page.items[1].cursor, plan=world.plan) == 0
        left = await world.store.read(TAX, "", limit=10)
        assert [item.delivery.codes["province"] for item in left.items] == ["B"]
        assert left.earliest == page.items[1].cursor
        assert len(await world.store.find(state=State.DELIVERED, destination=TAX)) == 2

    async def test_the_source_is_told_what_a_reader_has(self, world: World) -> None:
        """Has the ministry got it? is answered for readers of a feed, too: once."""
        world.use(_TO_TAX)
        receipt = await world.receive(a_draft())
        page = await world.store.read(TAX, "", limit=10)
        for _ in range(2):
            await world.store.acknowledge(TAX, page.next, plan=world.plan)
        timeline = await world.store.timeline(receipt.dossier_id)
        assert [message.kind for message in timeline.messages] == ["dossier.submitted", "relay.delivered"]

    async def test_acknowledging_lets_later_legs_go(self, world: World) -> None:
        """``after`` a system that reads."""
        world.use(a_book(routes=[a_route(TAX), a_route(LAND, after=(TAX,))]))
        await world.receive(a_draft())
        page = await world.store.read(TAX, "", limit=10)
        await world.store.acknowledge(TAX, page.next, plan=world.plan)
        assert (await world.claim_one(LAND)).destination == LAND

    @pytest.mark.parametrize("cursor", ["nonsense", "1", "", ".", "{epoch}.2", "{epoch}.-1", "{epoch}.²", "{epoch}.x"])
    async def test_a_cursor_that_no_feed_ever_gave_is_invalid(self, world: World, cursor: str) -> None:
        """The reader's own mistake: reading on from somewhere else would hide it."""
        world.use(_TO_TAX)
        await world.receive(a_draft())
        page = await world.store.read(TAX, "", limit=10)
        cursor = cursor.replace("{epoch}", page.next.rpartition(".")[0])
        with pytest.raises(CursorInvalid):
            await world.store.acknowledge(TAX, cursor, plan=world.plan)
        assert (await world.store.read(TAX, "", limit=10)).items

    async def test_a_cursor_of_another_epoch_has_expired(self, world: World) -> None:
        """A reader is told from where it may read on."""
        world.use(_TO_TAX)
        await world.receive(a_draft())
        page = await world.store.read(TAX, "", limit=10)
        with pytest.raises(CursorExpired) as caught:
            await world.store.acknowledge(TAX, "0123456789abcdef.1", plan=world.plan)
        assert caught.value.earliest == page.earliest
        assert (await world.store.read(TAX, page.earliest, limit=10)).items

    async def test_what_waits_for_a_file_holds_up_only_its_lane(self, world: World) -> None:
        """G3, G6: the feed goes on with other dossiers, and the lane in its order."""
        world.use(_TO_TAX)
        slow = await world.receive(a_draft("A", pending=(_FILE,)))
        await world.accept(a_draft("A", text="2", kind="supplement.submitted", document=None), a_draft("B"))
        assert await self._codes(world) == ["B"]
        await world.store.attach(slow.message_id, FileId("f-1"), _BLOB)
        assert await self._codes(world) == ["B", "A", "A"]

    async def test_a_withdrawal_does_not_overtake_what_a_reader_may_have(self, world: World) -> None:
        """G4: a page may have been read already."""
        world.use(_TO_TAX)
        await world.receive(a_draft())
        await world.receive(a_draft(text="withdraw", kind="withdrawal.requested", document=None))
        assert len((await world.store.read(TAX, "", limit=10)).items) == 2

    async def _codes(self, world: World) -> list[str]:
        page = await world.store.read(TAX, "", limit=10)
        return [item.delivery.codes["province"] for item in page.items]
