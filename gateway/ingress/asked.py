"""What operators ask for in a body, and in whose name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from gateway.core.acts import By
from gateway.core.composing import composed
from gateway.ingress.body import media_type_of, read_document, without_zero
from gateway.ingress.doors import caller_of
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.problems import Problem
from gateway.model.faults import unreadable
from gateway.model.texts.phrases import Said

A = TypeVar("A", bound=Struct)

#: How msgspec says it; a name that the sender made up stands there as ``[...]``.
_PLACE = re.compile(r"Expected `(?P<wanted>\w+).* - at `\$\.(?P<at>[\w.\[\]]+)`", re.ASCII)
_IN_JSON: Mapping[str, str] = MappingProxyType(
    {"str": '"…"', "int": "0", "float": "0.5", "bool": "true", "object": "{…}", "array": "[…]"}
)


async def asked_of(request: web.Request, shape: type[A], *, limit: int | None = None) -> A:
    """Return what a caller asks for, in at most so many bytes. Raises Problem."""
    media_type_of(request, "application/json")
    body = without_zero(await read_document(request, limit=limit))
    try:
        body.decode()  # msgspec does not look into what it leaves raw
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise Problem("request.invalid", where=_where(error) or _fields(shape)) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise Problem("request.invalid", where=Said(unreadable(body, error).faults[0].expected)) from error


def _where(error: msgspec.DecodeError) -> str:
    """Return which field is of a wrong type, and what should stand there in JSON; empty for other faults."""
    found = _PLACE.fullmatch(str(error))
    return f"{found['at'].replace('[...]', '.<…>')}: {_IN_JSON.get(found['wanted'], '…')}" if found else ""


def _fields(shape: type[Struct]) -> str:
    names = ", ".join(f'"{name}"' for name in shape.__struct_fields__)
    return f"{{{names}}}"


def codes_of(asked: Iterable[str]) -> frozenset[str]:
    """Return the codes that are named, as Unicode composes them and without blanks round them."""
    return frozenset(composed(code).strip() for code in asked) - {""}


def by_of(request: web.Request, asked: ReasonedBody) -> By:
    """Return who acts and why. Raises BadReason."""
    return By(actor=caller_of(request).actor, reason=asked.reason)


async def reasoned(request: web.Request) -> By:
    """Return who acts and why, where that is all that is sent. Raises Problem, BadReason."""
    return by_of(request, await asked_of(request, ReasonedBody))
