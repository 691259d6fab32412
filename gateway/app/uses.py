"""What counts once, for adapters."""

from __future__ import annotations

from datetime import timedelta

from gateway.core.errors import StoreUnavailable
from gateway.ports.uses import Use, Uses


class LateUses:
    """``ports.uses.Uses`` for adapters, which are built before the store is open."""

    def __init__(self) -> None:
        self.store: Uses | None = None

    async def use(self, scope: str, key: str, *, content: str = "", keep_for: timedelta) -> Use:
        """Ask the store; raises StoreUnavailable as long as there is none."""
        if self.store is None:
            raise StoreUnavailable("the store is not open yet")
        return await self.store.use(scope, key, content=content, keep_for=keep_for)
