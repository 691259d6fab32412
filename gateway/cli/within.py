"""The operators' doors in this process, where no gateway serves: the same answers without a port and without a key."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.tracing import Trace

from gateway.cli.api import LANGUAGE, Api
from gateway.cli.failures import Failed
from gateway.ingress.doors import Doors
from gateway.ingress.operators import make_desk
from gateway.security.keys import Caller

_URL = "http://gateway"  #: of no machine: whoever calls it is here already
_NO_LIMIT = aiohttp.ClientTimeout(total=None)  #: the work is done here: whoever has enough of it ends the command


@asynccontextmanager
async def within(doors: Doors, caller: Caller, place: str) -> AsyncGenerator[Api]:
    """Let an operator through the doors of a ``place`` while the context lasts.

    Raises StoreUnavailable, as each call does.
    """
    failures: list[Exception] = []
    runner = web.AppRunner(
        make_desk(doors, caller, LANGUAGE, failures.append),
        access_log=None,
        handle_signals=False,
        handler_cancellation=True,
    )
    await runner.setup()
    server = runner.server
    assert server is not None  # noqa: S101 - a runner that is set up has one
    try:
        async with aiohttp.ClientSession(connector=_Pair(server)) as session:
            yield _Near(session, failures, place)
    finally:
        await runner.cleanup()


class _Near(Api):
    """As any gateway's API; what went wrong behind the doors is raised as it is."""

    def __init__(self, session: aiohttp.ClientSession, failures: list[Exception], place: str) -> None:
        super().__init__(session, _URL, place)
        self._failures = failures

    @asynccontextmanager
    async def _answer(self, method: str, path: str, **rest: object) -> AsyncGenerator[aiohttp.ClientResponse]:
        try:
            async with super()._answer(method, path, **{**rest, "timeout": _NO_LIMIT}) as reply:
                yield reply
        except Failed:
            if self._failures:
                raise self._failures.pop() from None
            raise


class _Pair(aiohttp.BaseConnector):
    """Connects by a pair of sockets that nobody else can reach."""

    def __init__(self, server: web.Server) -> None:
        super().__init__()
        self._server = server

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - as it is called
    ) -> ResponseHandler:
        del req, traces, timeout
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        await loop.connect_accepted_socket(self._server, far)
        _, protocol = await loop.create_connection(lambda: ResponseHandler(loop), sock=near)
        return protocol
