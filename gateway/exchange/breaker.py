"""What every exchange tells about its system."""

from __future__ import annotations

from collections.abc import Callable

from gateway.exchange.signature import Exchange, R, S


def breaker(inner: Exchange[S, R], learn: Callable[[S, R], None]) -> Exchange[S, R]:
    """Let the gate learn how it ended. Whether it may begin was asked before: what may not is no attempt."""

    async def watched(subject: S, *, deadline: float) -> R:
        result = await inner(subject, deadline=deadline)
        learn(subject, result)
        return result

    return watched
