"""A birth, then residence and a health insurance card: chained procedures over a running relay (model rule 8)."""

import json
from dataclasses import replace

import pytest

from gateway.core.attention import Matter
from gateway.core.delivery import State
from gateway.core.errors import StoreUnavailable
from gateway.core.message import Code
from gateway.core.outcome import Delivered, Rejected, Retryable
from gateway.core.reason import Reason, Why
from gateway.testing.adapter import FakeAdapter, says
from gateway.testing.books import (
    CIVIL_STATUS,
    HEALTH_INSURANCE,
    PORTAL,
    RESIDENCE,
    a_birth,
    a_chain_book,
    a_draft,
    a_patience,
    a_result,
    a_status,
)
from gateway.testing.relay_house import RelayHouse

FIRST, SECOND = "H01-1/residence", "H01-1/health_insurance"
REFUSED = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER, "trẻ chưa có số định danh"))


def a_house(**adapters) -> RelayHouse:
    partners = {name: FakeAdapter() for name in (PORTAL, CIVIL_STATUS, RESIDENCE, HEALTH_INSURANCE)}
    return RelayHouse(partners | adapters, a_chain_book())


def kinds(adapter):
    return [item.message.kind for item in adapter.effects]


def withdrawal():
    return a_draft(kind="withdrawal.requested", text="rút", document=None)


async def test_a_birth_is_followed_by_both_steps_whatever_becomes_of_one():
    """Partial failure: one step is refused, the other done, the birth stands; the portal hears of each by its code."""
    house = a_house()
    house.adapters[RESIDENCE].script(FIRST, says(REFUSED))
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_result())
        await house.until(RESIDENCE, State.DEAD)
        await house.until(HEALTH_INSURANCE, State.DELIVERED)
        of_second = (Code("chain", SECOND),)
        await house.accept(a_status(None, 9, source=HEALTH_INSURANCE, codes=of_second))
        await house.until(PORTAL, *[State.DELIVERED] * 5)
    told = {(item.message.codes[0].value, item.message.kind) for item in house.adapters[PORTAL].effects}
    assert told == {
        ("H01-1", "relay.delivered"),
        ("H01-1", "result.issued"),
        (FIRST, "relay.refused"),
        (SECOND, "relay.delivered"),
        (SECOND, "status.changed"),
    }
    assert kinds(house.adapters[CIVIL_STATUS]) == ["dossier.submitted"]


async def test_a_step_is_sent_whole_with_the_result_and_its_files():
    """Each step gets the dossier's snapshot, what was issued, and the files of both."""
    house = a_house()
    form, paper = (
        replace(house.blobs.hold(data, name=name), file_id=name) for data, name in ((b"f", "f"), (b"p", "p"))
    )
    async with house.running():
        await house.accept(a_birth(blobs=(form,)))
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_result(blobs=(paper,)))
        await house.until(RESIDENCE, State.DELIVERED)
    (sent,) = house.adapters[RESIDENCE].effects
    document = json.loads(sent.dossier.document.body)
    assert document["procedure"] == {"code": "1.004222", "name": "Thủ tục 1.004222"}
    assert document["results"][0]["id"] == "KS-1"
    assert sent.dossier.blobs == (form, paper)


async def test_a_result_in_the_reply_of_the_ministry_begins_the_steps():
    """A relayed reply goes the same way as a call-back."""
    house = a_house()
    house.adapters[CIVIL_STATUS].script("H01-1", says(Delivered(replies=(a_result(),))))
    async with house.running():
        await house.accept(a_birth())
        await house.until(RESIDENCE, State.DELIVERED)
        await house.until(HEALTH_INSURANCE, State.DELIVERED)


async def test_said_twice_and_corrected_a_result_begins_each_step_once():
    """G4: a poll and a call-back of one result are one effect; a correction amends, in order, behind the submission."""
    house = a_house()
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        polled = a_result(operation="poll", dedup_key="KQ-1")
        called_back = a_result(operation="callback", dedup_key="KQ-1")
        corrected = a_result(kind="result.corrected", data={"id": "KS-2", "replaces": "KS-1"})
        await house.accept(polled, polled, called_back, corrected)
        await house.until(RESIDENCE, State.DELIVERED, State.DELIVERED)
        await house.until(HEALTH_INSURANCE, State.DELIVERED, State.DELIVERED)
    assert kinds(house.adapters[RESIDENCE]) == ["dossier.submitted", "dossier.amended"]
    amended = json.loads(house.adapters[RESIDENCE].effects[1].dossier.document.body)
    assert [result["id"] for result in amended["results"]] == ["KS-2"]


