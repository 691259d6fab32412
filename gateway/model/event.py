"""The envelope of a fact: as a sender posts it, and as the gateway keeps and delivers it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gateway.model.types.actor import Actor
from gateway.model.types.dossier import Dossier
from gateway.model.types.file import FileRef, Files
from gateway.model.types.reference import References
from gateway.model.types.shapes import Code, DossierCode, Key, Moment, Record, Text

Precision = Literal["second", "minute", "day", "month", "year"]
Data = Annotated[Any, Meta(description="the body of this kind")]
ITEMS_LIMIT = 200


class DossierRef(Record, frozen=True, kw_only=True):
    """Which dossier is meant: one code of a scheme, and any others that the sender knows."""

    code: DossierCode | None = None  #: a code of the dossier
    scheme: Code = "province"  #: who gave ``code``; the province where it is left out
    references: References = ()  #: further codes of the same dossier


class NewEvent(Record, frozen=True, kw_only=True):
    """A fact, as its source posts it. ``data`` is read by ``kind`` in a second step."""

    kind: Code  #: what happened, such as status.changed, or x.<system>.<name> for a system's own
    dossier: DossierRef = DossierRef()  #: which dossier it is about
    source_event_id: Key | None = None  #: the sender's own id of the event: the same again is the same event
    occurred_at: Moment | None = None  #: when it happened; when it came, where that is left out
    occurred_precision: Precision = "second"  #: how exactly ``occurred_at`` is known
    actor: Actor | None = None  #: who did it
    text: Text = ""  #: a remark for people
    data: Data = None  #: what is stated, in the type that ``kind`` says
    files: Files = ()  #: files that belong to the event as a whole
    causes: Key | None = None  #: id of the event that made this one happen
    corrects: Key | None = None  #: id of the event that this one puts right
    test: bool = False  #: whether all of it is invented: it goes only to systems' sandboxes


class NewDossier(Record, frozen=True, kw_only=True):
    """The portal's short form of ``dossier.submitted`` and ``dossier.amended``."""

    dossier: Dossier  #: the whole dossier
    references: References = ()  #: further codes of the dossier
    source_event_id: Key | None = None  #: the sender's own id of the submission: the same again is the same submission
    occurred_at: Moment | None = None  #: when it happened; when it came, where that is left out
    occurred_precision: Precision = "second"  #: how exactly ``occurred_at`` is known
    actor: Actor | None = None  #: who did it
    text: Text = ""  #: a remark for people
    files: Files = ()  #: files that belong to the event as a whole
    test: bool = False  #: whether all of it is invented: it goes only to systems' sandboxes


class EventBatch(Record, frozen=True, kw_only=True):
    """Up to 200 facts, answered one by one."""

    #: the events, answered in this order
    items: Annotated[tuple[NewEvent, ...], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class DossierLink(Record, frozen=True, kw_only=True):
    """The dossier of a stored event: our id, the province's code, every code it is known by."""

    id: Key  #: the gateway's id of the dossier
    code: Code | None = None  #: the province's code, where it is known
    references: References = ()  #: all codes that are known, by scheme


class Event(Record, frozen=True, kw_only=True):
    """A fact as the gateway keeps it and delivers it; files are named ``/v1/files/{id}``."""

    id: Key  #: the gateway's id of the event
    kind: Code  #: what happened, such as status.changed
    dossier: DossierLink  #: which dossier it is about
    source: Code  #: the system that stated it; gateway where the gateway itself speaks
    source_event_id: Key | None = None  #: its source's own id
    occurred_at: Moment | None = None  #: when it happened, as its source says
    occurred_precision: Precision = "second"  #: how exactly ``occurred_at`` is known
    accepted_at: Moment  #: when the gateway had it on disk
    revision: Annotated[int, Meta(ge=0)] | None = None  #: the dossier's revision after it
    actor: Actor | None = None  #: who did it
    text: Text = ""  #: a remark for people
    data: Data = None  #: what is stated, in the type that ``kind`` says
    files: tuple[FileRef, ...] = ()  #: files that belong to the event as a whole
    causes: Key | None = None  #: id of the event that made this one happen
    corrects: Key | None = None  #: id of the event that this one puts right
    anomalies: tuple[Code, ...] = ()  #: what is odd about the status that it states
    test: bool = False  #: whether all of it is invented


def encode_event(event: Event | NewEvent) -> bytes:
    """Return the event as canonical JSON: UTF-8, English names, defaults left out."""
    return msgspec.json.encode(event)


class ReadEvent(Record, frozen=True, kw_only=True):
    """What a sender posted, validated: ``data`` has the type of its kind, or is JSON carried opaque."""

    event: NewEvent
    data: Any
