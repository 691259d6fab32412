"""The disk on which everything lies."""

from __future__ import annotations

from typing import Protocol


class Space(Protocol):
    """How much of it is free, and some of it set aside."""

    async def free(self) -> int:
        """Return the bytes that are free. Raises OSError."""
        ...

    async def set_aside(self) -> None:
        """Hold the ballast, unless it is held; where there is no room for it, do without."""
        ...

    async def let_go(self) -> None:
        """Let its space be used."""
        ...
