"""The doors and the chain: what is shown is recorded first, and operators take the chains out."""

import io

from gateway.core.record import RecordType
from gateway.evidence.verify import verify
from gateway.testing.books import CIVIL_STATUS, TAX
from gateway.testing.evidence import proof_of
from gateway.wire.soap import SoapVersion, envelope_of
from gateway.wire.xml import parse, to_bytes

from .conftest import OPERATOR


async def views(gate) -> list[tuple[str, str, int]]:
    return [
        (record["shown"], record["by"], len(record["ids"]))
        for record in (await proof_of(gate.store)).of(RecordType.VIEWED)
    ]


async def test_whoever_is_shown_contents_stands_in_the_chain(gate, body):
    """G10: systems and people, every door that shows what was said."""
    await gate.post("/v1/dossiers", body())
    delivery = (await gate.store.find(destination=CIVIL_STATUS))[0]
    for path in (
        "/v1/dossiers/H01-1",
        "/v1/dossiers?code=H01-1",
        "/v1/dossiers/H01-1/timeline",
        f"/v1/deliveries/{delivery.id}",
    ):
        assert (await gate.get(path)).status == 200
    for path in (
        "/v1/ops/dossiers?code=H01-1",
        f"/v1/ops/dossiers/{delivery.dossier_id}/timeline",
        "/v1/ops/deliveries",
    ):
        assert (await gate.get(path, who=OPERATOR)).status == 200
    assert (await gate.get("/v1/events", who=TAX)).status == 200
    asked = envelope_of(SoapVersion.V11, parse(b'<getEvents xmlns="urn:provincial-gateway:events:v1"/>'))
    xml = {"Content-Type": "text/xml"}
    assert (await gate.post("/soap/v1/events", raw=to_bytes(asked), headers=xml, who=TAX)).status == 200
    seen = await views(gate)
    assert [(shown, ids) for shown, by, ids in seen if by == "system:tax"] == [("feed", 1), ("feed", 1)]
    assert [shown for shown, by, _ in seen if by == "system:portal"] == ["dossier", "dossier", "timeline", "delivery"]
    assert [(shown, ids) for shown, by, ids in seen if by == "operator"] == [
        ("dossier", 1),
        ("timeline", 1),
        ("delivery", 2),
    ]


async def test_who_downloads_a_file_stands_in_the_chain(gate):
    """G10."""
    made = await gate.post("/v1/files", raw=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    await gate.get(f"/v1/files/{made.json['id']}")
    assert (await gate.get(f"/v1/files/{made.json['id']}", who=TAX)).status == 404
    assert await views(gate) == [("file", "system:portal", 1)]


async def test_who_is_shown_nothing_leaves_no_record(gate):
    """An empty feed that is asked again and again is no evidence of anything."""
    for path in ("/v1/events", "/v1/dossiers?code=none", "/v1/dossiers/none"):
        await gate.get(path)
    assert await views(gate) == []


async def test_operators_take_the_chains_out_while_the_gateway_serves(gate, body):
    """G10: streamed, sound, and without the words of any dossier."""
    await gate.post("/v1/dossiers", body())
    reply = await gate.get("/v1/ops/evidence", who=OPERATOR)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/x-ndjson")
    report = verify(io.BytesIO(reply.body))
    assert report.bad is None
    assert report.by_type[RecordType.ACCEPTED] == 1
    assert b"H01-1" not in reply.body
    later = await gate.get("/v1/ops/evidence?since=2099-01-01T00:00:00Z", who=OPERATOR)
    assert verify(io.BytesIO(later.body)).records == 0


async def test_the_chains_are_for_operators_and_a_time_has_a_zone(gate):
    assert (await gate.get("/v1/ops/evidence")).code == "key.forbidden"
    for since in ("yesterday", "2026-01-01T00:00:00"):
        reply = await gate.get(f"/v1/ops/evidence?since={since}", who=OPERATOR)
        assert (reply.status, reply.code) == (400, "parameter.invalid")
