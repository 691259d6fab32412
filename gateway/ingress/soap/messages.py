"""What the three operations say and answer, beside the events themselves."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gateway.ingress.bodies import FaultBody, ReceiptBody, TextBody
from gateway.model.event import ITEMS_LIMIT, Event, NewEvent
from gateway.model.types import Key, Record

Items = Annotated[tuple[NewEvent, ...], Meta(min_length=1, max_length=ITEMS_LIMIT)]


class Problem(Record, frozen=True, kw_only=True):
    """Why something was not accepted: in Vietnamese, in English, and every fault by its place."""

    code: str  #: stable code
    text: str  #: what is wrong and what to do, in Vietnamese
    text_en: str  #: the same in English
    errors: tuple[FaultBody, ...] = ()  #: every fault, by its place


class ItemResult(Record, frozen=True, kw_only=True):
    """What became of one item: a receipt, or a problem."""

    receipt: ReceiptBody | None = None  #: where it was accepted
    problem: Problem | None = None  #: where it was refused


class SubmitEvents(Record, frozen=True, kw_only=True):
    """State up to 200 facts."""

    item: Items  #: the facts, answered in this order


class SubmitEventsResponse(Record, frozen=True, kw_only=True):
    """One result per item, in order."""

    item: tuple[ItemResult, ...] = ()  #: the answers, in the order of the facts


class GetEvents(Record, frozen=True, kw_only=True):
    """Ask for what comes after a cursor; does not acknowledge."""

    after: Key | None = None  #: the cursor; from what is not acknowledged on where it is left out
    limit: Annotated[int, Meta(ge=1, le=ITEMS_LIMIT)] = 100  #: at most so many


class FeedEvent(Record, frozen=True, kw_only=True):
    """One event for the caller."""

    cursor: Key  #: the place in the feed
    delivery_id: Key  #: of the event to the caller: do each once
    event: Event  #: the event, whole


class GetEventsResponse(Record, frozen=True, kw_only=True):
    """A page; acknowledge ``next`` once it is safe."""

    item: tuple[FeedEvent, ...] = ()  #: events for the caller, in the order of its feed
    next: str  #: the cursor to acknowledge, and to ask for more after
    more: bool  #: whether others wait already
    earliest: str  #: the oldest cursor that can still be read
    warnings: tuple[TextBody, ...] = ()  #: such as feed.unused, where the system is called instead of reading


class Acknowledge(Record, frozen=True, kw_only=True):
    """Say that everything up to the cursor is safe."""

    cursor: Key  #: the last that is safe, as ``next`` named it


class AcknowledgeResponse(Record, frozen=True, kw_only=True):
    """How many deliveries that settled."""

    acknowledged: Annotated[int, Meta(ge=0)]  #: how many deliveries


class Opaque(Record, frozen=True, kw_only=True):
    """An event of a system's own kind ``x.<system>.<name>``: carried, never read."""

    kind: str  #: such as x.civil_status.note
    data: str = ""  #: its data, as JSON in text
