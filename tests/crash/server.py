"""A PostgreSQL server of one run's own, which is killed and started again; it syncs, as a province's does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from gateway.testing.ports import free_ports
from gateway.testing.postgres import from_wheel, new_database
from gateway.testing.wire import LOOPBACK
from tests.crash import missing
from tests.crash.disk import Left, Open

_SERVES_WITHIN = 60.0  #: seconds
_BREATH = 0.05
_DOWN = (OSError, asyncpg.PostgresError)
_ROWS = (
    "SELECT id, destination, state, lease_begun <> 0, reclaims, coalesce(lease_node, '') FROM delivery"
    " WHERE state NOT IN ('delivered', 'cancelled')"
)
_LANES = "SELECT message_id, dossier_id || ' ' || destination FROM delivery"


class Server:
    """The server, and the database that is served."""

    def __init__(self, folder: str) -> None:
        self._files = from_wheel(folder)
        self._port = free_ports("postgres")["postgres"]
        self._process: asyncio.subprocess.Process | None = None
        self.url = f"postgresql://{self._files.postgres_user}:@{LOOPBACK}:{self._port}/postgres"

    async def make(self) -> None:
        """Make its files and an empty database, and serve."""
        await asyncio.to_thread(self._files.ensure_pgdata_inited)
        await self.serve()
        self.url = await asyncio.to_thread(new_database, self.url)

    async def serve(self) -> None:
        """Start it, on what the one before has left, and wait until it answers."""
        until = time.monotonic() + _SERVES_WITHIN
        while True:
            if self._process is None or self._process.returncode is not None:
                await self._launch()  # it does not start while a process of the one before is not quite gone
            try:
                connection = await asyncpg.connect(self.url)
            except _DOWN:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_BREATH)
            else:
                return await connection.close()

    async def _launch(self) -> None:
        files = self._files
        with (files.pgdata / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(str(files.bin_path / "postgres"), "-D", str(files.pgdata)),
                *("-h", LOOPBACK, "-p", str(self._port), "-k", ""),
                stdout=log,
                stderr=log,
                cwd=files.pgdata,
                user=files.system_user,
            )

    async def kill(self) -> None:
        """End it and all its processes by SIGKILL, at whatever they are."""
        if self._process is None:
            return
        pid = self._process.pid
        theirs = await asyncio.to_thread(Path(f"/proc/{pid}/task/{pid}/children").read_text)
        for one in (pid, *map(int, theirs.split())):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        await self._process.wait()

    async def end(self) -> None:
        """Stop it in order."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
            await self._process.wait()

    async def left(self) -> Left:
        """Return what is open."""
        names = ("id", "destination", "state", "begun", "reclaims", "node")
        return Left(tuple(Open(**dict(zip(names, row, strict=True))) for row in await self._ask(_ROWS)))

    async def kept(self) -> list[missing.Kept]:
        """Return what became of everything."""
        return missing.kept(await self._ask(missing.DELIVERIES), await self._ask(missing.ATTEMPTS))

    async def lanes(self) -> dict[str, set[str]]:
        """Return the lanes that each message is in."""
        lanes: dict[str, set[str]] = {}
        for message, lane in await self._ask(_LANES):
            lanes.setdefault(message, set()).add(lane)
        return lanes

    async def _ask(self, statement: str) -> list[Any]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()


@asynccontextmanager
async def started() -> AsyncGenerator[Server]:
    """Start one, with an empty database; nothing of it is left."""
    folder = tempfile.mkdtemp(prefix="gateway-postgres-")
    server = Server(folder)
    try:
        await server.make()
        yield server
    finally:
        await server.end()
        await asyncio.to_thread(shutil.rmtree, folder)
