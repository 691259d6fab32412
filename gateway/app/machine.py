"""What one process has of its machine: time, chance, wake-ups and counters."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.app.clock import SystemClock
from gateway.app.ids import RandomIds
from gateway.app.wakeups import LoopWakeups
from gateway.observability.metrics import MemoryMetrics


@dataclass(frozen=True, slots=True)
class Machine:
    """Built once per process."""

    clock: SystemClock = field(default_factory=SystemClock)
    ids: RandomIds = field(default_factory=RandomIds)
    wakeups: LoopWakeups = field(default_factory=LoopWakeups)
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
