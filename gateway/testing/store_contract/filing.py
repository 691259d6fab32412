"""Files: uploads, what may read them, what is still to be fetched."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from datetime import timedelta

from gateway.core.delivery import State
from gateway.core.ids import FileId
from gateway.core.message import Blob, PendingFile
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_draft
from gateway.testing.store_contract.world import StoreCase, World

_ONE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", sha256="1" * 64, name="đơn.pdf")
_TWO = PendingFile(file_id=FileId("f-2"), url="https://portal.example/f-2")


def _blob(key: str) -> Blob:
    return Blob(key=key, sha256="0" * 64, size=3, content_type="application/pdf", name="đơn.pdf", file_id=FileId(key))


class FileContract(StoreCase):
    """What uploads and fetches rely on."""

    async def test_a_delivery_waits_for_its_last_file(self, world: World) -> None:
        """G1: nothing is sent before its attachments are here."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        assert receipt.files_pending
        assert (await world.view(receipt.deliveries[0])).files_pending == 2
        await world.store.attach(receipt.message_id, FileId("f-1"), _blob("k1"))
        assert await world.claim() == ()
        await world.store.attach(receipt.message_id, FileId("f-2"), _blob("k2"))
        delivery = await world.claim_one()
        assert [blob.file_id for blob in delivery.message.blobs] == ["f-1", "f-2"]
        assert delivery.dossier.blobs == delivery.message.blobs

    async def test_attaching_twice_counts_once(self, world: World) -> None:
        """A fetcher may repeat itself."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        for _ in range(2):
            await world.store.attach(receipt.message_id, FileId("f-1"), _blob("k1"))
        assert await world.claim() == ()
        assert await world.states(receipt) == [State.WAITING]

    async def test_fetches_come_round_in_turn(self, world: World) -> None:
        """G6: one address that never answers does not keep others waiting."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _ONE)]
        world.clock.advance(1)
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _TWO)]
        world.clock.advance(1)
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _ONE)]

    async def test_an_upload_belongs_to_its_owner(self, world: World) -> None:
        """Nobody reads what was not sent to him; an operator sees all."""
        await world.store.register(FileId("f-1"), _blob("k1"), owner=PORTAL)
        assert await world.store.file(FileId("f-1"), caller=CIVIL_STATUS) is None
        assert await world.store.file(FileId("f-1"), caller=None) is not None
        found = await world.store.file(FileId("f-1"), caller=PORTAL)
        assert found is not None
        assert (found.key, found.file_id) == ("k1", "f-1")

    async def test_who_was_sent_a_file_may_read_it(self, world: World) -> None:
        """Also as a part of the dossier that later events carry."""
        await world.receive(a_draft(blobs=(_blob("f-1"),)))
        assert await world.store.file(FileId("f-1"), caller=CIVIL_STATUS) is not None
        assert await world.store.file(FileId("f-1"), caller=PORTAL) is not None
        assert await world.store.file(FileId("f-1"), caller=LAND) is None
        note = a_draft(text="note", kind="progress.recorded", document=None, to=(TAX,))
        await world.receive(note)
        assert await world.store.file(FileId("f-1"), caller=TAX) is not None

    async def test_uploads_nobody_refers_to_are_forgotten(self, world: World) -> None:
        """What a message refers to stays."""
        for key in ("f-1", "f-2"):
            await world.store.register(FileId(key), _blob(key), owner=PORTAL)
        await world.receive(a_draft(blobs=(_blob("f-1"),)))
        assert await world.store.forget_uploads(older_than=timedelta(days=7)) == 0
        world.clock.advance(8 * 24 * 3600)
        assert await world.store.forget_uploads(older_than=timedelta(days=7)) == 1
        assert set(await world.store.is_kept({"f-1", "f-2", "f-3"})) == {"f-1"}
