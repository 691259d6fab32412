"""What a driver offers inside one transaction; the transactions themselves are the same for every driver.

Nothing here decides: tables find, add and change rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from gateway.core.boot import Boot
from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, FileId, KeyId, MessageId, NodeId, SystemId
from gateway.core.message import Actor, Blob, Code, Draft, Missed, PendingFile, Seen
from gateway.core.reason import Why
from gateway.core.replay import Selection
from gateway.ports.ids import Ids
from gateway.ports.store import Bookmark, KeyRecord, StatusView, SystemCounts
from gateway.stores.act_tables import ActTable, ProposalTable
from gateway.stores.attention_tables import AttentionTable
from gateway.stores.chain_tables import ChainTable
from gateway.stores.evidence_tables import EvidenceTable
from gateway.stores.query_tables import QueryTable
from gateway.stores.reconciliation_tables import ReconciliationTable
from gateway.stores.replay_tables import ReplayTable
from gateway.stores.restore_tables import RestoreTable
from gateway.stores.retention_tables import RetentionTable
from gateway.stores.round_tables import RoundTable
from gateway.stores.rows import AttemptRow, DeliveryRow, DossierRow, GivenRow, LaneRow, OneUse, Stored, Upload
from gateway.stores.weather_tables import WeatherTable


class Dossiers(Protocol):
    """Dossiers, their codes, revisions, facts and statuses."""

    def begin(self, dossier: DossierId) -> None:
        """Hear that this id is new: nothing is kept under it yet."""
        ...

    def learn(self, dossiers: Iterable[DossierId]) -> None:
        """Hear whose codes, revisions and facts will be asked for: a driver may read them at once."""
        ...

    def owners(self, codes: Iterable[Code]) -> set[DossierId]:
        """Return the dossiers that these codes are bound to."""
        ...

    def named(self, value: str, scheme: str | None, limit: int) -> Sequence[DossierId]:
        """Return the dossiers with this code, oldest first."""
        ...

    def bind(self, dossier: DossierId, code: Code) -> bool:
        """Bind a code; False where it is bound already."""
        ...

    def codes(self, dossier: DossierId) -> tuple[Code, ...]:
        """Return its codes in the order they were bound."""
        ...

    def get(self, dossier: DossierId) -> DossierRow | None:
        """Return one dossier."""
        ...

    def save(self, row: DossierRow) -> None:
        """Add or replace a dossier."""
        ...

    def revise(self, dossier: DossierId, revision: int, message: MessageId) -> None:
        """Record which message states this revision."""
        ...

    def stated_by(self, dossier: DossierId, revision: int) -> tuple[int, MessageId] | None:
        """Return the latest revision up to this one, and the message that states it."""
        ...

    def facts(self, dossier: DossierId, system: SystemId) -> Mapping[str, str]:
        """Return a system's own ids for a dossier."""
        ...

    def add_facts(self, dossier: DossierId, system: SystemId, facts: Mapping[str, str]) -> None:
        """Add a system's own ids, replacing those of the same name."""
        ...

    def due(
        self, limit: int, *, after: tuple[datetime, DossierId] | None, before: datetime | None, paused: bool
    ) -> Sequence[DossierRow]:
        """Return dossiers, no tests, that have a due date and have not ended, by due date and id."""
        ...

    def state_status(self, dossier: DossierId, status: StatusView) -> None:
        """Keep a system's status in place of its earlier one."""
        ...

    def statuses(self, dossier: DossierId) -> Sequence[StatusView]:
        """Return the status that stands of each system."""
        ...


class Messages(Protocol):
    """Messages, what they are recognised by, and the files they wait for."""

    def add(self, stored: Stored) -> None:
        """Keep a message with its files."""
        ...

    def learn(self, messages: Iterable[MessageId]) -> None:
        """Hear which messages will be asked for: a driver may read them at once."""
        ...

    def get(self, message: MessageId) -> Stored | None:
        """Return one message."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[Stored]:
        """Return a dossier's messages in the order accepted."""
        ...

    def rehome(self, stored: Stored) -> None:
        """Move a parked message to the dossier it was about: dossier, revision and small fields are replaced."""
        ...

    def keyed(self, draft: Draft) -> Seen | None:
        """Return the message with the same source, operation and dedup key."""
        ...

    def remember(self, draft: Draft, message: MessageId) -> None:
        """Keep a draft's dedup key."""
        ...

    def last(self, source: SystemId, dossier: DossierId) -> Seen | None:
        """Return the source's last message about a dossier."""
        ...

    def park(self, message: MessageId, codes: Iterable[Code]) -> None:
        """Remember which codes a message waits for."""
        ...

    def unpark(self, message: MessageId) -> None:
        """Forget them."""
        ...

    def is_parked(self, message: MessageId) -> bool:
        """Whether it still waits for a code to be bound."""
        ...

    def parked(self, codes: Iterable[Code]) -> Sequence[MessageId]:
        """Return the messages that wait for one of these codes, in the order accepted."""
        ...

    def attach(self, message: MessageId, file: FileId, blob: Blob) -> bool:
        """Turn a pending file into a stored one; False where none is pending under this id."""
        ...

    def miss(self, message: MessageId, file: FileId, missed: Missed) -> bool:
        """Keep why a pending file could not be had; False where none is pending under this id."""
        ...

    def tell(self, message: MessageId, why: Why) -> None:
        """Keep what a message's source was told of the files that it waits for."""
        ...

    def forgo(self, message: MessageId) -> None:
        """Let no file of a message be pending any more."""
        ...

    def fetches(self, limit: int, now: datetime) -> Sequence[tuple[MessageId, PendingFile]]:
        """Return pending files, those not tried for longest first, and mark them as tried."""
        ...


