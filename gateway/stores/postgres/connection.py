"""One connection to the server, asked from a thread: each has a loop of its own that runs while it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import starmap
from typing import Any, TypeVar

import asyncpg
import structlog
import uvloop
from structlog.typing import FilteringBoundLogger

from gateway.core.errors import StoreUnavailable
from gateway.ports.nodes import SILENCE
from gateway.stores.sql.schema import OLDEST, Schema, Standing, shipped, statements

_log: FilteringBoundLogger = structlog.get_logger()

T = TypeVar("T")

_STATEMENTS = 1000  #: prepared ones that a connection keeps
#: Any number, the same for all gateways of one database: who holds it is the only one that writes.
LOCK = 0x6761_7465
MIGRATION = LOCK + 1  #: who holds it is the only one that changes the schema
OUTSIDE = MIGRATION + 1  #: who holds it is the only one that takes a step of it outside of a transaction
_NAME = "gateway, schema "  #: what a connection is called, with the number that its gateway knows
# How many connections gateways have that know fewer steps than these.
_OLDER = f"""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND substring(application_name FROM '^{_NAME}(\\d+)$')::bigint < $1
"""  # noqa: S608 - constants of this module
#: How the database itself must be: not every letter can be written in another encoding.
_NEEDED = {"server_encoding": "UTF8", "transaction_read_only": "off"}
#: How its server must write, unless nothing is promised.
_DURABLE = {"fsync": "on", "full_page_writes": "on"}
#: What mends it; a setting of a session can only have been kept back.
_REMEDIES = {
    "server_encoding": "make one with ENCODING 'UTF8'",
    "transaction_read_only": "reach the server that takes changes; an address of all of them,"
    " postgresql://…@one,other/…?target_session_attrs=read-write, finds it",
    **dict.fromkeys(_DURABLE, "a power cut would take what was said yes to; turn it on at the server"),
}
# What some settings are in this session.
_STAND = "SELECT lower(name), setting FROM pg_settings WHERE lower(name) = ANY($1)"
# Where a gateway's tables are (of a name that hardly anybody else has) before which those of another schema would come.
_HIDDEN = """
SELECT schemaname, current_schema() FROM pg_tables
WHERE tablename = 'turn' AND schemaname = ANY (current_schemas(false)) AND NOT EXISTS (
    SELECT FROM pg_tables WHERE tablename = 'turn' AND schemaname = current_schema()
)
"""
#: The name of a session at the server, which whatever takes its place there has not.
SESSION = "gateway.session"
_HAS = f"SELECT 1 WHERE current_setting('{SESSION}', true) = '{{name}}'"  # prepares nothing, which may be lost as well
# The one limit that older servers do not know.
_NO_LIMIT = """
SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('transaction_timeout', true) IS NOT NULL
"""
_LOOK = 0.2  #: seconds between two looks at whether a lock is free
_ALTERING = 3600.0  #: seconds for one step of the schema
# End whoever holds this lock and keeps the server waiting for so many seconds, in the middle of an exchange: there the
# server counts no time by itself. A key of 64 bits is kept in two halves, as the first kind of key.
_END_WHO_HANGS = """
SELECT pid, pg_terminate_backend(pid) FROM pg_locks AS held JOIN pg_stat_activity AS holder USING (pid)
WHERE held.locktype = 'advisory' AND held.granted AND held.database = holder.datid
AND holder.datname = current_database() AND held.classid = 0 AND held.objid = $1 AND held.objsubid = 1
AND holder.wait_event_type = 'Client' AND holder.state_change < clock_timestamp() - make_interval(secs => $2)
"""
#: What asking the server raises.
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How the server is asked. Each limit keeps one node, however it hangs, from stopping the others."""

    connect: timedelta = timedelta(seconds=10)
    answer: timedelta = timedelta(seconds=30)  #: for one statement, waiting for other writers included
    idle: timedelta = timedelta(seconds=5)  #: between two statements of a transaction; then the server ends it
    wait: timedelta = timedelta(seconds=15)  #: for other writers
    synchronous: bool = True  #: False gives up the promise; to measure and to test only
    evidence: bool = True
    silence: timedelta = SILENCE  #: of a node before another one that joins holds it for dead
    marks: bool = False  #: True: the command that says that the database was put back
    own_time: bool = False  #: True lets the node's clock count instead of the database's; for tests that set it
    schema: Schema = field(default_factory=lambda: shipped("gateway.stores.postgres"), repr=False)


