"""``POST /v1/events``: one event or several, under the English names or the national ones, known again by key or id."""

import json

import pytest

from gateway.model.event import EventBatch, NewEvent
from gateway.model.names import to_national
from gateway.testing.books import CIVIL_STATUS

NATIONAL = {"Content-Type": "application/vnd.qcvn120+json"}


@pytest.fixture
async def gate(gate_with, body):
    async with gate_with() as opened:
        await opened.post("/v1/dossiers", body())
        yield opened


async def say(gate, said, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return await gate.post("/v1/events", said, who=CIVIL_STATUS, headers=headers)


async def statuses(gate):
    """Return how many statuses of the dossier were accepted."""
    (view,) = await gate.store.dossiers("H01-1")
    return sum(one.kind == "status.changed" for one in (await gate.store.timeline(view.id)).messages)


@pytest.mark.parametrize("shape", [NewEvent, EventBatch])
async def test_the_national_names_are_understood(gate, status, shape):
    said = status() if shape is NewEvent else {"items": [status(), status(number=5)]}
    raw = json.dumps(to_national(shape, said)).encode()
    reply = await gate.post("/v1/events", raw=raw, who=CIVIL_STATUS, headers=NATIONAL)
    assert reply.status == 202, reply.body
    assert await statuses(gate) == (1 if shape is NewEvent else 2)


@pytest.mark.parametrize("way", ["header", "id"])
async def test_an_event_is_known_again_whatever_was_said_since(gate, status, way):
    """G7: by its own id or by the header; the same key over other content is a conflict."""
    key, more = ({"Idempotency_Key": "k-1"}, {}) if way == "header" else ({}, {"source_event_id": "E-1"})
    first = await say(gate, status(**more), **key)
    await say(gate, status(number=5))
    again = await say(gate, status(**more), **key)
    assert (again.status, again.json["message_id"]) == (202, first.json["message_id"])
    other = await say(gate, status(number=9, **more), **key)
    assert (other.status, other.code) == (422, "idempotency.conflict")
    assert await statuses(gate) == 2


async def test_the_header_of_a_batch_names_each_of_its_events(gate, status):
    """G7: and where there is none, two batches have nothing in common."""
    both = {"items": [status(), status(number=5)]}
    first = await say(gate, both, Idempotency_Key="k-1")
    await say(gate, {"items": [status(number=2), status(number=6)]})
    again = await say(gate, both, Idempotency_Key="k-1")
    told = [[item["receipt"]["message_id"] for item in one.json["items"]] for one in (first, again)]
    assert told[0] == told[1]
    assert [item["status"] for item in (await say(gate, both)).json["items"]] == [202, 202]
    assert await statuses(gate) == 6


async def test_a_fault_is_named_where_it_stands(gate, status):
    """In an event that came alone it is not the first of a list."""
    wrong = status(number=99)
    alone = await say(gate, wrong)
    assert [fault["path"] for fault in alone.json["errors"]] == ["data.status"]
    among = await say(gate, {"items": [status(), wrong]})
    assert [fault["path"] for fault in among.json["items"][1]["problem"]["errors"]] == ["items[1].data.status"]
