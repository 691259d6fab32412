"""Bad input: a clear answer that names the place, nothing stored, the gateway unharmed."""

import asyncio
import gc
import gzip
import json
import re
from contextlib import AsyncExitStack

import pytest

from gateway.core.errors import PutBack, StoreUnavailable
from gateway.ingress.app import DOORS
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, PORTAL
from tests.integration.test_doors.conftest import OPERATOR
from tests.integration.test_doors.test_callback_forms import PROOF, adapter

JSON = "application/json"


async def refused(gate, raw, *, media_type=JSON, path="/v1/dossiers", **headers):
    reply = await gate.post(path, raw=raw, headers={"Content-Type": media_type, **headers})
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert await gate.is_empty()
    return reply


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "json.invalid"),
        (b"", 400, "json.invalid"),
        (b'{"dossier": {"code": "\xff"}}', 400, "json.invalid"),
        (b"[" * 50_000, 422, "body.invalid"),
        (b'{"dossier":' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}", 422, "body.invalid"),
        (b"7", 422, "body.invalid"),
        (b'"text"', 422, "body.invalid"),
        (b"[]", 422, "body.invalid"),
        (b"null", 422, "body.invalid"),
        (b'{"dossier": {"code": "H01-1\\u0000"}}', 422, "body.invalid"),
    ],
)
async def test_what_is_no_dossier_is_refused(gate, raw, status, code):
    """Malformed, nested, wrong at the root, control characters."""
    reply = await refused(gate, raw)
    assert (reply.status, reply.code) == (status, code), reply.body


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'\xef\xbb\xbf{"dossier": {}}', "dấu thứ tự byte (BOM) ở đầu"),
        ('{"dossier": {}}'.encode("utf-16"), "cần mã hoá UTF-8; byte sai đầu tiên: 0"),
        (b"{", "byte 1"),
    ],
)
async def test_where_json_cannot_be_read_is_said_in_the_readers_language(gate, raw, place):
    assert f"({place})" in (await refused(gate, raw)).json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "/v1/dossiers/H01%00", None, (404, "not_found")),
        ("GET", "/v1/dossiers?code=H01%00", None, (400, "parameter.invalid")),
        ("GET", "/v1/ops/acts?before=%00", None, (400, "parameter.invalid")),
        ("DELETE", "/v1/ops/keys/%00", None, (404, "not_found")),
        ("POST", "/v1/ops/keys", {"name": "Lan\0", "role": "operator"}, (400, "request.invalid")),
        ("POST", "/v1/ops/deliveries/d/retry", {"reason": "Lỗi\0 mạng"}, (400, "request.invalid")),
        ("POST", "/v1/ops/deliveries/d/retry", {"reason": "Lỗi \\u0000 mạng"}, (404, "delivery.not_found")),
    ],
)
async def test_what_no_database_takes_is_refused_before_one_is_asked(gate, method, path, body, answer):
    """A zero, in an address or in an operator's words: over PostgreSQL it was «the store is away», try again."""
    who = OPERATOR if "/ops/" in path else "portal"
    reply = await gate.call(method, path, body, who=who)
    assert (reply.status, reply.code) == answer


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        (
            "POST",
            "/v1/ops/deliveries/d/retry",
            {"reason": "Lỗi\0 mạng"},
            {
                "vi": "Kiểm tra lại: các chuỗi văn bản, và bỏ ký tự U+0000 (NUL) vì cơ sở dữ liệu không lưu được.",
                "en": "Check every text, and leave out the character U+0000 (NUL), which no database can keep.",
            },
        ),
        (
            "GET",
            "/v1/ops/acts?before=%00",
            None,
            {
                "vi": "Tham số before không hợp lệ; cần: chuỗi không có ký tự U+0000 (NUL).",
                "en": "Parameter before is not valid; expected: a text without the character U+0000 (NUL).",
            },
        ),
    ],
)
async def test_what_to_do_about_a_zero_is_said(gate, method, path, body, told):
    """It read «Check no U+0000.», in English also where all else was Vietnamese."""
    for language, words in told.items():
        reply = await gate.call(method, path, body, who=OPERATOR, headers={"Accept-Language": language})
        assert reply.json["detail"] == words


