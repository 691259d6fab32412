"""The contract of the stores over what a newer version made first; ``tools.older`` lays this beside older code."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.ports.store import Store
from gateway.stores.postgres import PostgresStore
from gateway.stores.sql.schema import Schema
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import TUNING, database
from gateway.testing.store_contract import StoreContract

NEWER = "GATEWAY_NEWER"  #: the folder of the newer version


def newer(driver: str) -> Schema:
    """Return the schema of the newer version."""
    files = (Path(os.environ[NEWER]) / "gateway" / "stores" / driver / "schema").glob("????.sql")
    return Schema(tuple(file.read_text("utf-8") for file in sorted(files)))


@asynccontextmanager
async def after(first: SqlStore, then: SqlStore) -> AsyncGenerator[Store]:
    """Open a store over what another one has made; skips the test where that has nothing new."""
    async with first:
        pass
    async with then:
        if then.standing is None or not then.standing.is_newer:
            pytest.skip("both know the same schema")
        yield then


class TestOnANewerFile(StoreContract):
    """Every behaviour of every store."""

    def open_store(self, folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
        """Return a store over a file that was made before."""
        path = folder / "gateway.db"
        raised = SqliteStore(path, clock=clock, ids=ids, tuning=Tuning(schema=newer("sqlite")))
        return after(raised, SqliteStore(path, clock=clock, ids=ids))


class TestOnANewerDatabase(StoreContract):
    """Every behaviour of every store."""

    def open_store(self, _folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
        """Return a store over a database that was made before."""
        return _on_a_server(clock, ids)


@asynccontextmanager
async def _on_a_server(clock: FakeClock, ids: FakeIds) -> AsyncGenerator[Store]:
    async with database() as url:
        raised = PostgresStore(url, clock=clock, ids=ids, tuning=replace(TUNING, schema=newer("postgres")))
        async with after(raised, PostgresStore(url, clock=clock, ids=ids, tuning=TUNING)) as store:
            yield store
