"""When a system may be called: always, or within hours that repeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.core.calendar import Calendar

#: Stretches that follow one another without a gap are looked at together, at most so many.
_STRETCHES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours in which a system takes calls; without hours it always does."""

    hours: Calendar | None = None

    def is_open(self, moment: datetime) -> bool:
        """Whether the system takes calls at this moment."""
        return self.hours is None or self.hours.is_open(moment)

    def admits(self, moment: datetime, length: timedelta) -> bool:
        """Whether a call that begins at this moment and may last so long surely ends before the window closes."""
        return self.hours is None or (self.is_open(moment) and self._closes(moment, length) >= moment + length)

    def opens_at(self, moment: datetime) -> datetime | None:
        """Return when it opens next; None while it is open."""
        return None if self.hours is None or self.is_open(moment) else self.hours.next_opening(moment)

    def closes_at(self, moment: datetime) -> datetime | None:
        """Return when it closes next; None while it is closed, and where it never does."""
        if self.hours is None or not self.is_open(moment):
            return None
        closing = self._closes(moment, timedelta.max)
        return None if self.is_open(closing) else closing

    def _closes(self, moment: datetime, length: timedelta) -> datetime:
        """Return when it closes, looking no further than this length needs; midnight is no closing where it goes on."""
        assert self.hours is not None  # noqa: S101 - for the type checker: the callers have looked
        closing = self.hours.next_closing(moment)
        for _ in range(_STRETCHES):
            if closing - moment >= length or not self.is_open(closing):
                break
            closing = self.hours.next_closing(closing)
        return closing
