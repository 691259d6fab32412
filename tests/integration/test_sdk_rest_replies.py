"""What REST partners answer with: files inside, and everything that the field and an enemy have thought of."""

import asyncio
import base64
import gzip
import hashlib
import json
import time
import tracemalloc
import zlib
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from gateway.core.errors import ConfigError, StoreFull
from gateway.core.message import Blob
from gateway.core.outcome import Ambiguous, Delivered, Retryable
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery
from gateway.testing.loopback import served
from tests.adapters import context_of, opened, system_of

SYSTEM = """
id = "labour"
role = "system"
adapter = "rest"
name = { vi = "Lao động" }
limits = { reply = 1000000 }
doubt = { "*" = { doubt = "resend" } }
[options.operations."*"]
path = "/hoSo"
wrap = { id = "{delivery.id}" }
reply_files = ["ketQua.giay", "tep[*].nd"]
[options.operations."*".facts]
paper = "ketQua.giay.id"
size = "ketQua.giay.size"
first = "ketQua.giay.sha256"
second = "tep[1].nd.sha256"
[[options.outcomes]]
http = [200]
path = "ma"
equals = ["00"]
then = "delivered"
[[options.outcomes]]
http = [404]
then = "reject"
"""
SMALL = "giấy nhỏ".encode()
HALF = gzip.compress(b'{"ma": "00", "x": "' + bytes(range(48, 90)) * 300 + b'"}')[:60]


class FullBlobs(MemoryBlobs):
    """Has no room for anything."""

    async def put(self, source, *, name, content_type, limit):
        """Refuse as soon as there is anything to keep."""
        del name, content_type, limit
        async for _ in source:
            raise StoreFull("no room")


class Digesting(MemoryBlobs):
    """Keeps no more of a file than its digest."""

    async def put(self, source, *, name, content_type, limit):
        """Read a file."""
        del limit
        digest, size = hashlib.sha256(), 0
        async for chunk in source:
            digest.update(chunk)
            size += len(chunk)
        return Blob(key=f"k-{size}", sha256=digest.hexdigest(), size=size, content_type=content_type, name=name)


