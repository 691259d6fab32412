"""One exchange: what is known to have left, what may have, and what came back."""

import asyncio
import gzip
import socket
import ssl
import struct
import zlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.errors import StoreError
from gateway.wire.http import HttpClient, HttpReply, HttpRequest, HttpSettings
from gateway.wire.http_failures import Broken, BrokenCause, NotSent, NotSentCause
from gateway.wire.reply_body import ReplyFiles
from gateway.wire.request_body import StreamBody

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def soon(seconds=5.0):
    return asyncio.get_running_loop().time() + seconds


async def request_of(reader):
    """One whole request: head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head, await reader.readexactly(length)


def reset(writer):
    """Close with RST, as a crashed peer does."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def answer_ok(reader, writer):
    while True:
        await request_of(reader)
        writer.write(OK)
        await writer.drain()


def post(url, body=b"<a/>", **headers):
    return HttpRequest(method="POST", url=url + "/x", headers=headers, body=body)


def stream(size, *chunks, fail=None, closed=None):
    async def read() -> AsyncGenerator[bytes, None]:
        try:
            for chunk in chunks:
                yield chunk
            if fail is not None:
                raise fail
        finally:
            if closed is not None:
                closed.append(True)

    return StreamBody(size=size, chunks=read)


async def once(url, body=b"<a/>", *, settings=None, seconds=5.0, fresh=False):
    async with HttpClient(settings or HttpSettings()) as client:
        return await client.exchange(post(url, body), deadline=soon(seconds), fresh=fresh)


async def test_returns_the_whole_reply(serve):
    """Status, headers in any case, body."""
    seen = []

    async def handler(reader, writer):
        seen.append(await request_of(reader))
        writer.write(b"HTTP/1.1 500 Oops\r\nX-Thing: 1\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\n\r\nfault")
        await writer.drain()

    async with serve(handler) as url:
        reply = await once(url)
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body, reply.early, reply.header("x-THING")) == (500, b"fault", False, "1")
    head, body = seen[0]
    assert body == b"<a/>"
    assert b"content-type" not in head.lower()
    assert b"User-Agent: provincial-gateway" in head


async def test_a_type_that_is_no_utf_8_can_be_written_down(serve):
    async def answer(reader, writer):
        await request_of(reader)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: text/xml; name="h\xf4s\xbd"\r\nContent-Length: 2\r\n\r\nok')
        await writer.drain()

    async with serve(answer) as url:
        reply = await once(url)
    assert isinstance(reply, HttpReply)
    assert reply.content_type == 'text/xml; name="h?s?"'


async def test_reuses_a_connection_unless_it_must_be_fresh(serve):
    """A pooled connection is used again; `fresh` opens another."""
    connections = []

    async def handler(reader, writer):
        connections.append(writer)
        await answer_ok(reader, writer)

    async with serve(handler) as url, HttpClient() as client:
        for _ in range(3):
            assert isinstance(await client.exchange(post(url), deadline=soon()), HttpReply)
        assert len(connections) == 1
        for _ in range(2):
            assert isinstance(await client.exchange(post(url), deadline=soon(), fresh=True), HttpReply)
        assert len(connections) == 3


async def test_keeps_no_cookie_and_follows_no_redirect(serve):
    """A redirect is a reply; a cookie is forgotten."""
    heads = []

    async def handler(reader, writer):
        for _ in range(2):
            heads.append((await request_of(reader))[0])
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    async with serve(handler) as url, HttpClient() as client:
        for _ in range(2):
            reply = await client.exchange(post(url), deadline=soon())
            assert isinstance(reply, HttpReply)
            assert reply.status == 302
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


