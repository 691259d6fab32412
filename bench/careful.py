"""The peer of the whole path: a proxy as a careful engineer would write it, which promises nothing.

It asks for the same key, validates the same body and writes the same two log lines as the gateway, with the same
libraries and the gateway's own pieces; then it passes the body on as it came, waits for the partner's answer, and
hands that on. It keeps nothing, orders nothing, maps nothing and knows no second attempt: the gateway's whole path
divided by this is the price of the promise.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import structlog
from aiohttp import ClientSession, web

from gateway.app.machine import Machine
from gateway.core.errors import GatewayError
from gateway.ingress.errors import response_of, told_of
from gateway.ingress.problems import Problem
from gateway.model.drafts import codes_of
from gateway.model.fault import Invalid
from gateway.model.faults import decode_json
from gateway.model.reading import read_dossier
from gateway.observability import trace
from gateway.security.keys import Authenticator, Caller

BODY_LIMIT = 8 << 20

_log = structlog.get_logger("bench.careful")
_JSON = "application/json"


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller is told."""

    id: str
    status: int  #: the partner's


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and what its line in the log says."""

    id: str
    trace_id: str
    caller: Caller | None = None
    dossier: str = ""
    received: int = 0


class Careful:
    """Takes a dossier and passes it on."""

    def __init__(self, authenticator: Authenticator, session: ClientSession, target: str, machine: Machine) -> None:
        self._authenticator = authenticator
        self._session = session
        self._target = target
        self._ids = machine.ids

    async def submit(self, request: web.Request) -> web.StreamResponse:
        """``POST /v1/dossiers``."""
        started = time.monotonic()
        trace_id = trace.id_of(request.headers.getall("traceparent", [])) or self._ids.token()
        exchange = Exchange(id=self._ids.new(), trace_id=trace_id)
        response = await _told(self._pass(request, exchange), trace_id)
        response.headers["X-Request-Id"] = trace_id
        _say_request(request, response, exchange, time.monotonic() - started)
        return response

    async def _pass(self, request: web.Request, exchange: Exchange) -> web.Response:
        """Authenticate, validate, forward."""
        given, key = request.headers.get("Authorization"), request.headers.get("X-Api-Key")
        if given is None and key is None:
            raise Problem("key.missing")
        exchange.caller = await self._authenticator.caller(given, key)
        if request.content_type != _JSON:
            raise Problem("media_type.unsupported", supported=_JSON)
        body = await request.read()
        exchange.received = len(body)
        read = read_dossier(decode_json(body), body=body)
        codes = codes_of(read)
        exchange.dossier = codes[0].value if codes else ""
        status = await self._forward(body, exchange)
        return web.Response(
            status=202, body=msgspec.json.encode(Passed(id=exchange.id, status=status)), content_type=_JSON
        )

    async def _forward(self, body: bytes, exchange: Exchange) -> int:
        """Send it on, and say how that went."""
        started = time.monotonic()
        headers = {"Content-Type": _JSON, "Idempotency-Key": f'"{exchange.id}"'}
        async with self._session.post(self._target, data=body, headers=headers, allow_redirects=False) as reply:
            answer = msgspec.json.decode(await reply.read())
            status = reply.status
        _log.info(
            "attempt",
            dossier=exchange.dossier,
            message=exchange.id,
            delivery=exchange.id,
            system="partner",
            kind="dossier.submitted",
            step="send",
            attempt=1,
            duration_ms=round((time.monotonic() - started) * 1000, 1),
            trace_id=exchange.trace_id,
            outcome="delivered" if answer.get("error_code") == "0" else "ambiguous",
            reason=None,
            http_status=status,
        )
        return status


async def _told(passing: Awaitable[web.Response], trace_id: str) -> web.Response:
    """Return the answer, or the refusal in the gateway's own words."""
    try:
        return await passing
    except (GatewayError, Invalid) as error:
        return response_of(told_of(error, trace_id), "vi")


def _say_request(request: web.Request, response: web.Response, exchange: Exchange, seconds: float) -> None:
    caller = exchange.caller.actor if exchange.caller else None
    _log.info(
        "request",
        method=request.method,
        path="/v1/dossiers",
        status=response.status,
        duration_ms=round(seconds * 1000, 3),
        caller=caller.name if caller else "",
        key_id=caller.key_id if caller else "",
        dossier=exchange.dossier,
        message_ids=exchange.id,
        bytes_in=exchange.received,
        bytes_out=response.content_length or 0,
        trace_id=exchange.trace_id,
    )


def careful_app(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Application:
    """Return the application."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_post("/v1/dossiers", handler)
    return app
