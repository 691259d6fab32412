"""Cursors that name a moment and a dossier."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from gateway.core.ids import DossierId
from gateway.ingress.problems import Problem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(-?\d{1,18})\.([0-9A-Za-z-]{1,64})")


def written(moment: datetime, dossier: DossierId) -> str:
    """Return the cursor."""
    return f"{(moment - _EPOCH) // _MICROSECOND}.{dossier}"


def read(cursor: str) -> tuple[datetime, DossierId]:
    """Read it back. Raises Problem."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise Problem("cursor.invalid")
    try:
        return _EPOCH + int(found[1]) * _MICROSECOND, DossierId(found[2])
    except OverflowError:
        raise Problem("cursor.invalid") from None
