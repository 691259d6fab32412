"""What this machine and this process have: a port that is free, memory that was taken."""

import socket
from pathlib import Path


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def resident(*, forget: bool = False) -> int:
    """Return the most memory that this process has had, since it was told to forget, in bytes."""
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
