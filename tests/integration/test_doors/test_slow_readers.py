"""Answers that are sent piece by piece, to callers who take them slowly, or not at all."""

import asyncio
import socket
from contextlib import closing
from io import BytesIO

from structlog.testing import capture_logs

from gateway.core.message import Actor, ActorKind
from gateway.core.record import Shown, View

from .conftest import OPERATOR, PORTAL

LARGE = 4 * 1024 * 1024
STEP = 32 * 1024
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


async def begun(gate, path, *, who):
    """Ask for something and leave with the first bytes of the answer; return what the log says of it."""
    with capture_logs() as lines:
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.port, limit=1)
        head = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys[who]}", "", ""]
        writer.write("\r\n".join(head).encode())
        await reader.read(1)
        writer.transport.abort()
        return await told_of(gate, lines)


async def fill(gate):
    """Record what makes one page of an export longer than what lies between two ends of a connection."""
    actor = Actor(kind=ActorKind.OPERATOR, name="Lò Văn Mẫu")
    ids = tuple(f"{number:06}" for number in range(5000))
    for _ in range(300):
        await gate.store.viewed(View(shown=Shown.FILE, ids=ids), actor=actor)


async def read_within(seconds, gate, path, *, who):
    """Ask for something and take ``LARGE`` of the answer in so many seconds, bit by bit; return its last bytes."""
    near = socket.socket()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STEP)
    near.connect(("127.0.0.1", gate.port))
    reader, writer = await asyncio.open_connection(sock=near, limit=STEP)
    now = asyncio.get_running_loop().time
    with closing(writer):
        head = [f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys[who]}", "Connection: close"]
        writer.write("\r\n".join([*head, "", ""]).encode())
        began, taken, last = now(), 0, b""
        while piece := await reader.read(STEP):
            taken, last = taken + len(piece), (last + piece)[-200:]
            await asyncio.sleep(began + seconds * taken / LARGE - now())
        return last


async def test_a_download_that_its_reader_takes_too_slowly_is_cut_and_said_so_in_its_one_line(gate_with, server):
    """No fault of ours, and no traceback; what was sent before its end was a 200."""
    async with gate_with(server=server(upload_timeout="300ms", file_limit=LARGE, bodies=LARGE)) as gate:
        made = await gate.post("/v1/files", raw=BytesIO(bytes(LARGE)), headers={"Content-Type": "application/pdf"})
        assert await asked(gate, made.json["href"], who=PORTAL) == CUT


async def test_who_leaves_a_download_half_way_leaves_one_line(gate_with, server):
    """No fault of ours, either: a caller who has a part is not one who has the file."""
    async with gate_with(server=server(file_limit=LARGE, bodies=LARGE)) as gate:
        made = await gate.post("/v1/files", raw=BytesIO(bytes(LARGE)), headers={"Content-Type": "application/pdf"})
        assert await begun(gate, made.json["href"], who=PORTAL) == [("request", "info", 200, "unanswered")]


async def test_an_export_of_evidence_that_nobody_reads_on_is_cut(gate_with, server):
    """It has no limit as a whole: it is as long as what it proves."""
    async with gate_with(server=server(keepalive="300ms")) as gate:
        await fill(gate)
        assert await asked(gate, "/v1/ops/evidence", who=OPERATOR) == CUT


async def test_who_reads_an_export_slowly_but_steadily_has_it_whole(gate_with, server):
    """However much of it is written at once: a page of it may hold megabytes."""
    async with gate_with(server=server(keepalive="1s")) as gate:
        await fill(gate)
        assert b'"end"' in await read_within(0.7, gate, "/v1/ops/evidence", who=OPERATOR)
