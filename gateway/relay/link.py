"""One system as the relay sees it, and the values the relay runs by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.attention import Patience
from gateway.core.delivery import Delivery
from gateway.core.doubt import Declarations, Doubt, HoldKinds
from gateway.core.ids import NodeId, SystemId
from gateway.core.policy import RetryPolicy
from gateway.core.reconcile import SAMPLE
from gateway.core.retention import Rule
from gateway.core.routing import Mode, Role
from gateway.core.ways import Way
from gateway.core.window import Window
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.ports.adapter import Lists, Polls, Probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A connected system with everything that calling it needs. Systems served by a feed that never send have none."""

    id: SystemId
    role: Role
    mode: Mode
    pipeline: Pipeline
    policy: Callable[[str], RetryPolicy]  #: by kind; called once per attempt
    declarations: Declarations
    gate: Gate
    timeout: timedelta  #: of one exchange
    probes: Probes | None = None  #: the adapter, where it can be asked whether the system answers
    polls: Polls | None = None  #: the adapter, where it is asked for news
    poll_every: timedelta = timedelta(seconds=60)
    poll_window: Window = field(default_factory=Window)  #: the hours in which it is asked
    lists: Lists | None = None  #: the adapter, where it can say which dossiers the system has
    reconcile_every: timedelta | None = None  #: None: only when somebody asks
    reconcile_sample: int = SAMPLE  #: dossiers of one comparison

    def is_on(self) -> bool:
        """Whether its deliveries are claimed."""
        return self.mode is not Mode.OFF

    def needs_begin(self, kind: str) -> bool:
        """Whether a durable ``begin`` must precede the first byte: doubt would need a person."""
        return self.declarations.of(kind).doubt is Doubt.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayConfig:
    """One configuration version's values for one node."""

    node: NodeId
    version: str  #: configuration version, kept with each attempt
    links: Mapping[SystemId, Link]
    shadow_routes: frozenset[str] = frozenset()  #: what goes by them is rehearsed
    ways: Mapping[SystemId, Way] = field(default_factory=dict[SystemId, Way])  #: of all systems, those of a feed too
    lease: timedelta = timedelta(seconds=60)
    batch: int = 64  #: deliveries of one system claimed at once
    patience: Patience | None = None  #: None: nobody looks for what needs a person
    look_every: timedelta = timedelta(seconds=30)
    retention: Rule | None = None  #: None: nothing is erased by age
    idle: timedelta = timedelta(seconds=1)  #: the longest time between two looks at the store
    grace: timedelta = timedelta(seconds=10)  #: how long what is in flight may take to finish at the end

    def hold_kinds(self) -> Mapping[SystemId, HoldKinds]:
        """Return the kinds that each system declares HOLD or not at all; in shadow, where nothing leaves, all."""
        return {
            system: HoldKinds(declarations=link.declarations, all=link.mode is Mode.SHADOW)
            for system, link in self.links.items()
        }

    def is_rehearsed(self, delivery: Delivery) -> bool:
        """Whether nothing of it may leave: its system or its route is in shadow mode."""
        return self.links[delivery.destination].mode is Mode.SHADOW or delivery.route in self.shadow_routes

    def is_rehearsed_since(self, delivery: Delivery) -> bool:
        """Whether nothing of it may have left: it was claimed by this very version, which rehearses it."""
        claimed = delivery.pinned == self.version and delivery.in_doubt_since is None
        return claimed and self.is_rehearsed(delivery)

    @property
    def margin(self) -> float:
        """Seconds between the end of an exchange and that of its lease: room for the settlement."""
        return min(self.lease.total_seconds() / 6, 5.0)
