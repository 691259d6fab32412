"""How a driver runs a transaction: what every group of the store's methods is written on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.core.ids import DeliveryId
from gateway.core.message import Draft
from gateway.core.pressure import Urgency
from gateway.stores.tables import Transaction

T = TypeVar("T")


class Transacting(ABC):
    """A driver's own part."""

    @abstractmethod
    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        """Run this in one transaction, durable on return; ``about`` and ``of`` tell what it will ask for."""

    @abstractmethod
    async def _read(self, work: Callable[[Transaction], T]) -> T:
        """Run this on one consistent state."""

    @abstractmethod
    def _is_full(self, urgency: Urgency) -> bool:
        """Whether there is too little space for this."""
