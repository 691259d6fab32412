"""The envelope of a fact: as a sender posts it, and as the gateway keeps and delivers it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gateway.model.types.actor import Actor
from gateway.model.types.dossier import Dossier
from gateway.model.types.file import FileRef, Files
from gateway.model.types.reference import References
from gateway.model.types.shapes import Code, Key, Moment, Record, Text

Precision = Literal["second", "minute", "day", "month", "year"]
Data = Annotated[Any, Meta(description="the body of this kind")]
ITEMS_LIMIT = 200


class DossierRef(Record, frozen=True, kw_only=True):
    """Which dossier is meant: one code of a scheme, and any others that the sender knows."""

    code: Code | None = None
    scheme: Code = "province"
    references: References = ()


class NewEvent(Record, frozen=True, kw_only=True):
    """A fact, as its source posts it. ``data`` is read by ``kind`` in a second step."""

    kind: Code
    dossier: DossierRef = DossierRef()
    source_event_id: Key | None = None
    occurred_at: Moment | None = None
    occurred_precision: Precision = "second"
    actor: Actor | None = None
    text: Text = ""
    data: Data = None
    files: Files = ()
    causes: Key | None = None
    corrects: Key | None = None
    test: bool = False


class NewDossier(Record, frozen=True, kw_only=True):
    """The portal's short form of ``dossier.submitted`` and ``dossier.amended``."""

    dossier: Dossier
    references: References = ()
    source_event_id: Key | None = None
    occurred_at: Moment | None = None
    occurred_precision: Precision = "second"
    actor: Actor | None = None
    text: Text = ""
    files: Files = ()
    test: bool = False


class EventBatch(Record, frozen=True, kw_only=True):
    """Up to 200 facts, answered one by one."""

    items: Annotated[tuple[NewEvent, ...], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class DossierLink(Record, frozen=True, kw_only=True):
    """The dossier of a stored event: our id, the province's code, every code it is known by."""

    id: Key
    code: Code | None = None
    references: References = ()


class Event(Record, frozen=True, kw_only=True):
    """A fact as the gateway keeps it and delivers it; files are named ``/v1/files/{id}``."""

    id: Key
    kind: Code
    dossier: DossierLink
    source: Code
    source_event_id: Key | None = None
    occurred_at: Moment | None = None
    occurred_precision: Precision = "second"
    accepted_at: Moment
    revision: Annotated[int, Meta(ge=0)] | None = None
    actor: Actor | None = None
    text: Text = ""
    data: Data = None
    files: tuple[FileRef, ...] = ()
    causes: Key | None = None
    corrects: Key | None = None
    anomalies: tuple[Code, ...] = ()
    test: bool = False


def encode_event(event: Event | NewEvent) -> bytes:
    """Return the event as canonical JSON: UTF-8, English names, defaults left out."""
    return msgspec.json.encode(event)


def decode_event(body: bytes) -> Event:
    """Read back what ``encode_event`` wrote of a stored event; raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(body, type=Event)


class ReadEvent(Record, frozen=True, kw_only=True):
    """What a sender posted, validated: ``data`` has the type of its kind, or is JSON carried opaque."""

    event: NewEvent
    data: Any
