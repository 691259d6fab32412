"""Attempts as columns."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from operator import attrgetter
from typing import Any

import msgspec

from gateway.core.delivery import Attempt, Step
from gateway.core.ids import DeliveryId, MessageId
from gateway.core.reason import Reason, Why
from gateway.stores.rows import AttemptRow
from gateway.stores.sql import columns as c

#: What is kept as JSON: all but the reply. By name, because a copy of the attempt without it takes four times as long.
_NAMES = tuple(field.name for field in fields(Attempt) if field.name != "reply")
_VALUES = attrgetter(*_NAMES)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Attempt)
#: What stands for an attempt that cannot be read.
_DAMAGED = Attempt(
    delivery_id=DeliveryId(""),
    message_id=MessageId(""),
    step=Step.SEND,
    outcome="unknown",
    reason=Reason(Why.DAMAGED),
    duration=timedelta(0),
    config="",
)


def attempt_columns(row: AttemptRow) -> tuple[object, ...]:
    """Return token, delivery, time, the attempt as JSON, and the reply beside it."""
    reply = row.attempt.reply
    body = _ENCODER.encode(dict(zip(_NAMES, _VALUES(row.attempt), strict=True)))
    return (
        row.token,
        row.attempt.delivery_id,
        c.micros(row.at),
        body,
        reply and reply.body,
        reply and reply.media_type,
    )


def attempt_of(delivery: DeliveryId, row: tuple[Any, ...]) -> AttemptRow:
    """Read it back; of one that cannot be read its time and its reply are left."""
    try:
        attempt = _DECODER.decode(row[2])
    except c.UNREADABLE:
        attempt = replace(_DAMAGED, delivery_id=delivery)
    reply = c.payload_or_none(row[3], row[4])
    return AttemptRow(token=row[0], at=c.moment(row[1]), attempt=replace(attempt, reply=reply))
