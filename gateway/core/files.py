"""Files that are named by address and cannot be had: for which reasons, and when their source is told."""

from __future__ import annotations

from gateway.core.reason import Why

#: The host has answered, or never can: asking again brings the same until whoever named the file has acted.
LASTING = frozenset({Why.FILE_NOT_THERE, Why.FILE_DIFFERS, Why.FILE_TOO_LARGE, Why.UNFETCHABLE})
#: What is to be said of a file itself; other reasons are our own trouble.
OF_FILES = LASTING | {Why.FILE_MISSING}


def is_news(told: Why | None, why: Why) -> bool:
    """Whether a message's source is told why a file of it is late: at first, and once the reason is one that lasts."""
    return told is None or (told not in LASTING and why in LASTING)
