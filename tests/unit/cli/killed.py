"""A command that is killed before each step it takes in the file system, from one process that has loaded everything.

Run as a program: the data folder that each try begins with, the folder of a try, and the command. Prints for each try
its exit status and the step before which it was killed; the folder is left as ``<folder>-<number>``.
"""

import contextlib
import gc
import io
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.cli import main

STEPS = {"os.rename", "os.remove"}


def run(command: Sequence[str]) -> int:
    """Run the command to its end; return the exit status."""
    sys.argv = ["gateway", *command]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


def run_until(number: int, told: int, command: Sequence[str]) -> int:
    """Run the command, and be killed before its step of this number."""
    seen = 0

    def look(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen
        if event in STEPS and not (name := Path(str(args[0])).name).startswith(".gateway.db."):  # drafts of copies
            seen += 1
            if seen == number:
                os.write(told, f"{event.removeprefix('os.')} {name}".encode())
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    return run(command)


def attempt(number: int, command: Sequence[str]) -> tuple[str, int]:
    """Return before which step it was killed, and the exit status (negative: the signal)."""
    read, told = os.pipe()
    child = os.fork()
    if child == 0:
        os._exit(run_until(number, told, command))
    os.close(told)
    _, status = os.waitpid(child, 0)
    with os.fdopen(read, "rb") as step:
        return step.read().decode(), os.waitstatus_to_exitcode(status)


def every(begin: Path, data: Path, command: Sequence[str]) -> None:
    """Kill it before the first step, the second, and so on, until it ends by itself."""
    shutil.copytree(begin, data)
    assert run(command) == 0  # which loads and compiles everything, once for all
    shutil.rmtree(data)
    gc.freeze()
    status, number = -signal.SIGKILL, 0
    while status == -signal.SIGKILL:
        number += 1
        shutil.copytree(begin, data)
        step, status = attempt(number, command)
        data.rename(f"{data}-{number}")
        print(status, step, flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    every(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
