"""An event loop without a computer: time is virtual, whose turn it is is thrown with seeded dice, processes can die."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_STUBBORN = 20


class Process:
    """What runs together and dies together: the tasks that were begun in its context, and theirs."""

    def __init__(self, name: str, place: int = 0) -> None:
        self.name = name
        self.place = place  #: where it runs: of those that run at one place, one is alive
        self.dead = False
        self.frozen = False
        self.asleep: list[asyncio.Handle] = []  #: whose turn came while it was frozen


#: In whose process the code at work runs; None is the world outside.
PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


def here() -> int:
    """Return at which place the code at work runs; the first one for the world outside."""
    process = PROCESS.get()
    return process.place if process is not None else 0


def who() -> str:
    """Return in whose process the code at work runs."""
    process = PROCESS.get()
    return process.name if process is not None else "world"


class Deadlock(AssertionError):
    """Nobody has a turn, and nobody ever will."""


class _Task(asyncio.Task[T]):
    """A task that is numbered, so that sets of tasks have the same order in every run of a seed."""

    def __init__(self, number: int, coro: Coroutine[Any, Any, T], **named: Any) -> None:  # noqa: ANN401 - as asyncio.Task takes them
        self._number = number
        super().__init__(coro, **named)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Future(asyncio.Future[T]):
    """A future that is numbered."""

    def __init__(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._number = number
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs one handle per turn, any of those that are ready; where none is, time passes to the next timer."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self._seconds = 0.0
        self._turns: list[tuple[Process | None, asyncio.Handle]] = []
        self._timers: list[tuple[float, int, Process | None, asyncio.TimerHandle]] = []
        self._numbers = itertools.count(1)
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self.set_task_factory(self._new_task)
        self.set_exception_handler(self._hear)
        self.failures: list[str] = []  #: what nobody caught

    # --- What asyncio asks of a loop

    def time(self) -> float:
        """Return virtual seconds since the seed began."""
        return self._seconds

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Give it a turn, in no particular order."""
        handle = asyncio.Handle(callback, args, self, context)
        process = PROCESS.get() if context is None else context.get(PROCESS)
        self._give(process, handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Give it a turn then."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        process = PROCESS.get() if context is None else context.get(PROCESS)
        if process is None or not process.dead:
            heapq.heappush(self._timers, (when, next(self._numbers), process, timer))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        """Return a numbered future."""
        return _Future(next(self._numbers), self)

    def _new_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        **named: Any,  # noqa: ANN401 - as asyncio.Task takes them
    ) -> asyncio.Task[T]:
        if not isinstance(coro, Coroutine):
            raise TypeError("only coroutines become tasks")
        task = _Task(next(self._numbers), coro, loop=loop, **named)
        self._tasks[hash(task)] = task
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(hash(task), None)

    def _hear(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Note what nobody caught; that the tasks of the dead never ended is as it should be."""
        del loop
        error = context.get("exception")
        if error is not None:
            self.failures.append(f"{context['message']}: {error!r}")

    def _run_once(self) -> None:
        """Give one turn; ``run_forever`` calls this again and again."""
        if not self._turns:
            self._pass_time()
        position = int(self._dice.random() * len(self._turns))
        self._turns[position], self._turns[-1] = self._turns[-1], self._turns[position]
        process, handle = self._turns.pop()
        if handle.cancelled() or (process is not None and process.dead):
            return
        if process is not None and process.frozen:
            process.asleep.append(handle)
            return
        handle._run()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - running handles is what a loop does

    def _pass_time(self) -> None:
        """Let time pass to the next timer that still matters, and give turns to all that are due then."""
        while self._timers:
            when, _, process, timer = heapq.heappop(self._timers)
            if timer.cancelled() or (process is not None and process.dead):
                continue
            self._seconds = max(self._seconds, when)
            self._turns.append((process, timer))
            break
        else:
            raise Deadlock("nothing is ready and nothing is due")
        while self._timers and self._timers[0][0] <= self._seconds:
            _, _, process, timer = heapq.heappop(self._timers)
            self._turns.append((process, timer))

    def _give(self, process: Process | None, handle: asyncio.Handle) -> None:
        if process is None or not process.dead:
            self._turns.append((process, handle))

    # --- Processes

    def begin(self, process: Process | None, coro: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run this inside a process, or outside of all; who waits for what a process does must not count on its end."""
        context = copy_context()
        context.run(PROCESS.set, process)
        return self.create_task(coro, context=context)

    def kill(self, process: Process) -> None:
        """End a process between two turns, without a last word: none of its code runs again."""
        process.dead = True
        process.asleep.clear()

    def freeze(self, process: Process) -> None:
        """Take a process off the machine; its clocks go on."""
        process.frozen = True

    def thaw(self, process: Process) -> None:
        """Let a frozen process go on."""
        process.frozen = False
        for handle in process.asleep:
            self._give(process, handle)
        process.asleep.clear()

    def bury(self) -> None:
        """Unwind what never ended, once nobody looks any more, so that nothing of a seed is kept in memory."""
        self._turns.clear()
        self._timers.clear()
        self.run_until_complete(self._unwind(list(self._tasks.values())))
        self._tasks.clear()
        self._turns.clear()
        self._timers.clear()

    async def _unwind(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            coroutine = task.get_coro()
            if isinstance(coroutine, Coroutine) and not _closed(coroutine):
                self.failures.append(f"{coroutine!r} does not end")


def _closed(coroutine: Coroutine[Any, Any, Any]) -> bool:
    """Close a coroutine; each of its `finally` that awaits needs one more try."""
    for _ in range(_STUBBORN):
        try:
            coroutine.close()
        except BaseException:  # noqa: BLE001, S112 - whatever the dead still have to say
            continue
        return True
    return False
