"""Asking what takes its time, for as long as whoever asks has patience."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

_T = TypeVar("_T")

_INTERRUPTED = 128 + signal.SIGINT  #: the exit status, as shells know it
_HURRY = 1.0  #: seconds to leave the desk in order


def run(asking: Coroutine[Any, Any, _T]) -> _T:
    """Return what is asked for; Ctrl-C ends the process, whatever its threads wait for.

    One that waits for the database would keep it for as long as that takes. What it leaves so is what a crash leaves,
    and as safe. Not for what has to be cleared up around it.
    """
    with asyncio.Runner() as runner:
        try:
            return runner.run(_asked(asking))
        except asyncio.CancelledError:
            _end()


async def _asked(asking: Coroutine[Any, Any, _T]) -> _T:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101 - a coroutine that runs is a task's

    def call_off() -> None:
        if task.cancelling():
            _end()
        loop.call_later(_HURRY, _end)
        task.cancel()

    if threading.current_thread() is threading.main_thread():  # no other hears of signals
        loop.add_signal_handler(signal.SIGINT, call_off)
    return await asking


def _end() -> NoReturn:
    os._exit(_INTERRUPTED)
