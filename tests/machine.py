"""What this process has taken: memory."""

from pathlib import Path


def resident(*, forget: bool = False) -> int:
    """Return the most memory that this process has had, since it was told to forget, in bytes."""
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
