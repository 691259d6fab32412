"""Vietnamese words as people mean them, whatever their accents, case and signs: to compare headings, never to keep."""

from __future__ import annotations

from gateway.core.composing import decomposed


def bare(text: str) -> str:
    """Return letters and digits only, without accents and case: «Mã hồ sơ» is ``mahoso``."""
    return "".join(sign for sign in decomposed(text.casefold().replace("đ", "d")) if sign.isalnum())
