"""From ``submitEvents`` to items for intake; files inside and beside the message become uploads of their own first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from aiohttp import web

from gateway.config.durations import as_timedelta
from gateway.core.ids import FileId, SystemId
from gateway.core.message import Blob
from gateway.ingress.doors import Doors, caller_of, doors_of
from gateway.ingress.incoming_files import file_name
from gateway.ingress.problems import Problem
from gateway.ingress.soap.breaches import readable
from gateway.ingress.soap.opening import Opened
from gateway.ingress.soap.reading import Attached, Inline, NotBase64, Reading
from gateway.intake.intake import Item
from gateway.intake.results import Faulty
from gateway.model.event import NewEvent, ReadEvent
from gateway.model.fault import Fault, Invalid
from gateway.model.places import SHA256_OF_THE_FILE
from gateway.model.reading import read_event
from gateway.wire.xml import Element

_ANY = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The items of a message, and the kind of each."""

    items: Sequence[Item | Faulty]
    kinds: Sequence[str]

    @classmethod
    async def read(cls, request: web.Request, asked: Opened) -> Submission:
        """Read every item, and keep its files; a faulty one does not refuse its neighbours. Raises Problem."""
        doors, caller = doors_of(request), caller_of(request)
        if caller.system is None:
            raise Problem("key.forbidden", system=caller.actor.name)
        shelf = _Shelf(doors, caller.system)
        drawn = [_Drawn.of(child, asked.attached, shelf) for child in asked.envelope.body.iterchildren("{*}item")]
        try:
            async with asyncio.timeout(as_timedelta(doors.server.upload_timeout).total_seconds()):
                arrived = await asked.files.store({name for one in drawn for name in one.wanted})
                items = [await one.item(shelf, arrived) for one in drawn]
        except TimeoutError:
            raise Problem("body.timeout") from None
        return cls(items=items, kinds=[one.kind for one in drawn])


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """One item as it was drawn from the envelope, judged before any of its files is kept."""

    value: dict[str, object]
    files: Sequence[Inline | Attached]
    judged: ReadEvent | Faulty
    kind: str = ""

    @classmethod
    def of(cls, element: Element, attached: Mapping[str, str], shelf: _Shelf) -> _Drawn:
        """Read an item; a file that has not come yet has a name that only its validity is judged by."""
        reading = Reading(attached)
        try:
            value = reading.struct(element, NewEvent)
        except NotBase64 as error:
            fault = Fault(path=readable(element, error.element), code="type", expected="base64")
            return cls(value={}, files=(), judged=Faulty((fault,)))
        for position, file in enumerate(reading.files):
            shelf.name(file, value, position, _digest(file, {}))
        return cls(value=value, files=reading.files, judged=_judged(value), kind=str(value.get("kind", "")))

    @property
    def wanted(self) -> Iterable[str]:
        """The Content-IDs of files that are worth keeping."""
        if isinstance(self.judged, Faulty):
            return ()
        return (file.content_id for file in self.files if isinstance(file, Attached))

    async def item(self, shelf: _Shelf, arrived: Mapping[str, Blob]) -> Item | Faulty:
        """Return the item with its files on the shelf."""
        if isinstance(self.judged, Faulty):
            return self.judged
        for position, file in enumerate(self.files):
            digest = _digest(file, arrived)
            if file.entry.get("sha256", digest) != digest:
                return Faulty((Fault(path="sha256", code="differs", expected=SHA256_OF_THE_FILE),))
            file.entry["sha256"] = digest
            await shelf.put(shelf.name(file, self.value, position, digest), file, arrived)
        read = _judged(self.value) if self.files else self.judged
        return read if isinstance(read, Faulty) else Item(read=read, dedup_key=read.event.source_event_id)


def _judged(value: dict[str, object]) -> ReadEvent | Faulty:
    try:
        return read_event(value)
    except Invalid as error:
        return Faulty(error.faults)


def _digest(file: Inline | Attached, arrived: Mapping[str, Blob]) -> str:
    """Return the SHA-256 of a file; empty for one that has not come yet."""
    if isinstance(file, Inline):
        return hashlib.sha256(file.content).hexdigest()
    return arrived[file.content_id].sha256 if file.content_id in arrived else ""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Where one system's files are kept, each as an upload of its own."""

    doors: Doors
    system: SystemId

    def name(self, file: Inline | Attached, item: Mapping[str, object], position: int, digest: str) -> FileId:
        """Give the file an id that follows from where it stands and what it holds: sent again, it is the same."""
        about = (item.get("kind", ""), item.get("source_event_id", ""), item.get("dossier", ""))
        scope = "/".join((self.system, *(str(one) for one in about), str(position), digest))
        name = FileId(f"inline-{hashlib.sha256(scope.encode()).hexdigest()[:40]}")
        file.entry["id"] = name
        return name

    async def put(self, name: FileId, file: Inline | Attached, arrived: Mapping[str, Blob]) -> None:
        """Keep the file, unless the same message brought it before."""
        if await self.doors.files.file(name, caller=self.system) is not None:
            return
        shown = file_name(str(file.entry.get("name", "")))
        media_type = cast("str | None", file.entry.get("media_type"))
        if isinstance(file, Attached):
            blob = arrived[file.content_id]
            blob = replace(blob, name=shown, content_type=media_type or blob.content_type)
        else:
            limit = self.doors.server.file_limit
            content = _whole(file.content)
            blob = await self.doors.blobs.put(content, name=shown, content_type=media_type or _ANY, limit=limit)
        await self.doors.files.register(name, blob, owner=self.system)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
