"""Identity and chance, injected."""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    """Makes ids that were never used before, and fair random numbers."""

    def new(self) -> str:
        """Return a time-ordered UUID version 7; may be called from any thread."""
        ...

    def token(self) -> str:
        """Return 128 random bits as text, for leases."""
        ...

    def jitter(self) -> float:
        """Return a random number in [0, 1)."""
        ...
