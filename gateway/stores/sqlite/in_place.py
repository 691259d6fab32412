"""Whether the database, and the lock that makes it one process's alone, still are where they were opened."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.errors import Unusable
from gateway.stores.lock import FileLock


class InPlace:
    """A file that was opened, known by what the file system calls it.

    SQLite goes on writing to a file that was moved, removed or replaced, and reports no error. Where its name leads
    elsewhere, the next start finds nothing of what was committed since.
    """

    def __init__(self, path: Path, lock: FileLock) -> None:
        """Note which file it is, and by which ``lock`` nobody else writes to it. Raises OSError."""
        self._path = path
        self._lock = lock
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

    def expect_alone(self) -> None:
        """Raise Unusable where others may write to it as well."""
        if not self._lock.keeps_others_out():
            raise Unusable(
                f"{self._lock.path} was removed or replaced, and another gateway may serve {self._path.name} beside"
                " this one: stop all that do, and start one"
            )


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - with every commit: a Path costs as much again
    return found.st_dev, found.st_ino