async def test_a_refused_connection_was_not_sent():
    """Nobody listens: no byte left."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = await once(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert result == NotSent(cause=NotSentCause.REFUSED, detail="Connection refused")


async def test_an_unknown_host_was_not_sent():
    """A name that does not resolve: no byte left."""
    result = await once("http://ministry.invalid")
    assert isinstance(result, NotSent)
    assert result.cause is NotSentCause.DNS


async def test_a_connection_without_tls_was_not_sent(serve):
    """The peer speaks no TLS: no byte of the request left."""

    async def handler(reader, writer):
        await reader.read(10)
        writer.write(b"what?\r\n" * 5)
        await writer.drain()

    async with serve(handler) as url:
        result = await once(url.replace("http:", "https:"), settings=HttpSettings(tls=ssl.create_default_context()))
    assert isinstance(result, NotSent)
    assert (result.cause, result.detail) == (NotSentCause.TLS, "WRONG_VERSION_NUMBER")


async def test_a_connection_not_made_in_time_was_not_sent(serve):
    """A TLS handshake that never ends is given up after the connect timeout."""

    async def handler(reader, _writer):
        await reader.read()

    settings = HttpSettings(connect_timeout=timedelta(seconds=0.2))
    async with serve(handler) as url:
        result = await once(url.replace("http:", "https:"), settings=settings)
    assert isinstance(result, NotSent)
    assert result.cause is NotSentCause.TIMEOUT_CONNECT


async def test_a_deadline_that_passed_sends_nothing(serve):
    """Nothing leaves after the deadline."""
    async with serve(answer_ok) as url:
        result = await once(url, seconds=-1)
    assert isinstance(result, NotSent)
    assert result.cause is NotSentCause.TIMEOUT_CONNECT


@pytest.mark.parametrize("url", ["ftp://ministry.example/x", "http://", "nonsense", "http://[::1", "http://a b/"])
async def test_a_bad_url_was_not_sent(url):
    """An URL that cannot be used is the caller's fault, and nothing left."""
    async with HttpClient() as client:
        result = await client.exchange(HttpRequest(method="POST", url=url), deadline=soon())
    assert isinstance(result, NotSent)
    assert result.cause in {NotSentCause.INVALID, NotSentCause.DNS}


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X y": "a"}, {"Content-Length": "3"}, {"X": "\0"}])
async def test_a_bad_header_was_not_sent(serve, headers):
    """No header is smuggled in, no framing overruled."""
    async with serve(answer_ok) as url, HttpClient() as client:
        request = HttpRequest(method="POST", url=url, headers=headers, body=b"abc")
        result = await client.exchange(request, deadline=soon())
    assert isinstance(result, NotSent)
    assert result.cause is NotSentCause.HEADER
    assert result.detail != "b"


@pytest.mark.parametrize("read_first", [False, True])
async def test_a_reset_after_the_head_may_have_left(serve, read_first):
    """G1: once bytes may have left, a reset is never taken for not sent."""

    async def handler(reader, writer):
        if read_first:
            await request_of(reader)
        else:
            await reader.read(1)
        reset(writer)

    async with serve(handler) as url:
        result = await once(url)
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.RESET, None)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_never_sends_again_by_itself(serve, method):
    """A reused connection that dies after the head is broken, not silently repeated."""
    requests = []

    async def handler(reader, writer):
        requests.append(await request_of(reader))
        writer.write(OK)
        await writer.drain()
        requests.append(await request_of(reader))

    async with serve(handler) as url, HttpClient() as client:
        request = HttpRequest(method=method, url=url, body=b"" if method == "GET" else b"x")
        assert isinstance(await client.exchange(request, deadline=soon()), HttpReply)
        second = await client.exchange(request, deadline=soon())
    assert isinstance(second, Broken)
    assert second.cause is BrokenCause.RESET
    assert len(requests) == 2


async def test_a_peer_that_stalls_is_broken_at_the_deadline(serve):
    """Read, then silence."""

    async def handler(reader, _writer):
        await request_of(reader)
        await reader.read()

    async with serve(handler) as url:
        result = await once(url, seconds=0.2)
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.TIMEOUT, None)


async def test_a_reply_that_stalls_is_broken_and_says_its_status(serve):
    """Half a reply is no reply."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await reader.read()

    async with serve(handler) as url:
        result = await once(url, seconds=0.2)
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.TIMEOUT, 200)


def an_alert():
    """Return what a store of files may meet whose server refuses our certificate."""
    alert = ssl.SSLError(1, "an alert")
    alert.reason = "TLSV1_ALERT_UNKNOWN_CA"
    return alert


async def test_a_refused_certificate_where_our_own_body_is_read_is_none_of_the_peers(serve):
    """G4: bytes have left when the files' own store fails so."""

    async def silent(reader, _writer):
        await reader.read()

    async with serve(silent) as url:
        result = await once(url, stream(9, b"<a>", fail=an_alert()))
    assert (type(result), result.cause) == (Broken, BrokenCause.BODY)


