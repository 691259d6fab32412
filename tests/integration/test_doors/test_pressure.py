"""The doors under pressure: what is refused before it is read, what passes longer, what always."""

import asyncio
import json

import pytest

from gateway.core.delivery import State
from gateway.core.pressure import CALM, Strain, Trouble, Urgency
from gateway.testing.books import CIVIL_STATUS, PORTAL, TAX, a_book, a_route

from .conftest import JSON, OPERATOR
from .test_callbacks import Receiver

SPACE = {urgency: Strain(space=urgency, room=0) for urgency in Urgency}
STATUS = {"kind": "status.changed", "dossier": {"code": "H01-1"}, "data": {"status": 4}}
WITHDRAWAL = {"kind": "withdrawal.requested", "dossier": {"code": "H01-1"}}


class Pressed:
    """A strain that the test turns."""

    def __init__(self) -> None:
        self.strain = CALM

    def __call__(self) -> Strain:
        return self.strain


@pytest.fixture
def pressed() -> Pressed:
    return Pressed()


@pytest.fixture
async def gate(gate_with, pressed):
    book = a_book(routes=[a_route(CIVIL_STATUS, TAX, source=PORTAL), a_route(PORTAL, source=CIVIL_STATUS)])
    async with gate_with(strain=pressed, book=book) as gate:
        yield gate


def full(*systems, urgency=Urgency.NEW) -> Strain:
    return Strain(backlog=dict.fromkeys(systems, urgency))


@pytest.mark.parametrize(
    ("strain", "status", "code"),
    [(SPACE[Urgency.NEW], 503, "store.full"), (full(CIVIL_STATUS, TAX), 429, "backlog.full")],
)
async def test_a_new_dossier_or_file_is_refused_before_a_byte_of_it_is_read(gate, pressed, strain, status, code):
    """With Retry-After while the body is still to come; nothing is stored."""
    pressed.strain = strain
    for path in ("/v1/dossiers", "/v1/files"):
        head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100000"
        answer = await gate.raw(head, b"", end=False)
        assert answer.startswith(f"HTTP/1.1 {status}".encode())
        assert b"Retry-After: 60" in answer
        assert code.encode() in answer
    assert await gate.is_empty()


async def test_operators_are_told_what_is_short_and_what_is_refused_for_it(gate, pressed):
    """An empty list alone would say that everything goes on by itself."""
    pressed.strain = Strain(space=Urgency.KNOWN, backlog={TAX: Urgency.NEW})
    found = (await gate.get("/v1/ops/attention", who=OPERATOR)).json
    told = [(one["what"], one.get("system"), one["refuses"]) for one in found["pressure"]]
    assert told == [("space", None, ["new", "known"]), ("backlog", TAX, ["new"])]
    assert f"Tồn đọng tới {TAX}" in found["pressure"][1]["text"]
    of_one = (await gate.get(f"/v1/ops/attention?system={CIVIL_STATUS}", who=OPERATOR)).json
    assert [one["what"] for one in of_one["pressure"]] == ["space"]
    for trouble, refused in ((Trouble.FULL, 3), (Trouble.READ_ONLY, 4), (Trouble.PUT_BACK, 4)):
        pressed.strain = Strain(trouble=trouble)
        (one,) = (await gate.get("/v1/ops/attention", who=OPERATOR)).json["pressure"]
        assert (one["what"], len(one["refuses"])) == (trouble, refused)
    assert "db restored" in one["next"]
    pressed.strain = Strain(files="the object store could not store a file (403 InvalidAccessKeyId)")
    (one,) = (await gate.get("/v1/ops/attention", who=OPERATOR)).json["pressure"]
    assert (one["what"], one["refuses"]) == ("files", [])
    assert "Tệp đính kèm" in one["text"]
    assert "403 InvalidAccessKeyId" in one["text"]
    assert "InvalidAccessKeyId: store.s3.access_key" in one["next"]
    assert (await gate.get("/readyz")).json == {"status": "ready", "pressure": ["files"]}
    pressed.strain = CALM
    assert (await gate.get("/v1/ops/attention", who=OPERATOR)).json["pressure"] == []


