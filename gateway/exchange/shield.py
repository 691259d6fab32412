"""Work that goes on to its end though whoever asked for it has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def to_its_end(work: Coroutine[object, object, T]) -> T:
    """Return what work comes to; cancelled, wait for its end all the same. What it raises then is nobody's to hear."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_heard)
        await asyncio.wait((task,))
        raise


def _heard(task: asyncio.Task[T]) -> None:
    """Take note of how it ended: nobody is left to be told."""
    if not task.cancelled():
        task.exception()
