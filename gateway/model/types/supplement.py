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

    id: Code | None = None
    requested_by: Actor | None = None
    requested_at: Moment | None = None
    content: Text = ""
    respond_by: Moment | None = None
    papers: Annotated[tuple[Component, ...], Meta(max_length=200)] = ()
    fees: Annotated[tuple[Fee, ...], Meta(max_length=100)] = ()
    received_by: Actor | None = None
    received_at: Moment | None = None
    state: SupplementState | None = None
    due_before: Moment | None = None
    due_after: Moment | None = None
