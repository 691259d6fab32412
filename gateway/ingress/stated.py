"""From a JSON body to items for intake; and events from there on, however they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aiohttp import web

from gateway.core.hot_value import hot_value
from gateway.core.message import Payload
from gateway.ingress.body import media_type_of, read_document
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import idempotency_key
from gateway.intake.intake import Item
from gateway.intake.results import Faulty, ItemAnswer
from gateway.model.drafts import best_code
from gateway.model.event import EventBatch
from gateway.model.fault import Invalid
from gateway.model.faults import decode_json
from gateway.model.names import NATIONAL_MEDIA_TYPE, Vocabulary, key
from gateway.model.places import Origin
from gateway.model.reading import read_event, read_items

_JSON = "application/json"
_SUBMIT = "events.submit"


@hot_value
class Sent:
    """A JSON body, decoded but not yet understood."""

    body: bytes
    value: object
    names: Vocabulary
    raw: Payload | None  #: kept where the names are not the canonical ones


async def read_sent(request: web.Request) -> Sent:
    """Return the body, in either vocabulary; raises Problem and Invalid."""
    media_type = media_type_of(request, _JSON, NATIONAL_MEDIA_TYPE)
    body = await read_document(request)
    national = media_type == NATIONAL_MEDIA_TYPE
    return Sent(
        body=body,
        value=decode_json(body),
        names=Vocabulary.NATIONAL if national else Vocabulary.ENGLISH,
        raw=Payload(body=body, media_type=media_type) if national else None,
    )


def is_batch(sent: Sent) -> bool:
    """Whether the body holds a list of events, answered one by one."""
    name = key(EventBatch, "items", sent.names)
    value = sent.value
    return isinstance(value, list) or (isinstance(value, dict) and name in cast("dict[str, object]", value))


def items_of(sent: Sent, request: web.Request) -> Sequence[Item | Faulty]:
    """Return the events of a body; raises Invalid where there is none to be found."""
    name = key(EventBatch, "items", sent.names)
    value = sent.value
    whole = {name: cast("list[object]", value)} if isinstance(value, list) else value
    events = read_items(whole, names=sent.names)
    dedup = idempotency_key(request)
    if not is_batch(sent):
        return (_item(events[0], sent, "", dedup),)
    keys = (f"{dedup}/{position}" if dedup else None for position in range(len(events)))
    return tuple(
        _item(event, sent, f"{name}[{position}]", one)
        for position, (event, one) in enumerate(zip(events, keys, strict=True))
    )


async def accept_events(request: web.Request, items: Sequence[Item | Faulty]) -> tuple[ItemAnswer, ...]:
    """Accept events, by whichever door they came: what is stated by one and again by another is the same."""
    if len(items) == 1 and isinstance(items[0], Item):
        visit_of(request).dossier = best_code(items[0].read)
    return await doors_of(request).intake.accept(items, caller_of(request), _SUBMIT)


def _item(value: object, sent: Sent, at: str, dedup: str | None) -> Item | Faulty:
    try:
        read = read_event(value, names=sent.names, at=at)
    except Invalid as error:
        return Faulty(error.faults)
    return Item(
        read=read,
        dedup_key=dedup or read.event.source_event_id,
        raw=sent.raw,
        origin=Origin(names=sent.names, at=at),
    )
