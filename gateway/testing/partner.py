"""A partner on loopback that behaves as a test tells it to: well, badly, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from aiohttp import web

from gateway.testing.loopback import Loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str  #: as it was on the wire, with its query
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        return cast("dict[str, object]", json.loads(self.body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """An answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def json(cls, document: object, status: int = 200) -> Says:
        """Return an answer in JSON."""
        body = json.dumps(document, ensure_ascii=False).encode()
        return cls(status=status, body=body, headers={"Content-Type": "application/json"})


@dataclass(frozen=True, slots=True)
class Drops:
    """Reads the request, and closes the connection without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurries:
    """Answers before it has read the request."""

    says: Says


Behaviour: TypeAlias = Says | Drops | Hurries
Aside: TypeAlias = Callable[[Seen], Awaitable[Says | None]]


class LoopbackPartner(Loopback):
    """An HTTP server whose answers are scripted; the last one is repeated."""

    def __init__(self, *script: Behaviour, aside: Aside | None = None) -> None:
        """``aside`` may answer a request before the script is asked: a login, say."""
        super().__init__()
        self.seen: list[Seen] = []
        self._script = deque(script)
        self._aside = aside
        self._arrived = asyncio.Event()

    def script(self, *behaviours: Behaviour) -> None:
        """Behave so from now on."""
        self._script = deque(behaviours)

    async def has_seen(self, number: int) -> None:
        """Wait until so many requests have arrived."""
        while len(self.seen) < number:
            self._arrived.clear()
            await self._arrived.wait()

    def aside(self, aside: Aside) -> None:
        """Let this answer before the script from now on."""
        self._aside = aside

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the script says."""
        if self._script and isinstance(self._script[0], Hurries):
            return _response(self._script[0].says)
        seen = Seen(
            method=request.method, path=request.raw_path, headers=dict(request.headers), body=await request.read()
        )
        self.seen.append(seen)
        self._arrived.set()
        said = await self._aside(seen) if self._aside else None
        behaviour = said or self._next()
        if isinstance(behaviour, Says):
            return _response(behaviour)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _next(self) -> Behaviour:
        return self._script.popleft() if len(self._script) > 1 else self._script[0]


def _response(says: Says) -> web.Response:
    return web.Response(status=says.status, body=says.body, headers=says.headers)
