"""Reading a call: bytes in their declared encoding, JSON, and the objects in its ``data`` one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import msgspec
from aiohttp import web

from gateway.ingress.body import read_document
from gateway.ingress.doors import doors_of
from gateway.ingress.plug_in.cells import Unread, plain
from gateway.ingress.plug_in.objects import Table
from gateway.ingress.plug_in.statements import Given
from gateway.ingress.problems import Problem
from gateway.model.event import ITEMS_LIMIT
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import builtins_of, decode_json
from gateway.wire.charsets import CharsetError, as_utf8
from gateway.wire.content_type import ContentType


class _Data(msgspec.Struct):
    """The part of a call that is kept as it came."""

    data: msgspec.Raw = msgspec.Raw(b"[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a client sent."""

    value: Table
    body: bytes  #: UTF-8

    def text(self, name: str) -> str:
        """Return a parameter; raises Invalid where it is no single value."""
        try:
            return plain(self.value.get(name)).strip()
        except Unread as wrong:
            raise Invalid(Fault(path=name, code=wrong.code, expected=wrong.expected)) from None

    def objects(self) -> tuple[Given, ...]:
        """Return the objects of ``data``, 1 to 200 of them; a lone one counts as a list of one. Raises Invalid."""
        data = bytes(msgspec.json.decode(self.body, type=_Data).data)
        raws = msgspec.json.decode(data, type=list[msgspec.Raw]) if data[:1] == b"[" else [msgspec.Raw(data)]
        if not 1 <= len(raws) <= ITEMS_LIMIT:
            raise Invalid(Fault(path="data", code="length", expected=f"list of 1..{ITEMS_LIMIT}"))
        unit = self.text("madonvi")
        return tuple(
            Given(value=builtins_of(bytes(raw)), raw=bytes(raw), at=f"data[{number}]", unit=unit)
            for number, raw in enumerate(raws)
        )


async def read_call(request: web.Request) -> Call:
    """Return the call; raises Problem and Invalid. Who calls is not known yet: such bodies have a room of their own."""
    sent = await read_document(request, doors_of(request).room.strangers)
    try:
        body = as_utf8(sent, _charset(request))
    except CharsetError:
        raise Problem("encoding.unreadable") from None
    value = decode_json(body)
    if not isinstance(value, dict):
        raise Invalid(Fault(path="", code="type", expected="object"))
    return Call(value=cast("Table", value), body=body)


def _charset(request: web.Request) -> str:
    """Return the declared encoding: of Content-Type, else of the header ``Charset`` that some clients send."""
    declared = ContentType.parse(request.headers.get("Content-Type", "")).charset
    return declared or request.headers.get("Charset", "").strip().lower() or "utf-8"
