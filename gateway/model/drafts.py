"""From what a sender stated to the core's draft: codes, files, digest, and what routing looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import cast

import msgspec
from msgspec import Struct, inspect

from gateway.core import kinds
from gateway.core.codes import PROVINCE
from gateway.core.deadline import AWAITING_SUPPLEMENT, Turn
from gateway.core.files import fetched_id
from gateway.core.hot_value import hot_value
from gateway.core.ids import FileId, SystemId
from gateway.core.message import Actor, Blob, Code, Draft, Payload, PendingFile, SourceStatus, digest_of
from gateway.model.bodies import Assignment, DeadlineChange, StatusChange, SupplementClosure
from gateway.model.event import NewEvent, ReadEvent
from gateway.model.types import Dossier, FileRef, Progress, Supplement

JSON = "application/json"
_NULL = b"null"
_TURNS = {
    "supplement.requested": Turn.AWAIT,
    "supplement.submitted": Turn.ANSWER,
    "supplement.closed": Turn.GO_ON,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFiles:
    """The files that an event names, in the order in which it names them."""

    ids: tuple[FileId, ...]  #: uploads
    pending: tuple[PendingFile, ...]  #: addresses, to be fetched durably


@hot_value
class Stated:
    """Who stated the event, through which door, with what."""

    source: SystemId
    operation: str  #: door and verb: the scope of the dedup key
    actor: Actor
    dedup_key: str | None = None
    proof: str | None = None  #: of its call, and which of the items this is: as ``Draft.proof``
    blobs: Mapping[FileId, Blob] = field(default_factory=dict[FileId, Blob])  #: the named uploads
    files: NamedFiles | None = None  #: what ``named_files`` said, where it was asked before
    raw: Payload | None = None
    if_match: int | None = None


def named_files(read: ReadEvent) -> NamedFiles:
    """Return every file that the event or its data names, each once; one that was withdrawn is not fetched any more."""
    refs = [*read.event.files, *_refs(read.data)]
    ids = dict.fromkeys(FileId(ref.id) for ref in refs if ref.id)
    urls: dict[str, FileRef] = {}
    for ref in refs:
        if ref.url and not ref.id and not ref.removed and (ref.sha256 or not _is_proved(urls.get(ref.url))):
            urls[ref.url] = ref
    return NamedFiles(ids=tuple(ids), pending=tuple(_pending(url, ref) for url, ref in urls.items()))


def _is_proved(ref: FileRef | None) -> bool:
    return ref is not None and ref.sha256 is not None


def _refs(value: object) -> Iterator[FileRef]:
    if isinstance(value, FileRef):
        yield value
    elif isinstance(value, Struct):
        for name in _ways(type(value)):
            below: object = getattr(value, name)
            if below:  # most lists of files are empty
                yield from _refs(below)
    elif isinstance(value, tuple):
        for item in cast("tuple[object, ...]", value):
            yield from _refs(item)


@cache
def _ways(type_: type[Struct]) -> tuple[str, ...]:
    """Return the fields of a struct below which a file can be named: few of the hundred that an event may have."""
    info = cast("inspect.StructType", inspect.type_info(type_))
    return tuple(field.name for field in info.fields if _leads(field.type))


def _leads(info: inspect.Type) -> bool:
    match info:
        case inspect.Metadata(type=inner):
            return _leads(inner)
        case inspect.UnionType(types=types):
            return any(_leads(item) for item in types)
        case inspect.VarTupleType(item_type=item):
            return _leads(item)
        case inspect.StructType(cls=cls):
            return cls is FileRef or bool(_ways(cls))
        case _:
            return False


def _pending(url: str, ref: FileRef) -> PendingFile:
    return PendingFile(file_id=fetched_id(url), url=url, sha256=ref.sha256, name=ref.name)


def draft(read: ReadEvent, stated: Stated) -> Draft:
    """Return the draft of an event; its files must be among ``stated.blobs`` or are pending."""
    event, data = read.event, read.data
    files = stated.files or named_files(read)
    blobs = tuple(stated.blobs[file] for file in files.ids)
    whole = data if isinstance(data, Dossier) and event.kind in kinds.WHOLE else None
    written = msgspec.json.encode(data)
    document = written if whole else b""
    return Draft(
        source=stated.source,
        operation=stated.operation,
        actor=stated.actor,
        kind=event.kind,
        codes=codes_of(read),
        payload=Payload(body=_encode(event, written), media_type=JSON),
        digest=_digest(_encode(msgspec.structs.replace(event, source_event_id=None), written), blobs),
        document=Payload(body=document, media_type=JSON) if whole else None,
        document_digest=_digest(document, blobs) if whole else "",
        raw=stated.raw,
        blobs=blobs,
        pending=files.pending,
        dedup_key=stated.dedup_key,
        proof=stated.proof,
        if_match=stated.if_match,
        occurred_at=event.occurred_at,
        procedure=whole.procedure.code if whole else "",
        agency=_agency(whole),
        due_at=_due_at(data),
        turn=_turn(event.kind, data),
        status=status_of(data),
        text=event.text,
        causes=event.causes or "",
        corrects=event.corrects or "",
        test=event.test,
    )


def codes_of(read: ReadEvent) -> tuple[Code, ...]:
    """Return every code that the event gives of its dossier, the envelope's own first, each once."""
    return tuple(dict.fromkeys(_codes(read)))


