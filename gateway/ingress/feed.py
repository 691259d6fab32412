"""A page of a system's feed, as soon as there is something on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.core.ids import SystemId
from gateway.ingress.bodies import TextBody
from gateway.ingress.doors import Doors
from gateway.ingress.problems import Problem
from gateway.model.envelope import Reading
from gateway.model.texts import text
from gateway.ports.feed import FeedPage

_CURSOR_LENGTH = 200


def cursor(value: str) -> str:
    """Return a cursor as it was given; raises Problem for what cannot be one."""
    if len(value) > _CURSOR_LENGTH or not value.isprintable():
        raise Problem("cursor.invalid")
    return value


def unused(doors: Doors, system: SystemId, language: str) -> tuple[TextBody, ...]:
    """Say so where nothing ever gets into a feed: its pages look like those of a reader who has read all."""
    if doors.book.systems[system].feed:
        return ()
    return (TextBody(code="feed.unused", text=text("feed.unused", language)),)


async def next_page(
    doors: Doors, system: SystemId, after: str, reading: Reading, *, limit: int, wait: float
) -> FeedPage:
    """Return a page, its events read, as soon as there is something on it, at the latest after ``wait`` seconds."""
    until = doors.clock.monotonic() + wait
    while True:
        left = until - doors.clock.monotonic()
        async with _listening(doors, system, left) as woken:
            page = await doors.feed.read(system, after, limit=limit, readable=reading.is_readable)
            if page.items or woken is None or doors.is_closing():
                return page
            await woken


@asynccontextmanager
async def _listening(doors: Doors, system: SystemId, seconds_: float) -> AsyncGenerator[asyncio.Task[bool] | None]:
    """Listen before looking, so that what comes in between is heard."""
    if seconds_ <= 0:
        yield None
        return
    task = asyncio.create_task(doors.wakeups.wait((system,), seconds=seconds_))
    await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
