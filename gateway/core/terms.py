"""On which terms a system is called: how hard, how fast, when, and when no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.breaker import BreakerPolicy
from gateway.core.rate import Rate
from gateway.core.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a system is called."""

    concurrency: int
    exchange: timedelta = timedelta(seconds=30)  #: how long one exchange may last
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    refusals: int = 10  #: equal ones of so many dossiers in a row: it refuses everything; 0: never
    rate: Rate | None = None
    window: Window = field(default_factory=Window)
