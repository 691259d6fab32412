"""``Expect: 100-continue``: who asks before sending is answered by what is judged before reading."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from .conftest import PORTAL

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
SUBMIT = "POST /v1/dossiers HTTP/1.1"
JSON = "application/json"


@asynccontextmanager
async def asking(gate, line, *, length, key=None, media=JSON, expect="100-continue"):
    """Send the head of a call alone; without a length its body comes in chunks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    head = [line, "Host: x", f"Authorization: Bearer {key or gate.keys[PORTAL]}"]
    body = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head += [f"Content-Type: {media}", body, f"Expect: {expect}", "", ""]
    writer.write("\r\n".join(head).encode())
    try:
        async with asyncio.timeout(5):
            yield reader, writer
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("asked", [{"key": "nobodys", "length": 10}, {"length": 10**9}])
@pytest.mark.parametrize(
    ("path", "media"), [("/v1/dossiers", JSON), ("/v1/files", "application/pdf"), ("/soap/v1/events", "text/xml")]
)
async def test_a_body_that_will_be_refused_is_not_called_for(gate, path, media, asked):
    """Neither from a stranger, nor where it is too large; the connection ends, since the body may never come."""
    async with asking(gate, f"POST {path} HTTP/1.1", media=media, **asked) as (reader, _):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    assert head[0].split()[1] in {"401", "413", "500"}  # as SOAP 1.1 has it
    assert "Connection: close" in head


async def test_a_body_that_may_come_is_called_for_once(gate, body):
    """And taken as any other."""
    raw = json.dumps(body()).encode()
    async with asking(gate, SUBMIT, length=len(raw)) as (reader, writer):
        assert await reader.readexactly(len(CONTINUE)) == CONTINUE
        writer.write(raw)
        assert (await reader.readline()).startswith(b"HTTP/1.1 202 ")


async def test_a_body_of_an_undeclared_length_is_called_for_and_read_as_it_comes(gate, body):
    """Its chunks are counted and find their room one by one."""
    raw = json.dumps(body()).encode()
    async with asking(gate, SUBMIT, length=None) as (reader, writer):
        assert await reader.readexactly(len(CONTINUE)) == CONTINUE
        writer.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n0\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 202 ")


async def test_a_body_that_comes_unasked_is_taken(gate, body):
    """Who does not wait for the word needs none."""
    reply = await gate.post("/v1/dossiers", body(), headers={"Expect": "100-continue"})
    assert reply.status == 202


async def test_what_else_is_expected_is_passed_over(gate, body):
    """No other expectation is known (RFC 9110, 10.1.1), and none stops a dossier."""
    raw = json.dumps(body()).encode()
    async with asking(gate, SUBMIT, length=len(raw), expect="200-ok") as (reader, writer):
        writer.write(raw)
        assert (await reader.readline()).startswith(b"HTTP/1.1 202 ")


async def test_a_caller_of_http_1_0_is_sent_no_word_in_between(gate, body):
    """It would read it as the answer."""
    raw = json.dumps(body()).encode()
    async with asking(gate, "POST /v1/dossiers HTTP/1.0", length=len(raw)) as (reader, writer):
        await gate.get("/livez")
        writer.write(raw)
        assert (await reader.readline()).startswith(b"HTTP/1.0 202 ")
