"""Ids and chance that repeat with their seed."""

from __future__ import annotations

import itertools
import random

from gateway.core.ids import uuid7

_START_MS = 1_772_413_200_000


class FakeIds:
    """Time-ordered ids from a counter, tokens and jitter from a seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, for tests only
        self._milliseconds = itertools.count(_START_MS)

    def new(self) -> str:
        return uuid7(next(self._milliseconds), self._random.getrandbits(74))

    def token(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def jitter(self) -> float:
        return self._random.random()
