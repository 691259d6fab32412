"""What is done beside the relay, again and again: a fault in it must end nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import Fenced, StoreFull, StoreUnavailable
from gateway.exchange.guard import place_of

_log: FilteringBoundLogger = structlog.get_logger()


async def attempt(chore: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a chore once. A store that is away postpones it; a fault of our own is told, with an alert. Raises Fenced.

    One row that nobody can read would otherwise end the relay, and end it again at every start.
    """
    try:
        await work()
    except Fenced:
        raise
    except (StoreUnavailable, StoreFull, OSError) as error:
        _log.warning("chore_postponed", chore=chore, error=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever it is, the deliveries are not to blame
        _log.error("chore_failed", chore=chore, error=type(error).__name__, at=place_of(error), alert=True)
