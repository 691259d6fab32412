"""Rendered lines on their way to the sinks: those of a busy event loop are gathered and written together.

Every write lets go of the interpreter, and a busy process waits to get it back; so an event loop's quiet lines wait
for one another for a moment. A warning takes everything before it along at once, and so does a line of a thread that
runs no event loop. A killed process loses the quiet lines of its last moment, and nothing else.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Protocol

_MOMENT = 0.02  #: seconds
_MOST = 1 << 15  #: bytes that may wait


class Sink(Protocol):
    """Takes finished lines."""

    def write(self, lines: bytes) -> None:
        """Write whole lines, their ends included."""
        ...

    def close(self) -> None:
        """Let go of what is behind it."""
        ...


class Lines:
    """The innermost logger: hands rendered lines to every sink, in order. May be used from any thread."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = tuple(sinks)
        self._lock = threading.RLock()  # a signal's handler may log while a line is being written
        self._waiting: list[bytes] = []
        self._size = 0
        self._waits_in: asyncio.AbstractEventLoop | None = None  #: the loop that has promised to flush

    def later(self, line: bytes) -> None:
        """Write one rendered line within a moment."""
        loop = _running_loop()
        if loop is None:
            self.now(line)
            return
        with self._lock:
            self._waiting.append(line)
            self._size += len(line)
            if self._size >= _MOST:
                self.flush()
            elif self._waits_in is not loop:
                self._waits_in = loop
                loop.call_later(_MOMENT, self._flush_in_time)

    def now(self, line: bytes) -> None:
        """Write one rendered line, and what waits, at once."""
        with self._lock:
            self._waiting.append(line)
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            lines, self._waiting, self._size = b"".join(self._waiting), [], 0
            if lines:
                for sink in self._sinks:
                    sink.write(lines)

    def close(self) -> None:
        """Write what waits, and close the sinks."""
        self.flush()
        for sink in self._sinks:
            sink.close()

    def _flush_in_time(self) -> None:
        self._waits_in = None
        self.flush()

    debug = info = msg = later
    warning = warn = error = critical = fatal = exception = log = failure = now


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
