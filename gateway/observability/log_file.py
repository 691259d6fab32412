"""Where log lines end up: a file that begins anew at its size limit, standard output, or both."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

_STDOUT = 1
_MODE = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a new file is begun, and how many full ones stay."""

    size: int  #: bytes
    keep: int


class LogFile:
    """Appends whole lines with one system call; a full disk costs lines, never an exception."""

    def __init__(self, path: Path, rotation: Rotation) -> None:
        self._path = path
        self._rotation = rotation
        self._lock = threading.Lock()
        self._is_torn = False  #: the last line has no end
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def _open(self) -> None:
        self._handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        self._size = os.fstat(self._handle).st_size

    def write(self, lines: bytes) -> None:
        """Append lines, their ends included."""
        with self._lock:
            try:
                if self._size + len(lines) > self._rotation.size:
                    self._rotate()
                self._append(lines)
            except OSError as problem:
                _complain(problem)

    def _append(self, lines: bytes) -> None:
        """Write lines; a full disk may tear one, and the next begins anew all the same."""
        torn, self._is_torn = self._is_torn, True
        whole = b"\n" + lines if torn else lines
        written = os.write(self._handle, whole)
        self._size += written
        self._is_torn = written < len(whole)

    def _rotate(self) -> None:
        """Shift gateway.jsonl → .1 → .2 …; the oldest goes. Where no new file can be made, the old one goes on."""
        if not self._size:
            return
        old = self._handle
        for number in range(self._rotation.keep, 0, -1):
            older = self._numbered(number - 1) if number > 1 else self._path
            if older.exists():
                older.replace(self._numbered(number))
        self._open()
        os.close(old)

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def close(self) -> None:
        """Close the file; what is written afterwards is lost, and says so."""
        with self._lock:
            os.close(self._handle)
            self._handle = -1


class StandardOutput:
    """For service managers that collect lines."""

    def write(self, lines: bytes) -> None:
        """Write lines, their ends included."""
        try:
            os.write(_STDOUT, lines)
        except OSError as problem:
            _complain(problem)

    def close(self) -> None:
        """Leave standard output open: it is not ours."""


def _complain(problem: OSError) -> None:
    """Say on standard error, without any content, that a line was lost."""
    try:
        sys.stderr.write(f"a log line was lost: {problem.strerror}\n")
    except OSError:
        return
