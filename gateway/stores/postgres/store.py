"""The store of several nodes."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from gateway.core.boot import Boot
from gateway.core.errors import PutBack, StoreUnavailable
from gateway.core.pressure import Trouble, Urgency
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.postgres.access import LACKS, STOP_ALL, PostgresAccess
from gateway.stores.postgres.bell import Bell
from gateway.stores.postgres.connection import Connection, Tuning, migrate
from gateway.stores.postgres.evidence import Own, PostgresEvidence
from gateway.stores.set_clock import SetBack, follow, look
from gateway.stores.sql.schema import Standing
from gateway.stores.sql.session import Session, Terms, session
from gateway.stores.sql.store import SqlStore
from gateway.stores.store import Notify

#: Host and database; nothing of an address of whose password a part may stand where they should.
_PLACE = re.compile(r"[a-z]+://(?:[^/?#]*@)?([^/?#@]+(?:/[^/?#@]*)?|/[^/?#@]+)(?=[?#]|$)(?=[^@]*$)")


class PostgresStore(SqlStore):
    """``ports.store.Store`` in a PostgreSQL database that several nodes share; the time is the database's."""

    driver = PostgresAccess

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        ids: Ids,
        tuning: Tuning | None = None,
        notify: Notify | None = None,
    ) -> None:
        """Prepare to connect to ``url``, in libpq's form."""
        super().__init__(notify)
        self._url = url
        self._clock = clock
        self._ids = ids
        self._tuning = tuning or Tuning()
        self._name = secrets.token_hex(8)
        self._chain = Own()
        self._set_back = SetBack()
        self._bell = Bell(url, self._tuning, self._name, notify) if notify else None

    async def open(self) -> None:
        """Bring the schema up to date, start the threads, and listen to the other nodes.

        Raises StoreUnavailable where the database cannot be opened, or its schema is too new for this version.
        """
        await super().open()
        if self._bell is not None:
            self._bell.start()

    async def close(self) -> None:
        """Finish what was asked for, then let go of the database."""
        if self._bell is not None:
            await self._bell.stop()
        await super().close()

    async def heard(self) -> None:
        """Return once other nodes are heard."""
        if self._bell is not None:
            await self._bell.listening.wait()

    def _prepare(self) -> Standing:
        try:
            connection = self._connected()
            try:
                self._connected().close()  # what a pooler would let have the session that the first one was given
                connection.prove_own()
                connection.prove()
                return migrate(connection, self._tuning.schema)
            finally:
                connection.close()
        except TimeoutError as error:
            raise StoreUnavailable(
                f"{self._shut}: its server answers nothing: see whether it hangs, or something between lets nothing"
                " through"
            ) from error
        except self.driver.errors as error:
            raise StoreUnavailable(f"{self._shut}: {type(error).__name__}: {error}") from error

    @property
    def place(self) -> str:
        found = _PLACE.match(self._url)
        return f"store.postgres{f', at {found[1]}' if found else ''}"

    @property
    def _shut(self) -> str:
        """Which database cannot be opened."""
        return f"the database cannot be opened ({self.place})"

    def _connected(self) -> Connection:
        connection = Connection(self._url, self._tuning)
        try:
            connection.open()
        except BaseException:
            connection.close()
            raise
        return connection

    def _writing(self) -> Session:
        found = self._session()
        try:
            self._prove(found)
        except BaseException:
            found.access.close()
            raise
        return found

    def _prove(self, found: Session) -> None:
        """Raise PutBack where the database lacks what was committed over an earlier session.

        A server that takes no changes is not asked: what its primary has, it may get yet.
        """
        if self._chain.kept is None:
            return
        access = found.access
        access.begin()
        lacks = PostgresEvidence(access, self._chain).lacks()
        if lacks:
            access.run(STOP_ALL, (self._chain.epoch,))
            access.commit()
        access.roll_back()
        self.lost = self._chain.kept if lacks else None
        if lacks:
            raise PutBack(LACKS)

    @property
    def trouble(self) -> Trouble | None:
        """What keeps the database from taking changes though it answers."""
        if self._writer.is_put_back:
            return Trouble.PUT_BACK
        return Trouble.FULL if self._writer.is_full else super().trouble

    def _session(self) -> Session:
        access = PostgresAccess(self._connected(), self._name)

        def database_time() -> tuple[datetime, Boot]:
            started = access.now - timedelta(seconds=self._clock.uptime())  # this machine's, as the database counts
            return access.now, Boot(id=self._clock.boot_id(), at=started)

        terms = Terms(
            ids=self._ids,
            look=(lambda: look(self._clock)) if self._tuning.own_time else database_time,
            begun=follow if self._tuning.own_time else lambda tx: self._set_back.follow(tx, access.moved),
            evidence=self._tuning.evidence,
            silence=self._tuning.silence,
        )
        try:
            return session(access, terms, PostgresEvidence(access, self._chain))
        except BaseException:
            access.close()
            raise

    def _reader(self) -> Session:
        return self._session()

    def _let_go(self) -> None:
        """Nothing beside the connections."""

    def _is_full(self, urgency: Urgency) -> bool:  # noqa: ARG002 - the database's disk is watched where it is
        """Never; a database whose disk is full answers StoreFull."""
        return False
