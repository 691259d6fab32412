"""A step of processing, for the citizen to follow."""

from __future__ import annotations

from gateway.model.types.actor import Actor
from gateway.model.types.shapes import Moment, Record, Text
from gateway.model.types.status import Status


class Progress(Record, frozen=True, kw_only=True):
    """One step: who did what, and when it should end."""

    actor: Actor | None = None  #: who did it
    occurred_at: Moment | None = None  #: when it was done
    text: Text = ""  #: what was done, for the citizen to read
    status: Status | None = None  #: the dossier's status after it
    started_at: Moment | None = None  #: when the step began
    regulated_end: Moment | None = None  #: when the step should end by regulation
