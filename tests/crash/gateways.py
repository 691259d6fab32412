"""The process that is killed: started as anybody starts a program, or forked from one that has loaded the program.

A program that has only been loaded has opened nothing and knows nothing: what is forked from it is as new as what was
started, and costs half as much.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.crash import launch
from tests.crash.grounds import LOG, environment

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload([launch.__name__])


class Gateway:
    """One process with a fuse in it, while it lives and after."""

    def __init__(self, pid: int, end: asyncio.Task[int], orders: int, *, is_forked: bool) -> None:
        self.pid = pid
        self._end = end
        self._orders = orders  #: the descriptor at which its fuse listens
        self.is_forked = is_forked
        end.add_done_callback(lambda _: os.close(orders))

    @property
    def has_ended(self) -> bool:
        """Whether it is gone."""
        return self._end.done()

    def arm(self, boundary: str, count: int, number: signal.Signals = signal.SIGKILL) -> None:
        """Let it die, or stop, at the n-th passing of a boundary; an empty one disarms it."""
        if not self.has_ended:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._orders, f"{boundary} {count} {number.name}\n".encode() if boundary else b"\n")

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if not self.has_ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """Return its exit status once it has ended: that of a signal is below 0."""
        return await asyncio.shield(self._end)


async def start(folder: Path, options: Sequence[str]) -> Gateway:
    """Start it as a program."""
    theirs, ours = os.pipe()
    with (folder / LOG).open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", launch.__name__, *options),
            stdin=theirs,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment(),
        )
    os.close(theirs)
    return Gateway(process.pid, asyncio.create_task(process.wait()), ours, is_forked=False)


def fork(folder: Path, options: Sequence[str]) -> Gateway:
    """Fork it from a loaded program, for which the first one has to wait."""
    theirs, ours = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=launch.forked, args=(folder, options, theirs))
    process.start()
    theirs.close()
    end = asyncio.create_task(_ended(process))
    return Gateway(process.pid or 0, end, os.dup(ours.fileno()), is_forked=True)


async def _ended(process: ForkServerProcess) -> int:
    loop, dead = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, dead.set)
    try:
        await dead.wait()
    finally:
        loop.remove_reader(process.sentinel)
    process.join()
    return process.exitcode or 0
