"""Evidence: one record for every fact, in its own transaction, in a chain that is whole."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.acts import By, Target, Verb
from gateway.core.chain import commitment, field_salt
from gateway.core.delivery import State
from gateway.core.ids import DossierId, FileId, KeyId, NodeId
from gateway.core.message import Actor, ActorKind, Code, PendingFile
from gateway.core.reason import Reason, Why
from gateway.core.record import SHAPES, RecordType, Shown, View
from gateway.ports.keys import KeyRecord, KeyRole
from gateway.ports.store import Bookmark, BookmarkMoved, Settled
from gateway.testing.books import CIVIL_STATUS, TAX, a_blob, a_draft, a_settlement, a_status
from gateway.testing.evidence import Proof, exported, proof_of
from gateway.testing.store_contract.querying import ANSWERED, a_query
from gateway.testing.store_contract.world import NODE, StoreCase, World, slots

_OTHER = NodeId("node-2")
_PERSON = Actor(kind=ActorKind.OPERATOR, name="Trần Thị Bình", key_id=KeyId("k-1"))
_FILE = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1", name="đơn.pdf")


async def _history(world: World) -> None:
    """Live through a day on which a little of everything happens."""
    store = world.store
    await store.join(NODE, config="config-1")
    await store.add(KeyRecord(id=KeyId("k-9"), role=KeyRole.SYSTEM, name="portal", digest="d"), actor=_PERSON)
    receipt = await world.receive(a_draft("A", pending=(_FILE,)))
    await store.attach(receipt.message_id, FileId("f-1"), a_blob("f-1"))
    await world.settle(await world.claim_one(), State.DELAYED)
    world.clock.advance(60)
    lost = await world.claim_one()
    await world.settle(await world.take_over(), codes={"national": "G-1"})
    assert await world.settle(lost) is Settled.LATE
    await world.receive(a_status(number=4, codes=(Code("receipt", "unknown"),)))
    await world.receive(a_draft("B", codes=(Code("province", "B"), Code("receipt", "unknown"))))
    await world.receive(a_draft("B", kind="withdrawal.requested", document=None))
    note = await world.receive(a_draft("A", text="n", kind="progress.recorded", document=None, to=(TAX,)))
    page = await store.read(TAX, "", limit=10)
    await store.acknowledge(TAX, page.next, plan=world.plan)
    await store.record_act(Verb.RETRY, Target.delivery(note.deliveries[0]), by=By(actor=_PERSON, reason="vì bộ báo"))
    await store.viewed(View(shown=Shown.DOSSIER, ids=(note.dossier_id,)), actor=_PERSON)
    await store.conclude_query((await store.record_query(a_query())).id, ANSWERED)
    await store.revoke(KeyId("k-9"), actor=_PERSON)
    await store.leave(NODE)


class EvidenceContract(StoreCase):
    """What an auditor relies on (G10)."""

    async def test_every_fact_has_one_record(self, world: World) -> None:
        """G10: accepts, attempts, moves, acts, views, keys and incarnations, each as often as it happened."""
        await _history(world)
        proof = await proof_of(world.store)
        taken_away = {RecordType.ERASED}  # with the books that all others are compared with here
        assert {record["type"] for record in proof.records} == set(RecordType) - taken_away
        await _agrees_with_the_books(world, proof)
        assert {record["move"] for record in proof.of(RecordType.MOVED)} == {"taken_over", "cancelled", "acknowledged"}
        assert [record["late"] for record in proof.of(RecordType.ATTEMPTED)] == [False, False, True]

    async def test_who_acts_is_named_and_a_person_by_the_key_alone(self, world: World) -> None:
        """G10: what a system did is not put down to people."""
        await _history(world)
        proof = await proof_of(world.store)
        accepted = {(record["by"], record["who"] is None) for record in proof.of(RecordType.ACCEPTED)}
        assert accepted == {("system:portal", True), ("system:civil_status", True)}
        for made in (RecordType.KEY_ADDED, RecordType.KEY_REVOKED, RecordType.ACTED, RecordType.VIEWED):
            (record,) = proof.of(made)
            assert (record["by"], record["key"], record["who"] is None) == ("operator", "k-1", False)

    async def test_records_have_the_documented_fields(self, world: World) -> None:
        """G10: the closed set of types, each with its fields."""
        await _history(world)
        for record in (await proof_of(world.store)).records:
            shape = SHAPES[RecordType(record["type"])]
            assert set(record) == {"type", "at", *shape.open, *shape.sealed}, record["type"]

    async def test_the_chain_holds_no_personal_data(self, world: World) -> None:
        """G9, G10: names, words, codes of partners and digests are sealed; the salt of one field opens it."""
        await _history(world)
        text = (await exported(world.store)).decode()
        draft = a_draft("A", pending=(_FILE,))
        for secret in (_PERSON.name, "vì bộ báo", "đơn.pdf", "portal.example", '"A"', "G-1", draft.digest):
            assert secret not in text
        (chain,) = await world.store.chains()
        records = await world.store.chained(chain.place, after=0, until=chain.head.number)
        (one,) = [one for one in records if b'"operation":"rest.dossiers","parked":false,"revision":1' in one.record][
            :1
        ]
        assert commitment(field_salt(one.salt, "content"), draft.digest).encode() in one.record

    async def test_what_the_way_there_knows_a_message_by_is_kept_with_its_attempt(self, world: World) -> None:
        """G10: an X-Road id and hash, readable beside the attempt and sealed in the chain."""
        await world.receive(a_draft("A"))
        delivery = await world.claim_one()
        made = a_settlement(delivery)
        assert made.attempt is not None
        said = {"X-Road-Id": "0195-1", "X-Road-Request-Hash": "h+/="}
        await world.end(replace(made, attempt=replace(made.attempt, proof=said)))
        found = await world.store.delivery(delivery.id)
        assert found is not None
        assert [dict(one.attempt.proof) for one in found[1]] == [said]
        assert "h+/=" not in (await exported(world.store)).decode()
        (record,) = (await proof_of(world.store)).of(RecordType.ATTEMPTED)
        assert record["proof"]

    async def test_equal_contents_cannot_be_told_from_the_chain(self, world: World) -> None:
        """G9: a digest that could be guessed never stands in a record."""
        await world.receive(a_draft("A", dedup_key="1"))
        await world.receive(a_draft("A", dedup_key="2", kind="dossier.amended"))
        one, two = (await proof_of(world.store)).of(RecordType.ACCEPTED)
        assert one["content"] != two["content"]

    async def test_what_is_repeated_or_undone_leaves_no_record(self, world: World) -> None:
        """G10: a transaction that fails leaves no gap; a repetition is no second fact."""
        await world.receive(a_draft("A", dedup_key="1"))
        delivery = await world.claim_one()
        settlement = a_settlement(delivery)
        before = await exported(world.store)
        moved = Bookmark(system=CIVIL_STATUS, stream="s", cursor="2", previous="1")
        with pytest.raises(BookmarkMoved):
            await world.store.accept([a_draft("Z")], plan=world.plan, bookmark=moved)
        await world.receive(a_draft("A", dedup_key="1"))
        assert await exported(world.store) == before
        await world.end(settlement)
        assert await world.end(settlement) is Settled.AGAIN
        await world.receive(a_draft("B"))
        proof = await proof_of(world.store)
        assert len(proof.of(RecordType.ATTEMPTED)) == 1
        assert len(proof.of(RecordType.ACCEPTED)) == 2

    async def test_what_moves_though_nothing_was_tried_is_on_record(self, world: World) -> None:
        """G10: an expiry that was found before sending, and a lease that was lost before a byte left."""
        await world.receive(a_draft("A"))
        made = a_settlement(await world.claim_one(), State.DEAD, reason=Reason(Why.EXPIRED))
        await world.end(replace(made, attempt=None))
        await world.receive(a_draft("B"))
        await world.store.claim(slots(hold_kinds={CIVIL_STATUS: frozenset({"dossier.submitted"})}))
        world.clock.advance(31)
        assert await world.store.reclaim(slots(), limit=8) == ()
        moves = (await proof_of(world.store)).of(RecordType.MOVED)
        assert [(record["move"], record["to"]) for record in moves] == [("ended", "dead"), ("freed", "ready")]

    async def test_what_follows_and_cannot_be_planned_is_recorded_as_held(self, world: World) -> None:
        """G10: undoing a part of a settlement takes its records back, and no others."""
        await world.receive(a_draft("A"))
        stranger = a_status(number=4, codes=(Code("province", "A"), Code("province", "B")))
        await world.receive(a_draft("B"))
        first, _ = await world.claim()
        await world.settle(first, then=(stranger,))
        proof = await proof_of(world.store)
        await _agrees_with_the_books(world, proof)
        held = proof.of(RecordType.ACCEPTED)[-1]
        assert [leg[1:] for leg in held["deliveries"]] == [["operators", "held"]]

    async def test_each_incarnation_has_a_chain_that_names_the_one_before(self, world: World) -> None:
        """G10, G11: whoever cuts the end of an earlier chain is found out by the next."""
        await world.receive(a_draft("A"))
        await world.store.join(NODE, config="config-1")
        await world.receive(a_draft("B"))
        await world.store.join(_OTHER, config="config-2")
        proof = await proof_of(world.store)
        chains = proof.report.chains
        assert [chain.node for chain in chains][1:] == [NODE, _OTHER]
        begun = proof.of(RecordType.NODE_BEGUN)
        assert begun[0]["earlier"] == []
        for record, before in zip(begun[1:], chains[:-1], strict=True):
            assert record["earlier"] == [{"node": before.node, "number": before.last, "link": before.link}]
        assert [record["version"] for record in proof.of(RecordType.CONFIGURED)] == ["config-1", "config-2"]

    async def test_an_export_may_begin_later(self, world: World) -> None:
        """G10: what is left out is left out at the beginning, and said to be."""
        await world.store.join(NODE, config="config-1")
        await world.receive(a_draft("A"))
        world.clock.advance(3600)
        since = world.clock.now()
        await world.receive(a_draft("B"))
        file = await exported(world.store, since=since)
        assert file.count(b'"message.accepted"') == 1
        assert file.count(b'"node.begun"') == 0


async def _agrees_with_the_books(world: World, proof: Proof) -> None:
    """See that the chain has each message, each attempt and each act once, and nothing else."""
    dossiers = {DossierId(record["dossier"]) for record in proof.of(RecordType.ACCEPTED, RecordType.MATCHED)}
    timelines = [await world.store.timeline(dossier) for dossier in sorted(dossiers)]
    messages = sorted(message.id for timeline in timelines for message in timeline.messages)
    assert sorted(record["message"] for record in proof.of(RecordType.ACCEPTED)) == messages
    attempts = sorted(view.attempt.delivery_id for timeline in timelines for view in timeline.attempts)
    assert sorted(record["delivery"] for record in proof.of(RecordType.ATTEMPTED)) == attempts
    acts = sorted(act.id for act in await world.store.acts())
    assert sorted(record["act"] for record in proof.of(RecordType.ACTED)) == acts