async def test_a_media_type_is_judged_at_once(gate, body):
    """G6: one whose end does not fit was tried in more ways than time is long, and nobody else was served."""
    file = {"name": "to-khai.pdf", "url": "https://portal.example/1", "media_type": "a/b" + ";c" * 90 + "é"}
    reply = await refused(gate, json.dumps(body(files=[file])).encode())
    assert [fault["path"] for fault in reply.json["errors"]] == ["dossier.files[0].media_type"]


async def test_malformed_json_is_placed(gate):
    reply = await refused(gate, b'{"dossier": {"code": }}')
    assert reply.status == 400
    assert "byte 21" in reply.json["detail"]


async def test_bytes_that_are_not_utf_8_are_placed(gate):
    """In the document, not in the text they stand in."""
    reply = await refused(gate, b'{"dossier": {"code": "H01-\xff"}}')
    assert reply.status == 400
    assert "cần mã hoá UTF-8; byte sai đầu tiên: 26" in reply.json["detail"]


@pytest.mark.parametrize(
    ("path", "who", "raw", "told"),
    [
        ("/v1/ops/deliveries/d/retry", OPERATOR, b'{"reason": "L\xf2i"}', "byte sai đầu tiên: 13"),
        ("/v1/ops/deliveries/d/edits", OPERATOR, b'{"event": {"a": "L\xf2i"}, "reason": "x"}', "byte sai đầu tiên: 18"),
        (f"/v1/systems/{CIVIL_STATUS}/queries/x", PORTAL, b'{"purpose": "L\xf2i"}', "byte sai đầu tiên: 14"),
        (
            "/v1/ops/deliveries/d/edits",
            OPERATOR,
            b'{"event": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            "lồng tối đa 32 mức",
        ),
    ],
)
async def test_what_is_asked_in_json_that_cannot_be_read_is_the_callers_fault(gate, path, who, raw, told):
    """A console of Windows sends curl's words in its own charset: answered 500, they were told, and logged, as ours."""
    reply = await gate.post(path, raw=raw, who=who, headers={"Content-Type": JSON})
    assert (reply.status, reply.code) == (400, "request.invalid")
    assert told in reply.json["detail"]


async def test_two_idempotency_keys_are_refused(gate, body):
    """Which of them is meant cannot be known."""
    raw = json.dumps(body()).encode()
    head = f"POST /v1/dossiers HTTP/1.1\r\nContent-Type: {JSON}\r\nContent-Length: {len(raw)}\r\nConnection: close"
    answer = await gate.raw(f"{head}\r\nIdempotency-Key: a\r\nIdempotency-Key: b", raw, end=False)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"idempotency.invalid" in answer
    assert await gate.is_empty()


async def test_an_idempotency_key_that_is_no_text_is_refused(gate, body):
    """G6: nothing could write it down, and the gateway goes on."""
    raw = json.dumps(body()).encode()
    head = f"POST /v1/dossiers HTTP/1.1\r\nContent-Type: {JSON}\r\nContent-Length: {len(raw)}\r\nConnection: close"
    answer = await gate.raw(f"{head}\r\nIdempotency-Key: k-\udcff", raw, end=False)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"idempotency.invalid" in answer
    assert await gate.is_empty()


async def test_a_body_beyond_the_limit_is_refused_declared_or_not(gate):
    async def chunks():
        for _ in range(5):
            yield b" " * (16 * 1024)

    for raw in (b" " * (65 * 1024), chunks()):
        reply = await refused(gate, raw)
        assert (reply.status, reply.code) == (413, "body.too_large")
        assert "65536" in reply.json["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/json; charset=utf-16", "x"])
async def test_a_wrong_content_type_is_refused(gate, media_type):
    reply = await refused(gate, b"{}", media_type=media_type)
    assert (reply.status, reply.code) == (415, "media_type.unsupported")


async def test_a_compressed_body_is_refused(gate):
    reply = await refused(gate, b"{}", **{"Content-Encoding": "gzip"})
    assert (reply.status, reply.code) == (415, "encoding.unsupported")


async def test_a_body_is_compressed_whichever_header_says_so(gate, body):
    """Which of two a proxy heeds cannot be known; and nothing is unpacked before it is refused."""
    raw = gzip.compress(json.dumps(body()).encode())
    head = f"POST /v1/dossiers HTTP/1.1\r\nContent-Type: {JSON}\r\nContent-Length: {len(raw)}\r\nConnection: close"
    answer = await gate.raw(f"{head}\r\nContent-Encoding: identity\r\nContent-Encoding: gzip", raw, end=False)
    assert answer.startswith(b"HTTP/1.1 415")
    assert b"encoding.unsupported" in answer
    assert await gate.is_empty()


