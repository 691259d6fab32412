"""The lines of an evidence file, as shapes; ``docs/reference/evidence-format.md`` describes them for third parties."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

#: A SHA-256 or a salt: lower-case hex.
Hex = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Meta(ge=0, lt=1 << 53)]
Node = Annotated[str, Meta(min_length=1, max_length=200)]
Mark = tuple[Count, Hex]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a line: unknown keys are faults."""


class HeaderLine(_Part, frozen=True):
    """The first line."""

    format: str
    exported_at: str
    since: str | None


class ChainLine(_Part, frozen=True):
    """Before the records of each chain."""

    node: Node
    after: Count  #: the number of the last record before those that follow: 0 for a whole chain
    link: Hex  #: that record's link; the genesis for a whole chain
    marks: Annotated[list[Mark], Meta(min_length=1)]  #: numbers and links to be met on the way; the last is the head


class Opening(_Part, frozen=True):
    """What a sealed field holds, for one who may know."""

    salt: Hex
    value: str


class EndLine(_Part, frozen=True):
    """The last line."""

    chains: Count
    records: Count
    sha256: Hex  #: of all bytes before this line


class Line(_Part, frozen=True):
    """One line: a header, a chain, a record (whole or by its digest), or the end."""

    evidence: HeaderLine | None = None
    chain: ChainLine | None = None
    record: dict[str, Any] | None = None
    digest: Hex | None = None
    link: Hex | None = None
    open: dict[str, Opening] | None = None
    end: EndLine | None = None


class EarlierHead(Struct, frozen=True):
    """What a chain's first record says of a chain before it."""

    node: Node
    number: Count
    link: Hex
