"""The time that what is computed for one document may take."""

from __future__ import annotations

from dataclasses import dataclass

EACH = 0.25  #: seconds of one evaluation
ALL = 1.0  #: seconds of all evaluations of one document


class Exhausted(Exception):
    """Nothing is left."""


@dataclass(slots=True)
class Budget:
    """What the evaluations of one document share. Steps and sizes are bounded too: time is the last resort."""

    left: float = ALL

    def take(self) -> float:
        """Return the seconds that the next one may last; raises Exhausted."""
        if self.left <= 0:
            raise Exhausted
        return min(self.left, EACH)