@pytest.mark.parametrize("host", ["a:99999999", "\xff"])
async def test_a_name_that_cannot_be_ours_is_not_put_into_the_wsdl(gate, host):
    """Nobody is asked for a key there: whoever comes must not make us fail."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(f"GET /soap/v1/events?wsdl HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"request.invalid" in answer


async def test_strangers_shut_no_door_in_front_of_who_is_known(gate_with, body):
    """Rule of the doors: who declares much and sends nothing takes no room; a shown key needs none of strangers'."""
    blobs = MemoryBlobs()
    async with gate_with(receivers={CIVIL_STATUS: adapter(blobs)}, blobs=blobs) as gate, AsyncExitStack() as stack:
        await gate.post("/v1/dossiers", body())
        for sent, busy in ((b"", False), (b" " * 65_000, True)):
            strangers = [await a_stranger(gate, sent, stack) for _ in range(17)]
            if busy:
                await asyncio.wait(
                    [asyncio.create_task(one.read(1)) for one in strangers], return_when="FIRST_COMPLETED"
                )
            plugged = await gate.post("/dvcqg/portal/x", {"service": "x" * 20_000}, who=None)
            assert ("đang bận" in plugged.body.decode()) == busy
            fields = {"ma": "H01-1", "ten": "Giấy", "id": str(busy), "dài": "x" * 20_000}
            reply = await gate.post(f"/callbacks/{CIVIL_STATUS}/kq", raw=fields, headers=PROOF, who=None)
            assert reply.status == 200, reply.body


async def a_stranger(gate, sent, stack):
    """Somebody who declares a whole body, and sends a part of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    stack.callback(writer.close)
    writer.write(b"POST /dvcqg/portal/x HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n" + sent)
    await writer.drain()
    return reader


async def test_a_body_that_stops_half_way_stores_nothing(gate, body):
    raw = json.dumps(body()).encode()
    head = f"POST /v1/dossiers HTTP/1.1\r\nContent-Type: {JSON}\r\nContent-Length: {len(raw)}"
    await gate.raw(head, raw[:-5])
    chunked = f"POST /v1/dossiers HTTP/1.1\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked"
    await gate.raw(chunked, f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
    assert await gate.is_empty()


async def test_a_slow_sender_is_told_and_cut_off(gate_with, server):
    """408, and the connection ends."""
    async with gate_with(server=server(read_timeout="50ms", upload_timeout="50ms")) as gate:
        for path in ("/v1/dossiers", "/v1/files"):
            head = f"POST {path} HTTP/1.1\r\nContent-Type: {JSON}\r\nContent-Length: 100"
            answer = await gate.raw(head, b'{"dos', end=False)
            assert answer.startswith(b"HTTP/1.1 408")
            assert b"body.timeout" in answer
            assert b"Connection: close" in answer
        assert await gate.is_empty()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"If-Match": "yesterday"}, "parameter.invalid"),
        ({"Idempotency-Key": '""'}, "idempotency.invalid"),
        ({"Idempotency-Key": "k" * 201}, "idempotency.invalid"),
    ],
)
async def test_headers_that_cannot_be_read_are_refused(gate, body, headers, code):
    await gate.post("/v1/dossiers", body())
    reply = await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="x"), headers=headers)
    assert (reply.status, reply.code) == (400, code)


async def test_a_body_that_was_read_leaves_the_connection_for_the_next(gate, body):
    """However wrong it is: only behind one that was cut off more of it may come."""
    for sent, status in (({}, 422), (body(), 202)):
        reply = await gate.post("/v1/dossiers", sent)
        assert (reply.status, reply.headers.get("Connection")) == (status, None)


async def test_no_door_answers_a_method_that_it_is_not_for(gate):
    """A HEAD would be a download on record, and an acknowledgement of the feed, of which nothing is seen."""
    for door in DOORS:
        if door.method == "GET":
            reply = await gate.call("HEAD", re.sub(r"\{\w+\}", "1", door.path), who=OPERATOR)
            assert (reply.status, "GET" in reply.headers["Allow"]) == (405, True), door.at


async def test_what_is_not_here_is_404_and_what_is_not_done_here_405(gate):
    assert (await gate.get("/v1/nothing")).code == "not_found"
    reply = await gate.call("DELETE", "/v1/dossiers")
    assert (reply.status, reply.code) == (405, "method.not_allowed")
    assert reply.headers["Allow"] == "GET, POST"


async def test_the_caller_chooses_the_language(gate):
    """Vietnamese by default, English on request."""
    vi = await gate.get("/v1/nothing")
    en = await gate.get("/v1/nothing", headers={"Accept-Language": "fr;q=0.9, en;q=0.8"})
    assert vi.headers["Content-Language"] == "vi"
    assert en.headers["Content-Language"] == "en"
    assert vi.json["title"] != en.json["title"]


class Failing:
    """An inbox that cannot be written."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def accept(self, *_arguments, **_options):
        raise self._error


