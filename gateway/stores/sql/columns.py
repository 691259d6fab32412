"""How values stand in columns: times as microseconds since 1970, small structures as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from gateway.core.deadline import Turn
from gateway.core.ids import GATEWAY, MessageId, SystemId
from gateway.core.message import NO_STATUS, Actor, ActorKind, Blob, Code, Draft, Payload, SourceStatus
from gateway.core.reason import Reason
from gateway.stores.rows import UNREAD, Stored
from gateway.stores.sql.access import Many, Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EARLIEST, LATEST = -(1 << 62), 1 << 62  #: microseconds that no time has, and no place
#: Of a file, in the order of ``blob``.
BLOB = "key, sha256, size, content_type, name"


def replacing(table: str, columns: str, *, key: str, moving: str = "") -> Many:
    """Return the statement that adds rows; of those that are there, all columns but the key are replaced, or these."""
    keys = key.split(", ")
    changes = moving.split(", ") if moving else [name for name in columns.split(", ") if name not in keys]
    changed = ", ".join(f"{name} = excluded.{name}" for name in changes)
    width = columns.count(",") + 1
    return Many(f"INSERT INTO {table} ({columns})", width, f"ON CONFLICT ({key}) DO UPDATE SET {changed}")


def replace_one(table: str, columns: str, *, key: str, moving: str = "") -> str:
    """Return the same statement for one row."""
    return replacing(table, columns, key=key, moving=moving).over(1)


@lru_cache(maxsize=64)
def micros(moment: datetime) -> int:
    """Return microseconds since 1970; a transaction asks for its own time again and again."""
    return (moment - _EPOCH) // MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """Return microseconds since 1970, or NULL."""
    return None if moment is None else micros(moment)


def moment(value: int) -> datetime:
    """Return the time, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


def moment_or_none(value: int | None) -> datetime | None:
    """Return the time, in UTC, or None."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


class Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """The small fields of a message: its draft's, under the same names, and behind them its own three."""

    operation: str
    actor: Actor
    kind: str
    codes: tuple[Code, ...] = ()
    dedup_key: str | None = None
    if_match: int | None = None
    occurred_at: datetime | None = None
    procedure: str = ""
    agency: str = ""
    due_at: datetime | None = None
    status: SourceStatus | None = None
    text: str = ""
    causes: str = ""
    corrects: str = ""
    to: tuple[SystemId, ...] = ()
    causation_id: MessageId | None = None
    test: bool = False
    turn: Turn | None = None
    route_version: str = ""
    anomalies: tuple[str, ...] = ()
    warnings: tuple[Reason, ...] = ()


_DRAFTED, _OWN = Head.__struct_fields__[:-3], Head.__struct_fields__[-3:]
_drafted, _own = attrgetter(*_DRAFTED), attrgetter(*_OWN)
#: What stands for small fields that cannot be read.
_DAMAGED = Head("", Actor(kind=ActorKind.GATEWAY, name=GATEWAY), "x.gateway.damaged")
#: What stands for names and texts that cannot be read: people see it among them.
DAMAGED: Mapping[str, str] = {"x.gateway.damaged": "không đọc được · cannot be read"}
#: What a decoder says of bytes that it cannot read: of their form, or of their letters.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
_ENCODER = msgspec.json.Encoder()
_HEADS = msgspec.json.Decoder(Head)
_TEXTS = msgspec.json.Decoder(dict[str, str])
_STATUSES = msgspec.json.Decoder(SourceStatus)


def head_of(stored: Stored) -> bytes:
    """Return a message's small fields as JSON; what could not be read stays as it was found."""
    if stored.damage is not None:
        return stored.damage
    return _ENCODER.encode(Head(*_drafted(stored.draft), *_own(stored)))


def head(column: bytes) -> tuple[Head, bytes | None]:
    """Read them back; what cannot be read is returned beside fields that say nothing, and must keep nobody else."""
    try:
        return _HEADS.decode(column), None
    except UNREADABLE:
        return _DAMAGED, column


def draft_of(source: SystemId, digest: str, fields: Head, payload: Payload, document: Payload | None) -> Draft:
    """Put a draft together again, without its raw form and files."""
    small: dict[str, Any] = dict(zip(_DRAFTED, _drafted(fields), strict=True))
    return Draft(source=source, digest=digest, payload=payload, document=document, **small)


def texts_column(texts: Mapping[str, str]) -> str:
    """Return names and texts as JSON; nothing for none."""
    return _ENCODER.encode(texts).decode() if texts else ""


def texts(column: str) -> dict[str, str]:
    """Read them back; what cannot be read is said, and keeps no other row of the page from being shown."""
    try:
        return _TEXTS.decode(column) if column else {}
    except UNREADABLE:
        return dict(DAMAGED)


def notes(column: str) -> dict[str, str]:
    """Read a delivery's notes back; what cannot be read stands under ``UNREAD``."""
    try:
        return _TEXTS.decode(column) if column else {}
    except UNREADABLE:
        return {UNREAD: column}


def status_column(status: SourceStatus) -> str:
    """Return a status as JSON."""
    return _ENCODER.encode(status).decode()


def status(column: str) -> SourceStatus:
    """Read it back; one that cannot be read says so, and stands until its source states another."""
    try:
        return _STATUSES.decode(column)
    except UNREADABLE:
        return NO_STATUS


def payload_or_none(body: bytes | None, media_type: str | None) -> Payload | None:
    """Return what two columns hold, or None."""
    return None if body is None else Payload(body=body, media_type=media_type or "")


def blob(row: Row) -> Blob:
    """Return the file whose columns are ``BLOB`` and its id."""
    return Blob(key=row[0], sha256=row[1], size=row[2], content_type=row[3], name=row[4], file_id=row[5])
