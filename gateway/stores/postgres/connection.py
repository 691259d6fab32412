"""One connection to the server, asked from a thread: each has a loop of its own that runs while it is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from typing import Any, TypeVar

import asyncpg
import uvloop

from gateway.core.errors import StoreUnavailable

T = TypeVar("T")

_STATEMENTS = 1000  #: prepared ones that a connection keeps
#: Any number, the same for all gateways of one database: who holds it is the only one that writes.
LOCK = 0x6761_7465
_MIGRATION = LOCK + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How the server is asked. Each limit keeps one node, however it hangs, from stopping the others."""

    connect: timedelta = timedelta(seconds=10)
    answer: timedelta = timedelta(seconds=30)  #: for one statement, waiting for other writers included
    idle: timedelta = timedelta(seconds=5)  #: between two statements of a transaction; then the server ends it
    wait: timedelta = timedelta(seconds=15)  #: for other writers
    synchronous: bool = True  #: False gives up the promise; to measure and to test only
    evidence: bool = True
    silence: timedelta = timedelta(seconds=30)  #: of a node before another one that joins holds it for dead
    own_time: bool = False  #: True lets the node's clock count instead of the database's; for tests that set it


@dataclass(slots=True)
class Connection:
    """Not to be used by two threads at once."""

    url: str = field(repr=False)
    tuning: Tuning
    _loop: asyncio.AbstractEventLoop = field(default_factory=uvloop.new_event_loop, repr=False)
    _server: Any = None  # asyncpg ships no types for its connections

    def open(self) -> None:
        """Connect; raises OSError, TimeoutError or asyncpg's errors."""
        self._server = self.wait(
            asyncpg.connect(
                self.url,
                timeout=self.tuning.connect.total_seconds(),
                command_timeout=self.tuning.answer.total_seconds(),
                statement_cache_size=_STATEMENTS,
                max_cacheable_statement_size=0,
                server_settings={
                    "application_name": "gateway",
                    "idle_in_transaction_session_timeout": str(_ms(self.tuning.idle)),
                    "lock_timeout": str(_ms(self.tuning.wait)),
                    "synchronous_commit": "on" if self.tuning.synchronous else "off",
                    "timezone": "UTC",
                    "jit": "off",
                },
            )
        )

    def wait(self, asking: Coroutine[Any, Any, T]) -> T:
        """Return what the server answers."""
        return self._loop.run_until_complete(asking)

    def read(self, text: str, values: tuple[object, ...]) -> list[Any]:
        """Return the rows of a statement."""
        return self.wait(self._server.fetch(text, *values))

    def change(self, text: str, values: tuple[object, ...] = ()) -> int:
        """Run a statement without rows; return how many it changed."""
        told: str = self.wait(self._server.execute(text, *values))
        count = told.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def write(self, text: str, rows: list[tuple[object, ...]]) -> None:
        """Run a statement once for each row, all in one exchange."""
        self.wait(self._server.executemany(text, rows))

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.is_open and bool(self._server.is_in_transaction())

    @property
    def is_open(self) -> bool:
        """Whether the server may still be asked."""
        return self._server is not None and not self._server.is_closed()

    def close(self) -> None:
        """Let go at once. Raises nothing."""
        if self._server is not None:
            self._server.terminate()
        if not self._loop.is_closed():
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest version, one file per step, alone among all nodes.

    Raises StoreUnavailable for a schema that a newer gateway made, and what the connection does.
    """
    steps = _steps()
    connection.change(f"BEGIN; SELECT pg_advisory_xact_lock({_MIGRATION})")
    connection.change("CREATE TABLE IF NOT EXISTS schema_version (number bigint PRIMARY KEY)")
    version = int(connection.read("SELECT coalesce(max(number), 0) FROM schema_version", ())[0][0])
    if version > len(steps):
        connection.change("ROLLBACK")
        raise StoreUnavailable(f"the database has schema {version}, this gateway knows {len(steps)}: update it")
    for number, step in enumerate(steps[version:], start=version + 1):
        connection.change(f"{step}\nINSERT INTO schema_version (number) VALUES ({number});")
    connection.change("COMMIT")


def _steps() -> list[str]:
    """Return the schema's files in order."""
    folder = resources.files("gateway.stores.postgres") / "schema"
    found = {file.name: file for file in folder.iterdir() if re.fullmatch(r"\d{4}\.sql", file.name)}
    return [found[name].read_text("utf-8") for name in sorted(found)]
