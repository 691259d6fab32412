"""Where measurements run: a real disk, and how long it takes to make something durable there."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path


class NotADisk(Exception):
    """The folder is in memory: a measurement there would say nothing about durability."""


def check_disk(folder: Path) -> str:
    """Return the file system's type; raises NotADisk for one that lives in memory."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, found, *_ = line.split()
        if folder.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, found
    if kind in ("tmpfs", "ramfs"):
        raise NotADisk(f"{folder} is on {kind}: say --folder with a folder on a disk")
    return kind


_WRITES = 200  #: of 4 KB


def sync_times(folder: Path) -> list[float]:
    """Return how long each of so many writes of 4 KB took to become durable, in seconds."""
    path = folder / "sync-probe"
    times: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    path.unlink()
    return times


def median_ms(times: list[float]) -> float:
    """Return the median in milliseconds."""
    return statistics.median(times) * 1000
