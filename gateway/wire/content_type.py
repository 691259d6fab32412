"""The Content-Type header (RFC 9110 section 8.3): the media type and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, cast

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf"\s*({_WORD}/{_WORD})\s*(?=;|$)")
#: Begins at the semicolon and has one way to go on: the time is that of one reading, whatever a stranger sends.
_PARAMETER = re.compile(rf';\s*+({_WORD}+)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"|([^\s;"]*+))')
_QUOTED = re.compile(r"\\(.)")
_SAFE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_SPECIAL = re.compile(r'(["\\])')
_ESCAPED = r"\\\1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """A media type in lower case, and parameters under lower-case names; the first of a repeated one counts."""

    media_type: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a header; what cannot be read is left out, down to an empty media type."""
        found = _MEDIA_TYPE.match(value)
        if found is None:
            return cls()
        parameters: dict[str, str] = {}
        for name, quoted, plain in _PARAMETER.findall(value[found.end() :]):
            parameters.setdefault(name.lower(), _QUOTED.sub(r"\1", quoted) if quoted else plain)
        return cls(media_type=found[1].lower(), parameters=parameters)

    def __str__(self) -> str:
        """Return the header."""
        quoted = (f'{name}="{_SPECIAL.sub(_ESCAPED, value)}"' for name, value in self.parameters.items())
        return "; ".join((self.media_type, *quoted))

    @property
    def charset(self) -> str | None:
        """The declared encoding in lower case."""
        charset = self.parameters.get("charset")
        return charset.lower() if charset else None

    @property
    def action(self) -> str | None:
        """SOAP 1.2's action."""
        return self.parameters.get("action")


def parameters_of(text: str) -> list[tuple[str, str]]:
    """Return every ``; name=value`` of a header in order, names in lower case; what cannot be read is left out."""
    found = cast("list[tuple[str, str, str]]", _PARAMETER.findall(text))
    return [(name.lower(), _QUOTED.sub(r"\1", quoted) if quoted else plain) for name, quoted, plain in found]


def safe_media_type(media_type: str) -> str:
    """Return a media type that can stand in a header; any other text becomes ``application/octet-stream``."""
    return media_type if _SAFE.fullmatch(media_type) else "application/octet-stream"
