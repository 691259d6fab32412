"""``/v1/ops``: what operators look at, and the keys that they give out. Every door here needs an operator's key."""

from __future__ import annotations

from collections.abc import Container

import msgspec
from aiohttp import web

from gateway.core.delivery import State
from gateway.core.ids import DossierId, KeyId
from gateway.core.record import Shown
from gateway.ingress.asked import asked_of
from gateway.ingress.bodies import DeliveriesBody, KeyBody, KeysBody, NewKeyBody
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.headers import asked_system, limit_of
from gateway.ingress.lookup import eyes_of, viewed
from gateway.ingress.problems import Problem, one_of
from gateway.ingress.replies import reply
from gateway.ingress.rest_dossiers import told_timeline
from gateway.ports.keys import KeyRecord, KeyRole
from gateway.security.keys import may_hold, new_key

_CREATED = 201
_KEY_ID_LENGTH = 12


async def timeline(request: web.Request) -> web.Response:
    """``GET /v1/ops/dossiers/{id}/timeline``: by the gateway's own id."""
    ledger = doors_of(request).ledger
    view = await ledger.dossier(DossierId(request.match_info["id"]))
    if view is None:
        raise Problem("dossier.not_found")
    await viewed(request, Shown.TIMELINE, (view.id,))
    return told_timeline(request, view, await ledger.timeline(view.id))


async def deliveries(request: web.Request) -> web.Response:
    """``GET /v1/ops/deliveries?state=&system=&limit=``: the newest first."""
    found = await doors_of(request).ledger.find(
        state=one_of(State, request.query.get("state"), "state"),
        destination=asked_system(request),
        limit=limit_of(request),
    )
    await viewed(request, Shown.DELIVERY, (view.id for view in found))
    eyes = eyes_of(request)
    return reply(DeliveriesBody(items=tuple(eyes.delivery(view) for view in found)))


async def keys(request: web.Request) -> web.Response:
    """``GET /v1/ops/keys``: all of them, revoked ones too, never their text."""
    found = await doors_of(request).keys.all()
    return reply(KeysBody(items=tuple(key_body(record) for record in found)))


async def make_key(request: web.Request) -> web.Response:
    """``POST /v1/ops/keys``: the reply is the only place where the key's text is ever shown."""
    doors, asked = doors_of(request), await asked_of(request, NewKeyBody)
    role = _role(asked, doors.systems)
    made = new_key(KeyId(doors.ids.token()[:_KEY_ID_LENGTH]), role=role, name=asked.name, created_at=doors.clock.now())
    await doors.keys.add(made.record, actor=caller_of(request).actor)
    body = msgspec.structs.replace(key_body(made.record), key=made.text)
    return reply(body, status=_CREATED, headers={"Cache-Control": "no-store"})


async def revoke_key(request: web.Request) -> web.Response:
    """``DELETE /v1/ops/keys/{id}``."""
    doors = doors_of(request)
    if not await doors.keys.revoke(KeyId(request.match_info["id"]), actor=caller_of(request).actor):
        raise Problem("key.not_found")
    doors.authenticator.forget()
    return web.Response(status=204)


async def metrics(request: web.Request) -> web.Response:
    """``GET /metrics``: Prometheus text."""
    return web.Response(text=doors_of(request).metrics(), content_type="text/plain")


def _role(asked: NewKeyBody, systems: Container[str]) -> KeyRole:
    """Return what a key is to open; its holder must exist: a key for nobody opens nothing. Raises Problem."""
    if asked.role not in set(KeyRole):
        raise Problem("request.invalid", where='"role": "system" | "operator"')
    role = KeyRole(asked.role)
    is_nobody = role is KeyRole.SYSTEM and asked.name not in systems
    if is_nobody or not may_hold(asked.name):
        raise Problem("request.invalid", where='"name"')
    return role


def key_body(record: KeyRecord) -> KeyBody:
    """Return a key as operators read it: never its text."""
    return KeyBody(
        id=record.id,
        role=str(record.role),
        name=record.name,
        created_at=record.created_at,
        revoked_at=record.revoked_at,
    )
