"""One leased delivery in a worker's hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.core.delivery import Delivery, Lease
from gateway.core.outcome import Result
from gateway.relay.link import RelayConfig


def nobody(_job: Job) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class Job:
    """What is being worked on, and until when (monotonic seconds) it is surely ours."""

    delivery: Delivery
    lease: Lease
    until: float
    config: RelayConfig  #: in force when it was taken on; it ends by this one
    trace_id: str = ""  #: of its attempt; empty where there is none to be told of
    begun: bool = False  #: the adapter has been asked
    answered: bool = False  #: the exchange has ended: what is left is between us and the store
    ended: tuple[Result, timedelta] | None = None  #: how the exchange has, and how long it took
    on_answered: Callable[[Job], None] = nobody

    @property
    def is_again(self) -> bool:
        """Whether it was tried before."""
        return self.delivery.tries > 0

    def leave(self) -> None:
        """Give the seat at the partner to the next job: this one only waits for its settlement."""
        self.answered = True
        self.on_answered(self)

    @classmethod
    def of(cls, delivery: Delivery, until: float, config: RelayConfig) -> Job:
        """Take a leased delivery; raises ValueError for one that is not."""
        if delivery.lease is None:
            raise ValueError(f"delivery {delivery.id} is not leased")
        return cls(delivery=delivery, lease=delivery.lease, until=until, config=config)
