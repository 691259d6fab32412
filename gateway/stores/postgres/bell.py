"""Hearing from other nodes that something new is there: LISTEN and NOTIFY.

A hint only. What is missed while the connection is away is found by the next look at the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import asyncpg
import structlog
from structlog.typing import FilteringBoundLogger
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from gateway.core.ids import SystemId
from gateway.stores.postgres.connection import Tuning

_log: FilteringBoundLogger = structlog.get_logger()

CHANNEL = "gateway_news"
_LONGEST = 7000  #: bytes of one notice; the server takes 8,000
_LONGEST_WAIT = 30.0  #: seconds between two tries to connect
_SHORTEST_WAIT = 0.5  #: seconds after the loss of a connection that worked: a server may end each one that comes
_PULSE = 30.0  #: seconds between two signs of life
# Whatever role and database say: it waits in silence, and asks for nothing that lasts.
_NO_LIMITS = "SET statement_timeout = 0; SET idle_session_timeout = 0"


def ring(notice: str) -> str:
    """Return the statement that lets the others hear a notice once the transaction is durable."""
    quoted = notice.replace("'", "''")
    return f"NOTIFY {CHANNEL}, '{quoted}'"


def notices(name: str, systems: Iterable[SystemId]) -> list[str]:
    """Return what to say of systems that have something new; ``name`` is who says it."""
    said = [name]
    for system in sorted(systems):
        if len(said[-1]) + len(system) > _LONGEST:
            said.append(name)
        said[-1] += f" {system}"
    return said


class Bell:
    """Listens on a connection of its own, on the loop that started it."""

    def __init__(self, url: str, tuning: Tuning, name: str, hear: Callable[[frozenset[SystemId]], None]) -> None:
        self._url = url
        self._tuning = tuning
        self._name = name
        self._hear = hear
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()  #: whether others are heard now

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._run(), name="bell")

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _run(self) -> None:
        tries = AsyncRetrying(
            retry=retry_if_exception_type(Exception),  # whatever it is, the others are heard again some time
            wait=wait_random_exponential(max=_LONGEST_WAIT),
        )
        while True:
            async for attempt in tries:
                with attempt:
                    await self._listen_once()
            await asyncio.sleep(_SHORTEST_WAIT)

    async def _listen_once(self) -> None:
        """Return once a connection that worked has ended; raise where none came about, to be tried later and later."""
        try:
            await self._listen()
        except Exception as error:
            _log.warning("bell_lost", error=type(error).__name__)
            if not self.listening.is_set():
                raise
        finally:
            self.listening.clear()

    async def _listen(self) -> None:
        """Listen until the connection ends; raise what it ended with."""
        timeout = self._tuning.connect.total_seconds()
        connection = await asyncpg.connect(self._url, timeout=timeout, server_settings={"application_name": "gateway"})
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        try:
            async with asyncio.timeout(timeout):
                await connection.execute(_NO_LIMITS)
                await connection.add_listener(CHANNEL, self._heard)
            self.listening.set()
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _PULSE)
                await connection.execute("SELECT 1", timeout=timeout)  # of an ended one, this says so
        finally:
            with contextlib.suppress(Exception):
                connection.terminate()

    def _heard(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        name, *systems = str(payload).split(" ")
        if name != self._name and systems:
            self._hear(frozenset(map(SystemId, systems)))
