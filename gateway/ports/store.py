"""What the inside needs from a store, cut by its user: Inbox, Files, Outbox, Ledger, and those beside it.

Each method is one transaction, durable on return, unless it says otherwise; a store never decides. No caller passes
the time: due times and leases are computed from waits on the store's own clock. Every method raises StoreUnavailable
when the transaction failed or its result is unknown; nothing is presumed then, and repeating is safe. Every method that
writes raises StoreFull where the disk has no room left; those that name it do so already where its reserve is reached.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.core.acts import Act
from gateway.core.deadline import Term
from gateway.core.delivery import Attempt, Delivery, Lease, State, Step, Transition
from gateway.core.hot_value import hot_value
from gateway.core.ids import DeliveryId, DossierId, FileId, MessageId, NodeId, SystemId
from gateway.core.message import (
    Blob,
    Code,
    Draft,
    ItemResult,
    Message,
    Missed,
    PendingFile,
    SourceStatus,
)
from gateway.core.planning import Planner
from gateway.core.reason import Reason
from gateway.core.retention import Erased
from gateway.ports.acts import Acts
from gateway.ports.adoptions import Adoptions
from gateway.ports.attention import Attention
from gateway.ports.decisions import Decisions
from gateway.ports.evidence import Evidence
from gateway.ports.feed import Feed
from gateway.ports.keys import Keys
from gateway.ports.nodes import Nodes
from gateway.ports.proposals import Proposals
from gateway.ports.queries import Inquiries
from gateway.ports.reconciliations import Reconciliations
from gateway.ports.replays import Advances, Replays
from gateway.ports.restoring import Restores
from gateway.ports.retention import Retention
from gateway.ports.rounds import Rounds
from gateway.ports.uses import Uses
from gateway.ports.ways import Ways
from gateway.ports.weather import Weather


@hot_value
class Slots:
    """How many deliveries per destination this node can take now (limits, breakers, windows already applied)."""

    node: NodeId
    config: str  #: configuration version, pinned to a delivery at its claim, unless it is in doubt since an earlier one
    lease_for: timedelta
    free: Mapping[SystemId, int]
    again: Mapping[SystemId, int] = field(default_factory=dict[SystemId, int])  #: so many for retries; else all
    hold_kinds: Mapping[SystemId, Container[str]] = field(default_factory=dict[SystemId, Container[str]])
    shadow_routes: Container[str] = frozenset[str]()  #: what goes by them is rehearsed: its claim is no beginning
    shadow_systems: Container[SystemId] = frozenset[SystemId]()  #: what goes to them is, whatever its route
    #: Systems of which what waits for its first try goes before what waits for another.
    fresh_first: Collection[SystemId] = frozenset()
    asked_at: float = 0.0  #: monotonic seconds of this node: a lease is surely its own for ``lease_for`` from then


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """How far a stream of a polled system has been read; moved by compare-and-set with the accept."""

    system: SystemId
    stream: str
    cursor: str
    previous: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One result per item, in order: a duplicate never suppresses its neighbours."""

    results: tuple[ItemResult, ...]
    leased: tuple[Delivery, ...] = ()  #: heads of empty lanes, already leased to this node


class BookmarkMoved(Exception):
    """Another poller moved the bookmark first: nothing was accepted."""


class Inbox(Protocol):
    """What doors and pollers use."""

    async def accept(
        self,
        drafts: Sequence[Draft],
        *,
        plan: Planner,
        bookmark: Bookmark | None = None,
        slots: Slots | None = None,
    ) -> Accepted:
        """Accept each draft by its plan; a code that a draft binds also matches what was parked for it.

        With ``slots``, a new delivery that heads an empty lane of a system without backlog is returned already leased.
        Raises BookmarkMoved, StoreFull.
        """
        ...

    async def bookmark(self, system: SystemId, stream: str) -> str:
        """Return the cursor, empty at first."""
        ...

    async def attach(self, message: MessageId, file: FileId, blob: Blob) -> None:
        """Add a fetched file; the delivery that waits for the last one goes on."""
        ...

    async def miss(
        self, message: MessageId, file: FileId, reason: Reason, *, again_in: timedelta, plan: Planner
    ) -> None:
        """Keep why a file could not be had, which is asked for again after so long, and tell its message's source.

        It is told once, and once more where a reason that lasts (``core.files``) follows one that need not.
        """
        ...

    async def fetches(self, *, limit: int) -> Sequence[tuple[MessageId, PendingFile]]:
        """Return files that are still to be fetched, those not tried for longest first, and mark them as tried."""
        ...


