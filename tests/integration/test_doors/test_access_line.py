"""One line per request, with nothing of what was sent."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from gateway.testing.books import CIVIL_STATUS, LAND

from .conftest import PORTAL

DIGITS = "014089001234"  #: of a dossier, or of a citizen
LEFT = ("request", "info", 499, "unanswered")


@asynccontextmanager
async def calling(gate, head, body=b"", *, more=0):
    """Let a caller send these bytes, of a body that has ``more`` than are sent."""
    _, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    lines = [head, "Host: x", f"Authorization: Bearer {gate.keys[PORTAL]}", "Content-Type: application/json"]
    writer.write("\r\n".join([*lines, f"Content-Length: {len(body) + more}", "", ""]).encode() + body)
    try:
        yield
    finally:
        writer.transport.abort()
        await gate.get("/livez")  # by then it is seen that nobody waits


async def told_of(gate, lines):
    """Return the only line of a call that nobody waits for, once it is there."""
    async with asyncio.timeout(5):
        while not (told := [line for line in lines if line.get("path") != "/livez"]):
            await gate.get("/livez")
    (line,) = told
    return line


def kept_of(line):
    return line["event"], line["log_level"], line["status"], line["refusal"]


async def test_who_leaves_while_it_is_accepted_leaves_one_line(slow, body):
    """It was not answered, and may have been accepted all the same: whoever looks for its call finds it."""
    gate, inbox = slow
    with capture_logs() as lines:
        async with calling(gate, "POST /v1/dossiers HTTP/1.1", json.dumps(body(DIGITS)).encode()):
            await inbox.begun.wait()
        inbox.may_commit.set()
        line = await told_of(gate, lines)
    assert kept_of(line) == LEFT
    assert (line["caller"], line["path"]) == ("portal", "/v1/dossiers")
    assert DIGITS not in line["dossier"]


@pytest.mark.parametrize(("head", "more"), [("POST /v1/events HTTP/1.1", 10), ("GET /v1/events?wait=5 HTTP/1.1", 0)])
async def test_who_leaves_before_anything_came_of_it_leaves_one_line(gate, head, more):
    """Half-way through its body, or waiting for news."""
    with capture_logs() as lines:
        async with calling(gate, head, more=more):
            await gate.get("/livez")
        line = await told_of(gate, lines)
    assert kept_of(line) == LEFT


async def test_a_code_of_digits_is_shown_once_it_is_a_dossiers(gate, body):
    """G9: what a caller only gave for a code may be a citizen's number; what was accepted under it is a dossier."""
    with capture_logs() as lines:
        assert (await gate.get(f"/v1/dossiers/{DIGITS}")).status == 404
        assert (await gate.post("/v1/dossiers", {**body(DIGITS), "colour": "red"})).status == 422
        assert (await gate.post("/v1/dossiers", body(DIGITS))).status == 202
    *refused, accepted = [line["dossier"] for line in lines if line["event"] == "request"]
    assert DIGITS not in refused
    assert accepted == DIGITS


async def test_each_request_leaves_one_line_without_content(gate, body):
    """G9: who, what, how long, which dossier and messages; no body, no name, no key."""
    with capture_logs() as lines:
        reply = await gate.post("/v1/dossiers", body(), headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        await gate.get("/v1/dossiers/H01-1?secret=1", who=None)
    first, second = [line for line in lines if line["event"] == "request"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/dossiers", 202)
    assert (first["caller"], first["dossier"]) == ("portal", "H01-1")
    assert first["message_ids"] == reply.json["message_id"]
    assert first["trace_id"] == "a" * 32 == reply.headers["X-Request-Id"]
    assert (second["path"], second["status"], second["caller"]) == ("/v1/dossiers/{code}", 401, "")
    assert "Mẫu" not in str(lines)
    assert "secret" not in str(lines)
    assert gate.keys["portal"] not in str(lines)


async def test_a_refused_request_s_line_says_what_it_was_refused_with(gate, body):
    """Whoever looks for `dossier.not_found` finds its calls; of a batch the first that was refused counts."""
    stated = {"kind": "status.changed", "dossier": {"code": "H01-1"}, "data": {"status": 4}}
    with capture_logs() as lines:
        await gate.post("/v1/dossiers", {**body(), "colour": "red"})
        await gate.get("/v1/dossiers/H09")
        await gate.get("/v1/nowhere")
        await gate.post("/v1/dossiers", body(), headers={"Idempotency-Key": "same"})
        await gate.post("/v1/dossiers", body("H01-2"), headers={"Idempotency-Key": "same"})
        await gate.post("/v1/events", stated, who=LAND)
        await gate.post("/v1/events", {"items": [stated, {**stated, "data": {"status": 44}}]}, who=CIVIL_STATUS)
    told = [(line["status"], line["refusal"]) for line in lines if line["event"] == "request"]
    assert told == [
        (422, "body.invalid"),
        (404, "dossier.not_found"),
        (404, "not_found"),
        (202, ""),
        (422, "idempotency.conflict"),
        (403, "dossier.not_yours"),
        (207, "body.invalid"),
    ]
