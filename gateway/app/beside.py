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
    running = asyncio.create_task(_told(work, part), name=part)
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait((running,))


async def _told(work: Coroutine[None, None, None], part: str) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - what it does is missed, and relaying goes on without it
        _log.error("part_ended", part=part, error=type(error).__name__, at=place_of(error), alert=True)
