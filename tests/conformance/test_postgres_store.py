"""The PostgreSQL store keeps the contract."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from gateway.ports.store import Store
from gateway.stores.postgres import PostgresStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import TUNING, database
from gateway.testing.store_contract import StoreContract


@asynccontextmanager
async def opened(clock: FakeClock, ids: FakeIds) -> AsyncGenerator[Store]:
    """Open a store over a database of its own."""
    async with database() as url, PostgresStore(url, clock=clock, ids=ids, tuning=TUNING) as store:
        yield store


class TestPostgresStore(StoreContract):
    """Every behaviour of every store."""

    def open_store(self, _folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
        return opened(clock, ids)
