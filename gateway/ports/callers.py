"""How a partner that calls us may show who it is, where it cannot use a key of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A call as its proof looks at it."""

    method: str
    url: str  #: as it stands on the wire, under the address that callers know us by
    path: str  #: below ``/callbacks/{system}/``
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)  #: under lower-case names
    body: bytes | None = field(repr=False)  #: None where files come beside the document: nobody has it whole
    at: datetime


class Proof(Protocol):
    """One way to show it."""

    reads_body: ClassVar[bool]  #: it can hold only once the body is there

    def holds(self, shown: Shown) -> bool:
        """Whether the call comes from who it says."""
        ...

    def once(self, shown: Shown) -> str:
        """Return what names this very call among all that hold, where each can be made once only; else nothing."""
        ...
