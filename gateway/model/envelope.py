"""From a stored message to the event that partners are shown."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gateway.core.delivery import Delivery
from gateway.core.message import Message
from gateway.model.event import DossierLink, Event, NewEvent
from gateway.model.types import FileRef, Reference

_DECODER = msgspec.json.Decoder(NewEvent)


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
        data=stated.data,
        files=tuple(_whole(message, ref) for ref in stated.files),
        causes=stated.causes,
        corrects=stated.corrects,
        anomalies=message.anomalies,
        test=message.test,
    )


def _whole(message: Message, ref: FileRef) -> FileRef:
    """Return a file as its receiver needs it: where to get it, and how to prove it."""
    blob = next((blob for blob in message.blobs if blob.file_id == ref.id), None)
    if blob is None:
        return ref
    return msgspec.structs.replace(
        ref,
        url=f"/v1/files/{blob.file_id}",
        sha256=blob.sha256,
        size=blob.size,
        name=ref.name or blob.name,
        media_type=ref.media_type or blob.content_type,
    )
