"""Parts of a form, ``multipart/form-data`` (RFC 7578): which field a part is, its text, or the name of its file."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote

from gateway.wire.charsets import as_utf8
from gateway.wire.content_type import parameters_of
from gateway.wire.part_head import PartHead

FORM_DATA = "multipart/form-data"
_KIND = re.compile(r"form-data[ \t]*(?=;|$)", re.IGNORECASE)
_EXTENDED = re.compile(r"utf-8'[^']*'(.*)", re.IGNORECASE)  # RFC 8187
_ENCODED = re.compile(r"=\?utf-8\?[bq]\?.*\?=", re.IGNORECASE)  # RFC 2047, as .NET writes it
_WESTERN = frozenset({"iso-8859-1", "latin1", "windows-1252"})  # what older Java clients declare of every text


@dataclass(frozen=True, slots=True, kw_only=True)
class PartField:
    """What a part says of itself."""

    name: str
    file_name: str = ""  #: empty where the part is a text; a file input that was left empty has none either
    media_type: str = ""
    charset: str = field(default="utf-8", repr=False)

    @classmethod
    def read(cls, head: PartHead) -> PartField:
        """Read a part's headers; raises ValueError, which repeats nothing of them."""
        disposition = head.headers.get("content-disposition", "")
        kind = _KIND.match(disposition)
        if kind is None:
            raise ValueError("it has no `Content-Disposition: form-data`")
        found = parameters_of(disposition[kind.end() :])
        if len(set(names := [name for name, _ in found])) < len(names):
            raise ValueError("its Content-Disposition names something twice")
        said = dict(found)
        if not said.get("name"):
            raise ValueError("its Content-Disposition gives no name")
        declared = head.content_type
        return cls(
            name=said["name"],
            file_name=_file_name(said),
            media_type=declared.media_type,
            charset=declared.charset or "utf-8",
        )

    def text(self, data: bytes) -> str:
        """Return the part's text; raises ValueError where it is not in its encoding, or that is not known."""
        if self.charset in _WESTERN and data.isascii():
            return data.decode("ascii")
        return as_utf8(data, self.charset).decode()


def _file_name(said: dict[str, str]) -> str:
    """Return a file's name: as RFC 8187 writes it, else as most do; raises ValueError."""
    extended = _EXTENDED.fullmatch(said.get("filename*", ""))
    if extended is not None:
        try:
            return unquote(extended[1], errors="strict")
        except UnicodeDecodeError:
            raise ValueError("its filename* is not UTF-8") from None
    plain = said.get("filename", "")
    if _ENCODED.fullmatch(plain) is None:
        return plain
    try:
        return str(make_header(decode_header(plain)))
    except (HeaderParseError, LookupError, UnicodeDecodeError, binascii.Error):
        raise ValueError("its filename is not encoded as RFC 2047 says") from None
