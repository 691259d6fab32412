"""``serve`` with a fuse in it: composed by the same root, from the same configuration, on the same kind of file.

The first line of its orders arms the fuse before anything is opened, further lines while it serves.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

import gateway.cli.serve  # noqa: F401 - the program loads this before it serves, and is timed from its first moment
from gateway.app.clock import SystemClock
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.run import run
from gateway.config.loader import load
from tests.crash.fuse import Fuse, FusedClient, FusedSharedStore, FusedStore
from tests.crash.grounds import LOG, PLUGINS, environment


class WrongClock(SystemClock):
    """The machine's clocks, of which the one on the wall is ahead by so much, or behind."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return super().now() + self._ahead


def main(arguments: Sequence[str], orders: TextIO) -> int:
    """Serve until the fuse blows, SIGTERM comes, or whoever started this is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--skew", type=float, default=0, help="seconds that this machine's clock is ahead")
    asked = parser.parse_args(arguments)
    fuse = Fuse(asked.log)
    fuse.obey(orders.readline())
    threading.Thread(target=_listen, args=(fuse, orders), daemon=True).start()
    configuration = load(asked.config, overrides=dict(item.split("=", 1) for item in asked.set))
    systems = {system.address(): name for name, system in configuration.systems.items() if system.address()}
    machine = Machine(
        clock=WrongClock(timedelta(seconds=asked.skew)),
        store=partial(FusedStore, fuse=fuse),
        shared=partial(FusedSharedStore, fuse=fuse),
        connect=partial(FusedClient, fuse=fuse, systems=systems),
    )
    return run(configuration, Layout(asked.data), on_serving=lambda _: fuse.note(serving=os.getpid()), machine=machine)


def forked(folder: Path, arguments: Sequence[str], orders: Connection) -> None:
    """Do the same in a process that was forked from this loaded program."""
    os.chdir(folder)
    output = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.environ.update(environment())
    sys.path.append(str(PLUGINS))
    sys.exit(main(arguments, os.fdopen(orders.fileno(), closefd=False)))


def _listen(fuse: Fuse, orders: TextIO) -> None:
    for line in orders:
        fuse.obey(line)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin))
