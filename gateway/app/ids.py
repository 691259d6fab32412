"""Ids and chance from the operating system."""

from __future__ import annotations

import secrets
import threading
import time

from gateway.core.ids import uuid7

_BITS = 74
_LAST_GROUP = 48  #: bits of an id's last twelve digits, in which the ids of one millisecond differ
_LOW = (1 << _LAST_GROUP) - 1
_STOCK = 4096  #: bytes asked for at once: a system call per id lets go of the interpreter, and waits to get it back
_OF_ID, _OF_TOKEN, _OF_JITTER = 10, 16, 6


class RandomIds:
    """UUIDs version 7 that grow within this process even within a millisecond or when the wall clock steps back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._begun = (0, "")  #: what the last id begins with: as a number, and as text up to its last group
        self._stock = b""
        self._used = 0

    def new(self) -> str:
        """Return the next id; may be called from any thread (RFC 9562, section 6.2, method 2)."""
        milliseconds = time.time_ns() // 1_000_000
        with self._lock:
            if milliseconds > self._last >> _BITS:
                noise = int.from_bytes(self._take(_OF_ID)) & ((1 << _BITS) - 1)
                self._last = milliseconds << _BITS | noise
            else:
                self._last += 1
            return self._text(self._last)

    def _text(self, value: int) -> str:
        """Lay out an id; what it has in common with the one before is not laid out again."""
        begins = value >> _LAST_GROUP
        if begins != self._begun[0]:
            self._begun = begins, uuid7(value >> _BITS, value)[:-12]
        return f"{self._begun[1]}{value & _LOW:012x}"

    def token(self) -> str:
        """Return 128 random bits as text."""
        with self._lock:
            return self._take(_OF_TOKEN).hex()

    def jitter(self) -> float:
        """Return a random number in [0, 1)."""
        with self._lock:
            return int.from_bytes(self._take(_OF_JITTER)) / (1 << 8 * _OF_JITTER)

    def _take(self, size: int) -> bytes:
        """Return random bytes, each handed out once; the caller holds the lock."""
        if self._used + size > len(self._stock):
            self._stock, self._used = secrets.token_bytes(_STOCK), 0
        start, self._used = self._used, self._used + size
        return self._stock[start : self._used]
