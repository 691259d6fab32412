"""Nothing, of a type: what a field holds that nobody has set."""

from __future__ import annotations


def no_texts() -> dict[str, str]:
    """Return no names and texts; ``dict[str, str]`` itself is as good a factory, and takes eight times as long."""
    return {}
