"""Two gateways over one database, who stands before them, and the wire that each has to the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

from gateway.testing.wire import LOOPBACK, Streams, Wire, through, to_server
from tests.crash.life import systems_at
from tests.crash.node import Node
from tests.crash.server import Server
from tests.crash.town import Town


class Front:
    """Who stands before both: leads each connection to the next one that serves."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._turns = cycle(ports)
        self._count = len(ports)
        self.away: set[int] = set()  #: ports of those that answer nobody
        self.wire = Wire(self._reach)

    async def _reach(self) -> Streams:
        for _ in range(self._count):
            port = next(self._turns)
            if port not in self.away:
                try:
                    return await asyncio.open_connection(LOOPBACK, port)
                except OSError:
                    continue
        raise ConnectionRefusedError("nobody serves")


class Member:
    """One of the two: its process, its port, its wire to the server."""

    def __init__(self, folder: Path, name: str, port: int, town: Town, server: Server) -> None:
        self._folder = folder
        self._town = town
        self._server = server
        self.port = port
        self.wire = Wire(to_server(lambda: server.url))
        self.node = Node(folder, name, self._settings)

    @asynccontextmanager
    async def there(self) -> AsyncGenerator[None]:
        """Lay its wire."""
        async with self.wire.laid():
            address = self._folder / f"{self.node.name}.address"
            address.write_text(through(self.wire, self._server.url), encoding="utf-8")
            yield

    def _settings(self) -> list[str]:
        return [
            f"server.port={self.port}",
            f"server.public_url={self._town.url}",
            f"store.postgres=file:{self._folder / f'{self.node.name}.address'}",
            f"store.attachments={self._folder / 'blobs'}",
            *systems_at(self._town.ports),
        ]
