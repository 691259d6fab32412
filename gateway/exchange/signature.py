"""The one signature that every wrapper takes and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gateway.core.delivery import Delivery
from gateway.core.outcome import Result
from gateway.core.reason import Reason

R = TypeVar("R", bound=Result)
R_co = TypeVar("R_co", bound=Result, covariant=True)


class Exchange(Protocol[R_co]):
    """One exchange about one delivery, ended before ``deadline`` (monotonic seconds)."""

    async def __call__(self, delivery: Delivery, *, deadline: float) -> R_co:
        """Return how it ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts(Generic[R]):
    """What the wrappers answer in the adapter's place."""

    kinds: tuple[type, ...]  #: what the adapter itself may answer
    unsent: Callable[[Reason], R]  #: the adapter was never asked
    unsure: Callable[[Reason], R]  #: it was asked and did not answer
