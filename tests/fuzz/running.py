"""How long inputs are tried, and what none may take: 200 in every run of the tests, `FUZZ_SECONDS` on demand."""

import os
import random
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

TARGETS = 4
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0")) / TARGETS
GROWTH = 200_000_000  #: bytes by which the process may grow, whatever comes
LONGEST = 3.0  #: seconds of processor time for one input
BATCH = 1000 if SECONDS else 200


def try_all(inputs, target):
    """Hand inputs to the target; what it raises fails, with the smallest input that does it. Return what was done.

    The target says whether it took the input: where it takes none, nothing behind the first look was tried.
    """
    floor, count, taken, until = peak(forget=True), 0, 0, time.monotonic() + SECONDS

    def once(found):
        nonlocal count, taken
        if count and SECONDS and time.monotonic() > until:
            return
        count += 1
        began = time.process_time()
        taken += target(found)
        assert time.process_time() - began < LONGEST

    while not count or time.monotonic() < until:
        batch = settings(
            max_examples=BATCH,
            deadline=None,
            derandomize=not SECONDS,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        tried = batch(given(inputs)(once))
        (seed(random.getrandbits(64))(tried) if SECONDS else tried)()
    grown = peak() - floor
    assert grown < GROWTH
    assert taken
    return f"inputs={count} taken={taken} seconds={SECONDS:.0f} grown_mb={grown / 1e6:.0f}"


def peak(*, forget=False):
    """Return the most memory that this process has had since it was told to forget, in bytes; 0 where nobody knows."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
