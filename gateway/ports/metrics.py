"""Counting, without knowing who counts."""

from __future__ import annotations

from typing import Protocol


class Metrics(Protocol):
    """Counters, gauges and distributions, named in the reference."""

    def count(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter."""
        ...

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Say how something stands now."""
        ...

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Record one measurement, in seconds or bytes as the name says."""
        ...
