"""Who did it."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Actor(Record, frozen=True, kw_only=True):
    """The officer or citizen behind an event."""

    name: Line | None = None
    position: Line | None = None
    unit: Line | None = None
    officer_code: Code | None = None
