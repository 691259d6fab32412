"""The queues as processes: their store, which syncs each write, their door and their worker."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.database import database, server
from bench.queues.install import NODE_FOLDER, PROGRAMS, PYTHON, REDIS, install_node, install_python, install_redis
from bench.run import Run, await_port
from gateway.testing.ports import free_port
from tools.soap_client import NODE, environment

_CELERY = ("--pool=threads", "--concurrency=16", "--loglevel=WARNING", "--without-gossip", "--without-mingle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One of them, and how it is installed and run; ``running`` yields the port of its door."""

    name: str
    install: Callable[[], None]
    running: Callable[[Run, str], AbstractContextManager[int]]


@contextmanager
def _celery(run: Run, target: str) -> Generator[int]:
    with _redis(run, "celery") as address, _processes(run, {"REDIS": address, "TARGET": target}, PROGRAMS) as started:
        started.run("celery-worker", [str(PYTHON), "-m", "celery", "-A", "celery_glue", "worker", *_CELERY])
        yield started.door("celery-door", [str(PYTHON), "celery_glue.py", "door"])


@contextmanager
def _procrastinate(run: Run, target: str) -> Generator[int]:
    program = [str(PYTHON), "procrastinate_glue.py"]
    with (
        server(run.folder / "procrastinate") as address,
        database(address) as own,
        _processes(run, {"POSTGRES": own, "TARGET": target}, PROGRAMS) as started,
    ):
        if started.run("procrastinate-schema", [*program, "schema"]).wait(60):
            raise RuntimeError(f"procrastinate has not made its tables: see procrastinate-schema.log in {run.folder}")
        started.run("procrastinate-worker", [*program, "worker"])
        yield started.door("procrastinate-door", [*program, "door"])


@contextmanager
def _bullmq(run: Run, target: str) -> Generator[int]:
    glue = shutil.copy(PROGRAMS / "bullmq_glue.mjs", NODE_FOLDER)  # Node looks for modules beside the program
    program = [str(NODE), str(glue)]
    with (
        _redis(run, "bullmq") as address,
        _processes(run, {"REDIS": address, "TARGET": target}, NODE_FOLDER) as started,
    ):
        started.run("bullmq-worker", [*program, "worker"])
        yield started.door("bullmq-door", [*program, "door"])


STACKS = (
    Stack(name="celery", install=install_python, running=_celery),
    Stack(name="procrastinate", install=install_python, running=_procrastinate),
    Stack(name="bullmq", install=install_node, running=_bullmq),
)


@dataclass(frozen=True, slots=True)
class _Started:
    """Processes of one stack; all are ended together."""

    run_: Run
    words: Mapping[str, str]
    folder: Path
    stack: ExitStack

    def run(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process that writes into a file of this name."""
        log = self.stack.enter_context((self.run_.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            command, cwd=self.folder, env={**environment(), **self.words}, stdout=log, stderr=subprocess.STDOUT
        )
        self.stack.callback(_end, process)
        return process

    def door(self, name: str, command: Sequence[str]) -> int:
        """Start a process that serves on the port given last; return the port once it does."""
        port = free_port()
        await_port(port, self.run(name, [*command, str(port)]))
        return port


@contextmanager
def _processes(run: Run, words: Mapping[str, str], folder: Path) -> Generator[_Started]:
    with ExitStack() as stack:
        yield _Started(run, words, folder, stack)


@contextmanager
def _redis(run: Run, name: str) -> Generator[str]:
    """Run a Redis that syncs every write before it answers; yields its address, or raises NotInstalled."""
    install_redis()
    folder, port = run.fresh(f"{name}-redis"), free_port()
    command = [str(REDIS), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    with _processes(run, {}, folder) as started:
        await_port(port, started.run(f"{name}-redis", command))
        yield f"redis://127.0.0.1:{port}"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
