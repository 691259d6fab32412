"""The transfer encodings of MIME parts (RFC 2045 section 6), undone piece by piece and strictly."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

_BLANKS = b" \t\r\n"
_BLANKS_OF_TEXT = _BLANKS + b"\x0b\x0c\x1c\x1d\x1e\x1f"
_GROUP = 4  #: letters of base64 that stand for three bytes
_LONGEST_LINE = 8 * 1024  #: bytes of one quoted-printable line; the standard allows 76
_TRAILING = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_NOT_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")


def unbroken(text: str) -> bytes:
    """Return the letters of base64 without the blanks between them; raises ValueError for what base64 never has.

    Not by ``split``: of eight million letters with a blank behind every second one it makes millions of texts.
    """
    return text.encode("ascii").translate(None, _BLANKS_OF_TEXT)


class Decoder(Protocol):
    """Undoes one encoding; both raise ValueError where the text is not of it, and never repeat the text."""

    def decode(self, data: bytes) -> bytes:
        """Return what can be said so far."""
        ...

    def end(self) -> bytes:
        """Return the rest."""
        ...


class Plain:
    """7bit, 8bit and binary: the bytes are what they are."""

    def decode(self, data: bytes) -> bytes:
        """Return the bytes."""
        return data

    def end(self) -> bytes:
        """Return nothing: nothing was held back."""
        return b""


class Base64:
    """Whole groups are decoded as they come."""

    def __init__(self) -> None:
        self._rest = b""
        self._ended = False

    def decode(self, data: bytes) -> bytes:
        """Return the bytes of all whole groups."""
        letters = self._rest + data.translate(None, _BLANKS)
        if self._ended and letters:
            raise ValueError("base64 goes on after its end")
        whole = len(letters) - len(letters) % _GROUP
        self._rest = letters[whole:]
        self._ended = letters.endswith(b"=", 0, whole)
        if self._ended and self._rest:
            raise ValueError("base64 goes on after its end")
        try:
            return binascii.a2b_base64(letters[:whole], strict_mode=True)
        except binascii.Error:
            raise ValueError("it is not base64") from None

    def end(self) -> bytes:
        """Return nothing; raises ValueError where a group was begun."""
        if self._rest:
            raise ValueError("base64 stops inside a group of four letters")
        return b""


class QuotedPrintable:
    """Whole lines are decoded as they come."""

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, data: bytes) -> bytes:
        """Return the bytes of all whole lines."""
        head, mark, self._rest = (self._rest + data).rpartition(b"\n")
        if max(len(self._rest), *map(len, head.split(b"\n"))) > _LONGEST_LINE:
            raise ValueError(f"a line of quoted-printable is longer than {_LONGEST_LINE} bytes")
        return _unquoted(head + mark)

    def end(self) -> bytes:
        """Return the last line."""
        return _unquoted(self._rest.rstrip(b" \t"))


def _unquoted(lines: bytes) -> bytes:
    text = _TRAILING.sub(b"", lines)
    if _NOT_QUOTED.search(text):
        raise ValueError("it is not quoted-printable")
    return binascii.a2b_qp(text)


_DECODERS: Mapping[str, Callable[[], Decoder]] = MappingProxyType(
    {
        "": Plain,
        "7bit": Plain,
        "8bit": Plain,
        "binary": Plain,
        "base64": Base64,
        "quoted-printable": QuotedPrintable,
    }
)


def is_plain(encoding: str) -> bool:
    """Whether the encoding leaves the bytes as they are."""
    return _DECODERS.get(encoding) is Plain


def decoder(encoding: str) -> Decoder:
    """Return a decoder for a Content-Transfer-Encoding in lower case; raises ValueError for one that is not known."""
    found = _DECODERS.get(encoding)
    if found is None:
        raise ValueError("its Content-Transfer-Encoding is not known")
    return found()
