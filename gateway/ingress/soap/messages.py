"""What the three operations say and answer, beside the events themselves."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gateway.ingress.bodies import FaultBody, ReceiptBody
from gateway.model.event import ITEMS_LIMIT, Event, NewEvent
from gateway.model.types import Key, Record

Items = Annotated[tuple[NewEvent, ...], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class Problem(Record, frozen=True, kw_only=True):
    """Why something was not accepted: in Vietnamese, in English, and every fault by its place."""

    code: str
    text: str
    text_en: str
    errors: tuple[FaultBody, ...] = ()


class ItemResult(Record, frozen=True, kw_only=True):
    """What became of one item: a receipt, or a problem."""

    receipt: ReceiptBody | None = None
    problem: Problem | None = None


class SubmitEvents(Record, frozen=True, kw_only=True):
    """State up to 200 facts."""

    item: Items


class SubmitEventsResponse(Record, frozen=True, kw_only=True):
    """One result per item, in order."""

    item: tuple[ItemResult, ...] = ()


class GetEvents(Record, frozen=True, kw_only=True):
    """Ask for what comes after a cursor; does not acknowledge."""

    after: Key | None = None
    limit: Annotated[int, Meta(ge=1, le=ITEMS_LIMIT)] = 100


class FeedEvent(Record, frozen=True, kw_only=True):
    """One event for the caller."""

    cursor: Key
    delivery_id: Key
    event: Event


class GetEventsResponse(Record, frozen=True, kw_only=True):
    """A page; acknowledge ``next`` once it is safe."""

    item: tuple[FeedEvent, ...] = ()
    next: str
    more: bool
    earliest: str


class Acknowledge(Record, frozen=True, kw_only=True):
    """Say that everything up to the cursor is safe."""

    cursor: Key


class AcknowledgeResponse(Record, frozen=True, kw_only=True):
    """How many deliveries that settled."""

    acknowledged: Annotated[int, Meta(ge=0)]


class Opaque(Record, frozen=True, kw_only=True):
    """An event of a system's own kind ``x.<system>.<name>``: carried, never read."""

    kind: str
    data: str = ""