class Deliveries(Protocol):
    """Deliveries by lane, by destination and by lease."""

    def add(self, row: DeliveryRow) -> None:
        """Keep a new delivery."""
        ...

    def save(self, row: DeliveryRow) -> None:
        """Replace what may change of a delivery."""
        ...

    def get(self, delivery: DeliveryId) -> DeliveryRow | None:
        """Return one delivery."""
        ...

    def of_message(self, message: MessageId) -> Sequence[DeliveryRow]:
        """Return a message's deliveries in the order made."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return the deliveries of a dossier's lanes."""
        ...

    def lanes(self, dossier: DossierId) -> Sequence[LaneRow]:
        """Return what each of a dossier's lanes comes to, without reading all that it holds."""
        ...

    def open_of(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return those of a dossier's deliveries that have not ended, by destination, in the order of their lanes."""
        ...

    def given(self, dossier: DossierId) -> Sequence[GivenRow]:
        """Return what each destination of a dossier was given to go on with, and not cancelled; not who got none."""
        ...

    def lane_end(self, destination: SystemId, dossier: DossierId) -> tuple[int, bool]:
        """Return the last place taken in a lane, and whether anything stands in it."""
        ...

    def standing(self, destination: SystemId, dossier: DossierId) -> Iterable[DeliveryRow]:
        """Yield what stands in a lane, in its order."""
        ...

    def last_standing(self, destination: SystemId, dossier: DossierId, kind: str) -> DeliveryRow | None:
        """Return the last of a kind that stands in a lane, however long the lane is."""
        ...

    def first(self, destination: SystemId, dossier: DossierId) -> DeliveryRow | None:
        """Return the first that stands in a lane."""
        ...

    def is_moving(self, destination: SystemId, dossier: DossierId) -> bool:
        """Whether one of a lane is on the move."""
        ...

    def unnumbered(self, destination: SystemId, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return what stands in a lane and has no number of a feed, in its order."""
        ...

    def wait_for(self, delivery: DeliveryId, message: MessageId, systems: Iterable[SystemId]) -> None:
        """Let a delivery wait until these legs of its message are done."""
        ...

    def waiting_for(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        """Return who waits for this leg."""
        ...

    def waiters(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        """Return and forget who waits for this leg."""
        ...

    def ready(self, destination: SystemId, limit: int, *, retries: bool) -> Sequence[DeliveryRow]:
        """Return claimable deliveries, most urgent first: first tries, or retries."""
        ...

    def has_ready(self, destination: SystemId) -> bool:
        """Whether a claimable delivery waits for a slot."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return delayed deliveries whose time has come."""
        ...

    def next_due(self) -> datetime | None:
        """Return when the first delayed delivery is due."""
        ...

    def lost(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return leased deliveries whose lease lapsed or whose node is over."""
        ...

    def expired(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return what waits to be sent and has passed its expiry, oldest first; not what is in doubt or in a feed."""
        ...

    def unlimit(self, delivery: DeliveryId) -> None:
        """Let a delivery have no expiry any more; what else changes of it must be saved after."""
        ...

    def shift(self, by: timedelta) -> None:
        """Move the moments of what is delayed, leased or in doubt: the clock was set by so much."""
        ...

    def displace(self, delivery: DeliveryId, lane_seq: int, *, kind: str | None = None) -> None:
        """Move a delivery to another place of its lane, so that another one can take its own; let it go as a kind.

        A row of it that was read before is out of date.
        """
        ...

    def doubt_all(self, since: datetime | None, now: datetime) -> int:
        """Doubt whatever is open but the operators' own, since then or since it was made; return how many.

        What is in doubt stays so since when it was; whatever may have been sent had left by now.
        """
        ...

    def doubt_new(self, destination: SystemId, since: datetime, made: datetime, limit: int) -> int:
        """Doubt, and let be looked up, what others made for a system from ``made`` on and is open and not in doubt.

        It may have had the like of it between the two times. Return how many, at most ``limit``.
        """
        ...

    def in_doubt(self, destination: SystemId, limit: int) -> Sequence[DeliveryRow]:
        """Return what is in doubt at a system, oldest first."""
        ...

    def headless(self) -> Sequence[tuple[SystemId, DossierId]]:
        """Return lanes whose first standing delivery waits for nothing."""
        ...

    def astray(self, destination: SystemId, limit: int, *, feed: bool) -> Sequence[DossierId]:
        """Return the dossiers of lanes with open deliveries that are kept for this way, the oldest first."""
        ...

    def turn(self, row: DeliveryRow) -> None:
        """Replace a delivery, and with it the way that it is served."""
        ...

    def next_in_feed(self, destination: SystemId) -> int:
        """Take the next number of a feed."""
        ...

    def end_of_feed(self, destination: SystemId) -> int:
        """Return the last number given in a feed, 0 at first."""
        ...

    def in_feed(
        self, destination: SystemId, after: int, limit: int, *, until: int | None = None
    ) -> Sequence[DeliveryRow]:
        """Return what is in a feed after this number, up to the other or its end, and not final, in order."""
        ...

    def add_attempt(self, row: AttemptRow) -> None:
        """Keep an attempt."""
        ...

    def has_attempt(self, token: str) -> bool:
        """Whether an attempt was recorded under this lease."""
        ...

    def attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        """Return a delivery's attempts in the order recorded."""
        ...

    def find(self, state: State | None, destination: SystemId | None, limit: int) -> Sequence[DeliveryRow]:
        """Return deliveries, the newest first."""
        ...

    def submissions(self, destination: SystemId, limit: int, *, settled: bool) -> Sequence[DeliveryRow]:
        """Return the submissions to a system, all or those that have ended or stopped, the newest first."""
        ...

    def stopped(self, wanted: Selection, limit: int) -> Sequence[DeliveryRow]:
        """Return what is held or dead, in doubt or not, and meets the conditions but the names, oldest first."""
        ...

    def backlogs(self) -> Mapping[SystemId, int]:
        """Return how many deliveries are on their way to each system."""
        ...

    def counts(self) -> Sequence[SystemCounts]:
        """Return how each destination's deliveries stand."""
        ...


class Uploads(Protocol):
    """Uploaded files and who may refer to them."""

    def add(self, upload: Upload) -> None:
        """Keep an upload."""
        ...

    def get(self, file: FileId) -> Upload | None:
        """Return one upload."""
        ...

    def attached(self, file: FileId, caller: SystemId | None) -> Blob | None:
        """Return a file of a message that the caller sent or was sent."""
        ...

    def kept(self, keys: Collection[str]) -> set[str]:
        """Return those blob keys that an upload or a message refers to."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop uploads older than this that no message refers to."""
        ...


class Registers(Protocol):
    """Keys, nodes, bookmarks, replay caches."""

    def bookmark(self, system: SystemId, stream: str) -> str:
        """Return a cursor, empty at first."""
        ...

    def move(self, bookmark: Bookmark) -> None:
        """Set a cursor."""
        ...

    def use(self, use: OneUse, now: datetime) -> str | None:
        """Record what a key is used for; where that was recorded before and has not lapsed, return it instead."""
        ...

    def add_key(self, key: KeyRecord, actor: Actor) -> None:
        """Keep an API key."""
        ...

    def end_key(self, key: KeyId, now: datetime, actor: Actor) -> bool:
        """Revoke a live key; False where there is none."""
        ...

    def list_keys(self) -> Sequence[KeyRecord]:
        """Return all keys, oldest first."""
        ...

    def live_key(self, digest: str) -> KeyRecord | None:
        """Return the live key with this digest."""
        ...

    def fence_all(self, now: datetime) -> None:
        """End every incarnation that has not ended; of several nodes those that are silent while another is not."""
        ...

    def add_node(self, node: NodeId, config: str, now: datetime) -> None:
        """Begin an incarnation, and keep its configuration version."""
        ...

    def living(self, now: datetime) -> Sequence[NodeId]:
        """Return the nodes that nobody holds for dead, the youngest first."""
        ...

    def beat(self, node: NodeId, now: datetime) -> bool:
        """Record a sign of life; False where the node is over or was never there."""
        ...

    def end_node(self, node: NodeId, now: datetime) -> None:
        """End an incarnation."""
        ...

    def last_beat(self) -> datetime | None:
        """Return when any incarnation last gave a sign of life; None where none ever has."""
        ...


class Boots(Protocol):
    """When the machine started, as the last transaction saw it."""

    def last(self) -> Boot | None:
        """Return it; None in a new store."""
        ...

    def keep(self, boot: Boot) -> None:
        """Keep this one instead."""
        ...


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One transaction: its tables, its time, and whom to wake once it is durable."""

    now: datetime
    boot: Boot  #: by the same look at the clock
    ids: Ids
    dossiers: Dossiers
    messages: Messages
    deliveries: Deliveries
    uploads: Uploads
    registers: Registers
    boots: Boots
    acts: ActTable
    evidence: EvidenceTable | None  #: None keeps no evidence, for measurements only
    proposals: ProposalTable
    weather: WeatherTable
    replays: ReplayTable
    attention: AttentionTable
    reconciliations: ReconciliationTable
    chains: ChainTable
    rounds: RoundTable
    queries: QueryTable
    retention: RetentionTable
    restores: RestoreTable
    nested: Callable[[], AbstractContextManager[None]]  #: undoes what is done inside when it raises
    wake: set[SystemId] = field(default_factory=set)
