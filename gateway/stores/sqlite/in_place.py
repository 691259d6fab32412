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
            found = "another file" if _identity(self._path) != self._known else ""
        except OSError as error:
            found = error.strerror or type(error).__name__
        if found:
            raise Unusable(
                f"{self._path} does not lead any more to the file that this gateway has opened ({found}): it was moved"
                " or removed, its disk is not mounted, or another file has taken its place. Put it back where it was;"
                " where another is to stay, stop the gateway first"
            )


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - with every commit: a Path costs as much again
    return found.st_dev, found.st_ino
