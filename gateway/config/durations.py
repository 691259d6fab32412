"""Durations as an operator writes them: text with a unit (``500ms``, ``30s``, ``15m``, ``24h``, ``7d``)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

#: No longer than three centuries, whatever the unit: a time so far ahead is still one.
_LENGTH = "|".join(
    rf"[0-9]{{1,{digits}}}(\.[0-9]{{1,6}})?{unit}"
    for unit, digits in (("ms", 12), ("s", 9), ("m", 8), ("h", 6), ("d", 5))
)
_FORMS = "500ms, 30s, 15m, 24h, 7d; at most 99999d"

Duration = Annotated[str, Meta(pattern=rf"^({_LENGTH})\Z", description=_FORMS)]
#: One that is not 0: nothing can be done within no time, and what is done every 0s is done without end.
Lasting = Annotated[str, Meta(pattern=rf"^(?=.*[1-9])({_LENGTH})\Z", description=f"{_FORMS}, and more than 0")]

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def as_timedelta(text: str) -> timedelta:
    """Return the length of a ``Duration``; raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
