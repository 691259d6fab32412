"""Where log lines end up: a file that begins anew at its size limit, standard output, or both."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_STDOUT = 1
_STDERR = 2
_FITS = select.PIPE_BUF  #: bytes that a pipe takes whole, where it takes any
_MOST_KEPT = 1 << 20  #: bytes
_LAST_WAIT = 1.0  #: seconds
_LOOK = 1.0  #: seconds between two looks at whether the file is still where it was
_MODE = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When a new file is begun, and how many full ones stay."""

    size: int  #: bytes
    keep: int


class LogFile:
    """Appends whole lines with one system call; a full disk costs lines, never an exception.

    Where somebody else moves, empties or removes the file, a new one is begun within a second.
    """

    def __init__(self, path: Path, rotation: Rotation, *, now: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._rotation = rotation
        self._now = now
        self._looked = now()
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
                if (now := self._now()) >= self._looked + _LOOK:
                    self._looked = now
                    self._look()
                if self._size + len(lines) > self._rotation.size:
                    self._rotate()
                self._append(lines)
            except OSError as problem:
                _complain(problem)

    def _look(self) -> None:
        """Open anew what is not there any more; where that cannot be, the old one goes on."""
        here = os.fstat(self._handle)
        self._size = here.st_size
        with contextlib.suppress(OSError):
            if self._path.exists() and os.path.samestat(here, self._path.stat()):
                return
            old = self._handle
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._open()
            os.close(old)

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
    """For service managers that collect lines. One that reads no more costs lines in the end, and keeps nobody waiting.

    What it does not take at once is kept, up to a bound, and given to it by a thread, which may wait.
    """

    def __init__(self, handle: int = _STDOUT) -> None:
        self._handle = handle
        self._lock = threading.Lock()
        self._kept = bytearray()
        self._lost = 0  #: lines, since something had to be kept
        self._giving: threading.Thread | None = None  #: there while something is kept

    def write(self, lines: bytes) -> None:
        """Write lines, their ends included."""
        try:
            with self._lock:
                if self._giving is not None:
                    self._keep(lines)
                elif rest := _write_what_fits(self._handle, lines):
                    self._keep(rest)
                    self._giving = threading.Thread(target=self._give, name="standard-output", daemon=True)
                    self._giving.start()
        except OSError as problem:
            _complain(problem)

    def _keep(self, lines: bytes) -> None:
        if len(self._kept) + len(lines) > _MOST_KEPT:
            self._lost += lines.count(b"\n")
        else:
            self._kept += lines

    def _give(self) -> None:
        """Write what is kept, until nothing is; what cannot be written is lost."""
        while some := self._some():
            try:
                _takes(self._handle, within=None)
                written = os.write(self._handle, some)
            except OSError as problem:
                _complain(problem)
                written = len(some)
            with self._lock:
                del self._kept[:written]

    def _some(self) -> bytes:
        """Return the next part of what is kept; empty where that was all, and the thread is to end."""
        with self._lock:
            if not self._kept:
                self._giving, lost, self._lost = None, self._lost, 0
                if lost:
                    _say(f"{lost} log lines were lost: nobody read standard output\n")
            return bytes(self._kept[:_FITS])

    def close(self) -> None:
        """Wait a moment for who reads; standard output stays open: it is not ours."""
        giving = self._giving
        if giving is not None:
            giving.join(_LAST_WAIT)


def _write_what_fits(handle: int, lines: bytes) -> bytes:
    """Write as much as is taken without waiting; return the rest."""
    while lines and _takes(handle):
        lines = lines[os.write(handle, lines[:_FITS]) :]
    return lines


def _takes(handle: int, *, within: float | None = 0) -> bool:
    """Whether so much as ``_FITS`` can be written, or fails, at once or within these milliseconds; None: some time."""
    poll = select.poll()
    poll.register(handle, select.POLLOUT)
    return bool(poll.poll(within))


def _complain(problem: OSError) -> None:
    """Say on standard error, without any content, that a line was lost."""
    _say(f"a log line was lost: {problem.strerror}\n")


def _say(text: str) -> None:
    """Write on standard error, unless nobody reads there either."""
    try:
        if _takes(_STDERR):
            sys.stderr.write(text)
    except OSError:
        return
