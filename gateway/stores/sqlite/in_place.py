"""Whether the database still is where it was opened."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.errors import Unusable


class InPlace:
    """A file that was opened, known by what the file system calls it.

    SQLite goes on writing to a file that was moved, removed or replaced, and reports no error. Where its name leads
    elsewhere, the next start finds nothing of what was committed since.
    """

    def __init__(self, path: Path) -> None:
        """Note which file it is. Raises OSError."""
        self._path = path
        self._known = _identity(path)

    def expect(self) -> None:
        """Raise Unusable where its name leads to no file, or to another one."""
        try:
            is_here = _identity(self._path) == self._known
        except OSError:
            is_here = False
        if not is_here:
            raise Unusable(
                f"{self._path} is not the file any more that this gateway has opened: it was moved or removed, its disk"
                " is not mounted, or another file has taken its place. Put it back where it was; where another is to"
                " stay, stop the gateway first"
            )


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - with every commit: a Path costs as much again
    return found.st_dev, found.st_ino
