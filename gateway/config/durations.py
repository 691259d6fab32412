"""Durations as an operator writes them: text with a unit (``500ms``, ``30s``, ``15m``, ``24h``, ``7d``)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

Duration = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?(ms|s|m|h|d)$", description="500ms, 30s, 15m, 24h, 7d")]

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def as_timedelta(text: str) -> timedelta:
    """Return the length of a ``Duration``; raises ValueError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})
