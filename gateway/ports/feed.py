"""What systems read that are not called: pages of what is not acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.delivery import Delivery
from gateway.core.ids import SystemId
from gateway.core.message import Message
from gateway.core.planning import Planner


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One row of a system's feed."""

    cursor: str  #: ask ``after`` this one to acknowledge it
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page shows all that is not acknowledged after the cursor, in the order of the lanes."""

    items: Sequence[FeedItem]
    next: str
    more: bool
    earliest: str


class Feed(Protocol):
    """For systems that read instead of being called."""

    async def read(
        self, system: SystemId, after: str, *, limit: int, readable: Callable[[Message], bool] = lambda _: True
    ) -> FeedPage:
        """Return what follows ``after`` (empty: from the first not acknowledged).

        What is not ``readable``, or of which the store itself can read nothing, is held for a person instead of shown.
        Raises CursorExpired, CursorInvalid.
        """
        ...

    async def acknowledge(self, system: SystemId, cursor: str, *, plan: Planner) -> int:
        """Settle all up to the cursor as delivered and tell those who asked; return how many.

        Many are settled in several transactions, in order: what one that fails leaves, asking again settles.
        Raises CursorExpired, CursorInvalid.
        """
        ...