async def test_known_dossiers_pass_longer_and_ministries_longest(gate, pressed, body):
    """New dossiers first, then the portal's words about known ones, then call-backs."""
    await gate.post("/v1/dossiers", body())
    pressed.strain = SPACE[Urgency.NEW]
    assert (await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="2"))).status == 202
    new = {"kind": "dossier.submitted", "dossier": {"code": "N"}, "data": body(code="N")["dossier"]}
    answer = await gate.post("/v1/events", {"items": [new, WITHDRAWAL]})
    assert (answer.status, answer.headers["Retry-After"]) == (207, "60")
    assert [item["status"] for item in answer.json["items"]] == [503, 202]
    pressed.strain = SPACE[Urgency.KNOWN]
    assert (await gate.post("/v1/events", WITHDRAWAL)).code == "store.full"
    assert (await gate.post("/v1/events", STATUS, who=CIVIL_STATUS)).status == 202
    pressed.strain = SPACE[Urgency.BACK]
    assert (await gate.post("/v1/events", {**STATUS, "data": {"status": 9}}, who=CIVIL_STATUS)).code == "store.full"


@pytest.mark.parametrize(
    ("source", "strain", "told"),
    [
        (CIVIL_STATUS, Strain(backlog={PORTAL: Urgency.BACK}), (429, "backlog.full", "60")),
        (PORTAL, SPACE[Urgency.KNOWN], (503, "store.full", "60")),
    ],
)
async def test_a_call_in_its_systems_own_format_is_told_to_come_again(gate_with, pressed, body, source, strain, told):
    """G2: in its own words it would be refused, and many repeat no refusal; what there is no room for is known late."""
    routes = [a_route(CIVIL_STATUS, source=PORTAL), a_route(PORTAL, source=CIVIL_STATUS)]
    routes.append(a_route(TAX, source=CIVIL_STATUS, procedures=("2.*",)))
    kind = "withdrawal.requested" if source == PORTAL else "status.changed"
    said = {"ma": "H01-1", "trangthai": 4, "nguon": source, "loai": kind}
    async with gate_with(strain=pressed, book=a_book(routes=routes), receivers={source: Receiver()}) as gate:
        await gate.post("/v1/dossiers", body())
        pressed.strain = strain
        refused = await gate.post(f"/callbacks/{source}/x", said, who=source)
        assert (refused.status, refused.code, refused.headers["Retry-After"]) == told
        pressed.strain = CALM
        assert (await gate.post(f"/callbacks/{source}/x", said, who=source)).json == {"error_code": "0"}


async def test_a_full_system_refuses_its_own_dossiers_with_429(gate, pressed, body):
    """G6: the other still gets its own; nothing is half accepted."""
    pressed.strain = full(CIVIL_STATUS, TAX)
    answer = await gate.post("/v1/dossiers", body())
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, "backlog.full", "60")
    assert "civil_status" in answer.json["detail"]
    assert await gate.is_empty()
    pressed.strain = full(CIVIL_STATUS)
    assert (await gate.post("/v1/dossiers", body())).status == 202
    assert len(await gate.store.find(destination=CIVIL_STATUS)) == 1


async def test_by_procedure_too_a_full_system_refuses_only_what_goes_nowhere_else(gate_with, pressed, body):
    """G6: known only once the body is read; then the plan refuses, and stores nothing."""
    routes = [a_route(CIVIL_STATUS, source=PORTAL, procedures=("1.*",)), a_route(TAX, source=PORTAL, id="tax")]
    routes[1] = a_route(TAX, source=PORTAL, procedures=("2.*",), id="two")
    async with gate_with(strain=pressed, book=a_book(routes=routes)) as gate:
        pressed.strain = full(CIVIL_STATUS)
        refused = await gate.post("/v1/dossiers", body(procedure={"code": "1.001"}))
        assert (refused.status, refused.code) == (429, "backlog.full")
        assert await gate.is_empty()
        assert (await gate.post("/v1/dossiers", body(procedure={"code": "2.001"}))).status == 202


async def test_what_was_accepted_gets_its_receipt_again(gate, pressed, body):
    """G7: pressure refuses nothing that is here already."""
    key = {"Idempotency-Key": "k-1"}
    first = await gate.post("/v1/events", _submitted(body), headers=key)
    pressed.strain = SPACE[Urgency.NEW]
    again = await gate.post("/v1/events", _submitted(body), headers=key)
    assert (again.status, again.json["duplicate"]) == (202, True)
    assert again.json["message_id"] == first.json["message_id"]


def _submitted(body):
    return {"kind": "dossier.submitted", "dossier": {"code": "H01-1"}, "data": body()["dossier"]}


