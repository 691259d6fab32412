"""Texts in the encodings that Vietnamese systems declare: UTF-8, and windows-1258 of older software."""

from __future__ import annotations

from gateway.core.composing import composed
from gateway.wire.content_type import ContentType

_UNICODE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_VIETNAMESE = frozenset({"windows-1258", "cp1258"})
BOM = b"\xef\xbb\xbf"  # written by many stacks before their JSON
BLANK = BOM + b" \t\r\n"  #: what scripts let out before a document, or for none


class CharsetError(ValueError):
    """The bytes are not in the encoding that is declared, or it is none of these."""


def as_utf8(body: bytes, charset: str) -> bytes:
    """Return a text in UTF-8, without a byte order mark. Raises CharsetError.

    windows-1258 writes a letter and its tone apart: what it says is composed (NFC).
    """
    try:
        if charset in _VIETNAMESE:
            return composed(body.decode("cp1258")).encode()
        if charset in _UNICODE:
            body.decode()
            return body.removeprefix(BOM)
    except UnicodeDecodeError as error:
        raise CharsetError("the bytes are not in the declared encoding") from error
    raise CharsetError("the declared encoding is not known")


def plain_json(body: bytes, content_type: str) -> bytes:
    """Return JSON for a decoder of UTF-8: as it came, unless an older encoding is declared. Raises CharsetError.

    Before it may stand blank lines and byte order marks, one for each file that a script has read in.
    """
    charset = ContentType.parse(content_type).charset if "1258" in content_type else None
    return as_utf8(body, charset) if charset in _VIETNAMESE else body.lstrip(BLANK)
