"""A step of processing, for the citizen to follow."""

from __future__ import annotations

from gateway.model.types.actor import Actor
from gateway.model.types.shapes import Moment, Record, Text
from gateway.model.types.status import Status


class Progress(Record, frozen=True, kw_only=True):
    """One step: who did what, and when it should end."""

    actor: Actor | None = None
    occurred_at: Moment | None = None
    text: Text = ""
    status: Status | None = None
    started_at: Moment | None = None
    regulated_end: Moment | None = None
