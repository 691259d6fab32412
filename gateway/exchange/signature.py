"""The one signature that every wrapper takes and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gateway.core.outcome import Result
from gateway.core.reason import Reason

S = TypeVar("S")
R = TypeVar("R")
T = TypeVar("T", bound=Result)  #: how an exchange about a delivery ends
S_contra = TypeVar("S_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Exchange(Protocol[S_contra, R_co]):
    """One exchange about one delivery or query, ended before ``deadline`` (monotonic seconds)."""

    async def __call__(self, subject: S_contra, /, *, deadline: float) -> R_co:
        """Return how it ended."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts(Generic[R]):
    """What the wrappers answer in the adapter's place."""

    kinds: tuple[type, ...]  #: what the adapter itself may answer
    unsent: Callable[[Reason], R]  #: the adapter was never asked
    unsure: Callable[[Reason], R]  #: it was asked and did not answer
