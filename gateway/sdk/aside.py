"""What may take long, done beside the event loop, so that no other dossier waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

SMALL = 64 * 1024  #: bytes below which a thread costs more than it saves
_T = TypeVar("_T")


async def aside(work: Callable[[], _T], *, large: bool) -> _T:
    """Do the work, in a thread where it is large."""
    return await asyncio.to_thread(work) if large else work()
