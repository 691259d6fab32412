"""The disk under the data folder, and the file that holds some of it in reserve."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

_PRIVATE = 0o600


class LocalSpace:
    """``ports.space.Space`` of one folder; ``ballast`` bytes are set aside in a file."""

    def __init__(self, file: Path, *, ballast: int) -> None:
        self._file = file
        self._ballast = ballast

    async def free(self) -> int:
        return await asyncio.to_thread(lambda: shutil.disk_usage(self._file.parent).free)

    async def set_aside(self) -> None:
        await asyncio.to_thread(self._allocate)

    async def let_go(self) -> None:
        await asyncio.to_thread(self._truncate)

    def _allocate(self) -> None:
        if self._size() >= self._ballast:
            return
        handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        try:
            os.posix_fallocate(handle, 0, self._ballast)
        except OSError:
            os.ftruncate(handle, 0)
        finally:
            os.close(handle)

    def _truncate(self) -> None:
        if self._size():
            os.truncate(self._file, 0)

    def _size(self) -> int:
        try:
            return self._file.stat().st_size
        except FileNotFoundError:
            return 0
