"""Waiting for a state instead of sleeping: time passes only when nothing else happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.testing.clock import FakeClock

_TURNS = 25


class NeverHappened(AssertionError):
    """What a test waits for did not come within the fake time it gave."""


async def until(
    happened: Callable[[], Awaitable[bool]],
    clock: FakeClock,
    *,
    within: float = 3600,
    step: float = 0.5,
) -> None:
    """Let tasks run, then fake time pass by ``step`` seconds, until it has happened. Raises NeverHappened."""
    passed = 0.0
    while passed <= within:
        for _ in range(_TURNS):
            if await happened():
                return
            await asyncio.sleep(0)
        clock.advance(step)
        passed += step
    raise NeverHappened(f"not within {within} seconds")
