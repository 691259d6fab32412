"""``serve`` with a fuse in it: composed by the same root, from the same configuration, on the same kind of file.

The first line of its input arms the fuse before anything is opened, further lines while it serves.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

import gateway.cli  # noqa: F401 - the program loads all of it before it serves, and is timed from its first moment
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.run import run
from gateway.config.loader import load
from tests.crash.fuse import Fuse, FusedClient, FusedStore


def main() -> int:
    """Serve until the fuse blows, SIGTERM comes, or whoever started this is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[])
    asked = parser.parse_args()
    fuse = Fuse(asked.log)
    fuse.obey(sys.stdin.readline())
    threading.Thread(target=_listen, args=(fuse,), daemon=True).start()
    configuration = load(asked.config, overrides=dict(item.split("=", 1) for item in asked.set))
    systems = {system.address(): name for name, system in configuration.systems.items() if system.address()}
    machine = Machine(store=partial(FusedStore, fuse=fuse), connect=partial(FusedClient, fuse=fuse, systems=systems))
    return run(configuration, Layout(asked.data), on_serving=lambda _: fuse.note(serving=os.getpid()), machine=machine)


def _listen(fuse: Fuse) -> None:
    for line in sys.stdin:
        fuse.obey(line)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
