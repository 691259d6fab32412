"""The papers of a dossier."""

from __future__ import annotations

from typing import Literal

from gateway.model.types.file import Files
from gateway.model.types.shapes import Code, Count, Line, Record

CopyKind = Literal["original", "copy", "electronic"]


class Component(Record, frozen=True, kw_only=True):
    """One paper that the procedure asks for, with its files."""

    code: Code | None = None  #: code of the paper in the procedure's list
    name: Line = ""  #: what the paper is called
    originals: Count | None = None  #: how many originals were handed in
    copies: Count | None = None  #: how many copies were handed in
    copy_kind: CopyKind | None = None  #: in what form the paper was handed in
    digitised: bool | None = None  #: whether the paper was scanned or made electronically
    reused: Code | None = None  #: 0, 1 or 2 in the national table; its meaning is data
    from_store: bool | None = None  #: whether it was taken from the citizen's electronic store
    substitutes_result: Code | None = None  #: code of an earlier result that this paper stands for
    files: Files = ()  #: the paper's files
