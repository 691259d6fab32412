"""Who did it."""

from __future__ import annotations

from gateway.model.types.shapes import Code, Line, Record


class Actor(Record, frozen=True, kw_only=True):
    """The officer or citizen behind an event."""

    name: Line | None = None  #: full name
    position: Line | None = None  #: post or title
    unit: Line | None = None  #: department or agency, in words
    officer_code: Code | None = None  #: the code that the agency gave the officer
