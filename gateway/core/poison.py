"""Poison, which kills whoever sends it, told from bystanders, which were only on their way when a worker died.

Poison kills every time. So only workers that were lost in a row count: an attempt that came to its end, however it
ended, clears the delivery. And a worker that dies has many deliveries in its hands, of which one at most has killed it:
what has lost two in a row is tried alone from then on, so that the next loss is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from gateway.core.delivery import Attempt, Step
from gateway.core.reason import Why

#: Workers lost in a row, after which a delivery is suspected: of those that are, a node tries one at a time.
SUSPECT_AFTER = 2


def is_lost(attempt: Attempt) -> bool:
    """Whether its worker was gone before it ended."""
    return attempt.reason is not None and attempt.reason.code is Why.WORKER_LOST


def lost_in_a_row(attempts: Sequence[Attempt], step: Step) -> int:
    """Return how many of the last attempts (oldest first) at this step have lost their worker, without a break.

    A look-up that ends says nothing about what a send does to its worker.
    """
    latest = (attempt for attempt in reversed(attempts) if attempt.step is step)
    return sum(1 for _ in takewhile(is_lost, latest))
