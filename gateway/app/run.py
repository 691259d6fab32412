"""The process: event loop, signals, exit status."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import resource
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NoReturn

import structlog
import uvloop
from structlog.typing import FilteringBoundLogger

from gateway.app.compose import Serving, StoreDied, serving
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration, Server
from gateway.observability.logs import Log, set_up

_log: FilteringBoundLogger = structlog.get_logger()

_FAILED = 1
#: Seconds. Each statement of the writer's lets go of the interpreter and waits this long to get it back from a busy
#: event loop; the usual 5 ms make every commit, and so every caller, wait for dozens of such turns.
_TURN = 0.0002
#: Objects made before cycles are looked for. A request makes a few thousand and almost no cycle; the usual 700 had
#: every request pay for several searches.
_MADE = 20_000
_M_ARENA_MAX = -8  #: as mallopt(3) of the GNU C library numbers it
#: Heaps that threads share. By default each thread gets one of its own and keeps what it has freed: a tenth of the
#: gateway's memory, for threads that hold the interpreter's lock, and so hardly ever allocate at once.
_ARENAS = 2
_PARENT = 1.0  #: seconds between two looks at whether the parent is still there
#: Seconds of an orderly end beside those in which requests, and then deliveries, may finish. A database that hangs
#: would make it last for minutes; what a process leaves that ends at once is what a crash leaves, and as safe.
_GRACE = 10.0
_HURRY = 1.0  #: seconds that a second signal leaves


def run(
    configuration: Configuration,
    layout: Layout,
    *,
    on_serving: Callable[[Serving], None],
    machine: Machine | None = None,
    parent: int | None = None,
    resumes: bool = False,
) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status: 0 after an orderly end, 1 where it could not go on.

    With a ``parent``, the end of that process is such a signal too; ``resumes`` as in ``serving``. A second signal
    cuts the orderly end short, and so does its taking too long: the process ends then, with status 1. It ends at once,
    with status 0, at a signal that comes before it serves. Raises ConfigError, StoreUnavailable and OSError from the
    start.
    """
    _keep_standard_files()
    sys.setswitchinterval(_TURN)
    gc.set_threshold(_MADE)
    _share_heaps()
    _allow_files()
    layout.prepare()
    log = set_up(configuration.settings.logs, layout.logs)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            serves = serving(configuration, layout, machine=machine, resumes=resumes)
            within = longest_end(configuration.settings.server)
            try:
                return runner.run(_serve(serves, on_serving, parent, within=within))
            except asyncio.CancelledError:
                call_off(log)
    finally:
        log.close()


def call_off(log: Log) -> NoReturn:
    """End the process, which has begun nothing yet, with status 0, whatever its threads wait for.

    One that waits for the database, or takes a step of its schema, would keep the process for as long as that takes.
    """
    _log.info("stopped")
    log.close()
    os._exit(0)


def longest_end(server: Server) -> float:
    """Return the seconds that an orderly end may take: first requests may finish, then deliveries."""
    return 2 * as_timedelta(server.shutdown).total_seconds() + _GRACE


def _keep_standard_files() -> None:
    """Open what was closed of standard input, output and error: a connection would get its number, and the log."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


def _share_heaps() -> None:
    """Let all threads allocate from few heaps, where the C library can be told and MALLOC_ARENA_MAX does not say."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None and "MALLOC_ARENA_MAX" not in os.environ:
        tell(_M_ARENA_MAX, _ARENAS)


def _allow_files() -> None:
    """Let the process open as many files as it ever may: connections and uploads each take one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _serve(
    serves: AbstractAsyncContextManager[Serving],
    on_serving: Callable[[Serving], None],
    parent: int | None,
    *,
    within: float,
) -> int:
    _cancel_on_signals(within, is_worker=parent is not None)
    started = False
    try:
        async with _following(parent), serves as gateway:
            started = True
            gc.freeze()  # what was built at the start stays: no search need pass it
            on_serving(gateway)
            await _until_the_end(gateway)
    except asyncio.CancelledError:
        if not started:
            raise
        _log.info("stopped")
        return 0
    except Exception:
        if not started:
            raise
        _log.exception("failed")
        return _FAILED
    return 0


@asynccontextmanager
async def _following(parent: int | None) -> AsyncGenerator[None]:
    """End in order when the process that started this one is gone."""
    if parent is None:
        yield
        return
    following = asyncio.create_task(_follow(parent))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait((following,))


async def _follow(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - no event tells of another process's end
        await asyncio.sleep(_PARENT)
    os.kill(os.getpid(), signal.SIGTERM)


def _cancel_on_signals(within: float, *, is_worker: bool) -> None:
    """Begin an orderly end, within so many seconds, at the first signal; a second one cuts it short.

    Of a worker, not the same one again: a service manager ends all of a service, and its parent tells it as well.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if task is None:
        return

    heard = set[signal.Signals]()

    def end(number: signal.Signals) -> None:
        if is_worker and number in heard:
            return
        heard.add(number)
        loop.call_later(_HURRY if task.cancelling() else within, _end_at_once)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)


def _end_at_once() -> None:
    _log.warning("end_cut_short")
    os._exit(_FAILED)


async def _until_the_end(gateway: Serving) -> None:
    """Wait for a signal. Without its store the process ends at once: nothing more could be recorded."""
    try:
        await asyncio.shield(gateway.life)
    except StoreDied:
        _log.exception("failed")
        os._exit(_FAILED)
