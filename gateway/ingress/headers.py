"""What a caller says in headers and in the address."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import unquote

from aiohttp import web

from gateway.core.ids import SystemId
from gateway.ingress.parameters import MOST, USUAL
from gateway.ingress.problems import Problem
from gateway.model.names import NATIONAL_MEDIA_TYPE, Vocabulary
from gateway.model.texts import Said

_LONGEST_KEY = 200
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(r"\\(.)")
_REVISION = re.compile(r'(?:W/)?"?(\d{1,9})"?')
#: Control characters, and what bytes that are no UTF-8 are read as: lone surrogates, which nothing can write down.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def idempotency_key(request: web.Request) -> str | None:
    """Return ``Idempotency-Key``, an RFC 8941 string or the bare token; raises Problem."""
    values = request.headers.getall("Idempotency-Key", [])
    if not values:
        return None
    if len(values) > 1:
        raise Problem("idempotency.invalid")
    value = values[0]
    quoted = _QUOTED.fullmatch(value.strip())
    key = _ESCAPED.sub(r"\1", quoted[1]) if quoted else value.strip()
    if not 1 <= len(key) <= _LONGEST_KEY or _UNWRITABLE.search(key):
        raise Problem("idempotency.invalid")
    return key


def if_match(request: web.Request) -> int | None:
    """Return the revision in ``If-Match``; None where it is missing or ``*``. Raises Problem."""
    value = request.headers.get("If-Match", "*").strip()
    if value == "*":
        return None
    found = _REVISION.fullmatch(value)
    if found is None:
        raise Problem("parameter.invalid", name="If-Match", expected='"<revision>"')
    return int(found[1])


def wants(request: web.Request) -> Vocabulary:
    """Return the names that the caller wants in the answer."""
    national = NATIONAL_MEDIA_TYPE in request.headers.get("Accept", "").lower()
    return Vocabulary.NATIONAL if national else Vocabulary.ENGLISH


def number(request: web.Request, name: str, *, default: int, most: int) -> int:
    """Return a whole number of the query, at most ``most``; raises Problem."""
    value = request.query.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:10]) <= most and len(value) <= 10):  # noqa: PLR2004 - digits enough for any limit
        raise Problem("parameter.invalid", name=name, expected=f"1-{most}")
    return int(value)


def limit_of(request: web.Request, most: int = MOST) -> int:
    """Return ``limit``: how many of a list are asked for. Raises Problem."""
    return number(request, "limit", default=USUAL, most=most)


def behind_of(request: web.Request, most: int) -> int:
    """Return ``behind``: the place in a list behind which to go on, 0 where it is left out. Raises Problem."""
    return number(request, "behind", default=1, most=most) if "behind" in request.query else 0


def moment(request: web.Request, name: str) -> datetime | None:
    """Return a time of the query, RFC 3339 with zone; None where it is not given. Raises Problem."""
    value = request.query.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 - without a zone, as no answer may be
    if found.tzinfo is None:
        raise Problem("parameter.invalid", name=name, expected="2026-11-24T17:00:00+07:00")
    return found


def asked_system(request: web.Request) -> SystemId | None:
    """Return ``system``: about which one is asked; None where that is left out or empty."""
    name = request.query.get("system")
    return SystemId(name) if name else None


def seconds(request: web.Request, name: str, *, most: float) -> float:
    """Return seconds of the query (``20`` or ``20s``), cut to ``most``; raises Problem."""
    value = request.query.get(name, "0").removesuffix("s")
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
        raise Problem("parameter.invalid", name=name, expected=Said("seconds"))
    return min(float(value), most)


def plain(value: str) -> str:
    """Return percent-encoded UTF-8 decoded; raises ValueError."""
    return unquote(value, errors="strict")
