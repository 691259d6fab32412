"""A small real server on loopback, and how what stands between us and a partner passes a request on."""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web

_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "host", "user-agent", "server", "content-length", "expect"),
        *("date", "content-encoding"),
    }
)


@asynccontextmanager
async def served(app: web.Application, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """Serve on a free port of 127.0.0.1; yields the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        _, port = cast("tuple[str, int]", runner.addresses[0])
        yield port
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What the partner behind has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Loopback(ABC):
    """Serves every path of one address, and passes on what it takes."""

    def __init__(self) -> None:
        self.address = ""
        self._stack = AsyncExitStack()
        self._session: ClientSession | None = None

    @abstractmethod
    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the answer to one request."""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self.answer)
        session = ClientSession(cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=30))
        self._session = await self._stack.enter_async_context(session)
        self.address = f"http://127.0.0.1:{await self._stack.enter_async_context(served(app))}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def pass_on(self, request: web.Request, url: str, body: bytes, headers: Mapping[str, str]) -> Passed:
        """Send a request once to the partner behind; redirects are not followed. Raises aiohttp.ClientError."""
        if self._session is None:
            raise RuntimeError("not serving: enter it with `async with` first")
        async with self._session.request(
            request.method, url, data=body, headers=headers, allow_redirects=False
        ) as reply:
            kept = without_hops(reply.headers)
            return Passed(status=reply.status, headers=kept, body=await reply.read())


def without_hops(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that concern both ends; those of one connection, and of one server, are left out."""
    return {name: text for name, text in headers.items() if name.lower() not in _HOP}
