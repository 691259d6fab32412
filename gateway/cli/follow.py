"""Reading a growing log file, across its rotations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_LAST_BYTES = 1 << 20  #: looked through for the last lines


def last_lines(path: Path) -> tuple[list[bytes], int]:
    """Return the whole lines of the file's last mebibyte and the position behind them; none without a file."""
    if not path.exists():
        return [], 0
    with path.open("rb") as file:
        begin = max(file.seek(0, os.SEEK_END) - _LAST_BYTES, 0)
        file.seek(begin)
        whole, _, _ = file.read().rpartition(b"\n")
    lines = [line + b"\n" for line in whole.split(b"\n")] if whole else []
    end = begin + len(whole) + (1 if whole else 0)
    return (lines[1:] if begin else lines), end


class Follower:
    """Yields whole lines as they are written; goes on with the new file when the log is rotated."""

    def __init__(self, path: Path, position: int = 0) -> None:
        self._path = path
        self._position = position
        self._file: BinaryIO | None = None
        self._rest = b""

    def follow(self, wait: Callable[[], bool]) -> Iterator[bytes]:
        """Yield lines until ``wait``, called whenever there is none, returns False."""
        try:
            while True:
                yield from self._news()
                if not self._is_replaced() and not wait():
                    return
        finally:
            self._close()

    def _news(self) -> Iterator[bytes]:
        file = self._opened()
        while file is not None and (piece := file.readline()):
            self._rest += piece
            if self._rest.endswith(b"\n"):
                line, self._rest = self._rest, b""
                yield line

    def _opened(self) -> BinaryIO | None:
        if self._file is None and self._path.exists():
            self._file = self._path.open("rb")
            self._file.seek(self._position)
            self._position = 0
        return self._file

    def _is_replaced(self) -> bool:
        """Whether another file has taken the path; the old one has been read to its end by then."""
        if self._file is None or not self._path.exists():
            return False
        now, opened = self._path.stat(), os.fstat(self._file.fileno())
        if now.st_ino == opened.st_ino and now.st_size >= self._file.tell():
            return False
        self._close()
        return True

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._rest = None, b""