@pytest.mark.parametrize("error", [StoreUnavailable, PutBack])
async def test_a_store_that_cannot_be_written_promises_nothing(gate_with, body, error):
    """503 with Retry-After."""
    async with gate_with(inbox=lambda _store: Failing(error("no"))) as gate:
        reply = await gate.post("/v1/dossiers", body())
        assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "store.unavailable", "5")


async def test_a_full_store_takes_nothing_new(gate_with, body):
    async with gate_with(store={"capacity": 0}) as gate:
        reply = await gate.post("/v1/dossiers", body())
        assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "store.full", "60")


async def test_our_own_bug_says_nothing_of_what_was_sent(gate_with, body):
    """G9: no content in an error text; 500 with a number to tell the operator."""
    async with gate_with(inbox=lambda _store: Failing(ZeroDivisionError("Nguyễn Văn Mẫu"))) as gate:
        reply = await gate.post("/v1/dossiers", body())
        assert (reply.status, reply.code) == (500, "internal")
        assert "Mẫu" not in reply.body.decode()
        assert reply.headers["X-Request-Id"] in reply.json["detail"]


async def test_no_byte_is_answered_before_the_accept_is_durable(slow, body):
    """G1: the reply waits for the commit."""
    gate, inbox = slow
    raw = json.dumps(body()).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    head = ["POST /v1/dossiers HTTP/1.1", "Host: x", f"Authorization: Bearer {gate.keys['portal']}"]
    head += [f"Content-Type: {JSON}", f"Content-Length: {len(raw)}", "", ""]
    writer.write("\r\n".join(head).encode() + raw)
    await inbox.begun.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.read(1)
    inbox.may_commit.set()
    assert (await reader.readline()).startswith(b"HTTP/1.1 202")
    writer.close()
    await writer.wait_closed()


async def test_the_same_key_meanwhile_is_in_progress(slow, body):
    """G7: 409 while the first is still being accepted; afterwards its receipt."""
    gate, inbox = slow
    key = {"Idempotency-Key": "k-1"}
    first = asyncio.create_task(gate.post("/v1/dossiers", body(), headers=key))
    await inbox.begun.wait()
    second = await gate.post("/v1/dossiers", body(), headers=key)
    assert (second.status, second.code, second.headers["Retry-After"]) == (409, "idempotency.in_progress", "1")
    inbox.may_commit.set()
    assert (await first).status == 202
    assert (await gate.post("/v1/dossiers", body(), headers=key)).json["duplicate"]


async def test_a_caller_who_leaves_does_not_lose_what_was_leased(slow, body):
    """What a commit leased is handed on though nobody waits for the reply."""
    gate, inbox = slow
    call = asyncio.create_task(gate.post("/v1/dossiers", body()))
    await inbox.begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    inbox.may_commit.set()
    async with asyncio.timeout(5):
        await gate.handed_on.wait()
    assert len(await gate.store.find(destination=CIVIL_STATUS)) == 1


async def test_a_caller_who_leaves_before_the_store_fails_leaves_no_fault_of_ours_behind(slow, body):
    """While a database hangs callers give up by the dozen: the log says that it hangs, not that we lost an error."""
    gate, inbox = slow
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    inbox.fails = True
    call = asyncio.create_task(gate.post("/v1/dossiers", body()))
    await inbox.begun.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await gate.get("/livez")  # by then it is seen that nobody waits
    inbox.may_commit.set()
    await gate.get("/livez")  # … and the accept has ended
    gc.collect()
    assert faults == []