async def test_a_refused_certificate_after_a_status_line_is_no_proof_that_nothing_was_sent(serve):
    """G4: the peer had answered; an alert that comes later, of the files' own store even, takes none of it back."""

    async def package(reader, writer):
        await request_of(reader)
        body = b"--b\r\n\r\n<a/>\r\n--b\r\nContent-ID: <f>\r\n\r\nx\r\n--b--\r\n"
        kind = b'Content-Type: multipart/related; boundary=b; type="text/xml"'
        writer.write(b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body))
        await writer.drain()

    async def keep(*_):
        raise StoreError("not kept") from an_alert()

    async with serve(package) as url, HttpClient(HttpSettings()) as client:
        result = await client.exchange(replace(post(url), files=ReplyFiles(keep=keep)), deadline=soon())
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.NOT_KEPT, 200)


async def test_a_reply_cut_short_is_broken(serve):
    """A reply shorter than it announced is a lost connection."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()

    async with serve(handler) as url:
        result = await once(url)
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.RESET, 200)


@pytest.mark.parametrize(
    "reply",
    [
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnotgzip",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_a_reply_that_is_not_http_is_broken(serve, reply):
    """What cannot be read says nothing."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(reply)
        await reader.read()

    async with serve(handler) as url:
        result = await once(url, seconds=2)
    assert isinstance(result, Broken)
    assert result.cause is BrokenCause.UNREADABLE


PACKED = gzip.compress(b"da nhan", mtime=0)
DEFLATED = zlib.compress(b"da nhan")


@pytest.mark.parametrize("size", [1, 100_000], ids=["short", "session"])
@pytest.mark.parametrize(
    ("coding", "body"),
    [
        *(
            ("gzip", PACKED),
            ("x-gzip", PACKED),
            ("GZIP", gzip.compress(b"da ", mtime=0) + gzip.compress(b"nhan", mtime=0)),
        ),
        *(("deflate", DEFLATED), ("deflate", DEFLATED[2:-4])),
    ],
    ids=["gzip", "x-gzip", "members", "zlib", "bare"],
)
async def test_a_packed_reply_is_unfolded(serve, coding, body, size):
    """In each way that we ask for, whether its length is announced or the connection ends it."""

    async def handler(reader, writer):
        head, _ = await request_of(reader)
        assert b"\r\nAccept-Encoding: gzip, deflate\r\n" in head
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nConnection: close\r\n\r\n" % coding.encode() + body)
        await writer.drain()

    async with serve(handler) as url:
        result = await once(url, b"x" * size)
    assert isinstance(result, HttpReply)
    assert result.body == b"da nhan"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        *(("gzip", PACKED[:-1]), ("x-gzip", PACKED[:-8]), ("gzip", PACKED[:-8] + bytes(8)), ("gzip", PACKED + b"x")),
        *(("gzip", PACKED + PACKED[:12]), ("gzip", gzip.compress(b"", mtime=0) * 101)),
        *(("deflate", DEFLATED[:-1]), ("deflate", DEFLATED + b"x")),
    ],
    ids=["cut", "no trailer", "spoilt", "more", "half a member", "members", "zlib cut", "zlib more"],
)
async def test_a_packed_reply_without_its_end_is_broken(serve, coding, body):
    """G5: its checksum is what says that it is whole: the words before it may be those of half a reply."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        writer.write(body)
        await reader.read()

    async with serve(handler) as url:
        result = await once(url)
    assert isinstance(result, Broken)
    assert (result.cause, result.status) == (BrokenCause.UNREADABLE, 200)


async def test_a_reply_too_large_is_broken(serve):
    """Memory is bounded by the limit, whatever the peer sends."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with serve(handler) as url:
        result = await once(url, settings=HttpSettings(max_reply=100_000))
    assert result == Broken(cause=BrokenCause.TOO_LARGE, status=200)


async def test_a_gzip_bomb_is_broken(serve):
    """The limit holds for what comes out of the decompressor."""
    bomb = gzip.compress(bytes(50_000_000))

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
        await writer.drain()
        await reader.read()

    async with serve(handler) as url:
        result = await once(url, settings=HttpSettings(max_reply=1_000_000))
    assert result == Broken(cause=BrokenCause.TOO_LARGE, status=200)


