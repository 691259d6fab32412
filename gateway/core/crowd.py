"""How many values of JSON are read at once, told without reading it."""

from __future__ import annotations

#: Signs of one document that begin or part its values: each value takes memory, and time in which nothing else runs,
#: and 8 MiB hold millions. Those in its texts count as well: to tell them apart is to read it.
CROWD = 500_000
_PARTING = (b"{", b"[", b",", b":")


def signs_in(document: bytes) -> int:
    """Return how many signs begin or part the values of JSON, at least as many as there are values."""
    return sum(map(document.count, _PARTING))
