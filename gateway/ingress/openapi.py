"""``/openapi.json``: OpenAPI 3.1, its schemas from the structs that the doors really read and write."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import cast

import msgspec
from msgspec import Struct

from gateway.ingress import bodies
from gateway.ingress.openapi_answers import responses, schema
from gateway.ingress.openapi_parameters import parameters
from gateway.ingress.openapi_schemas import schemas
from gateway.ingress.table.door import Door
from gateway.model.event import Event
from gateway.model.kinds import KINDS

_DISTRIBUTION = "provincial-gateway"
_SYSTEMS = "Cổng dịch vụ công và các bộ · Portals and ministries"
_PEOPLE = "Người vận hành · Operators"
_ABOUT = """\
Hồ sơ giữa cổng dịch vụ công và hệ thống của các bộ · Dossiers between a provincial portal and ministries' systems.

Mỗi hệ thống có khoá riêng · Each system has a key of its own: as bearer token, in X-Api-Key, or by Basic with the
system's id as user. Problems are in Vietnamese, with Accept-Language: en in English; their code is stable. Every answer
has an X-Request-Id, which the gateway's log names, too. Sending the same again is safe. Times are RFC 3339 with zone.
"""


def document(doors: Sequence[Door]) -> bytes:
    """Return the whole description."""
    paths: dict[str, dict[str, object]] = {}
    for door in doors:
        method = "post" if door.method == "*" else door.method.lower()
        paths.setdefault(door.path, {})[method] = _operation(door)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Provincial integration gateway", "version": _version(), "description": _ABOUT},
            "security": [{"bearer": []}, {"apiKey": []}, {"basic": []}],
            "paths": paths,
            "components": {
                "schemas": schemas(_structs(doors)),
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                    "basic": {"type": "http", "scheme": "basic"},
                },
            },
        }
    )


def _structs(doors: Sequence[Door]) -> tuple[type[Struct], ...]:
    named = [struct for item in doors for struct in _spoken(item)]
    data = (cast("type[Struct]", kind.data) for kind in KINDS.values())
    return tuple(dict.fromkeys((*named, bodies.ProblemBody, Event, *data)))


def _spoken(item: Door) -> tuple[type[Struct], ...]:
    """Return what a door reads and writes, beside problems."""
    answers = (item.answer,) if item.answer else ()
    return (*item.sends, *answers, *(struct for _, struct in item.others))


def _operation(item: Door) -> dict[str, object]:
    found: dict[str, object] = {"summary": item.summary, "tags": [_tag(item)], "responses": responses(item)}
    if given := parameters(item):
        found["parameters"] = given
    if item.method in {"POST", "PUT", "*"}:
        content = {media: schema(item.sends, media) for media in item.media}
        found["requestBody"] = {"required": True, "content": content}
    if item.open:
        found["security"] = []
    return found


def _tag(item: Door) -> str:
    return item.tag or (_PEOPLE if item.is_operators else _SYSTEMS)


def _version() -> str:
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "0"