@pytest.mark.parametrize("tail", [b"Content-Length: 0\r\n\r\n", b"Content-Length: 2\r\n\r\nok"])
async def test_a_reply_before_the_whole_request_is_early(serve, tail):
    """A 200 that came before the body was read cannot speak of the body."""

    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + tail)
        await writer.drain()
        await asyncio.Event().wait()

    async with serve(handler) as url:
        result = await once(url, b"x" * 30_000_000)
    assert isinstance(result, HttpReply)
    assert result.early


async def test_a_large_body_read_to_its_end_is_not_early(serve):
    """Backpressure alone does not make a reply early."""
    sizes = []

    async def handler(reader, writer):
        sizes.append(len((await request_of(reader))[1]))
        writer.write(OK)
        await writer.drain()

    async with serve(handler) as url:
        result = await once(url, b"x" * 30_000_000)
    assert sizes == [30_000_000]
    assert isinstance(result, HttpReply)
    assert not result.early


async def test_streams_a_body_of_known_length(serve):
    """The body arrives whole, with its length, and its source is closed."""
    seen, closed = [], []

    async def handler(reader, writer):
        seen.append(await request_of(reader))
        writer.write(OK)
        await writer.drain()

    async with serve(handler) as url:
        result = await once(url, stream(7, b"abc", b"", b"defg", closed=closed))
    assert isinstance(result, HttpReply)
    assert seen[0][1] == b"abcdefg"
    assert b"transfer-encoding" not in seen[0][0].lower()
    assert closed == [True]


async def test_a_body_that_cannot_be_opened_was_not_sent(serve):
    """A missing file makes no connection."""
    connections, closed = [], []

    async def handler(_reader, writer):
        connections.append(writer)

    async with serve(handler) as url:
        result = await once(url, stream(7, fail=FileNotFoundError("gone"), closed=closed))
    assert isinstance(result, NotSent)
    assert result.cause is NotSentCause.BODY
    assert (connections, closed) == ([], [True])


@pytest.mark.parametrize(
    "body",
    [stream(7, b"abc", fail=OSError("disk")), stream(7, b"abc"), stream(7, b"abc", b"defgh"), stream(2, b"abc")],
    ids=["fails", "short", "long", "long at once"],
)
async def test_a_body_that_lies_about_its_length_never_looks_whole(serve, body):
    """The peer sees a request cut short, and we say that bytes may have left."""
    whole = []

    async def handler(reader, _writer):
        whole.append(await request_of(reader))

    async with serve(handler) as url:
        result = await once(url, body)
    assert isinstance(result, Broken)
    assert result.cause is BrokenCause.BODY
    assert whole == []


async def test_a_cancelled_exchange_raises_and_closes_its_body(serve):
    """Cancellation passes; nothing is left open."""
    began, closed = asyncio.Event(), []

    async def handler(reader, _writer):
        await reader.readuntil(b"\r\n\r\n")
        began.set()
        await asyncio.Event().wait()

    async with serve(handler) as url, HttpClient() as client:
        body = stream(30_000_000, *[b"x" * 1_000_000] * 30, closed=closed)
        task = asyncio.create_task(client.exchange(post(url, body), deadline=soon()))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed == [True]


async def test_a_body_that_stalls_is_broken_at_the_deadline_and_closed(serve):
    """Our own source is under the deadline too."""
    closed = []

    async def chunks():
        try:
            yield b"abc"
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    async with serve(answer_ok) as url:
        result = await once(url, StreamBody(size=7, chunks=chunks), seconds=0.2)
    assert isinstance(result, Broken)
    assert closed == [True]


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [("POST", b"<a/>", {}), ("GET", b"", {"Host": "ministry.example"}), ("POST", b"x" * 100_000, {})],
    ids=["short", "for another host", "long"],
)
async def test_what_a_peer_says_unasked_is_never_taken_for_a_reply(serve, method, body, headers):
    """G5: bytes on an idle connection are no answer to what is sent later; a new connection is asked."""
    asked, idle, said = [], asyncio.Event(), asyncio.Event()

    async def handler(reader, writer):
        asked.append(writer)
        await request_of(reader)
        writer.write(OK)
        await writer.drain()
        if len(asked) == 1:
            await idle.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother")
            await writer.drain()
            said.set()
        await reader.read()

    async with serve(handler) as url, HttpClient() as client:
        first = await client.exchange(post(url), deadline=soon())
        idle.set()
        await said.wait()
        for _ in range(50):
            await asyncio.sleep(0)  # until the stray bytes are here
        second = await client.exchange(HttpRequest(method=method, url=url, headers=headers, body=body), deadline=soon())
    assert isinstance(first, HttpReply)
    assert isinstance(second, HttpReply)
    assert (first.body, second.body, second.early) == (b"ok", b"ok", False)
    assert len(asked) == 2