@asynccontextmanager
async def answering(answer, *, blobs=None, text=SYSTEM, total="30s"):
    """Serve one answer, and open an adapter that asks for it."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    clock = FakeClock()
    async with served(app) as port:
        config = system_of(text + f'\n[timeouts]\ntotal = "{total}"\n', f"http://127.0.0.1:{port}")
        async with opened(config, context_of(clock=clock, blobs=blobs)) as adapter:
            yield adapter, clock


async def sent(answer, **options):
    """Send once."""
    async with answering(answer, **options) as (adapter, clock):
        return await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)


def says(body, *, status=200, headers=None):
    """Return a handler that reads the request and answers so."""

    async def answer(request):
        await request.read()
        return web.Response(status=status, body=body, headers=headers or {"Content-Type": "application/json"})

    return answer


def pouring(pieces, *, status=200, headers=None):
    """Return a handler that answers with pieces, one after the other."""

    async def answer(request):
        await request.read()
        response = web.StreamResponse(status=status, headers=headers or {"Content-Type": "application/json"})
        await response.prepare(request)
        for piece in pieces():
            await response.write(piece)
        return response

    return answer


LARGE = bytes(range(256)) * 160_000  # 41 MB


def a_large_reply():
    """Yield 55 MB of JSON: a large paper, and a small one where a large one could be."""
    yield b'{"ma": "00", "ketQua": {"giay": "'
    for start in range(0, len(LARGE), 768_000):
        yield base64.b64encode(LARGE[start : start + 768_000]).replace(b"/", b"\\/")
    small = base64.b64encode(SMALL).decode()
    yield f'", "so": 1}}, "tep": [{{"nd": "không phải"}}, {{"nd": "{small}"}}, {{"nd": ""}}]}}'.encode()


async def test_files_inside_a_reply_are_kept_while_it_is_read():
    """Fifty times the limit of a reply passes, in a few pieces at a time; a small file is kept the same way."""
    async with answering(pouring(a_large_reply), blobs=Digesting()) as (adapter, clock):
        tracemalloc.start()
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(outcome, Delivered)
    assert outcome.facts["size"] == str(len(LARGE))
    assert outcome.facts["first"] == hashlib.sha256(LARGE).hexdigest()
    assert outcome.facts["second"] == hashlib.sha256(SMALL).hexdigest()
    assert outcome.facts["paper"].startswith("in-")
    assert peak < 12_000_000
    assert len(outcome.trace.reply.body) < 1000


def endless():
    """Yield base64 without end, inside a text."""
    yield b'{"ma": "00", "ketQua": {"giay": "'
    for _ in range(10_000):
        yield b"AAAA" * 10_000


async def test_a_file_without_end_is_cut():
    """``limits.reply_files`` bounds all of them together."""
    text = SYSTEM.replace("reply = 1000000", "reply = 1000000, reply_files = 3000000")
    outcome = await sent(pouring(endless), text=text)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_TOO_LARGE


async def test_a_file_that_cannot_be_kept_makes_no_yes():
    """G5: the partner has said 00; what it sent along is lost, so a person or a resend must tell."""
    for reply in (pouring(a_large_reply), says(b'{"ma": "00", "ketQua": {"giay": "AAAA"}}')):
        outcome = await sent(reply, blobs=FullBlobs())
        assert isinstance(outcome, Ambiguous)


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
async def test_a_bomb_is_cut_before_it_unfolds(algorithm):
    """A gigabyte in a megabyte: what is held is bounded by the limit of a reply."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if algorithm == "gzip" else 15)
    body = packer.compress(b'{"ma": "00", "x": "') + b"".join(packer.compress(bytes(1 << 20)) for _ in range(256))
    body += packer.flush()
    assert len(body) < 400_000
    headers = {"Content-Type": "application/json", "Content-Encoding": algorithm}
    for text in (SYSTEM, SYSTEM.replace("reply_files", "# reply_files")):
        async with answering(says(body, headers=headers), text=text) as (adapter, clock):
            tracemalloc.start()
            outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert isinstance(outcome, Ambiguous)
        assert outcome.reason.code in (Why.REPLY_TOO_LARGE, Why.REPLY_UNREADABLE)
        assert peak < 40_000_000


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (says(b'{"ma": "00"}', status=302, headers={"Location": "/login"}), Ambiguous, Why.REDIRECTED),
        (says(b'{"ma": "00"}', status=307, headers={"Location": "/hoSo2"}), Ambiguous, Why.REDIRECTED),
        (says(b"<!DOCTYPE html><form>login</form>"), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b"<html>404</html>", status=404), Retryable, Why.CLIENT_ERROR),
        (says(HALF, headers={"Content-Encoding": "gzip"}), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b"not gzip at all", headers={"Content-Encoding": "gzip"}), Ambiguous, Why.REPLY_UNREADABLE),
        (says('{"ma": "00"}'.encode("utf-16")), Ambiguous, Why.REPLY_UNREADABLE),
        (says('{"lỗi": "đã"}'.encode("cp1258", "replace")), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b'{"ma": "00", "ma2": ' + b"[" * 500_000), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b'{"ma": NaN}'), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b'{"ma": "00"} {"ma": "01"}'), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b'{"ma": "00"'), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b"", status=204), Ambiguous, Why.REPLY_UNREADABLE),
        (says(b'{"ma": "00"}', status=206), Ambiguous, Why.REPLY_UNMATCHED),
        (says(b'{"ma": ["00"]}'), Ambiguous, Why.REPLY_UNMATCHED),
    ],
)
@pytest.mark.parametrize("text", [SYSTEM, SYSTEM.replace("reply_files", "# reply_files")], ids=["files", "plain"])
async def test_nothing_of_the_kind_is_a_yes(answer, kind, why, text):
    """G5: redirects are not followed, pages are no verdict, what cannot be read is in doubt."""
    outcome = await sent(answer, text=text)
    assert isinstance(outcome, kind)
    assert outcome.reason.code is why


