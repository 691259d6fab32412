"""One process at a time: an exclusive lock in the data folder, with the holder's process id in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from gateway.core.errors import StoreUnavailable


class FileLock:
    """An advisory lock that the kernel gives up when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self._known: os.stat_result | None = None  #: of the file that is locked, as the file system calls it

    def take(self) -> Self:
        """Take the lock; raises StoreUnavailable that names the process that has it."""
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StoreUnavailable(
                f"{self.path.parent} is in use by process {holder}, a gateway or a command: stop it, or wait"
            ) from error
        note = f"{os.getpid()}\n".encode()
        with contextlib.suppress(OSError):  # a full disk: the lock is had all the same, and somebody is to look at it
            os.pwrite(file, note, 0)
            os.ftruncate(file, len(note))
        self._file, self._known = file, os.fstat(file)
        return self

    def keeps_others_out(self) -> bool:
        """Whether who comes now meets it: where its name leads to no file, or another, they would lock another one."""
        if self._known is None:
            return False
        try:
            return os.path.samestat(self._known, os.stat(self.path))  # noqa: PTH116 - with every transaction
        except OSError:
            return False

    def give_back(self) -> None:
        """Let others have it. The file stays: removing it would race with who waits for it."""
        if self._file is not None:
            os.close(self._file)
            self._file = self._known = None


@contextmanager
def held(path: Path) -> Generator[None]:
    """Hold the lock while the context lasts; raises StoreUnavailable where another process has it."""
    lock = FileLock(path).take()
    try:
        yield
    finally:
        lock.give_back()
