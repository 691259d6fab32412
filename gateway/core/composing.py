"""Unicode's normal forms (UAX #15) in a time that grows with the text's length, whatever the text.

Python sorts a letter's marks by walking back over all of them: a hundred thousand on one letter, in no order, take
minutes, and nothing else of the process runs meanwhile. So long runs of marks are sorted before they get there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

#: Longer than any letter's marks in any language (the "stream-safe" limit of UAX #15), and of no letters.
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_PIECE = 32  #: characters that are taken apart at once
_AT_ONCE = 16 * 1024  #: characters that are composed at once, or a few more
#: What nothing before it is ever composed with: letters and blanks, but not the vowels and endings of Hangul.
_SEAM = re.compile(r"(?![\u1160-\u11ff])[\w\s\x00-\x7f]")


def composed(text: str) -> str:
    """Return the composed form (NFC): one code point for «ệ», as everybody expects it.

    A long text goes piece by piece: all at once it would hold the interpreter, and with it all threads, for seconds.
    """
    return _whole(text) if len(text) <= _AT_ONCE else "".join(map(_whole, pieces(text)))


def is_composed(text: str) -> bool:
    """Whether a text is in the composed form: found out piece by piece, since most that are not begin with it."""
    return all(unicodedata.is_normalized("NFC", piece) for piece in pieces(text))


def pieces(text: str) -> Iterator[str]:
    """Cut a text where no letter and its marks come apart; marks without end are one piece."""
    start = 0
    while start < len(text):
        seam = _SEAM.search(text, start + _AT_ONCE)
        end = seam.start() if seam else len(text)
        yield text[start:end]
        start = end


def _whole(text: str) -> str:
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
