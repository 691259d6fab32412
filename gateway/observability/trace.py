"""Trace context (W3C Trace Context, level 2): which call belongs to which."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}")
_LENGTH = 55


def id_of(headers: Sequence[str]) -> str | None:
    """Return the trace that a caller's ``traceparent`` names: 32 lower-case hex digits.

    None where it is missing, repeated or invalid: begin a new one.
    """
    if len(headers) != 1:
        return None
    value = headers[0].strip()
    found = _HEADER.match(value)
    return found["trace"] if found is not None and _is_valid(found, value) else None


def _is_valid(found: re.Match[str], value: str) -> bool:
    """Later versions may go on behind a dash; version 00 may not."""
    if found["version"] == "ff" or not int(found["trace"], 16) or not int(found["parent"], 16):
        return False
    rest = value[_LENGTH:]
    return not rest or (found["version"] != "00" and rest.startswith("-"))
