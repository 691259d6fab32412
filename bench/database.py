"""A PostgreSQL server that syncs, on the disk that is measured; and what its sessions wait for."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.processor import parent_of
from bench.run import fresh
from gateway.testing.postgres import SERVER, running

_LOOKS_APART = 0.005  #: seconds
#: Sessions of gateways that wait for their turn to write, and those that wait for a commit to be on disk.
_WAITING = """
SELECT count(*) FILTER (WHERE wait_event = 'advisory'), count(*) FILTER (WHERE query LIKE '%COMMIT')
FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'gateway%' AND state = 'active'
"""


@contextmanager
def server(folder: Path) -> Generator[str]:
    """Run a server while the context lasts; yields its address. Every commit is synced, as by default."""
    given = os.environ.get(SERVER)
    if given:
        yield given
        return
    with running(fresh(folder)) as address:
        yield address


@contextmanager
def database(address: str, like: str | None = None) -> Generator[str]:
    """Make a database of its own on a server, and drop it at the end; yields its address.

    It is empty, or has what the one at ``like`` has, which nobody has open.
    """
    name = f"bench_{secrets.token_hex(4)}"
    template = "template0" if like is None else urlsplit(like).path.removeprefix("/")
    asyncio.run(
        _order(address, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    )
    try:
        yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_order(address, f"DROP DATABASE {name} WITH (FORCE)"))


async def _order(address: str, statement: str) -> None:
    async with _connected(address) as connection:
        await connection.execute(statement)


def size(address: str) -> int:
    """Return how many bytes a database takes."""
    return asyncio.run(_size(address))


async def _size(address: str) -> int:
    async with _connected(address) as connection:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))


def postmaster(address: str) -> int:
    """Return the process that has started all others of a server on this machine."""
    return asyncio.run(_postmaster(address))


async def _postmaster(address: str) -> int:
    async with _connected(address) as connection:
        return parent_of(await connection.fetchval("SELECT pg_backend_pid()"))


@asynccontextmanager
async def _connected(address: str) -> AsyncGenerator[Any]:  # asyncpg ships no types for its connections
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()


@dataclass(slots=True, kw_only=True)
class Waits:
    """Seconds that all sessions of gateways together have waited, found by looking again and again."""

    turn: float = 0.0  #: for other nodes to have written
    commit: float = 0.0  #: for the disk


@contextmanager
def watched(address: str) -> Generator[Waits]:
    """Add up what is waited for while the context lasts."""
    waits, over = Waits(), threading.Event()
    watcher = threading.Thread(target=lambda: asyncio.run(_watch(address, waits, over)))
    watcher.start()
    try:
        yield waits
    finally:
        over.set()
        watcher.join()


async def _watch(address: str, waits: Waits, over: threading.Event) -> None:
    async with _connected(address) as connection:
        last = time.monotonic()
        while not over.is_set():
            await asyncio.sleep(_LOOKS_APART)
            turn, commit = await connection.fetchrow(_WAITING)
            now = time.monotonic()
            waits.turn += turn * (now - last)
            waits.commit += commit * (now - last)
            last = now
