"""Scalars as text: how values are compared and how they leave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from gateway.core.composing import composed, decomposed

#: Unicode's category Cc without tabulators and line breaks.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

_PIECE = 16 * 1024  #: characters that are composed and folded at once
_SEAM = re.compile(r"[\x00-\x7f]")

_CROSSED = str.maketrans("đĐ", "dD")  #: which do not come apart

_HOLDERS = (str, bytes, list, tuple, dict)


def as_text(value: object) -> str | None:
    """Return a scalar as text, None for a list or a table: true, 5, 2026-01-31T08:00:00+07:00."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime | date) else None


def folded(text: str) -> str:
    """Return the form in which texts are compared: NFC, without case, without space around it.

    A long one goes piece by piece: each holds the interpreter, and with it all other threads, for milliseconds.
    """
    if len(text) <= _PIECE:
        return composed(text).casefold().strip()
    return "".join(composed(piece).casefold() for piece in _pieces(text)).strip()


def _pieces(text: str) -> Iterator[str]:
    """Cut a text before a plain letter or sign, which nothing before it is ever composed with."""
    start = 0
    while start < len(text):
        seam = _SEAM.search(text, start + _PIECE, start + 2 * _PIECE)
        end = seam.start() if seam else start + 2 * _PIECE
        yield text[start:end]
        start = end


def unaccented(text: str) -> str:
    """Return a text without Vietnamese marks: «Lò Thị Đào» as «Lo Thi Dao»."""
    bare = "".join(letter for letter in decomposed(text) if not unicodedata.combining(letter))
    return composed(bare.translate(_CROSSED))


def has_control(text: str) -> bool:
    """Whether a text holds control characters other than tabulators and line breaks."""
    return _CONTROL.search(text) is not None


def is_empty(value: object) -> bool:
    """Whether there is nothing to say: missing, an empty text, list or table."""
    return not value and (value is None or isinstance(value, _HOLDERS))


def is_missing(value: object) -> bool:
    """Whether a row has nothing to write: as ``is_empty``, but a file is there though it has no bytes."""
    return not value and not isinstance(value, bytes) and is_empty(value)
