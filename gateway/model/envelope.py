"""From a stored message to the event that partners are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from gateway.core.delivery import Delivery
from gateway.core.ids import FileId
from gateway.core.message import NO_STATUS, Blob, Message, SourceStatus
from gateway.model.bodies import StatusChange
from gateway.model.drafts import FETCHED, fetched_id, status_of
from gateway.model.event import DossierLink, Event, NewEvent
from gateway.model.kinds import data_type
from gateway.model.types import FileRef, Progress, Reference

_DECODER = msgspec.json.Decoder(NewEvent)
#: What it says of bytes that it cannot read: of their form, or of their letters.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)


def event_of(delivery: Delivery) -> Event:
    """Return the event that a delivery carries."""
    return event_of_message(delivery.message, delivery.codes)


def event_of_message(message: Message, codes: Mapping[str, str]) -> Event:
    """Return a message as an event; ``codes`` are all the dossier is known by now, scheme to value."""
    stated = _DECODER.decode(message.payload.body)
    return Event(
        id=message.id,
        kind=message.kind,
        dossier=DossierLink(
            id=message.dossier_id,
            code=codes.get("province"),
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


def is_readable(message: Message) -> bool:
    """Whether what is stored of a message still is an event: a disk may have damaged it since it was accepted."""
    try:
        _DECODER.decode(message.payload.body)
    except _UNREADABLE:
        return False
    return True


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
    """Return the data; a file that was fetched is named where it is here, not where its sender keeps it."""
    fetched = {blob.file_id: blob for blob in message.blobs if blob.file_id.startswith(FETCHED)}
    if fetched:
        _show(data, fetched)
    return data


def _show(value: object, fetched: Mapping[FileId, Blob]) -> None:
    if isinstance(value, list):
        for below in cast("list[object]", value):
            _show(below, fetched)
    elif isinstance(value, dict):
        table = cast("dict[str, object]", value)
        for below in table.values():
            _show(below, fetched)
        url = table.get("url")
        blob = fetched.get(fetched_id(url)) if isinstance(url, str) and not table.get("id") else None
        if blob is not None:
            table |= {"id": blob.file_id, "url": f"/v1/files/{blob.file_id}", "sha256": blob.sha256, "size": blob.size}


def _whole(message: Message, ref: FileRef) -> FileRef:
    """Return a file as its receiver needs it: where to get it, and how to prove it."""
    id_ = ref.id or (fetched_id(ref.url) if ref.url else "")
    blob = next((blob for blob in message.blobs if blob.file_id == id_), None)
    if blob is None:
        return ref
    return msgspec.structs.replace(
        ref,
        id=blob.file_id,
        url=f"/v1/files/{blob.file_id}",
        sha256=blob.sha256,
        size=blob.size,
        name=ref.name or blob.name,
        media_type=ref.media_type or blob.content_type,
    )