@dataclass(slots=True)
class Connection:
    """Not to be used by two threads at once."""

    url: str = field(repr=False)
    tuning: Tuning
    name: str = field(default_factory=lambda: secrets.token_hex(8))  #: what its session at the server is called
    _loop: asyncio.AbstractEventLoop = field(default_factory=uvloop.new_event_loop, repr=False)
    _server: Any = None  # asyncpg ships no types for its connections

    def open(self) -> None:
        """Connect, and let the session go by our settings; raises OSError, TimeoutError or asyncpg's errors."""
        self._server = self.wait(
            asyncpg.connect(
                self.url,
                timeout=self.tuning.connect.total_seconds(),
                command_timeout=self.tuning.answer.total_seconds(),
                statement_cache_size=_STATEMENTS,
                max_cacheable_statement_size=0,
                server_settings={"application_name": f"{_NAME}{self.tuning.schema.number}"},
            )
        )
        self.change("; ".join([*starmap(_set, self._settings.items()), _set(SESSION, self.name), _NO_LIMIT]))

    @property
    def _settings(self) -> dict[str, str]:
        """What holds for the session, whatever its role or its database says otherwise.

        They are told in a statement: a pooler lets few through among what a connection begins with.
        """
        return {
            "statement_timeout": "0",  # who waits for the lock is to hear that it waited in vain, not that it was slow
            "idle_in_transaction_session_timeout": str(_ms(self.tuning.idle)),
            "idle_session_timeout": "0",  # a reader may rest for a night
            "lock_timeout": str(_ms(self.tuning.wait)),
            "synchronous_commit": "on" if self.tuning.synchronous else "off",
            # What was written before the lock was had is seen after it.
            "default_transaction_isolation": "read committed",
            "timezone": "UTC",
            "jit": "off",
            "quote_all_identifiers": "off",  # the catalogue is asked for names of types
            # A plan may outlive the time when its table was empty, or be made before anything was counted:
            # each reads from an index, in its order.
            "enable_seqscan": "off",
            "enable_bitmapscan": "off",
            "plan_cache_mode": "force_generic_plan",
        }

    def prove_own(self) -> None:
        """Raise StoreUnavailable where another connection, which was opened later, has taken over its session."""
        self.own(self.name if self.change(_HAS.format(name=self.name)) else None)

    def own(self, session: str | None) -> None:
        """Raise StoreUnavailable where the server's session has not this connection's name."""
        if session != self.name:
            raise StoreUnavailable(
                "the gateway's session at the database was given to another connection, and with it what was set and"
                " locked there: let the pooler between them pool sessions (pool_mode = session), or reach the server"
                " without it"
            )

    def prove(self) -> None:
        """Raise StoreUnavailable where not all can be kept, a setting does not hold, or our tables are hidden."""
        asked = {**self._settings, **_NEEDED, **(_DURABLE if self.tuning.synchronous else {})}
        for name, found in self.read(_STAND, (list(asked),)):
            if found != asked[name]:
                remedy = _REMEDIES.get(name, "reach the server without a pooler")
                raise StoreUnavailable(f"the database has {name} = {found}, {asked[name]} is needed: {remedy}")
        for place, first in self.read(_HIDDEN, ()):
            raise StoreUnavailable(
                f"the gateway's tables are in the schema {place} of the database, where {first} comes before it: let"
                f" search_path begin with {place}, for the role or in the address (?options=-csearch_path%3D{place})"
            )

    def wait(self, asking: Coroutine[Any, Any, T]) -> T:
        """Return what the server answers; one that does not in time is asked nothing more over this connection."""
        try:
            return self._loop.run_until_complete(asking)
        except TimeoutError:
            if self._server is not None:
                self._server.terminate()  # a ROLLBACK would wait as long again
            raise

    def read(self, text: str, values: tuple[object, ...]) -> list[Any]:
        """Return the rows of a statement."""
        return self.wait(self._server.fetch(text, *values))

    def change(self, text: str, values: tuple[object, ...] = ()) -> int:
        """Run a statement without rows; return how many it changed."""
        told: str = self.wait(self._server.execute(text, *values))
        count = told.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def take(self, lock: int, *, first: str = "") -> None:
        """Take a lock until the transaction's end; who waits in vain ends the session that holds it and hangs.

        Then it raises asyncpg.LockNotAvailableError all the same, and the transaction is rolled back.
        """
        try:
            self.change(f"{first}SELECT pg_advisory_xact_lock({lock})")
        except asyncpg.LockNotAvailableError:
            with contextlib.suppress(*ERRORS):  # what was waited for is told anyway
                self.change("ROLLBACK")
                self._end_who_hangs(lock)
            raise

    def take_outside(self, lock: int) -> None:
        """Take a lock until the connection's end, waiting within no statement: who holds it may wait for all that run.

        Who waits in vain does as with ``take``, and raises StoreUnavailable.
        """
        until = time.monotonic() + self.tuning.wait.total_seconds()
        while not self.read("SELECT pg_try_advisory_lock($1)", (lock,))[0][0]:
            if time.monotonic() >= until:
                self._end_who_hangs(lock)
                raise StoreUnavailable("another gateway takes a step of the schema that lasts: start when it has ended")
            time.sleep(_LOOK)

    def _end_who_hangs(self, lock: int) -> None:
        with contextlib.suppress(*ERRORS):  # another role's may not be ended
            for process, _ in self.read(_END_WHO_HANGS, (lock, self.tuning.idle.total_seconds())):
                _log.warning("hanging_session_ended", process=process)

    def alter(self, script: str) -> None:
        """Run statements that may take long: they read or index what years have left."""
        self.wait(self._server.execute(script, timeout=_ALTERING))

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


