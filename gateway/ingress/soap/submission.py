"""From ``submitEvents`` to items for intake; files inside the message become uploads of their own first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from gateway.config.durations import as_timedelta
from gateway.core.ids import FileId, SystemId
from gateway.ingress.doors import Doors, caller_of, doors_of, visit_of
from gateway.ingress.problems import Problem
from gateway.ingress.rest_events import first_code
from gateway.ingress.rest_files import file_name
from gateway.ingress.soap.reading import Inline, NotBase64, Reading
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.model.event import NewEvent
from gateway.model.fault import Fault, Invalid
from gateway.model.reading import read_event
from gateway.wire.xml import Element

_ANY = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The items of a message, and the kind of each."""

    items: Sequence[Item | Faulty]
    kinds: Sequence[str]

    @classmethod
    async def read(cls, request: web.Request, element: Element) -> Submission:
        """Read every item; a faulty one does not refuse its neighbours. Raises Problem."""
        doors, caller = doors_of(request), caller_of(request)
        if caller.system is None:
            raise Problem("key.forbidden", system=caller.actor.name)
        try:
            async with asyncio.timeout(as_timedelta(doors.server.upload_timeout).total_seconds()):
                read = [await _item(child, doors, caller.system) for child in element.iterchildren("{*}item")]
        except TimeoutError:
            raise Problem("body.timeout") from None
        items = [item for item, _ in read]
        visit_of(request).dossier = first_code(items)
        return cls(items=items, kinds=[kind for _, kind in read])


async def _item(element: Element, doors: Doors, system: SystemId) -> tuple[Item | Faulty, str]:
    reading = Reading()
    try:
        value = reading.struct(element, NewEvent)
    except NotBase64 as error:
        return Faulty((Fault(path=error.element, code="type", expected="base64"),)), ""
    kind = str(value.get("kind", ""))
    scope = "/".join((system, kind, str(value.get("source_event_id", "")), str(value.get("dossier", ""))))
    named = {_name(inline, scope, position): inline for position, inline in enumerate(reading.files)}
    try:
        read = read_event(value)
    except Invalid as error:
        return Faulty(error.faults), kind
    for file, inline in named.items():
        await _store(file, inline, doors, system)
    return Item(read=read, dedup_key=read.event.source_event_id), kind


def _name(inline: Inline, scope: str, position: int) -> FileId:
    """Give the file an id that follows from where it stands and what it holds: sent again, it is the same."""
    content = hashlib.sha256(inline.content).hexdigest()
    digest = hashlib.sha256(f"{scope}/{position}/{content}".encode()).hexdigest()
    file = FileId(f"inline-{digest[:40]}")
    inline.entry["id"] = file
    inline.entry.setdefault("sha256", content)
    return file


async def _store(file: FileId, inline: Inline, doors: Doors, system: SystemId) -> None:
    """Keep the bytes as an upload, unless the same message brought them before."""
    if await doors.files.file(file, caller=system) is not None:
        return
    blob = await doors.blobs.put(
        _whole(inline.content),
        name=file_name(str(inline.entry.get("name", ""))),
        content_type=cast("str", inline.entry.get("media_type") or _ANY),
        limit=doors.server.file_limit,
    )
    await doors.files.register(file, blob, owner=system)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
