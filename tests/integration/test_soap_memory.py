"""Files of 100 MB beside SOAP messages, both ways, over a real folder: the process does not grow by a sixth of one."""

import asyncio
import hashlib
import tomllib
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web

from gateway.config.settings import SystemConfig
from gateway.core.outcome import Delivered
from gateway.sdk import Context
from gateway.stores.blobs import LocalBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.ids import FakeIds
from gateway.testing.loopback import served
from gateway.testing.secrets import FakeSecrets
from tests.adapters import opened
from tests.machine import resident

from .test_doors.conftest import SERVER, open_gate
from .test_doors.test_soap_attachments import a_file, call, include, package, result, submit, text
from .test_sdk_soap_files import MAPPING, SYSTEM, WSDL, answer

pytestmark = pytest.mark.slow

MB = 1_000_000
SIZE = 100 * MB
GROWTH = 16 * MB
CHUNK = bytes(range(256)) * 256


async def large(before=b"", after=b"", size=SIZE):
    """A file of this size, never whole anywhere, between two texts."""
    yield before
    for start in range(0, size, len(CHUNK)):
        yield CHUNK[: size - start]
        await asyncio.sleep(0)  # the other end of the connection is in this process too
    yield after


async def digest_of(chunks):
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


@pytest.fixture
def blobs(tmp_path):
    return LocalBlobs(tmp_path / "blobs", clock=FakeClock(), ids=FakeIds())


async def test_a_file_that_a_ministry_sends_passes_in_little_memory(blobs):
    """From the socket to the disk."""
    server = msgspec.structs.replace(SERVER, file_limit=2 * SIZE, upload_timeout="60s", bodies=4 * MB)

    def sent(id_, size):
        message, declared = package(submit(result(a_file(include("1")), id_=id_)), [("1", b"|")])
        before, after = message.split(b"|")
        return large(before, after, size), declared

    async with open_gate(server=server, blobs=blobs) as gate:
        await call(gate, sent("first", MB))
        floor = resident(forget=True)
        reply = await call(gate, sent("large", SIZE))
        grown = resident() - floor
        kept = await gate.store.message(text(reply, "messageId"))
    assert (kept.blobs[0].size, kept.blobs[0].sha256) == (SIZE, await digest_of(large()))
    assert grown < GROWTH


@asynccontextmanager
async def ministry():
    """A server that reads whatever comes and answers with a file of 100 MB; yields its address, and what it read."""
    heard = []

    async def take(request):
        heard.append(sum([len(chunk) async for chunk in request.content.iter_any()]))
        head = f"--b\r\n\r\n{answer().decode()}\r\n--b\r\nContent-ID: <1@partner>\r\n\r\n".encode()
        response = web.StreamResponse(headers={"Content-Type": 'multipart/related; type="text/xml"; boundary=b'})
        await response.prepare(request)
        async for chunk in large(head, b"\r\n--b--\r\n"):
            await response.write(chunk)
        return response

    app = web.Application(client_max_size=4 * SIZE)
    app.router.add_post("/ws", take)
    async with served(app) as port:
        yield f"http://127.0.0.1:{port}/ws", heard


@asynccontextmanager
async def adapter_of(folder, blobs, address, *, attachments, field):
    (folder / "files.wsdl").write_text(WSDL)
    table = tomllib.loads(SYSTEM % {"version": "1.1", "attachments": attachments, "keep": "true"})
    table |= {"endpoint": {"sandbox": address}, "timeouts": {"total": "60s"}}
    context = Context(
        clock=FakeClock(),
        secrets=FakeSecrets({}),
        blobs=blobs,
        mappings={"dossier": tomllib.loads(MAPPING % field)},
        directory=folder,
    )
    async with opened(msgspec.convert(table, SystemConfig), context) as adapter:
        yield adapter


@pytest.mark.parametrize(("attachments", "field"), [("mtom", "noiDung"), ("swa", "diaChi"), ("inline", "noiDung")])
async def test_a_file_that_a_ministry_is_sent_passes_in_little_memory(blobs, tmp_path, attachments, field):
    """From the disk to the socket, whichever way; and from the reply to the disk, where it brings one."""
    file = await blobs.put(large(), name="lớn.pdf", content_type="application/pdf", limit=SIZE)
    async with (
        ministry() as (address, heard),
        adapter_of(tmp_path, blobs, address, attachments=attachments, field=field) as adapter,
    ):
        await adapter.send(a_delivery(), deadline=60.0)
        floor = resident(forget=True)
        outcome = await adapter.send(a_delivery(a_message(blobs=(file,))), deadline=60.0)
        grown = resident() - floor
    assert isinstance(outcome, Delivered)
    assert outcome.facts["digest"] == file.sha256
    assert heard[-1] > SIZE
    assert grown < GROWTH
