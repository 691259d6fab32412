"""Files: uploads, what may read them, what is still to be fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.core.delivery import State
from gateway.core.files import fetched_id, public_id
from gateway.core.ids import FileId
from gateway.core.judging import Decision
from gateway.core.kinds import WHOLE
from gateway.core.message import Code, Missed, PendingFile, Receipt
from gateway.core.reason import Reason, Why
from gateway.ports.store import AwaitedFile
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_blob, a_book, a_draft, a_route, a_status
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_AGAIN = timedelta(seconds=4)
_ONE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", sha256="1" * 64, name="đơn.pdf")
_TWO = PendingFile(file_id=FileId("f-2"), url="https://portal.example/f-2")
_BY_ADDRESS = PendingFile(file_id=fetched_id("https://portal.example/f-3"), url="https://portal.example/f-3")


async def _miss(world: World, receipt: Receipt, reason: Reason, file: PendingFile = _ONE) -> None:
    await world.store.miss(receipt.message_id, file.file_id, reason, again_in=_AGAIN, plan=world.plan)


async def _awaited(world: World, receipt: Receipt) -> Sequence[AwaitedFile]:
    view = await world.store.dossier(receipt.dossier_id)
    assert view is not None
    return view.files


class FileContract(StoreCase):
    """What uploads and fetches rely on."""

    async def test_a_delivery_waits_for_its_last_file(self, world: World) -> None:
        """G1: nothing is sent before its attachments are here."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        assert receipt.files_pending
        assert [file.id for file in (await world.view(receipt.deliveries[0])).files] == ["f-1", "f-2"]
        await world.store.attach(receipt.message_id, FileId("f-1"), a_blob("k1"))
        assert await world.claim() == ()
        await world.store.attach(receipt.message_id, FileId("f-2"), a_blob("k2"))
        delivery = await world.claim_one()
        assert [blob.file_id for blob in delivery.message.blobs] == ["f-1", "f-2"]
        assert delivery.dossier.blobs == delivery.message.blobs

    async def test_attaching_twice_counts_once(self, world: World) -> None:
        """A fetcher may repeat itself."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        for _ in range(2):
            await world.store.attach(receipt.message_id, FileId("f-1"), a_blob("k1"))
        assert await world.claim() == ()
        assert await world.states(receipt) == [State.WAITING]

    async def test_why_a_file_is_late_is_kept_with_it(self, world: World) -> None:
        """G2: the last reason, and when; nothing is left of it once the file is here, nor where nothing waits."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        await _miss(world, receipt, Reason(Why.FILE_MISSING, "HTTP 503"))
        world.clock.advance(60)
        gone = Reason(Why.FILE_NOT_THERE, "HTTP 404")
        await _miss(world, receipt, gone)
        missed = Missed(reason=gone, at=world.clock.now())
        found = [("f-1", "đơn.pdf", missed), ("f-2", "", None)]
        view, *_ = (await world.store.timeline(receipt.dossier_id)).deliveries
        assert [(one.id, one.name, one.missed) for one in view.files] == found
        assert [(one.id, one.name, one.missed) for one in await _awaited(world, receipt)] == found
        await world.store.attach(receipt.message_id, FileId("f-1"), a_blob("k1"))
        await _miss(world, receipt, gone)  # of a try that lost the race
        assert [(one.id, one.missed) for one in (await world.view(receipt.deliveries[0])).files] == [("f-2", None)]
        await world.store.attach(receipt.message_id, FileId("f-2"), a_blob("k2"))
        assert await _awaited(world, receipt) == ()

    async def test_no_file_is_named_that_nothing_waits_for_any_more(self, world: World) -> None:
        """A delivery that a person has ended wants none."""
        receipt = await world.receive(a_draft(pending=(_ONE,)))
        await _miss(world, receipt, Reason(Why.FILE_NOT_THERE))
        (delivery,) = receipt.deliveries
        await world.store.decide(delivery, Decision.CANCELLED, by=by(), plan=world.plan, codes={})
        assert await _awaited(world, receipt) == ()

    async def test_its_source_is_told_why_a_file_is_late(self, world: World) -> None:
        """Once, whatever follows and whichever of its files it is: but for what the source itself must mend, again."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        for why, file in (
            (Why.FILE_MISSING, _ONE),
            (Why.FILE_MISSING, _TWO),
            (Why.FILE_NOT_THERE, _TWO),
            (Why.FILE_MISSING, _TWO),
            (Why.FILE_NOT_THERE, _ONE),
        ):
            await _miss(world, receipt, Reason(why, "HTTP 404"), file)
            world.clock.advance(60)
        _, *told = (await world.store.timeline(receipt.dossier_id)).messages
        assert {message.kind for message in told} == {"relay.delayed"}
        data = [json.loads(message.payload.body)["data"] for message in told]
        assert [(one["system"], one["reason"], one["words"]) for one in data] == [
            ("civil_status", "file_missing", "HTTP 404"),
            ("civil_status", "file_not_there", "HTTP 404"),
        ]
        assert {one["delivery_id"] for one in data} == set(receipt.deliveries)
        assert datetime.fromisoformat(data[0]["next_try"]) == told[0].accepted_at + _AGAIN

    async def test_fetches_come_round_in_turn(self, world: World) -> None:
        """G6: one address that never answers does not keep others waiting."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO)))
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _ONE)]
        world.clock.advance(1)
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _TWO)]
        world.clock.advance(1)
        assert await world.store.fetches(limit=1) == [(receipt.message_id, _ONE)]

    async def test_what_nobody_will_be_sent_is_not_fetched(self, world: World) -> None:
        """G6: while one of its deliveries may still go, its files are asked for; then no more, and none is taken."""
        receipt = await world.receive(a_draft(pending=(_ONE, _TWO), to=(CIVIL_STATUS, TAX)))
        for delivery, left in zip(receipt.deliveries, ([_ONE, _TWO], []), strict=True):
            await world.store.decide(delivery, Decision.CANCELLED, by=by(), plan=world.plan, codes={})
            assert [file for _, file in await world.store.fetches(limit=9)] == left
        await world.store.attach(receipt.message_id, _ONE.file_id, a_blob("k1"))
        assert not await world.store.is_kept(("k1",))

    @pytest.mark.parametrize("kind", ["dossier.submitted", "supplement.submitted"])
    async def test_what_nobody_is_sent_is_not_fetched(self, world: World, kind: str) -> None:
        """G6: there is no route for it, so nobody waits for its files."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, kinds=("dossier.amended",))]))
        await world.receive(a_draft())
        receipt = await world.receive(
            a_draft("H01-2" if kind in WHOLE else "H01-1", kind=kind, text="2", pending=(_ONE,))
        )
        assert (receipt.deliveries, receipt.files_pending) == ((), False)
        assert await world.store.fetches(limit=9) == []

    async def test_what_was_judged_to_have_arrived_is_not_fetched(self, world: World) -> None:
        """G6: somebody has carried it there on paper, without waiting for the file any more."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND, expires=timedelta(hours=1))]))
        await world.receive(a_draft())
        receipt = await world.receive(a_draft(kind="supplement.submitted", text="2", document=None, pending=(_ONE,)))
        world.clock.advance(3600)
        await world.store.expire(plan=world.plan, limit=10)
        for delivery, decision in zip(receipt.deliveries, (Decision.SKIP, Decision.DELIVERED), strict=True):
            await world.store.decide(delivery, decision, by=by(), plan=world.plan)
        assert await world.store.fetches(limit=9) == []

    async def test_files_of_what_was_parked_are_fetched_once_it_is_matched(self, world: World) -> None:
        """G1, G2: the operators' delivery ends, and its own begin."""
        code = Code("national", "N-1")
        await world.receive(a_draft())
        parked = await world.receive(a_status(codes=(code,), pending=(_ONE,)))
        await world.settle(await world.claim_one(), codes={code.scheme: code.value})
        assert await world.claim(PORTAL) == ()
        assert await world.store.fetches(limit=9) == [(parked.message_id, _ONE)]
        await world.store.attach(parked.message_id, _ONE.file_id, a_blob("f-1"))
        assert (await world.claim_one(PORTAL)).message.id == parked.message_id

    async def test_an_upload_belongs_to_its_owner(self, world: World) -> None:
        """Nobody reads what was not sent to him; an operator sees all."""
        await world.store.register(FileId("f-1"), a_blob("k1"), owner=PORTAL)
        assert await world.store.file(FileId("f-1"), caller=CIVIL_STATUS) is None
        assert await world.store.file(FileId("f-1"), caller=None) is not None
        found = await world.store.file(FileId("f-1"), caller=PORTAL)
        assert found is not None
        assert (found.key, found.file_id) == ("k1", "f-1")

    async def test_who_was_sent_a_file_may_read_it(self, world: World) -> None:
        """Also as a part of the dossier that later events carry."""
        await world.receive(a_draft(blobs=(a_blob("f-1"),)))
        assert await world.store.file(FileId("f-1"), caller=CIVIL_STATUS) is not None
        assert await world.store.file(FileId("f-1"), caller=PORTAL) is not None
        await world.receive(a_draft("H01-2", to=(LAND,)))
        assert await world.store.file(FileId("f-1"), caller=LAND) is None  # it was sent something else
        note = a_draft(text="note", kind="progress.recorded", document=None, to=(TAX,))
        await world.receive(note)
        assert await world.store.file(FileId("f-1"), caller=TAX) is not None

    async def test_who_was_sent_a_file_beside_the_dossier_reads_it_alone(self, world: World) -> None:
        """G9: no later event carries it; an operator sees that one and no other."""
        await world.receive(a_draft(blobs=(a_blob("f-1"),)))
        note = a_draft(text="note", kind="progress.recorded", document=None, to=(TAX,), blobs=(a_blob("f-2"),))
        await world.receive(note)
        await world.receive(a_draft(text="again", kind="dossier.amended"))
        found = {who: await world.store.file(FileId("f-2"), caller=who) for who in (TAX, PORTAL, None, CIVIL_STATUS)}
        assert [blob and blob.key for blob in found.values()] == ["f-2", "f-2", "f-2", None]

    async def test_an_address_may_serve_other_bytes_later(self, world: World) -> None:
        """Each file is read under the id that its event names; under that of the address alone, the first is."""
        kept = {"k1": "1" * 64, "k2": "2" * 64}
        for (key, sha256), kind in zip(kept.items(), ("dossier.submitted", "dossier.amended"), strict=True):
            receipt = await world.receive(a_draft(text=key, kind=kind, pending=(_BY_ADDRESS,)))
            blob = replace(a_blob(key), sha256=sha256, file_id=_BY_ADDRESS.file_id)
            await world.store.attach(receipt.message_id, _BY_ADDRESS.file_id, blob)
            assert public_id(blob) not in {_BY_ADDRESS.file_id, public_id(replace(blob, sha256="3" * 64))}
        for key, sha256 in kept.items():
            id_ = public_id(replace(a_blob(key), sha256=sha256, file_id=_BY_ADDRESS.file_id))
            found = {who: await world.store.file(id_, caller=who) for who in (CIVIL_STATUS, PORTAL, None, LAND)}
            assert [blob and (blob.key, blob.file_id) for blob in found.values()] == [(key, id_)] * 3 + [None]
        first = [await world.store.file(_BY_ADDRESS.file_id, caller=who) for who in (CIVIL_STATUS, None)]
        assert [blob and blob.key for blob in first] == ["k1", "k1"]

    async def test_a_fetched_file_that_another_event_names_is_the_same_file(self, world: World) -> None:
        """Its id says which of an address's files it is, whoever names it."""
        receipt = await world.receive(a_draft(pending=(_BY_ADDRESS,)))
        await world.store.attach(receipt.message_id, _BY_ADDRESS.file_id, a_blob("k1"))
        id_ = public_id(replace(a_blob("k1"), file_id=_BY_ADDRESS.file_id))
        named = await world.store.file(id_, caller=PORTAL)
        assert named is not None
        assert public_id(named) == id_
        await world.receive(a_draft("H01-2", text="2", blobs=(named,), to=(LAND,)))
        found = await world.store.file(id_, caller=LAND)
        assert found is not None
        assert (found.key, found.file_id) == ("k1", id_)

    async def test_uploads_nobody_refers_to_are_forgotten(self, world: World) -> None:
        """What a message refers to stays."""
        for key in ("f-1", "f-2"):
            await world.store.register(FileId(key), a_blob(key), owner=PORTAL)
        await world.receive(a_draft(blobs=(a_blob("f-1"),)))
        assert await world.store.forget_uploads(older_than=timedelta(days=7)) == 0
        world.clock.advance(8 * 24 * 3600)
        assert await world.store.forget_uploads(older_than=timedelta(days=7)) == 1
        assert set(await world.store.is_kept({"f-1", "f-2", "f-3"})) == {"f-1"}
