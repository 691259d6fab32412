"""A load generator that leaves the processor to what is measured: raw HTTP/1.1 over kept connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 64
_PATIENCE = 300  #: seconds for a whole round: the longest takes half a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one round of requests gave."""

    requests: int
    seconds: float
    failed: int

    @property
    def rate(self) -> float:
        """Return requests per second."""
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    """One kept connection: sends the next request when the last is answered."""

    def __init__(self, take: Callable[[], bytes | None], done: Callable[[int], None]) -> None:
        self._take = take
        self._done = done
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection gives
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._done(int(head[9:12]))
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner."""
        if not self.closed.done():
            self.closed.set_result(exc)

    def _next(self) -> None:
        request = self._take()
        assert self._transport is not None  # noqa: S101 - set when the connection was made
        if request is None:
            self._transport.close()
            return
        self._transport.write(request)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":", 1)[1])
    return 0


def post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of one POST."""
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def press(host: str, port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Load:
    """Send all requests over so many connections and wait for every answer. Raises TimeoutError, OSError."""
    waiting = iter(requests)
    taken = 0

    def done(status: int) -> None:
        nonlocal taken
        taken += 200 <= status < 300  # noqa: PLR2004 - HTTP's own numbers

    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    async with asyncio.timeout(_PATIENCE):
        made = [
            await loop.create_connection(lambda: _Connection(lambda: next(waiting, None), done), host, port)
            for _ in range(connections)
        ]
        await asyncio.gather(*(protocol.closed for _, protocol in made))
    seconds = time.perf_counter() - started
    return Load(requests=len(requests), seconds=seconds, failed=len(requests) - taken)


def dossier(number: int, run: str, *, procedure: str = "1.100101", sentences: int = 36) -> bytes:
    """Return one dossier of about 4 KB as JSON; ``run`` keeps the codes of different rounds apart."""
    form = "<toKhai>" + "<noiDung>Đề nghị giải quyết theo quy định của pháp luật</noiDung>" * sentences + "</toKhai>"
    body = {
        "source_event_id": f"{run}-{number}",
        "dossier": {
            "code": f"H52.12-{run}-{number:06d}",
            "procedure": {"code": procedure, "name": "Đổi giấy phép lái xe"},
            "owner": {"name": {"whole": "Lò Văn Mẫu"}, "identities": [{"type": "1", "number": "014000000001"}]},
            "summary": "Đổi giấy phép lái xe",
            "form": {"schema": "to-khai-mau", "version": "1", "media_type": "application/xml", "data": form},
        },
    }
    return json.dumps(body, ensure_ascii=False).encode()
