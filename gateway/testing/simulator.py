"""What the simulators of partners share: a journal outside the gateway, a server on loopback, a patient caller."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, web

LOOPBACK = "127.0.0.1"
#: A dossier whose number in the day ends so is asked for a paper, or a fee, or its first reply is lost; others play one
#: of twenty parts.
ASKS_PAPER, ASKS_FEE, LOSES_REPLY = 9005, 9006, 9504
_NUMBER = re.compile(r"(\d+)$")


class Journal:
    """One line of JSON per thing seen or done: what the demo counts, kept outside the gateway."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")

    def write(self, what: str, **facts: object) -> dict[str, object]:
        """Append one line, hand it to the operating system, and return it."""
        line = {"what": what, "at": time.time(), **facts}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        return line

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a simulator lives and whom it calls."""

    port: int
    journal: Path
    gateway: str  #: the gateway's address
    key: str  #: this system's API key at the gateway
    seed: int

    @classmethod
    def parser(cls, description: str) -> argparse.ArgumentParser:
        """Return a parser with the arguments that every simulator takes."""
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--journal", type=Path, required=True)
        parser.add_argument("--gateway", required=True)
        parser.add_argument("--key", required=True)
        parser.add_argument("--seed", type=int, default=1)
        return parser

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Place:
        """Return the place that the arguments name."""
        return cls(
            port=arguments.port,
            journal=arguments.journal,
            gateway=arguments.gateway.rstrip("/"),
            key=arguments.key,
            seed=arguments.seed,
        )


async def serve(app: web.Application, port: int, *, down_for: float = 0) -> None:
    """Serve on loopback until SIGTERM; for the first ``down_for`` seconds connections are refused."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((LOOPBACK, port))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await asyncio.sleep(down_for)
        await web.SockSite(runner, bound).start()
        await stop.wait()
    finally:
        await runner.cleanup()
        bound.close()


class Caller:
    """Calls the gateway as a careful partner does: the same bytes again until it is answered."""

    def __init__(self, place: Place, session: ClientSession) -> None:
        self._place = place
        self._session = session

    async def call(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> tuple[int, bytes]:
        """Return status and body of the first answer that is final; tries for as long as it takes."""
        while True:
            try:
                async with self._session.request(
                    method,
                    self._place.gateway + path,
                    data=BytesIO(body) if body else None,  # aiohttp warns of large bytes
                    headers={"Authorization": f"Bearer {self._place.key}", **headers},
                    timeout=ClientTimeout(total=30),
                ) as reply:
                    answer = await reply.read()
                    if not is_passing(reply.status) and "Retry-After" not in reply.headers:
                        return reply.status, answer
            except (ClientError, OSError, TimeoutError):
                pass  # the gateway may be down: that is what this is for
            await asyncio.sleep(0.2)


def part_of(code: str) -> int:
    """Return which part a dossier plays, by the number at its code's end: a magic one, else one of twenty.

    A step of a chain plays that of the dossier that it follows.
    """
    found = _NUMBER.search(code.partition("/")[0])
    number = int(found[1]) if found else 0
    return number % 10_000 if number % 10_000 in (ASKS_PAPER, ASKS_FEE, LOSES_REPLY) else number % 20


def is_passing(status: int) -> bool:
    """Whether an answer only says «not now»."""
    return status == 429 or status >= 500  # noqa: PLR2004 - HTTP's own numbers