async def test_withdrawn_before_the_result_nothing_follows():
    """G4: the ministry registered the birth all the same; the portal hears of that alone."""
    house = a_house()
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(withdrawal(), a_result())
        await house.until(CIVIL_STATUS, State.DELIVERED, State.DELIVERED)
        await house.until(PORTAL, *[State.DELIVERED] * 3)
    assert not house.adapters[RESIDENCE].effects
    assert not house.adapters[HEALTH_INSURANCE].effects


async def test_withdrawn_in_the_middle_each_step_is_withdrawn_by_its_own_state():
    """Rule 7: in order where it was sent, answered by the gateway where it never was."""
    house = a_house()
    house.adapters[HEALTH_INSURANCE].script(SECOND, *[says(Retryable(reason=Reason(Why.CONNECTION_REFUSED)))] * 50)
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_result())
        await house.until(RESIDENCE, State.DELIVERED)
        await house.until(HEALTH_INSURANCE, State.DELAYED)
        await house.accept(withdrawal())
        await house.until(RESIDENCE, State.DELIVERED, State.DELIVERED)
        await house.until(HEALTH_INSURANCE, State.CANCELLED)
    assert kinds(house.adapters[RESIDENCE]) == ["dossier.submitted", "withdrawal.requested"]
    assert not house.adapters[HEALTH_INSURANCE].effects
    answered = await house.legs(PORTAL, "withdrawal.accepted")
    (second,) = await house.store.dossiers(SECOND)
    assert [leg.dossier_id for leg in answered] == [second.id]


async def test_a_commit_that_fails_has_begun_nothing_and_the_repeated_call_begins_all():
    """G2, G4: the trigger is in the accepting transaction: with the result or not at all."""
    house = a_house()
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        house.store.up = False
        with pytest.raises(StoreUnavailable):
            await house.accept(a_result(dedup_key="KQ-1"))
        house.store.up = True
        assert await house.legs(RESIDENCE) == ()
        await house.accept(a_result(dedup_key="KQ-1"), a_result(dedup_key="KQ-1"))
        await house.until(RESIDENCE, State.DELIVERED)
    assert kinds(house.adapters[RESIDENCE]) == ["dossier.submitted"]


async def test_a_node_that_dies_between_result_and_step_loses_and_doubles_nothing():
    """G11: the steps were on disk with the result; the next node sends each once."""
    house = a_house()
    await house.accept(a_birth())
    async with house.running("node-1"):
        await house.until(CIVIL_STATUS, State.DELIVERED)
    async with house.doomed("node-2"):
        await house.accept(a_result(dedup_key="KQ-1"))
    async with house.running("node-3"):
        await house.accept(a_result(dedup_key="KQ-1"))
        await house.until(RESIDENCE, State.DELIVERED)
        await house.until(HEALTH_INSURANCE, State.DELIVERED)
    assert len(house.adapters[RESIDENCE].effects) == len(house.adapters[HEALTH_INSURANCE].effects) == 1


async def test_a_step_that_stands_still_needs_attention():
    """A refused step is in the list of what needs a person."""
    house = a_house()
    house.adapters[RESIDENCE].script(FIRST, says(REFUSED))
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_result())
        await house.until(RESIDENCE, State.DEAD)
    entries = await house.store.attention(a_patience().bounds)
    assert [(entry.cause.matter, entry.cause.system) for entry in entries] == [(Matter.DEAD, RESIDENCE)]


async def test_a_step_in_shadow_is_rehearsed_and_never_sent():
    """While another way still begins it."""
    house = a_house()
    book = house.book
    shadows = tuple(replace(route, shadow=route.id == RESIDENCE) for route in book.routes)
    house = RelayHouse(house.adapters, replace(book, routes=shadows))
    async with house.running():
        await house.accept(a_birth())
        await house.until(CIVIL_STATUS, State.DELIVERED)
        await house.accept(a_result())
        await house.until(RESIDENCE, State.CANCELLED)
        await house.until(HEALTH_INSURANCE, State.DELIVERED)
    assert not house.adapters[RESIDENCE].effects
