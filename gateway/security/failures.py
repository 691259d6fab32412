"""How often somebody may be wrong: guessing a password takes longer than anybody has."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from gateway.ports.clock import Clock

_REMEMBERED = 10_000
_WAIT = 60.0  #: seconds from the first failure


@dataclass(frozen=True, slots=True)
class _Wrong:
    times: int
    until: float  #: monotonic seconds


class Failures:
    """Counts the failures of each caller; who failed ``most`` times in a minute waits until that minute is over."""

    def __init__(self, clock: Clock, *, most: int) -> None:
        self._clock = clock
        self._most = most
        self._known: OrderedDict[str, _Wrong] = OrderedDict()

    def turn(self, most: int) -> None:
        """Let so many be too many from now on."""
        self._most = most

    def is_barred(self, who: str) -> bool:
        """Whether this caller is not even listened to now."""
        wrong = self._current(who)
        return wrong is not None and wrong.times >= self._most

    def count(self, who: str) -> None:
        """Note one failure."""
        wrong = self._current(who) or _Wrong(0, self._clock.monotonic() + _WAIT)
        self._known[who] = _Wrong(wrong.times + 1, wrong.until)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _current(self, who: str) -> _Wrong | None:
        wrong = self._known.get(who)
        if wrong is not None and self._clock.monotonic() >= wrong.until:
            del self._known[who]
            return None
        return wrong