@pytest.mark.parametrize("empty", [b"[],", b"{},"])
async def test_a_reply_of_nothing_but_lists_is_not_read(empty):
    """G6: two million empty ones in 6 MB take 150 MB, and half a second or more in which nothing else runs."""
    text = SYSTEM.replace("1000000", "8000000").replace("reply_files", "# reply_files")
    async with answering(says(b'{"ma": "00", "x": [' + empty * 2_000_000 + b"0]}"), text=text) as (adapter, clock):
        tracemalloc.start()
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNREADABLE
    assert peak < 40_000_000


async def test_a_document_of_nothing_but_lists_inside_a_reply_stays_the_text_that_it_is():
    """G6: in base64 it does not show in the reply itself; a million of them hold everything up for a second."""
    inner = base64.b64encode(b'{"ma": "00", "x": [' + b"[]," * 600_000 + b"0]}")
    text = (
        SYSTEM.replace("1000000", "8000000")
        .replace("reply_files", "# reply_files")
        .replace('[options.operations."*"]', '[options]\nunfold = ["kq"]\n[options.operations."*"]')
        .replace('path = "ma"', 'path = "kq.ma"')
    )
    async with answering(says(b'{"kq": "' + inner + b'"}'), text=text) as (adapter, clock):
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNMATCHED


@pytest.mark.parametrize(
    ("one", "many", "kind"),
    [
        (b'{"ma": "00", "x": [%s0]}', b"[],", Ambiguous),
        (b"<kq><ma>00</ma>%s</kq>", b"<x/>", Ambiguous),
        (b'{"ma": "00", "x": [%s0]}', b"", Delivered),
        (b"<kq><ma>00</ma>%s</kq>", b"", Delivered),
    ],
)
async def test_documents_inside_a_reply_hold_together_no_more_than_one(one, many, kind):
    """G6: a thousand of them, each below the bound, would take minutes and hundreds of megabytes."""
    inner = base64.b64encode(one % (many * 90_000)).decode()
    last = "kq[-1].ma" if one.startswith(b"{") else "kq[-1].kq.ma"
    text = (
        SYSTEM.replace("1000000", "8000000")
        .replace("reply_files", "# reply_files")
        .replace('[options.operations."*"]', '[options]\nunfold = ["kq[*]"]\n[options.operations."*"]')
        .replace('path = "ma"', f'path = "{last}"')
    )
    async with answering(says(json.dumps({"kq": [inner] * 6}).encode()), text=text) as (adapter, clock):
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 20)
    assert isinstance(outcome, kind)


async def test_a_word_of_marks_without_end_stops_nobody():
    """G6: rules compare composed texts; Python alone composes a hundred thousand marks on one letter in minutes."""
    word = "o" + "\u0301" * 50_000 + "\u0323" * 50_000
    began = time.process_time()
    outcome = await sent(says(json.dumps({"ma": word}, ensure_ascii=False).encode()))
    assert time.process_time() - began < 1
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNMATCHED


async def test_a_reply_that_never_ends_meets_its_deadline():
    """A beginning and no end: the exchange ends in time, in doubt."""

    async def dripping(request):
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"ma": ')
        await asyncio.Event().wait()

    outcome = await sent(dripping, total="300ms")
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.TIMEOUT


def test_a_bad_place_is_named():
    """At `check`."""
    config = system_of(SYSTEM.replace('ketQua.giay",', 'ketQua..giay",'))
    with pytest.raises(ConfigError, match=r"reply_files"):
        build(config, context_of())


def test_the_reply_of_the_tests_is_json():
    """Otherwise they would prove nothing."""
    assert json.loads(b"".join(a_large_reply()))["ma"] == "00"
