"""A request for more papers, and what became of it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gateway.model.types.actor import Actor
from gateway.model.types.component import Component
from gateway.model.types.fee import Fee
from gateway.model.types.shapes import Code, Moment, Record, Text

SupplementState = Literal["requested", "submitted", "accepted", "insufficient", "expired"]


class Supplement(Record, frozen=True, kw_only=True):
    """One round of supplementing."""

    id: Code | None = None  #: its source's own id of this round
    requested_by: Actor | None = None  #: who asked for it
    requested_at: Moment | None = None  #: when it was asked for
    content: Text = ""  #: what is missing; required where it is asked for
    respond_by: Moment | None = None  #: until when the citizen may answer
    papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()  #: the papers that are asked for
    fees: Annotated[tuple[Fee, ...], Meta(max_length=100)] = ()  #: fees that are to be paid as well
    received_by: Actor | None = None  #: who took the answer
    received_at: Moment | None = None  #: when the answer was taken
    state: SupplementState | None = None  #: how the round stands
    due_before: Moment | None = None  #: when the result had been promised
    due_after: Moment | None = None  #: when it is promised now
