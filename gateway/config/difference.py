"""How two versions of the operator's files differ, for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

_LARGEST = 256 * 1024  #: bytes of a file of which lines are compared: comparing takes the square of their number
_MOST = 2000  #: lines that are shown


class Edit(StrEnum):
    """What became of a file."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file that differs."""

    name: str
    edit: Edit


Files = Mapping[str, bytes]


def edits(before: Files, after: Files) -> tuple[FileEdit, ...]:
    """Return the files that differ, by name."""
    differ = (name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name))
    return tuple(FileEdit(name, _edit(name, before, after)) for name in differ)


def unified(before: Files, after: Files) -> str:
    """Return the differences as a unified diff, as ``diff -u`` shows them; a long one is cut, and says so."""
    lines: list[str] = []
    for edit in edits(before, after):
        lines += _lines(edit.name, before.get(edit.name, b""), after.get(edit.name, b""))
        if len(lines) > _MOST:
            return "".join([*lines[:_MOST], f"... cut after {_MOST} lines\n"])
    return "".join(lines)


def _edit(name: str, before: Files, after: Files) -> Edit:
    if name not in before:
        return Edit.ADDED
    return Edit.CHANGED if name in after else Edit.REMOVED


def _lines(name: str, before: bytes, after: bytes) -> Iterator[str]:
    old, new = _text(before), _text(after)
    if old is None or new is None:
        yield f"--- {name}: {len(before)} bytes before, {len(after)} bytes now\n"
        return
    pair = (old.splitlines(), new.splitlines())
    yield from (f"{line}\n" for line in difflib.unified_diff(*pair, name, name, lineterm=""))


def _text(raw: bytes) -> str | None:
    """Return a file as text; None for one that is none, or is long."""
    if len(raw) > _LARGEST or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
