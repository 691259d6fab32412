"""One data folder's gateway: a process with a fuse in it, and the next one after it."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from tests.crash.gateways import Gateway, fork, start
from tests.crash.grounds import LOG
from tests.crash.notes import Notes

KILLED = -signal.SIGKILL
LOOK = 0.02  #: seconds between two looks at what another process does
_START_WITHIN = 60.0  #: seconds, on a machine that does much else
_SPARED = 3  #: of so many starts and one that recover, the loading is spared: recovery is measured from the one


class LifeFailed(Exception):
    """The gateway did not come up, or ended by itself; the message says where to look."""


class Node:
    """One process after the other, on one data folder."""

    def __init__(self, folder: Path, name: str, settings: Callable[[], Sequence[str]]) -> None:
        """Serve the configuration in ``folder`` with these settings, from the data folder ``name``."""
        self._folder = folder
        self.name = name
        self._settings = settings
        self._gateway: Gateway | None = None
        self._spared = cycle([True] * _SPARED + [False])  #: whether the next start is spared the loading
        self.notes = Notes(folder / f"{name}.jsonl")
        self.started_at = 0.0

    @property
    def running(self) -> Gateway:
        """Return the process, while it lives and after. Raises LifeFailed before the first."""
        if self._gateway is None:
            raise LifeFailed("no gateway has been started")
        return self._gateway

    async def start(self, boundary: str = "", *, skew: float = 0) -> None:
        """Start a gateway and wait until it serves, or arm it for a boundary of its first moments."""
        self.notes.begin()
        options = ["--config", "config", "--data", self.name, "--log", f"{self.name}.jsonl", "--skew", str(skew)]
        for setting in self._settings():
            options += ["--set", setting]
        self.started_at = time.time()
        is_spared = bool(boundary) or next(self._spared)
        self._gateway = fork(self._folder, options) if is_spared else await start(self._folder, options)
        self.running.arm(boundary, 1)
        if not boundary:
            await self._await_serving()

    async def _await_serving(self) -> None:
        until = time.monotonic() + _START_WITHIN
        while not self.notes.look().serving_at:
            if self.running.has_ended or time.monotonic() > until:
                raise LifeFailed(f"the gateway did not start; see {self._folder / LOG}")
            await asyncio.sleep(LOOK)

    async def end(self) -> None:
        """Tell it to end, in order."""
        if self._gateway is None or self._gateway.has_ended:
            return
        self._gateway.arm("", 1)
        self._gateway.signal(signal.SIGCONT)
        self._gateway.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_START_WITHIN):
                await self._gateway.wait()
        except TimeoutError:
            self._gateway.signal(signal.SIGKILL)
            await self._gateway.wait()

    async def fall(self, within: float) -> None:
        """Wait until it is dead; kill it after so many seconds. Raises LifeFailed where it ended otherwise."""
        try:
            async with asyncio.timeout(within):
                status = await self.running.wait()
        except TimeoutError:
            self.running.signal(signal.SIGKILL)
            status = await self.running.wait()
        if status != KILLED:
            raise LifeFailed(f"{self.name} ended with status {status} instead of being killed; see {self._folder}")
