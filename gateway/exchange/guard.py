"""An adapter that fails has not delivered: what it had sent by then is unknown (guarantee G5)."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.reason import Reason, Why
from gateway.core.whole import is_whole
from gateway.exchange.signature import Exchange, R, S, Verdicts

_log: FilteringBoundLogger = structlog.get_logger()


class Escaping(Exception):
    """An adapter has raised what would have ended more than the call that was made to it; its cause says what."""


@contextmanager
def contained() -> Generator[None]:
    """Run an adapter's code: what it raises is an Exception, so that whoever calls it goes on.

    ``sys.exit()`` in a library ends no process, and a cancellation that nobody has asked for no task of ours. Raises
    Escaping in their place; a cancellation of the calling task passes, and so does Ctrl-C.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as bug:
        if isinstance(bug, asyncio.CancelledError) and _is_cancelled():
            raise
        raise Escaping from bug


def guard(inner: Exchange[S, R], verdicts: Verdicts[R], names: Callable[[S], Mapping[str, str]]) -> Exchange[S, R]:
    """Turn whatever the adapter raises, and whatever is not an answer, into doubt; ``names`` are for the log."""

    async def guarded(subject: S, *, deadline: float) -> R:
        try:
            with contained():
                result = await inner(subject, deadline=deadline)
        except Exception as bug:  # noqa: BLE001 - any bug of an adapter becomes an outcome
            return _doubt(verdicts, names(subject), class_of(bug), place_of(bug))
        if isinstance(result, verdicts.kinds) and is_whole(result):
            return result
        return _doubt(verdicts, names(subject), type(result).__name__, "returned")

    return guarded


def class_of(error: BaseException) -> str:
    """Return the class of what an adapter raised."""
    return type(_raised(error)).__name__


def place_of(error: BaseException) -> str:
    """Return ``file:line function`` of where it was raised: its text may hold what must not be logged."""
    frames = traceback.extract_tb(_raised(error).__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""


def _raised(error: BaseException) -> BaseException:
    return error.__cause__ if isinstance(error, Escaping) and error.__cause__ else error


def _is_cancelled() -> bool:
    """Whether somebody wants the running task to end; where there is none, nobody does."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is not None and task.cancelling() > 0


def _doubt(verdicts: Verdicts[R], names: Mapping[str, str], error: str, where: str) -> R:
    _log.error("adapter_bug", error=error, where=where, **names)
    return verdicts.unsure(Reason(Why.ADAPTER_BUG, error))
