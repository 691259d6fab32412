"""Processor time of groups of processes, and how much of the machine nobody used."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def with_word(word: str) -> list[int]:
    """Return the processes whose command line has this in it."""
    found = {int(path.parts[2]): path for path in Path("/proc").glob("[0-9]*/cmdline")}
    return [process for process, path in found.items() if word.encode() in _read(path)]


def descended_from(root: int) -> list[int]:
    """Return a process and all that it has started."""
    parents = {int(path.parts[2]): _fields(path) for path in Path("/proc").glob("[0-9]*/stat")}
    found = [root]
    for process in found:
        found += [child for child, fields in parents.items() if fields and int(fields[1]) == process]
    return found


def parent_of(process: int) -> int:
    """Return who started a process."""
    return int(_fields(Path(f"/proc/{process}/stat"))[1])


def seconds(processes: Iterable[int]) -> float:
    """Return the processor time of these processes, and of those that they started and that are over."""
    fields = (_fields(Path(f"/proc/{process}/stat")) for process in processes)
    return sum(sum(map(int, found[11:15])) for found in fields if found) / _TICKS


@dataclass(slots=True)
class Idle:
    """How many processors nobody used since it was made."""

    _since: float
    _idle: float

    @classmethod
    def begin(cls) -> Idle:
        """Look now."""
        return cls(time.monotonic(), _idle_seconds())

    def processors(self) -> float:
        """Return the mean since then."""
        return (_idle_seconds() - self._idle) / (time.monotonic() - self._since)


def _idle_seconds() -> float:
    """Return the idle time of all processors together, waiting for a disk included."""
    _, *times = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()
    return (int(times[3]) + int(times[4])) / _TICKS


def _fields(path: Path) -> list[str]:
    """Return what follows the name in a process's ``stat``: its state, its parent, …; nothing where it is over."""
    return _read(path).rpartition(b") ")[2].decode("ascii").split()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