def best_code(read: ReadEvent) -> str:
    """Return the first of these codes, which people know the dossier by; empty where there is none."""
    first = next(_codes(read), None)
    return first.value if first else ""


def _codes(read: ReadEvent) -> Iterator[Code]:
    dossier, data = read.event.dossier, read.data
    if dossier.code:
        yield Code(dossier.scheme, dossier.code)
    if isinstance(data, Dossier) and data.code:
        yield Code(PROVINCE, data.code)
    given = data.references if isinstance(data, Assignment) else ()
    for reference in (*dossier.references, *given):
        yield Code(reference.scheme, reference.code)


def _encode(event: NewEvent, data: bytes) -> bytes:
    """Return the event round its data, which is JSON already; no data is left out like any default."""
    return msgspec.json.encode(msgspec.structs.replace(event, data=None if data == _NULL else msgspec.Raw(data)))


def _digest(document: bytes, blobs: tuple[Blob, ...]) -> str:
    """Digest of the document and the files' hashes in order (guarantee G7).

    The sender's own id is left out before: it is what the digest is compared under. So are the ids of uploads: the same
    file uploaded again is the same file.
    """
    for position, blob in enumerate(blobs):
        document = document.replace(msgspec.json.encode(blob.file_id), b'"file %d"' % position)
    return digest_of(document, blobs)


def _agency(dossier: Dossier | None) -> str:
    unit = dossier.receiving_unit if dossier else None
    return (unit.code or "") if unit else ""


def _due_at(data: object) -> datetime | None:
    """Return the due date that an event states, where it states one."""
    match data:
        case Dossier() | DeadlineChange():
            return data.due_at
        case Supplement() | SupplementClosure():
            return data.due_after
        case _:
            return None


def _turn(kind: str, data: object) -> Turn | None:
    """Return what an event does to the counting of days until the due date."""
    match data:
        case DeadlineChange(action="extend"):
            return None
        case DeadlineChange():
            return Turn(data.action)
        case StatusChange(status=None) | Progress(status=None):
            return None
        case StatusChange() | Progress():
            return Turn.AWAIT if data.status == AWAITING_SUPPLEMENT else Turn.GO_ON
        case _:
            return _TURNS.get(kind)


def status_of(data: object) -> SourceStatus | None:
    """Return the status that an event states, verbatim beside the national number; a step of progress may state one."""
    match data:
        case Progress(status=int() as status):
            return SourceStatus(status=status)
        case StatusChange():
            stated = data.source_status
            return SourceStatus(
                status=data.status,
                table=(stated.table or "") if stated else "",
                code=(stated.code or "") if stated else "",
                text=(stated.text or "") if stated else "",
                closing=data.closing or "",
            )
        case _:
            return None
