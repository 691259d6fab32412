"""A file that is whole from the moment it lies in its place: written beside it, and moved there at the end."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import BinaryIO


@contextmanager
def draft_of(place: Path) -> Generator[BinaryIO]:
    """Give a file to write that takes its place at the end; nothing changes there where the context is left earlier.

    Who is killed leaves a draft behind. The kernel has given up its lock, by which the next draft of the same place
    knows that nobody writes it any more, and removes it; others that are being written stay.
    """
    for left in place.parent.glob(f".{escape(place.name)}.????????.part"):
        _remove_dead(left)
    draft, target = _begun(place)
    try:
        with target:
            yield target
            target.flush()
            draft.replace(place)  # while it is locked: once it is closed it would be taken for dead
    finally:
        draft.unlink(missing_ok=True)


def _begun(place: Path) -> tuple[Path, BinaryIO]:
    """Return a draft that is locked, and was not taken for a dead one in the moment before."""
    while True:
        draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
        target = draft.open("xb")
        with suppress(OSError):  # where no file can be locked, none is taken for dead either
            fcntl.flock(target, fcntl.LOCK_EX)
        if os.fstat(target.fileno()).st_nlink:
            return draft, target
        target.close()


def _remove_dead(draft: Path) -> None:
    with suppress(OSError), draft.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink(missing_ok=True)
