"""Vietnamese words as people mean them, whatever their accents, case and signs: to compare headings, never to keep."""

from __future__ import annotations

import unicodedata


def bare(text: str) -> str:
    """Return letters and digits only, without accents and case: «Mã hồ sơ» is ``mahoso``."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in decomposed if sign.isalnum())
