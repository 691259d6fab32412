"""The doors and the chain: what is shown is recorded first, and operators take the chains out."""

import asyncio
import io
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.app.layout import Layout, write_private
from gateway.core.record import RecordType
from gateway.evidence.verify import verify
from gateway.stores.lock import held
from gateway.testing.books import CIVIL_STATUS, TAX
from gateway.testing.evidence import proof_of
from gateway.wire.soap import SoapVersion, envelope_of
from gateway.wire.xml import parse, to_bytes
from tests.integration.shipped import ROOT

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


class HalfTold:
    """A gateway whose first export stops half-way until ``go_on``; the next ones are whole at once."""

    def __init__(self, first: bytes, others: bytes) -> None:
        self.first, self.others = first, others
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def evidence(self, request: web.Request) -> web.StreamResponse:
        if self.begun.is_set():
            return web.Response(body=self.others)
        slow = web.StreamResponse()
        await slow.prepare(request)
        await slow.write(self.first[:9])
        self.begun.set()
        await self.go_on.wait()
        await slow.write(self.first[9:])
        return slow

    @asynccontextmanager
    async def serving(self, layout: Layout) -> AsyncGenerator[None]:
        app = web.Application()
        app.router.add_get("/v1/ops/evidence", self.evidence)
        layout.prepare()
        write_private(layout.operator_key, "gw_sample")
        with held(layout.lock):
            async with TestServer(app) as server:
                layout.announce(str(server.make_url("")).rstrip("/"))
                yield


async def test_two_exports_to_one_file_at_once_do_not_mix(gate, body, tmp_path):
    """G10: the second took the first one's draft from under it, which then failed."""
    shorter = (await gate.get("/v1/ops/evidence", who=OPERATOR)).body
    await gate.post("/v1/dossiers", body())
    longer = (await gate.get("/v1/ops/evidence", who=OPERATOR)).body
    told, layout, file = HalfTold(shorter, longer), Layout(tmp_path / "data"), tmp_path / "evidence.jsonl"
    async with told.serving(layout):
        first = await exporting(file, layout)
        await told.begun.wait()
        assert await (await exporting(file, layout)).wait() == 0
        assert file.read_bytes() == longer
        told.go_on.set()
        assert await first.wait() == 0
    assert file.read_bytes() == shorter
    assert [path.name for path in tmp_path.glob("*evidence*")] == [file.name]


async def test_an_export_that_is_called_off_leaves_no_draft(tmp_path):
    """Each has a name of its own: they would gather."""
    told, layout = HalfTold(b"0123456789", b""), Layout(tmp_path / "data")
    async with told.serving(layout):
        export = await exporting(tmp_path / "evidence.jsonl", layout)
        await told.begun.wait()
        assert list(tmp_path.glob("*evidence*"))
        export.send_signal(signal.SIGINT)
        assert await export.wait() == 128 + signal.SIGINT
        told.go_on.set()
    assert list(tmp_path.glob("*evidence*")) == []


async def exporting(file: Path, layout: Layout) -> asyncio.subprocess.Process:
    command = [sys.executable, ROOT / "run_gateway.py", "evidence", "export", file, "--data", layout.root]
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)


async def test_the_chains_are_for_operators_and_a_time_has_a_zone(gate):
    assert (await gate.get("/v1/ops/evidence")).code == "key.forbidden"
    for since in ("yesterday", "2026-01-01T00:00:00"):
        reply = await gate.get(f"/v1/ops/evidence?since={since}", who=OPERATOR)
        assert (reply.status, reply.code) == (400, "parameter.invalid")
