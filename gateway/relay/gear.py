"""What every part of the relay is given: the ports it uses and the values it runs by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gateway.core.planning import Planner
from gateway.ports.attention import Attention
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.ports.fetch import Fetches
from gateway.ports.ids import Ids
from gateway.ports.metrics import Metrics
from gateway.ports.reconciliations import Reconciles
from gateway.ports.replays import Advances
from gateway.ports.rounds import Rounds
from gateway.ports.store import Files, Inbox, Nodes, Outbox
from gateway.ports.wakeups import Wakeups
from gateway.ports.ways import Ways
from gateway.ports.weather import Weather
from gateway.relay.link import RelayConfig


class RelayStore(Inbox, Files, Outbox, Nodes, Ways, Weather, Advances, Reconciles, Rounds, Attention, Protocol):
    """The parts of a store that the relay uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """Built once by the composition root."""

    config: RelayConfig
    store: RelayStore
    blobs: Blobs
    fetches: Fetches
    plan: Planner
    clock: Clock
    ids: Ids
    metrics: Metrics
    wakeups: Wakeups
