"""One leased delivery in a worker's hands."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.delivery import Delivery, Lease


@dataclass(slots=True, kw_only=True)
class Job:
    """What is being worked on, and until when (monotonic seconds) it is surely ours."""

    delivery: Delivery
    lease: Lease
    until: float
    begun: bool = False  #: the adapter has been asked

    @classmethod
    def of(cls, delivery: Delivery, until: float) -> Job:
        """Take a leased delivery; raises ValueError for one that is not."""
        if delivery.lease is None:
            raise ValueError(f"delivery {delivery.id} is not leased")
        return cls(delivery=delivery, lease=delivery.lease, until=until)
