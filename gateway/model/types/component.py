"""The papers of a dossier."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.file import Files
from gateway.model.types.shapes import Code, Count, Line, Record

CopyKind = Literal["original", "copy", "electronic"]


class Component(Record, frozen=True, kw_only=True):
    """One paper that the procedure asks for, with its files."""

    code: Code | None = None
    name: Line = ""
    originals: Count | None = None
    copies: Count | None = None
    copy_kind: CopyKind | None = None
    digitised: bool | None = None
    reused: Code | None = None  #: 0, 1 or 2 in the national table; its meaning is data
    from_store: bool | None = None
    substitutes_result: Code | None = None
    files: Files = ()
