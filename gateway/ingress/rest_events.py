"""``/v1/events``: state facts, and read the feed of facts for oneself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import msgspec
from aiohttp import web
from msgspec import Raw

from gateway.config.durations import as_timedelta
from gateway.core.record import Shown
from gateway.ingress.bodies import FeedBody, FeedItemBody
from gateway.ingress.doors import Doors, doors_of, prove_live, visit_of
from gateway.ingress.feed import cursor, next_page, unused
from gateway.ingress.headers import limit_of, seconds, wants
from gateway.ingress.lookup import system_of, viewed
from gateway.ingress.pressing import of_words, refuse_pressed
from gateway.ingress.replies import batch, reply, single
from gateway.ingress.stated import accept_events, is_batch, items_of, read_sent
from gateway.model.envelope import Reading
from gateway.model.event import ITEMS_LIMIT, Event, encode_event
from gateway.model.names import Vocabulary, to_national
from gateway.ports.feed import FeedItem


async def submit(request: web.Request) -> web.Response:
    """``POST /v1/events``: one fact, or up to 200 with an answer for each."""
    refuse_pressed(request, of_words(request))
    sent = await read_sent(request)
    answers, visit = await accept_events(request, items_of(sent, request)), visit_of(request)
    return batch(answers, visit) if is_batch(sent) else single(answers[0], visit)


async def read(request: web.Request) -> web.Response:
    """``GET /v1/events?after=&limit=&wait=``: acknowledges up to ``after``, then shows what follows."""
    doors, system = doors_of(request), system_of(request)
    after = cursor(request.query.get("after", ""))
    limit = limit_of(request, ITEMS_LIMIT)
    wait = seconds(request, "wait", most=as_timedelta(doors.server.feed_wait).total_seconds())
    if after:
        await doors.feed.acknowledge(system, after, plan=doors.intake.planning)
    reading = Reading()
    with _seat(doors, wait) as patience:
        page = await next_page(doors, system, after, reading, limit=limit, wait=patience)
    if patience and page.items:
        await prove_live(request)
    await viewed(request, Shown.FEED, (item.delivery.id for item in page.items))
    names = wants(request)
    return reply(
        FeedBody(
            items=tuple(_item(item, reading, names) for item in page.items),
            next=page.next,
            more=page.more,
            earliest=page.earliest,
            warnings=unused(doors, system, visit_of(request).language),
        ),
        names=names,
    )


@contextmanager
def _seat(doors: Doors, wait: float) -> Generator[float]:
    """Yield how long this reader may wait: not at all where too many wait already."""
    if not wait or not doors.room.polls.take_now(1):
        yield 0
        return
    try:
        yield wait
    finally:
        doors.room.polls.give_back(1)


def _item(item: FeedItem, reading: Reading, names: Vocabulary) -> FeedItemBody:
    event = reading.event_of(item.delivery)
    if names is Vocabulary.NATIONAL:
        document = msgspec.json.encode(to_national(Event, msgspec.to_builtins(event)))
    else:
        document = encode_event(event)
    return FeedItemBody(cursor=item.cursor, delivery_id=item.delivery.id, event=Raw(document))
