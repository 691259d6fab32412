"""The headers of one MIME part (RFC 2045, RFC 5322): folded lines, each name that matters once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.wire.content_type import ContentType

_FOLD = re.compile(r"\r\n(?=[ \t])")
_LINE = re.compile(r"([!-9;-~]+)[ \t]*:(.*)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BOUNDARY = re.compile(r"[!-~ ]{0,69}[!-~]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHead:
    """What a part says of itself; names in lower case, values unfolded."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @classmethod
    def read(cls, data: bytes) -> PartHead:
        """Read lines that end in CRLF; raises ValueError, which repeats nothing of them."""
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise ValueError("a header is not UTF-8") from None
        headers: dict[str, str] = {}
        for line in _FOLD.sub("", text).split("\r\n") if text else ():
            name, value = _field(line)
            if name in headers and name.startswith("content-"):
                raise ValueError("a Content- header stands there twice")
            headers[name] = value
        return cls(headers=headers)

    @property
    def content_type(self) -> ContentType:
        """The declared type, an empty one where none is declared."""
        return ContentType.parse(self.headers.get("content-type", ""))

    @property
    def content_id(self) -> str:
        """The Content-ID without its angle brackets; empty where there is none."""
        text = self.headers.get("content-id", "")
        return text[1:-1] if text.startswith("<") and text.endswith(">") else text

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding in lower case; empty where none is declared."""
        return self.headers.get("content-transfer-encoding", "").lower()


def _field(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None or _CONTROL.search(line):
        raise ValueError("a header is not one line `Name: value` that ends in CRLF")
    return found[1].lower(), found[2].strip()


def boundary_of(content_type: ContentType) -> str:
    """Return the boundary of a multipart type; raises ValueError where it has none that RFC 2046 allows."""
    boundary = content_type.parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError("the Content-Type names no boundary of 1 to 70 printable characters")
    return boundary
