"""From a stored message to the event that partners are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from gateway.core.codes import PROVINCE
from gateway.core.delivery import Delivery
from gateway.core.files import fetched_id, public_id
from gateway.core.ids import FileId, MessageId
from gateway.core.message import NO_STATUS, Blob, Message, SourceStatus
from gateway.model.bodies import StatusChange
from gateway.model.drafts import status_of
from gateway.model.event import DossierLink, Event, NewEvent
from gateway.model.faults import as_number
from gateway.model.kinds import data_type
from gateway.model.types import FileRef, Progress, Reference, file_link

_DECODER = msgspec.json.Decoder(NewEvent, float_hook=as_number)
#: What it says of bytes that it cannot read: of their form, or of their letters.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
_OF_FILE = frozenset(FileRef.__struct_fields__)


def event_of(delivery: Delivery) -> Event:
    """Return the event that a delivery carries."""
    return event_of_message(delivery.message, delivery.codes, kind=delivery.kind)


def event_of_message(message: Message, codes: Mapping[str, str], *, kind: str = "") -> Event:
    """Return a message as an event; ``codes`` are all the dossier is known by now, scheme to value.

    ``kind`` is what it goes as where that is not its own.
    """
    return _event(_DECODER.decode(message.payload.body), message, codes, kind)


class Reading:
    """The events of one page: each is decoded once, when it is looked at whether it still is one."""

    def __init__(self) -> None:
        self._stated: dict[MessageId, NewEvent] = {}

    def is_readable(self, message: Message) -> bool:
        """Whether what is stored of a message still is an event: a disk may have damaged it since it was accepted."""
        try:
            self._stated[message.id] = _DECODER.decode(message.payload.body)
        except _UNREADABLE:
            return False
        return True

    def event_of(self, delivery: Delivery) -> Event:
        """Return the event that a delivery carries, which was found readable."""
        return _event(self._stated[delivery.message.id], delivery.message, delivery.codes, delivery.kind)


def _event(stated: NewEvent, message: Message, codes: Mapping[str, str], kind: str) -> Event:
    return Event(
        id=message.id,
        kind=kind or message.kind,
        dossier=DossierLink(
            id=message.dossier_id,
            code=codes.get(PROVINCE),
            references=tuple(Reference(scheme=scheme, code=value) for scheme, value in codes.items()),
        ),
        source=message.source,
        source_event_id=stated.source_event_id,
        occurred_at=stated.occurred_at,
        occurred_precision=stated.occurred_precision,
        accepted_at=message.accepted_at,
        revision=message.revision or None,
        actor=stated.actor,
        text=stated.text,
        data=_stored(stated.data, message),
        files=tuple(_whole(message, ref) for ref in stated.files),
        causes=stated.causes,
        corrects=stated.corrects,
        anomalies=message.anomalies,
        test=message.test,
    )


def status_in(message: Message) -> SourceStatus | None:
    """Return the status that a message states; None for one that states none, ``NO_STATUS`` where it cannot be read."""
    type_ = data_type(message.kind)
    if type_ not in {StatusChange, Progress}:
        return None
    try:
        return status_of(msgspec.convert(_DECODER.decode(message.payload.body).data, type_))
    except _UNREADABLE:
        return NO_STATUS


def _stored(data: object, message: Message) -> object:
    """Return the data; a file in it with where it is here, not where its sender keeps it, and what is known of it."""
    if message.blobs:
        _show(data, {blob.file_id: blob for blob in message.blobs})
    return data


def _show(value: object, kept: Mapping[FileId, Blob]) -> None:
    if isinstance(value, list):
        for below in cast("list[object]", value):
            _show(below, kept)
    elif isinstance(value, dict):
        table = cast("dict[str, object]", value)
        for below in table.values():
            _show(below, kept)
        if (blob := _named(table, kept)) is not None:
            id_ = public_id(blob)
            table |= {"id": id_, "url": file_link(id_), "sha256": blob.sha256, "size": blob.size}
            table["name"] = table.get("name") or blob.name
            table["media_type"] = table.get("media_type") or blob.content_type


def _named(table: Mapping[str, object], kept: Mapping[FileId, Blob]) -> Blob | None:
    """Return the file that a table refers to; None for a table that is something else."""
    id_, url = table.get("id"), table.get("url")
    if id_ is None and isinstance(url, str):
        id_ = fetched_id(url)
    return kept.get(FileId(id_)) if isinstance(id_, str) and table.keys() <= _OF_FILE else None


def _whole(message: Message, ref: FileRef) -> FileRef:
    """Return a file as its receiver needs it: where to get it, and how to prove it."""
    id_ = ref.id or (fetched_id(ref.url) if ref.url else "")
    blob = next((blob for blob in message.blobs if blob.file_id == id_), None)
    if blob is None:
        return ref
    shown = public_id(blob)
    return msgspec.structs.replace(
        ref,
        id=shown,
        url=file_link(shown),
        sha256=blob.sha256,
        size=blob.size,
        name=ref.name or blob.name,
        media_type=ref.media_type or blob.content_type,
    )
