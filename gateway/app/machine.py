"""What one process has of its machine: time, chance, wake-ups and counters, and how disk and network are reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.app.clock import SystemClock
from gateway.app.ids import RandomIds
from gateway.app.wakeups import LoopWakeups
from gateway.observability.metrics import MemoryMetrics
from gateway.stores.postgres import PostgresStore
from gateway.stores.sqlite import SqliteStore
from gateway.wire.http import HttpClient, HttpSettings


@dataclass(frozen=True, slots=True)
class Machine:
    """Built once per process."""

    clock: SystemClock = field(default_factory=SystemClock)
    ids: RandomIds = field(default_factory=RandomIds)
    wakeups: LoopWakeups = field(default_factory=LoopWakeups)
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    store: Callable[..., SqliteStore] = SqliteStore  #: makes the store; what it takes, ``SqliteStore`` says
    shared: Callable[..., PostgresStore] = PostgresStore  #: makes the store of several gateways
    connect: Callable[[HttpSettings], HttpClient] = HttpClient  #: makes the connections to one system
