"""Unicode's normal forms (UAX #15) in a time that grows with the text's length, whatever the text.

Python sorts a letter's marks by walking back over all of them: a hundred thousand on one letter, in no order, take
minutes, and nothing else of the process runs meanwhile. So long runs of marks are sorted before they get there.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

#: Longer than any letter's marks in any language (the "stream-safe" limit of UAX #15), and of no letters.
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_PIECE = 32  #: characters that are taken apart at once


def composed(text: str) -> str:
    """Return the composed form (NFC): one code point for «ệ», as everybody expects it."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _MARKS.sub(_ordered, text))  # noqa: TID251 - here alone


def decomposed(text: str) -> str:
    """Return the decomposed form (NFD): letters, each before its marks."""
    return unicodedata.normalize("NFD", _MARKS.sub(_ordered, text))  # noqa: TID251 - here alone


def _ordered(run: re.Match[str]) -> str:
    """Return a run decomposed and in canonical order: marks by their class, and never across a letter."""
    text = run[0]
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    apart = "".join(unicodedata.normalize("NFD", piece) for piece in pieces)  # noqa: TID251 - a piece is short
    classes = bytes(map(unicodedata.combining, apart))
    if 0 not in classes:
        return "".join(sorted(apart, key=unicodedata.combining))
    groups = groupby(apart, lambda sign: unicodedata.combining(sign) > 0) if any(classes) else ((False, apart),)
    return "".join("".join(sorted(group, key=unicodedata.combining) if marks else group) for marks, group in groups)
