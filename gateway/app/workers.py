"""Several gateways on one machine behind one port: one process starts them, and starts again which ends by itself."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from structlog.typing import FilteringBoundLogger
from tenacity import retry, retry_if_exception, stop_after_delay, wait_fixed

from gateway.app.layout import Layout, write_private
from gateway.app.machine import Machine
from gateway.app.run import call_off, longest_end
from gateway.app.secrets import LocalSecrets
from gateway.app.stores import open_store, tell
from gateway.app.versions import Versions
from gateway.config.settings import Configuration, Server
from gateway.core.errors import ConfigError, Problem
from gateway.observability.logs import set_up
from gateway.stores.lock import held

_log: FilteringBoundLogger = structlog.get_logger()

_COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()", "serve")
_LOOK = 0.05  #: seconds between two looks at whether a worker serves
_START_WITHIN = 60.0  #: seconds
_REST = 1.0  #: seconds before a worker that ended is started again; twice as many each time it does not even begin
_LONGEST_REST = 64.0  #: seconds
_PATIENCE = 3.0  #: seconds for the workers of one that was killed to let go of the port
_FAILED = 1
_GRACE = 5.0  #: seconds beyond those after which a worker that does not come to its orderly end ends itself


class WorkersFailed(Exception):
    """A worker did not start; it has said why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"a worker ended with status {status}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """How many, and what each is started with beside its folder and the port.

    The first goes by the files as they are; whoever begins later by what is in force then, not by an unfinished edit.
    """

    count: int
    configuration: Configuration
    layout: Layout
    options: Sequence[str]
    _running: set[asyncio.subprocess.Process] = field(
        default_factory=set[asyncio.subprocess.Process], init=False, compare=False
    )

    def check(self) -> None:
        """Raise ConfigError where the store is one process's alone."""
        if not self.configuration.settings.store.postgres:
            text = "the embedded database is one gateway's: it cannot have several workers"
            remedy = "name a PostgreSQL database in store.postgres, or leave --workers at 1"
            raise ConfigError(Problem(file="gateway.toml", key="store.postgres", text=text, remedy=remedy))

    @property
    def patience(self) -> float:
        """Return the seconds that a worker has to end before it is cut off, in the middle of what it sends perhaps."""
        return longest_end(self.configuration.settings.server) + _GRACE

    def run(self, on_serving: Callable[[str], None]) -> int:
        """Serve until SIGTERM or SIGINT; return the exit status. Raises ConfigError, StoreUnavailable and OSError."""
        self.check()
        self.layout.prepare()
        Versions(self.layout.configurations).forget_mark()
        settings = self.configuration.settings
        with (
            held(self.layout.lock),
            closing(set_up(settings.logs, self.layout.logs)) as log,
            closing(_reserved(settings.server)) as place,
            asyncio.Runner() as runner,
        ):
            self.layout.address.unlink(missing_ok=True)  # of one that was killed
            try:
                return runner.run(self._serve(place.getsockname()[1], on_serving))
            except asyncio.CancelledError:
                call_off(log)

    async def _serve(self, port: int, on_serving: Callable[[str], None]) -> int:
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        assert this is not None  # noqa: S101 - for the type checker: this is a coroutine of a task

        def end() -> None:
            """Begin the orderly end; a second signal cuts it short, as at each worker: a terminal's reaches none."""
            for process in self._running if this.cancelling() else ():
                if process.returncode is None:
                    # Another signal than that which `_end` sends, in whatever order they come.
                    process.send_signal(signal.SIGINT)
            this.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        await self._prepare()
        try:
            await self._together(port, on_serving)
        except asyncio.CancelledError:
            return _FAILED if this.cancelling() > 1 else 0
        except BaseExceptionGroup as group:
            if group.split(WorkersFailed)[1] is not None:
                raise
        finally:
            self.layout.address.unlink(missing_ok=True)
        return _FAILED  # the worker has said why

    async def _prepare(self) -> None:
        """Bring the schema up to date, for all workers and for as long as it takes: each has a limit to its start."""
        configuration, secrets = self.configuration, LocalSecrets(Path(self.configuration.directory))
        store = await open_store(configuration.settings.store, self.layout, Machine(), secrets, patience=0)
        tell(store)
        await store.close()

    async def _together(self, port: int, on_serving: Callable[[str], None]) -> None:
        ready = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for number in range(1, self.count + 1):
                group.create_task(self._keep(number, port, ready))
            await ready.wait()
            on_serving(await asyncio.to_thread(self._announce))

    async def _keep(self, number: int, port: int, ready: asyncio.Event) -> None:
        """Keep one worker running. Raises WorkersFailed where the first one does not even begin.

        The others wait for it: read at the same time, files that somebody edits would be another version for each.
        """
        if number > 1:
            await ready.wait()
        rest = _REST
        while True:
            try:
                begun, status = await self._run_one(number, port, ready)
            except OSError as error:  # the machine has no process or no room left for it just now: the others go on
                if not ready.is_set():
                    raise
                begun, status = False, error.errno or _FAILED
            if not ready.is_set():
                raise WorkersFailed(status)
            rest = _REST if begun else min(2 * rest, _LONGEST_REST)
            _log.error("worker_ended", worker=number, status=status, again_in=rest, alert=True)
            await asyncio.sleep(rest)

    async def _run_one(self, number: int, port: int, ready: asyncio.Event) -> tuple[bool, int]:
        """Run a worker to its end; return whether it began to serve, and its exit status."""
        # A terminal signals all of a group: that would be the first signal of two, which cut the orderly end short.
        process = await asyncio.create_subprocess_exec(*_COMMAND, *self._arguments(number, port), process_group=0)
        self._running.add(process)
        try:
            begun = await self._serves(number, process)
            if begun:
                ready.set()
            return begun, await process.wait()
        finally:
            await self._end(process)
            self._running.discard(process)

    def _arguments(self, number: int, port: int) -> list[str]:
        store = self.configuration.settings.store
        folder = "" if store.s3.bucket else self.layout.blobs(store.attachments).absolute()
        self._port_file(number).unlink(missing_ok=True)
        return [
            *self.options,
            *("--data", str(self._folder(number)), "--port", str(port), "--port-file", str(self._port_file(number))),
            *("--set", f"store.attachments={folder}", "--set", "server.reuse_port=true"),
            *("--parent", str(os.getpid()), "--kept", str(self.layout.configurations.absolute())),
        ]

    def _folder(self, number: int) -> Path:
        return self.layout.root / f"worker-{number}"

    def _port_file(self, number: int) -> Path:
        return self.layout.root / f"worker-{number}.port"

    async def _serves(self, number: int, process: asyncio.subprocess.Process) -> bool:
        """Wait until a worker serves; end one that takes too long."""
        try:
            async with asyncio.timeout(_START_WITHIN):
                while not self._is_settled(number, process):  # noqa: ASYNC110 - no event tells of a file
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            _log.error("worker_not_begun", worker=number, seconds=_START_WITHIN, alert=True)
            await self._end(process)
        return process.returncode is None

    def _is_settled(self, number: int, process: asyncio.subprocess.Process) -> bool:
        """Whether a worker serves, or never will."""
        return process.returncode is not None or self._port_file(number).exists()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Let a worker finish what is in flight, and cut it off after that."""
        if process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self.patience):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _announce(self) -> str:
        """Leave address and key where the command line finds them; return the address."""
        serving = next(number for number in range(1, self.count + 1) if self._port_file(number).exists())
        worker = Layout(self._folder(serving))
        url = worker.address.read_text(encoding="ascii").strip()
        write_private(self.layout.operator_key, worker.operator_key.read_text(encoding="ascii"))
        self.layout.announce(url)
        return url


def _is_taken(error: BaseException) -> bool:
    """Whether a port is somebody's, who may let go of it; what else keeps it from us, no waiting mends."""
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE


@retry(retry=retry_if_exception(_is_taken), stop=stop_after_delay(_PATIENCE), wait=wait_fixed(_LOOK), reraise=True)
def _reserved(server: Server) -> socket.socket:
    """Return a socket that holds the port for the workers, and takes no connection.

    Raises OSError where somebody else listens there, workers of another one too, unless ``reuse_port`` says so.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    place = socket.socket(family, socket.SOCK_STREAM)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have ended keep nobody out
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, server.reuse_port)
        place.bind((server.host, server.port))
        # Nor may another one have it in the same way while no worker listens yet.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError:
        place.close()
        raise
    return place
