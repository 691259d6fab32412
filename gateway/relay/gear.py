"""What every part of the relay is given: the ports it uses and the values it runs by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gateway.core.ids import NodeId
from gateway.core.planning import Planner
from gateway.exchange.pipeline import Pipeline
from gateway.ports.acts import Acts
from gateway.ports.attention import Attention
from gateway.ports.blobs import Blobs
from gateway.ports.clock import Clock
from gateway.ports.fetch import Fetches
from gateway.ports.ids import Ids
from gateway.ports.metrics import Metrics
from gateway.ports.nodes import Nodes
from gateway.ports.reconciliations import Reconciles
from gateway.ports.replays import Advances
from gateway.ports.retention import Retention
from gateway.ports.rounds import Rounds
from gateway.ports.store import Files, Inbox, Outbox
from gateway.ports.wakeups import Wakeups
from gateway.ports.ways import Ways
from gateway.ports.weather import Weather
from gateway.relay.link import Link, RelayConfig


class RelayStore(
    Acts, Inbox, Files, Outbox, Nodes, Ways, Weather, Advances, Reconciles, Retention, Rounds, Attention, Protocol
):
    """The parts of a store that the relay uses."""


#: Returns the way to a system as it was in a configuration version; None where that version cannot be had any more.
Past: TypeAlias = Callable[[str, Link], Awaitable[Pipeline | None]]


async def only_the_present(_version: str, link: Link) -> Pipeline:
    """Return the present way, whatever the version."""
    return link.pipeline


@dataclass(slots=True, kw_only=True)
class Gear:
    """Built once by the composition root. Of a new configuration ``config`` and ``plan`` change together, at once.

    So whoever goes on for longer than one step looks here each time, and keeps nothing of it.
    """

    config: RelayConfig  #: in force now
    predecessor: NodeId | None = None  #: whose place this node takes, and whose process is surely gone
    store: RelayStore
    blobs: Blobs
    fetches: Fetches
    plan: Planner  #: in force now
    past: Past = only_the_present
    clock: Clock
    ids: Ids
    metrics: Metrics
    wakeups: Wakeups