async def test_waits_for_the_reply_behind_what_only_announces_it(serve):
    """100 and 103 are no replies."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK)
        await writer.drain()

    async with serve(handler) as url:
        reply = await once(url)
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body) == (200, b"ok")


@pytest.mark.parametrize("body", [b"<a/>", b"x" * 100_000], ids=["short", "long"])
async def test_a_peer_that_announces_its_reply_for_ever_is_hung_up_on(serve, body):
    """G6: each announcement costs more than it is long; without a bound they would stop the gateway."""

    async def handler(reader, writer):
        await request_of(reader)
        while not writer.is_closing():
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
            await writer.drain()

    async with serve(handler) as url:
        result = await once(url, body)
    assert result == Broken(cause=BrokenCause.UNREADABLE, detail=result.detail)


async def test_a_peer_that_goes_on_talking_when_it_has_replied_is_hung_up_on(serve):
    """G6: nobody asks an idle connection what it says, and all of it would be kept."""
    hung_up = asyncio.Event()

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(OK)
        await writer.drain()
        await idle.wait()
        writer.write(OK * 1000)
        await reader.read()
        hung_up.set()

    idle = asyncio.Event()
    async with serve(handler) as url, HttpClient() as client:
        assert isinstance(await client.exchange(post(url), deadline=soon()), HttpReply)
        idle.set()
        async with asyncio.timeout(5):
            await hung_up.wait()


async def test_a_reply_may_speak_of_http_as_often_as_it_likes(serve):
    """What looks like many heads is read piece by piece, and is one body."""
    text = b"HTTP/1.1 200 OK\r\n\r\n" * 10_000

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
        await writer.drain()

    async with serve(handler) as url:
        reply = await once(url)
    assert isinstance(reply, HttpReply)
    assert reply.body == text


async def test_a_reply_to_head_has_no_body_however_long_it_says_it_is(serve):
    """RFC 9110, section 9.3.2."""

    async def handler(reader, writer):
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with serve(handler) as url, HttpClient() as client:
        reply = await client.exchange(HttpRequest(method="HEAD", url=url), deadline=soon())
    assert isinstance(reply, HttpReply)
    assert (reply.status, reply.body) == (200, b"")


async def test_a_header_of_the_caller_stands_in_for_the_usual_one(serve):
    """Each name once, whatever its case."""
    heads = []

    async def handler(reader, writer):
        heads.append((await request_of(reader))[0].decode())
        writer.write(OK)
        await writer.drain()

    async with serve(handler) as url, HttpClient() as client:
        headers = {"accept": "application/json", "USER-AGENT": "ours"}
        reply = await client.exchange(HttpRequest(method="POST", url=url, headers=headers), deadline=soon())
    assert isinstance(reply, HttpReply)
    names = [line.partition(":")[0].lower() for line in heads[0].split("\r\n")[1:] if line]
    assert sorted(names) == ["accept", "accept-encoding", "content-length", "host", "user-agent"]
    assert "accept: application/json" in heads[0]


async def test_a_closed_client_refuses():
    """Misuse is an error, not a result."""
    with pytest.raises(RuntimeError, match="async with"):
        await HttpClient().exchange(post("http://127.0.0.1:1"), deadline=soon())


async def test_never_prints_what_travels(serve):
    """Bodies, URLs and headers stay out of logs and tracebacks."""
    async with serve(answer_ok) as url:
        reply = await once(url)
    request = HttpRequest(method="POST", url="http://h/secret", headers={"A": "secret"}, body=b"secret")
    assert "secret" not in repr(request)
    assert "ok" not in repr(reply)
