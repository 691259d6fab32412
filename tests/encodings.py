"""Vietnamese as older software writes it."""

import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"


def as_windows_1258(text: str) -> bytes:
    """Return a text with its letters whole and their tones apart."""
    found = ""
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tones = "".join(sign for sign in apart if sign in _TONES)
        found += unicodedata.normalize("NFC", "".join(sign for sign in apart if sign not in _TONES)) + tones
    return found.encode("cp1258")
