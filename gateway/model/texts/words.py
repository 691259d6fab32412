"""One thing to say, in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """Vietnamese and English of one text; ``{name}`` takes a fact."""

    vi: str
    en: str