class Files(Protocol):
    """Uploads and who may refer to them."""

    async def register(self, file: FileId, blob: Blob, *, owner: SystemId) -> None:
        """Make an upload known under its id (kept 7 days unless a message refers to it)."""
        ...

    async def file(self, file: FileId, *, caller: SystemId | None) -> Blob | None:
        """Return a file that the caller uploaded or was sent; None caller (an operator) sees all."""
        ...

    async def is_kept(self, keys: Collection[str]) -> Collection[str]:
        """Return those blob keys that an upload or a message still refers to."""
        ...

    async def forget_uploads(self, *, older_than: timedelta) -> int:
        """Forget uploads that nobody referred to in this time; return how many."""
        ...


class Settled(StrEnum):
    """What became of a settlement."""

    DONE = "done"
    AGAIN = "again"  #: the same settlement repeated: harmless
    LATE = "late"  #: the lease was lost: kept as evidence; a late Delivered resolves doubt


@hot_value
class Settlement:
    """One attempt's end: the transition, its evidence, and what follows from it, in one transaction."""

    lease: Lease
    transition: Transition
    attempt: Attempt | None  #: None where nothing was attempted (an expiry found before sending)
    then: tuple[Draft, ...] = ()  #: replies of the partner, news of the gateway


class Outbox(Protocol):
    """What the relay uses."""

    async def claim(self, slots: Slots) -> Sequence[Delivery]:
        """Lease due heads of lanes, most urgent first.

        Retries take at most a quarter of a system's slots while fresh deliveries wait, or one of few; a probe is a
        fresh one, where there is one: what was retried before may be the only one that fails. The claim itself counts
        as begun, but for ``slots.hold_kinds`` and ``slots.shadow_routes``, and for what may kill its workers
        (``core.poison``). What cannot be read is held for a person instead. Raises StoreFull.
        """
        ...

    async def begin(self, lease: Lease) -> bool:
        """Record that the first byte is about to leave; False where the lease is lost."""
        ...

    async def settle(self, settlement: Settlement, *, plan: Planner) -> Settled:
        """End an attempt: move, count, bind codes, promote what waited for this one, accept what follows.

        What cannot be accepted of ``then`` is kept as a HELD message: nothing derived from a reply may fail
        the settlement.
        """
        ...

    async def renew(self, leases: Collection[Lease], *, lease_for: timedelta) -> Collection[Lease]:
        """Prolong; return those that are still ours."""
        ...

    async def release(self, leases: Collection[Lease]) -> None:
        """Give back what has surely sent nothing: it is READY again."""
        ...

    async def reclaim(self, slots: Slots, *, limit: int) -> Sequence[Delivery]:
        """Take over leases that lapsed or whose node is fenced.

        What had not begun is READY again; what had is leased to this node, counted as a reclaim and returned,
        to be settled as Ambiguous.
        """
        ...

    async def expire(self, *, plan: Planner, limit: int) -> int:
        """End what has passed its expiry before it was sent (DEAD, reason ``expired``); return how many.

        What is leased, in doubt, stopped or read from a feed is left to those who end it.
        """
        ...

    async def next_due(self) -> timedelta | None:
        """Return how long until the first delayed delivery is due; None where none is delayed."""
        ...

    async def repair(self) -> int:
        """Promote lanes that have no head though something waits; return how many (0 unless there is a bug)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedFile:
    """A file named by address that is still to be fetched, as people see it; never its address."""

    id: FileId
    name: str = field(repr=False)
    missed: Missed | None  #: why it could not be had last; None: nobody has come back without it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as people see it."""

    id: DeliveryId
    message_id: MessageId
    dossier_id: DossierId
    kind: str
    source: SystemId
    destination: SystemId
    lane_seq: int
    state: State
    step: Step
    in_doubt_since: datetime | None
    attempts: int
    tries: int
    reason: Reason | None
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    files: tuple[AwaitedFile, ...]  #: still to be fetched before it goes
    blocks: bool
    skips: tuple[DeliveryId, ...] = ()  #: what its lane had passed undelivered (in a timeline, or alone)
    out_of_order: bool = False  #: sent again after later ones of its lane were delivered (in a timeline, or alone)
    code: str = ""  #: the dossier's first code (in a list)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """A recorded attempt."""

    number: int
    at: datetime  #: when it ended, on the store's clock
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """The status that stands of one system: the latest by when it happened, whatever order it came in."""

    system: SystemId
    status: SourceStatus
    occurred_at: datetime | None
    accepted_at: datetime
    message_id: MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedView:
    """A dossier at the other end of a chain."""

    step: str  #: the chained route
    dossier_id: DossierId
    codes: tuple[Code, ...]
    procedure: str
    message_id: MessageId  #: the result that began the follower
    statuses: tuple[StatusView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    """A dossier as people see it."""

    id: DossierId
    source: SystemId
    revision: int
    created_at: datetime
    codes: tuple[Code, ...]
    procedure: str
    agency: str
    term: Term
    document: bytes | None
    participants: frozenset[SystemId]  #: its source and all it was routed to
    statuses: tuple[StatusView, ...]
    follows: RelatedView | None = None  #: the dossier whose result began this one
    followers: tuple[RelatedView, ...] = ()  #: the dossiers that its results have begun
    files: tuple[AwaitedFile, ...] = ()  #: of its last statement, those that something still waits for
    erased: Erased | None = None  #: by age: nothing else than this is left of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything that happened to a dossier, oldest first."""

    messages: tuple[Message, ...]
    deliveries: tuple[DeliveryView, ...]
    attempts: tuple[AttemptView, ...]
    acts: tuple[Act, ...] = ()  #: what people did, for operators only


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCounts:
    """How a system's deliveries stand."""

    system: SystemId
    by_state: Mapping[State, int]
    in_doubt: int
    oldest_open: datetime | None


class Ledger(Protocol):
    """Reads for doors, console and command line."""

    async def dossiers(self, value: str, *, scheme: str | None = None) -> Sequence[DossierView]:
        """Return the dossiers with this code (in any scheme, unless one is named); at most 50."""
        ...

    async def dossier(self, dossier: DossierId) -> DossierView | None:
        """Return one dossier."""
        ...

    async def timeline(self, dossier: DossierId) -> Timeline:
        """Return a dossier's messages, deliveries, attempts and acts."""
        ...

    async def delivery(self, delivery: DeliveryId) -> tuple[DeliveryView, Sequence[AttemptView]] | None:
        """Return one delivery and its attempts."""
        ...

    async def find(
        self,
        *,
        state: State | None = None,
        destination: SystemId | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryView]:
        """Return deliveries by state and destination, the newest first."""
        ...

    async def whole(self, deliveries: Collection[DeliveryId]) -> Sequence[Delivery]:
        """Return these deliveries with everything that sending them would need, as they stand; none is claimed."""
        ...

    async def counts(self) -> Sequence[SystemCounts]:
        """Return the counts of every destination that ever had a delivery."""
        ...

    async def message(self, message: MessageId) -> Message | None:
        """Return one message."""
        ...


class Backlogs(Protocol):
    """How much waits for whom."""

    async def backlogs(self) -> Mapping[SystemId, int]:
        """Return how many deliveries are on their way to each system: not ended, and not stopped with a person."""
        ...


class Store(
    Inbox,
    Files,
    Outbox,
    Feed,
    Keys,
    Nodes,
    Ledger,
    Acts,
    Decisions,
    Evidence,
    Ways,
    Proposals,
    Inquiries,
    Reconciliations,
    Adoptions,
    Replays,
    Advances,
    Restores,
    Retention,
    Rounds,
    Weather,
    Attention,
    Backlogs,
    Uses,
    Protocol,
):
    """All of it, as a driver offers it; users take the part that they need."""
