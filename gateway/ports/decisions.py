"""What a person decides about deliveries. Each method records its act in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.core.acts import Act, By
from gateway.core.ids import DeliveryId
from gateway.core.judging import Decision
from gateway.core.planning import Planner


class Decisions(Protocol):
    """For operators; by ``core.judging``."""

    async def decide(
        self,
        delivery: DeliveryId,
        decision: Decision,
        *,
        by: By,
        plan: Planner,
        codes: Mapping[str, str] | None = None,
    ) -> Act:
        """Apply a decision; the lane goes on by itself. ``codes`` (scheme to value) are bound where it is delivered.

        What one person decides alone counts, by ``judging.COUNTED``. Raises UnknownDelivery, Undecidable, and TooMany
        where a second person must agree. REPLACE is a proposal's: raises ValueError here.
        """
        ...
