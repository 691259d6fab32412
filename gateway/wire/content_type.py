"""The Content-Type header (RFC 9110 section 8.3): the media type and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEDIA_TYPE = re.compile(rf"\s*({_WORD}/{_WORD})\s*(?=;|$)")
_PARAMETER = re.compile(rf'\s*;\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_QUOTED = re.compile(r"\\(.)")


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

    @property
    def charset(self) -> str | None:
        """The declared encoding in lower case."""
        charset = self.parameters.get("charset")
        return charset.lower() if charset else None

    @property
    def action(self) -> str | None:
        """SOAP 1.2's action."""
        return self.parameters.get("action")