async def test_what_was_parked_finds_its_dossier_under_any_pressure(gate, pressed, body):
    """G2: accepted is accepted: a code that is bound later is matched though nothing new is taken."""
    await gate.post("/v1/dossiers", body())
    early = {**STATUS, "dossier": {"references": [{"scheme": "national", "code": "G-1"}]}}
    parked = await gate.post("/v1/events", early, who=CIVIL_STATUS)
    assert parked.json["matched"] is False
    pressed.strain = Strain(backlog={PORTAL: Urgency.BACK})
    bound = {**STATUS, "dossier": {"code": "H01-1", "references": [{"scheme": "national", "code": "G-1"}]}}
    assert (await gate.post("/v1/events", bound)).status == 202
    (leg,) = await gate.store.find(destination=PORTAL)
    assert leg.state is State.READY


async def test_reading_and_acknowledging_are_never_refused(gate, pressed, body):
    """They are what ends the pressure."""
    await gate.post("/v1/dossiers", body())
    pressed.strain = Strain(space=Urgency.CLAIM, room=0, backlog={TAX: Urgency.BACK, CIVIL_STATUS: Urgency.BACK})
    page = (await gate.get("/v1/events", who=TAX)).json
    assert len(page["items"]) == 1
    assert (await gate.get(f"/v1/events?after={page['next']}", who=TAX)).json["items"] == []


async def test_a_file_that_would_eat_the_reserve_is_refused(gate, pressed):
    """By its declared length, before it is read; a ministry's result by the same rule."""
    pressed.strain = Strain(room=100)
    for who in (PORTAL, CIVIL_STATUS):
        assert (await gate.post("/v1/files", raw=b"x" * 101, who=who)).code == "store.full"
        assert (await gate.post("/v1/files", raw=b"x" * 100, who=who)).status == 201


async def test_an_upload_ends_when_the_disk_runs_short_meanwhile(gate, pressed):
    """G1: nothing of it is kept."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    head = ["POST /v1/files HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys[PORTAL]}", "Content-Length: 2000"]
    writer.write("\r\n".join([*head, "", ""]).encode() + b"x" * 1000)
    await gate.blobs.arriving.wait()
    pressed.strain = SPACE[Urgency.NEW]
    writer.write(b"x" * 1000)
    assert (await reader.readline()).startswith(b"HTTP/1.1 503")
    assert not gate.blobs.objects
    writer.close()


async def test_the_health_page_and_the_systems_say_so(gate, pressed):
    """Ready all the same: whoever balances the load must not turn call-backs away."""
    pressed.strain = Strain(space=Urgency.NEW, room=0, backlog={TAX: Urgency.KNOWN})
    health = await gate.get("/readyz", who=None)
    assert (health.status, health.json["pressure"]) == (200, ["space", "backlog"])
    items = {item["id"]: item for item in (await gate.get("/v1/systems", who=OPERATOR)).json["items"]}
    assert items[TAX]["refuses"] == ["new", "known"]
    assert "refuses" not in items[CIVIL_STATUS]
    assert items[TAX]["backlog_limit"] == 500_000


async def test_bodies_beyond_the_room_for_them_wait_and_are_then_refused(gate_with, server, body):
    """503 with Retry-After before anything is read whole; room comes back when a sender ends, however it ends."""
    async with gate_with(server=server(bodies=64 * 1024)) as gate:
        _, writer = await asyncio.open_connection("127.0.0.1", gate.port)
        head = ["POST /v1/dossiers HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys[PORTAL]}"]
        head += ["Content-Type: application/json", f"Content-Length: {60 * 1024}", "", ""]
        writer.write("\r\n".join(head).encode() + b"{")
        await writer.drain()
        big = json.dumps(
            body(form={"schema": "s", "version": "1", "media_type": "text/plain", "data": "x" * 8000})
        ).encode()
        refused = await _until(gate, big, 503)
        assert (refused.code, refused.headers["Retry-After"]) == ("gateway.busy", "2")
        writer.close()
        await writer.wait_closed()
        await _until(gate, big, 202)


async def _until(gate, raw, status):
    """Post until it is answered so: what the other sender does is seen within a moment."""
    async with asyncio.timeout(10):
        while (reply := await gate.call("POST", "/v1/dossiers", raw=raw, headers=JSON)).status != status:
            assert reply.status in {202, 503}
        return reply


async def test_readers_beyond_half_of_all_connections_are_answered_without_waiting(gate_with, server, body):
    """Long polls are bounded: nobody is refused for it."""
    async with gate_with(server=server(connections=8)) as gate:
        polls = {asyncio.create_task(gate.get("/v1/events?wait=5", who=TAX)) for _ in range(5)}
        first, waiting = await asyncio.wait(polls, timeout=4, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result().json["items"] for task in first] == [[]]
        await gate.post("/v1/dossiers", body())
        assert [len(reply.json["items"]) for reply in await asyncio.gather(*waiting)] == [1, 1, 1, 1]
