"""Parts that run beside the relay and the doors; one that ends before them is a fault of ours, and is told at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.exchange.guard import place_of

_log: FilteringBoundLogger = structlog.get_logger()


@asynccontextmanager
async def beside(work: Coroutine[None, None, None], part: str) -> AsyncGenerator[None]:
    """Let it run while the context lasts."""
    running = asyncio.create_task(work, name=part)
    running.add_done_callback(_tell)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait((running,))


def _tell(part: asyncio.Task[None]) -> None:
    """What it does is missed from now on; relaying goes on without it."""
    error = None if part.cancelled() else part.exception()
    if error is not None:
        name = part.get_name()
        _log.error("part_ended", part=name, error=type(error).__name__, at=place_of(error), alert=True)
