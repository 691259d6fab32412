"""Answers that are sent piece by piece, to callers who do not read them."""

import asyncio
from contextlib import closing
from io import BytesIO

from structlog.testing import capture_logs

from gateway.core.message import Actor, ActorKind
from gateway.core.record import Shown, View

from .conftest import OPERATOR, PORTAL

LARGE = 4 * 1024 * 1024
CUT = [("request", "info", 200, "reader.slow")]


async def told_of(gate, lines):
    """Return what the log says of a call, once it says something."""
    async with asyncio.timeout(5):
        while not (told := [line for line in lines if line.get("path") != "/livez"]):
            await gate.get("/livez")
    return [(line["event"], line["log_level"], line.get("status"), line.get("refusal")) for line in told]


async def asked(gate, path, *, who):
    """Ask for something and read nothing of the answer; return what the log says of it."""
    with capture_logs() as lines:
        _, writer = await asyncio.open_connection("127.0.0.1", gate.port, limit=1)
        with closing(writer):
            head = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys[who]}", "", ""]
            writer.write("\r\n".join(head).encode())
            return await told_of(gate, lines)


async def test_a_download_that_its_reader_takes_too_slowly_is_cut_and_said_so_in_its_one_line(gate_with, server):
    """No fault of ours, and no traceback; what was sent before its end was a 200."""
    async with gate_with(server=server(upload_timeout="300ms", file_limit=LARGE, bodies=LARGE)) as gate:
        made = await gate.post("/v1/files", raw=BytesIO(bytes(LARGE)), headers={"Content-Type": "application/pdf"})
        assert await asked(gate, made.json["href"], who=PORTAL) == CUT


async def test_an_export_of_evidence_that_nobody_reads_on_is_cut(gate_with, server):
    """It has no limit as a whole: it is as long as what it proves."""
    async with gate_with(server=server(keepalive="300ms")) as gate:
        actor = Actor(kind=ActorKind.OPERATOR, name="Lò Văn Mẫu")
        for _ in range(100):
            ids = tuple(f"{number:06}" for number in range(5000))
            await gate.store.viewed(View(shown=Shown.FILE, ids=ids), actor=actor)
        assert await asked(gate, "/v1/ops/evidence", who=OPERATOR) == CUT
