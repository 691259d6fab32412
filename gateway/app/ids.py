"""Ids and chance from the operating system."""

from __future__ import annotations

import secrets
import threading
import time

from gateway.core.ids import uuid7

_BITS = 74


class RandomIds:
    """UUIDs version 7 that grow within this process even within a millisecond or when the wall clock steps back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._random = secrets.SystemRandom()

    def new(self) -> str:
        """Return the next id; may be called from any thread (RFC 9562, section 6.2, method 2)."""
        fresh = time.time_ns() // 1_000_000 << _BITS | secrets.randbits(_BITS)
        with self._lock:
            self._last = value = fresh if fresh >> _BITS > self._last >> _BITS else self._last + 1
        return uuid7(value >> _BITS, value)

    def token(self) -> str:
        """Return 128 random bits as text."""
        return secrets.token_hex(16)

    def jitter(self) -> float:
        """Return a random number in [0, 1)."""
        return self._random.random()
