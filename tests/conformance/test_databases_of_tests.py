"""The databases that tests are given: what a test leaves behind that fails, no other one meets."""

import asyncio
from urllib.parse import urlsplit

import asyncpg
import pytest

from gateway.stores.postgres import PostgresStore
from gateway.testing.books import a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import TUNING, a_database, database, empty_database, server


class Failing(Exception):
    """What a test ends with."""


async def fail(url: str) -> None:
    """Write something, and end as a test does that fails."""
    ids = FakeIds()
    async with PostgresStore(url, clock=FakeClock(), ids=ids, tuning=TUNING) as store:
        await store.accept([a_draft()], plan=a_planner(ids))
        raise Failing


async def is_empty(url: str) -> bool:
    """Whether a store over this database holds nothing."""
    async with PostgresStore(url, clock=FakeClock(), ids=FakeIds(2), tuning=TUNING) as store:
        return not await store.find()


async def test_the_database_of_this_process_is_emptied() -> None:
    """On an event loop."""
    with pytest.raises(Failing):
        async with database() as url:
            await fail(url)
    async with database() as url:
        assert await is_empty(url)


def test_so_it_is_beside_a_loop() -> None:
    """For tests that have a loop of their own."""
    with pytest.raises(Failing), empty_database() as url:
        asyncio.run(fail(url))
    with empty_database() as url:
        assert asyncio.run(is_empty(url))


async def test_a_database_of_its_own_is_dropped() -> None:
    """On a server that stays, each would lie there for ever."""
    made: list[str] = []

    async def use() -> None:
        async with a_database() as url:
            made.append(url)
            await fail(url)

    with pytest.raises(Failing):
        await use()
    (url,) = made
    connection = await asyncpg.connect(server())
    try:
        found = await connection.fetch("SELECT FROM pg_database WHERE datname = $1", urlsplit(url).path[1:])
        assert found == []
    finally:
        await connection.close()