def _set(name: str, value: str) -> str:
    return f"SET {name} = '{value}'"


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def migrate(connection: Connection, schema: Schema) -> Standing:
    """Take the steps that the database has not, alone among all nodes, in one transaction but for those outside of any.

    Raises Unusable for a database that a newer gateway made and this code may not work on, and what the
    connection does.
    """
    found, at = _advance(connection, schema)
    while at < schema.number:
        _take_outside(connection, at + 1, schema.steps[at])
        _, at = _advance(connection, schema)  # from where another node may have gone on meanwhile
    return Standing(found=found, known=schema.number)


def _advance(connection: Connection, schema: Schema) -> tuple[int, int]:
    """Take the steps before the next one that is outside; return how many there were, and are."""
    connection.take(MIGRATION, first="BEGIN; ")
    connection.change("CREATE TABLE IF NOT EXISTS schema_version (number bigint PRIMARY KEY)")
    found = int(connection.read("SELECT coalesce(max(number), 0) FROM schema_version", ())[0][0])
    if found > schema.number:
        schema.allow(connection.read(OLDEST, ())[0][0])
    until = schema.together(found)
    if found < until:
        _raise(connection, schema, found, until)
    connection.change("COMMIT")
    return found, max(found, until)


def _take_outside(connection: Connection, number: int, step: str) -> None:
    """Take a step while the nodes write, alone among those that would."""
    connection.take_outside(OUTSIDE)
    if not connection.read("SELECT number FROM schema_version WHERE number = $1", (number,)):
        connection.change("SET lock_timeout = 0")  # it waits for all that runs, however long that takes
        for statement in statements(step):
            connection.alter(statement)
        connection.change("RESET lock_timeout")
        connection.change("INSERT INTO schema_version (number) VALUES ($1)", (number,))
    connection.change(f"SELECT pg_advisory_unlock({OUTSIDE})")


def _raise(connection: Connection, schema: Schema, found: int, until: int) -> None:
    """Take the steps while nobody writes; what other nodes know without asking holds no longer."""
    oldest = schema.oldest(found, until)
    if connection.read(_OLDER, (oldest,))[0][0]:
        raise StoreUnavailable(
            f"a gateway that knows less than schema {oldest} is at work in the database, and this version takes away"
            " what it needs: end or update it first"
        )
    connection.take(LOCK)
    for number, script in schema.scripts_after(found, until):
        connection.alter(f"{script}\nINSERT INTO schema_version (number) VALUES ({number});")
    connection.change("UPDATE turn SET writer = ''")
