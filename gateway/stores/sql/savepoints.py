"""Undoing a part of a transaction: by savepoint where care is needed, by repeating the whole where it is not."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from gateway.stores.sql.known import KnownRows


class Savepoints:
    """``Transaction.nested`` for one connection.

    A savepoint costs: SQLite copies every page that is touched after it, PostgreSQL is asked twice more. So a batch is
    first run without: what fails inside then only spoils the attempt, and the batch is run again carefully.
    """

    def __init__(self, known: KnownRows) -> None:
        self._known = known
        self.careful = True
        self.spoiled = False

    @contextmanager
    def nested(self) -> Generator[None]:
        """Undo what is done inside when it raises, now or by repeating."""
        if not self.careful:
            with self._hoping():
                yield
            return
        access = self._known.access
        access.flush()
        access.look("SAVEPOINT nested")
        try:
            yield
            access.flush()
        except BaseException:
            self._known.forget()
            access.look("ROLLBACK TO nested")
            raise
        finally:
            access.look("RELEASE nested")

    @contextmanager
    def _hoping(self) -> Generator[None]:
        try:
            yield
        except BaseException:
            self.spoiled = True
            raise
