"""G10 on a bad day: whoever has only the chain knows what the books know."""

import pytest

from gateway.core.acts import By
from gateway.core.delivery import FINAL, HEADS, STOPS, State
from gateway.core.ids import KeyId
from gateway.core.judging import Decision
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Ambiguous, Rejected
from gateway.core.reason import Reason, Why
from gateway.core.record import RecordType, Shown, View
from gateway.ports.keys import KeyRecord, KeyRole
from gateway.testing.adapter import FakeAdapter, Scripted, fails, says, takes_but_says
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, PORTAL, a_book, a_draft, a_route, a_status
from gateway.testing.evidence import Proof, proof_of
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

LOST = Ambiguous(reason=Reason(Why.TIMEOUT))
LAN = Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("k-1"))
CODES = [f"H01-{number}" for number in range(1, 11)]


@pytest.fixture
async def house() -> RelayHouse:
    """Two ministries that fail in every way, a worker that vanishes, a withdrawal, a person who decides."""
    ministry, registry = FakeAdapter(deduplicates=True), FakeAdapter()
    ministry.script(CODES[0], says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))))
    ministry.script(CODES[1], Scripted(takes=True, hangs=True), takes_but_says(LOST))
    ministry.script(CODES[2], says(LOST), fails(RuntimeError("a bug")))
    for code in CODES[3:6]:
        registry.script(code, says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))))
    house = RelayHouse(
        {PORTAL: FakeAdapter(), CIVIL_STATUS: ministry, CRIMINAL_RECORD: registry},
        a_book(routes=[a_route(CIVIL_STATUS, CRIMINAL_RECORD, source=PORTAL), a_route(PORTAL)]),
    )
    async with house.doomed("node-1"):
        await house.accept(*(a_draft(code) for code in CODES))
        await until(lambda: _sent(ministry, 6), house.clock)
    async with house.running("node-2"):
        await house.accept(a_draft(CODES[9], text="2", kind="dossier.amended"), a_status(CODES[8], number=4))
        await house.accept(a_draft(CODES[0], kind="withdrawal.requested", document=None))
        await until(lambda: _at_rest(house), house.clock, within=6000, step=5)
        await _decide(house)
        await until(lambda: _at_rest(house), house.clock, within=6000, step=5)
    return house


async def _sent(ministry: FakeAdapter, times: int) -> bool:
    return len(ministry.sent) >= times


async def _at_rest(house: RelayHouse) -> bool:
    return not any(leg.state in HEADS for leg in await house.store.find(limit=500))


async def _decide(house: RelayHouse) -> None:
    """Let a person decide about what has stopped, make and end a key, and look."""
    stopped = [leg for leg in await house.store.find(limit=500) if leg.state is State.DEAD]
    assert len(stopped) >= 2
    for leg, decision in zip(stopped, (Decision.RETRY, Decision.SKIP, Decision.CANCELLED), strict=False):
        await house.store.decide(leg.id, decision, by=By(actor=LAN, reason="hỏi Cục qua điện thoại"), plan=house.plan)
    key = KeyRecord(id=KeyId("k-9"), role=KeyRole.SYSTEM, name="tax", digest="d")
    await house.store.add(key, actor=LAN)
    await house.store.revoke(key.id, actor=LAN)
    await house.store.viewed(View(shown=Shown.DOSSIER, ids=(stopped[0].dossier_id,)), actor=LAN)


async def test_the_chain_tells_each_deliverys_end_as_the_books_have_it(house: RelayHouse):
    """G10: every accept, attempt and move; what has ended or stopped did so by a record."""
    told = (await proof_of(house.store)).retold()
    legs = await house.store.find(limit=500)
    assert set(told) == {leg.id for leg in legs}
    ended = {leg.id: leg.state for leg in legs if leg.state in FINAL | STOPS}
    assert {leg: told[leg] for leg in ended} == ended
    assert {State.DELIVERED, State.DEAD, State.CANCELLED} <= set(ended.values())


async def test_the_chain_has_everything_once(house: RelayHouse):
    """G10: messages, tries, acts, keys, views and incarnations, and nothing that did not happen."""
    proof = await proof_of(house.store)
    timelines = [await house.store.timeline(one) for one in sorted(_dossiers(proof))]
    messages = [message.id for timeline in timelines for message in timeline.messages]
    assert sorted(_all(proof, RecordType.ACCEPTED, "message")) == sorted(messages)
    tries = [view.attempt.delivery_id for timeline in timelines for view in timeline.attempts]
    assert sorted(_all(proof, RecordType.ATTEMPTED, "delivery")) == sorted(tries)
    acts = [act.id for act in await house.store.acts()]
    assert sorted(_all(proof, RecordType.ACTED, "act")) == sorted(acts)
    keys = await house.store.all()
    assert _all(proof, RecordType.KEY_ADDED, "added") == [key.id for key in keys]
    assert _all(proof, RecordType.KEY_REVOKED, "revoked") == [key.id for key in keys if key.revoked_at]
    assert _all(proof, RecordType.NODE_BEGUN, "node") == ["node-1", "node-2"]
    assert len(proof.of(RecordType.VIEWED)) == 1


def _all(proof: Proof, kind: RecordType, field: str) -> list[str]:
    return [record[field] for record in proof.of(kind)]


def _dossiers(proof: Proof) -> set:
    return set(_all(proof, RecordType.ACCEPTED, "dossier")) | set(_all(proof, RecordType.MATCHED, "dossier"))
