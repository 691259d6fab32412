"""The guarantees on a bad day: everything accepted is accounted for, whatever partner and process do."""

import hashlib
import json
import random

import pytest

from gateway.core.delivery import FINAL, STOPS, State
from gateway.core.ids import FileId
from gateway.core.message import Actor, ActorKind, Blob, Conflict, Draft
from gateway.core.outcome import Ambiguous, Rejected, Retryable
from gateway.core.reason import Reason, Why
from gateway.model.drafts import Stated, draft
from gateway.model.reading import read_dossier
from gateway.testing.adapter import FakeAdapter, Scripted, fails, says, takes_but_says
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_book, a_draft, a_route
from gateway.testing.relay_house import RelayHouse
from gateway.testing.signals import until

DOSSIERS = [f"H01-{number}" for number in range(1, 13)]
LOST = Ambiguous(reason=Reason(Why.TIMEOUT))
BAD_DAY = (
    says(Retryable(reason=Reason(Why.CONNECTION_REFUSED))),
    says(LOST),
    takes_but_says(LOST),
    fails(RuntimeError("a bug")),
    Scripted(),
    Scripted(),
)


def a_bad_day(seed: int) -> FakeAdapter:
    """A partner that deduplicates, and is down, silent or beside itself as chance has it; it refuses one dossier."""
    dice = random.Random(seed)  # noqa: S311 - a bad day must be repeatable
    ministry = FakeAdapter(deduplicates=True)
    ministry.script(DOSSIERS[1], Scripted(takes=True, hangs=True))  # until the process dies
    ministry.script(DOSSIERS[2], Scripted(hangs=True))
    for code in DOSSIERS[1:]:
        ministry.script(code, *(dice.choice(BAD_DAY) for _ in range(8)))
    ministry.script(DOSSIERS[0], says(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER))))
    return ministry


@pytest.mark.parametrize("seed", range(4))
async def test_a_bad_day_loses_nothing_repeats_nothing_and_keeps_the_order(seed):
    """G2, G3, G4, G5, G11: every receipt is accounted for; one effect each, in order; delivered is what arrived."""
    ministry = a_bad_day(seed)
    house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: ministry}, a_book(routes=[a_route(CIVIL_STATUS)]))
    async with house.doomed("node-1"):
        for text in ("one", "two", "three"):
            await house.accept(*(said(code, text) for code in DOSSIERS))
        await until(lambda: has_sent(ministry, 6), house.clock)
    async with house.running("node-2"):
        await until(lambda: all_at_rest(house), house.clock, within=6000, step=5)
    legs = await house.legs(CIVIL_STATUS)
    assert len(legs) == 3 * len(DOSSIERS)
    assert sum(leg.state is State.DELIVERED for leg in legs) == 3 * (len(DOSSIERS) - 1)
    arrived = [item.id for item in ministry.effects]
    assert len(arrived) == len(set(arrived))
    assert {leg.id for leg in legs if leg.state is State.DELIVERED} == set(arrived)
    for code in DOSSIERS[1:]:
        assert texts_of(ministry, code) == ["one", "two", "three"]
    assert house.metrics.value("relay_lanes_repaired_total") == 0
    assert house.metrics.value("relay_reclaimed_total", system=CIVIL_STATUS) >= 2


def said(code: str, text: str):
    return a_draft(code, text=text, kind="dossier.submitted" if text == "one" else "dossier.amended")


def texts_of(ministry: FakeAdapter, code: str) -> list[str]:
    mine = [item for item in ministry.effects if item.message.codes[0].value == code]
    return [json.loads(item.message.payload.body)["text"] for item in mine]


async def has_sent(ministry: FakeAdapter, times: int) -> bool:
    return len(ministry.sent) >= times


async def all_at_rest(house: RelayHouse) -> bool:
    """Whether all is final or with a person, but for what waits behind the refused dossier."""
    legs = await house.legs(CIVIL_STATUS)
    return sum(leg.state not in FINAL | STOPS for leg in legs) == 2


def a_draft_with(*contents: str) -> Draft:
    """Return the draft of always the same words, with these files in this order."""
    files = {FileId(f"f-{position}"): a_blob(content) for position, content in enumerate(contents)}
    body = {
        "code": "H01-1",
        "procedure": {"code": "1.001"},
        "owner": {"name": {"whole": "Nguyễn Văn Mẫu"}},
        "files": [{"id": file} for file in files],
    }
    actor = Actor(kind=ActorKind.SYSTEM, name="portal")
    stated = Stated(source=PORTAL, operation="dossiers.submit", actor=actor, dedup_key="k", blobs=files)
    return draft(read_dossier({"dossier": body}), stated)


def a_blob(content: str) -> Blob:
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return Blob(key="k", sha256=sha256, size=len(content), content_type="application/pdf", name="don.pdf")


async def test_the_same_words_with_another_file_are_not_the_same():
    """G7: the digest holds the files' hashes in order, so a file exchanged under a used key is a conflict."""
    house = RelayHouse({PORTAL: FakeAdapter(), CIVIL_STATUS: FakeAdapter()}, a_book(routes=[a_route(CIVIL_STATUS)]))
    (first,) = await house.accept(a_draft_with("one", "two"))
    (again,) = await house.accept(a_draft_with("one", "two"))
    assert (again.duplicate, again.message_id) == (True, first.message_id)
    for other in (a_draft_with("one", "other"), a_draft_with("two", "one")):
        assert (await house.store.accept((other,), plan=house.plan)).results == (Conflict(first.message_id),)
