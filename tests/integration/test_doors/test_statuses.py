"""What is odd about a status is told to whoever sent it and to whoever gets it, and relayed all the same."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.core.routing import Route
from gateway.core.statuses import GuardMode, StatusBook, StatusTable
from gateway.testing.books import CIVIL_STATUS, TAX, a_book, a_route, a_system

NS = "urn:provincial-gateway:events:v1"
XML = {"Content-Type": "text/xml; charset=utf-8"}
TABLE = StatusTable(start=frozenset({1, 2}), following={2: frozenset({4}), 4: frozenset({9})}, closing=frozenset({9}))
ODD = ["impossible_transition", "closing_missing"]


def a_guarded_book(mode: GuardMode = GuardMode.FLAG):
    routes = [a_route(CIVIL_STATUS), Route(id="on", source=CIVIL_STATUS, to=(TAX,))]
    book = a_book(systems=[a_system(CIVIL_STATUS, status_guard=mode)], routes=routes)
    return replace(book, statuses=StatusBook(default=TABLE))


@pytest.fixture
async def gate(gate_with, body) -> AsyncIterator[object]:
    async with gate_with(book=a_guarded_book()) as opened:
        await opened.post("/v1/dossiers", body())
        await opened.post("/v1/events", status(2), who=CIVIL_STATUS)
        yield opened


def status(number: int | None, **data: object) -> dict[str, object]:
    stated = {"status": number} if number else {"source_status": {"code": "77", "text": "Chờ in"}}
    return {"kind": "status.changed", "dossier": {"code": "H01-1"}, "data": {**stated, **data}}


def envelope(body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


@pytest.mark.parametrize(("language", "word"), [("vi", "Không thể chuyển"), ("en", "Cannot follow")])
async def test_the_sender_is_warned_in_its_language(gate, language, word):
    """Model rule 19: 202, never a refusal; the receipt says what is odd."""
    reply = await gate.post("/v1/events", status(9), who=CIVIL_STATUS, headers={"Accept-Language": language})
    assert reply.status == 202
    warnings = reply.json["warnings"]
    assert [warning["code"] for warning in warnings] == ODD
    assert warnings[0]["text"].startswith(word)


async def test_an_orderly_status_warns_of_nothing(gate):
    """No noise where nothing is odd."""
    assert (await gate.post("/v1/events", status(4), who=CIVIL_STATUS)).json["warnings"] == []


async def test_a_code_of_the_partners_own_is_relayed_and_flagged(gate):
    """Model rule 3: status null, the source's words as they are."""
    reply = await gate.post("/v1/events", status(None), who=CIVIL_STATUS)
    assert [warning["code"] for warning in reply.json["warnings"]] == ["foreign_status"]
    item = (await gate.get("/v1/events", who=TAX)).json["items"][-1]["event"]
    assert item["data"]["source_status"] == {"code": "77", "text": "Chờ in"}
    assert item["anomalies"] == ["foreign_status"]


async def test_who_gets_the_event_sees_its_anomalies(gate):
    """In the envelope: English and national names."""
    await gate.post("/v1/events", status(9), who=CIVIL_STATUS)
    ours = (await gate.get("/v1/events", who=TAX)).json["items"][-1]["event"]
    headers = {"Accept": "application/vnd.qcvn120+json"}
    national = (await gate.get("/v1/events", who=TAX, headers=headers)).json["items"][-1]["event"]
    assert ours["anomalies"] == ODD == national["DanhSachBatThuong"]


async def test_soap_says_the_same_both_ways(gate):
    """A ministry that pushes is warned, one that pulls sees them."""
    item = "<item><dossier><code>H01-1</code></dossier><statusChanged><status>9</status></statusChanged></item>"
    raw = envelope(f'<submitEvents xmlns="{NS}">{item}</submitEvents>')
    answer = await gate.post("/soap/v1/events", raw=raw, headers=XML, who=CIVIL_STATUS)
    assert all(f"<code>{code}</code>" in answer.body.decode() for code in ODD)
    raw = envelope(f'<getEvents xmlns="{NS}"/>')
    page = await gate.post("/soap/v1/events", raw=raw, headers=XML, who=TAX)
    assert all(f"<anomalies>{code}</anomalies>" in page.body.decode() for code in ODD)


async def test_the_timeline_and_the_log_name_them(gate):
    """What was odd, and which status it was; the log tells nothing of what was said, the timeline no reason."""
    with capture_logs() as lines:
        await gate.post("/v1/events", status(9, reason="Bí mật"), who=CIVIL_STATUS)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["anomalies"].split() == sorted(ODD)
    assert "Bí mật" not in str(lines)
    timeline = (await gate.get("/v1/dossiers/H01-1/timeline")).json
    stated = timeline["messages"][-1]
    assert (stated["anomalies"], stated["stated"]) == (ODD, {"status": 9})
    assert "stated" not in timeline["messages"][0]
    assert "Bí mật" not in str(timeline)


async def test_a_held_status_is_accepted_and_shown_as_held(gate_with, body):
    """Mode hold: the sender gets its receipt, the reader nothing yet, a result goes on."""
    async with gate_with(book=a_guarded_book(GuardMode.HOLD)) as gate:
        await gate.post("/v1/dossiers", body())
        reply = await gate.post("/v1/events", status(9), who=CIVIL_STATUS)
        assert reply.status == 202
        shown = (await gate.get(f"/v1/deliveries/{reply.json['deliveries'][0]}", who=CIVIL_STATUS)).json
        assert (shown["state"], shown["reason"]["code"]) == ("held", "impossible_status")
        result = {"kind": "result.issued", "dossier": {"code": "H01-1"}, "data": {"name": "Giấy phép"}}
        assert (await gate.post("/v1/events", result, who=CIVIL_STATUS)).status == 202
        items = (await gate.get("/v1/events", who=TAX)).json["items"]
        assert [item["event"]["kind"] for item in items] == ["result.issued"]
