"""The store's methods as transactions over tables: the same for every driver, so that drivers cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from gateway.core import record
from gateway.core.delivery import Delivery, Lease, State
from gateway.core.errors import StoreFull
from gateway.core.files import taken_apart
from gateway.core.ids import GATEWAY, DeliveryId, DossierId, FileId, KeyId, MessageId, NodeId, SystemId
from gateway.core.message import Actor, Blob, Draft, Message, PendingFile
from gateway.core.planning import Planner
from gateway.core.pressure import Urgency
from gateway.core.reason import Reason
from gateway.ports.feed import FeedPage
from gateway.ports.keys import KeyRecord, TooManyKeys
from gateway.ports.store import (
    Accepted,
    AttemptView,
    Bookmark,
    DeliveryView,
    DossierView,
    Settled,
    Settlement,
    Slots,
    SystemCounts,
    Timeline,
)
from gateway.ports.uses import Use
from gateway.stores import acceptance, awaiting, evidence, feed, lanes, leasing, loading, order
from gateway.stores.acts import ActStore
from gateway.stores.adoptions import AdoptionStore
from gateway.stores.attention import AttentionStore
from gateway.stores.decisions import DecisionStore
from gateway.stores.evidence import EvidenceStore
from gateway.stores.proposals import ProposalStore
from gateway.stores.queries import QueryStore
from gateway.stores.reconciliations import ReconciliationStore
from gateway.stores.replays import ReplayStore
from gateway.stores.restoring import RestoringStore
from gateway.stores.retention import RetentionStore
from gateway.stores.rounds import RoundStore
from gateway.stores.rows import DeliveryRow, OneUse, Stored, Upload
from gateway.stores.serving import ServingStore
from gateway.stores.settlement import settle
from gateway.stores.tables import Transaction
from gateway.stores.weather import WeatherStore

#: Called on the event loop's thread with the systems that have something new to send or to read.
Notify = Callable[[frozenset[SystemId]], None]

_LIVE_KEYS = 2
_DOSSIERS = 50
_READ_AT_ONCE = 100  #: of a feed, acknowledged in one transaction: each may be news for its source


class TransactionalStore(
    ActStore,
    AdoptionStore,
    AttentionStore,
    DecisionStore,
    EvidenceStore,
    ServingStore,
    ProposalStore,
    QueryStore,
    ReconciliationStore,
    ReplayStore,
    RestoringStore,
    RetentionStore,
    RoundStore,
    WeatherStore,
):
    """Every method of ``ports.store.Store``; a driver says how a transaction is run."""

    # --- Inbox

    async def accept(
        self,
        drafts: Sequence[Draft],
        *,
        plan: Planner,
        bookmark: Bookmark | None = None,
        slots: Slots | None = None,
    ) -> Accepted:
        def work(tx: Transaction) -> Accepted:
            if self._is_full(Urgency.BACK):
                raise StoreFull("the disk's reserve is reached: nothing new is accepted until space is freed")
            return acceptance.accept(tx, drafts, plan, bookmark, slots)

        return await self._write(work, about=drafts)

    async def bookmark(self, system: SystemId, stream: str) -> str:
        return await self._read(lambda tx: tx.registers.bookmark(system, stream))

    async def attach(self, message: MessageId, file: FileId, blob: Blob) -> None:
        await self._write(lambda tx: awaiting.attach(tx, message, file, blob))

    async def miss(
        self, message: MessageId, file: FileId, reason: Reason, *, again_in: timedelta, plan: Planner
    ) -> None:
        await self._write(lambda tx: awaiting.miss(tx, message, file, reason, again_in, plan))

    async def fetches(self, *, limit: int) -> Sequence[tuple[MessageId, PendingFile]]:
        return await self._write(lambda tx: tx.messages.fetches(limit, tx.now))

    async def use(self, scope: str, key: str, *, content: str = "", keep_for: timedelta) -> Use:
        return await self._write(lambda tx: _use(tx, OneUse(scope, key, content, tx.now + keep_for)))

    # --- Files

    async def register(self, file: FileId, blob: Blob, *, owner: SystemId) -> None:
        def work(tx: Transaction) -> None:
            tx.uploads.add(Upload(blob=replace(blob, file_id=file), owner=owner, created_at=tx.now))

        await self._write(work)

    async def file(self, file: FileId, *, caller: SystemId | None) -> Blob | None:
        def work(tx: Transaction) -> Blob | None:
            upload = tx.uploads.get(file)
            if upload is not None and caller in {None, upload.owner}:
                return upload.blob
            return _attached(tx, file, caller)

        return await self._read(work)

    async def is_kept(self, keys: Collection[str]) -> Collection[str]:
        return await self._read(lambda tx: tx.uploads.kept(keys))

    async def forget_uploads(self, *, older_than: timedelta) -> int:
        return await self._write(lambda tx: tx.uploads.forget(tx.now - older_than))

    # --- Outbox

    async def claim(self, slots: Slots) -> Sequence[Delivery]:
        def work(tx: Transaction) -> Sequence[Delivery]:
            if self._is_full(Urgency.CLAIM):
                raise StoreFull("the disk's reserve is for settlements: nothing is sent until space is freed")
            return leasing.claim(tx, slots)

        return await self._write(work)

    async def begin(self, lease: Lease) -> bool:
        return await self._write(lambda tx: leasing.begin(tx, lease), of=(lease.delivery_id,))

    async def settle(self, settlement: Settlement, *, plan: Planner) -> Settled:
        return await self._write(lambda tx: settle(tx, settlement, plan), of=(settlement.lease.delivery_id,))

    async def renew(self, leases: Collection[Lease], *, lease_for: timedelta) -> Collection[Lease]:
        return await self._write(lambda tx: leasing.renew(tx, leases, lease_for), of=_deliveries(leases))

    async def release(self, leases: Collection[Lease]) -> None:
        await self._write(lambda tx: leasing.release(tx, leases), of=_deliveries(leases))

    async def reclaim(self, slots: Slots, *, limit: int) -> Sequence[Delivery]:
        return await self._write(lambda tx: leasing.reclaim(tx, slots, limit))

    async def next_due(self) -> timedelta | None:
        def work(tx: Transaction) -> timedelta | None:
            due = tx.deliveries.next_due()
            return None if due is None else max(due - tx.now, timedelta(0))

        return await self._read(work)

    async def repair(self) -> int:
        if not await self._read(lambda tx: tx.deliveries.headless()):
            return 0  # looking takes a second where a million wait: nobody who writes waits for it
        return await self._write(lambda tx: sum(lanes.promote(tx, *lane) for lane in tx.deliveries.headless()))

    # --- Feed

    async def read(
        self, system: SystemId, after: str, *, limit: int, readable: Callable[[Message], bool] = lambda _: True
    ) -> FeedPage:
        while True:
            page, damaged = await self._read(lambda tx: feed.read(tx, system, after, limit, readable))
            if not damaged:
                return page
            await self._write(partial(feed.set_aside, damaged=damaged))

    async def acknowledge(self, system: SystemId, cursor: str, *, plan: Planner) -> int:
        count, some = 0, _READ_AT_ONCE
        while some == _READ_AT_ONCE:  # whoever else writes has a turn between them
            some = await self._write(lambda tx: feed.acknowledge(tx, system, cursor, plan, _READ_AT_ONCE))
            count += some
        return count

    # --- Keys

    async def add(self, key: KeyRecord, *, actor: Actor) -> None:
        await self._write(lambda tx: _add_key(tx, key, actor))

    async def revoke(self, key: KeyId, *, actor: Actor) -> bool:
        def work(tx: Transaction) -> bool:
            ended = tx.registers.end_key(key, tx.now, actor)
            if ended:
                evidence.keep(tx, record.key_revoked(key, actor))
            return ended

        return await self._write(work)

    async def holder(self, digest: str) -> KeyRecord | None:
        return await self._read(lambda tx: tx.registers.live_key(digest))

    async def all(self) -> Sequence[KeyRecord]:
        return await self._read(lambda tx: tx.registers.list_keys())

    # --- Nodes

    async def join(self, node: NodeId, *, config: str, after: NodeId | None = None) -> None:
        def work(tx: Transaction) -> None:
            if after is not None:
                tx.registers.end_node(after, tx.now)
            tx.registers.fence_all(tx.now)
            tx.registers.add_node(node, config, tx.now)
            evidence.begun(tx, node, config)
            tx.wake.add(GATEWAY)

        await self._write(work)

    async def leave(self, node: NodeId) -> None:
        def work(tx: Transaction) -> None:
            tx.registers.end_node(node, tx.now)
            evidence.keep(tx, record.ended(node))
            tx.wake.add(GATEWAY)

        await self._write(work)

    # --- Ledger

    async def dossiers(self, value: str, *, scheme: str | None = None) -> Sequence[DossierView]:
        def work(tx: Transaction) -> Sequence[DossierView]:
            views = (loading.dossier_view(tx, found) for found in tx.dossiers.named(value, scheme, _DOSSIERS))
            return tuple(view for view in views if view is not None)

        return await self._read(work)

    async def dossier(self, dossier: DossierId) -> DossierView | None:
        return await self._read(lambda tx: loading.dossier_view(tx, dossier))

    async def timeline(self, dossier: DossierId) -> Timeline:
        return await self._read(lambda tx: _timeline(tx, dossier))

    async def delivery(self, delivery: DeliveryId) -> tuple[DeliveryView, Sequence[AttemptView]] | None:
        def work(tx: Transaction) -> tuple[DeliveryView, Sequence[AttemptView]] | None:
            row = tx.deliveries.get(delivery)
            if row is None:
                return None
            return _placed(row, loading.message(tx, row), tx.deliveries.of_dossier(row.dossier_id)), _attempts(tx, row)

        return await self._read(work)

    async def find(
        self,
        *,
        state: State | None = None,
        destination: SystemId | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryView]:
        def work(tx: Transaction) -> Sequence[DeliveryView]:
            return _named(tx, tx.deliveries.find(state, destination, limit))

        return await self._read(work)

    async def whole(self, deliveries: Collection[DeliveryId]) -> Sequence[Delivery]:
        def work(tx: Transaction) -> Sequence[Delivery]:
            rows = (tx.deliveries.get(delivery) for delivery in deliveries)
            return loading.deliveries(tx, [row for row in rows if row is not None])

        return await self._read(work)

    async def counts(self) -> Sequence[SystemCounts]:
        return await self._read(lambda tx: tx.deliveries.counts())

    async def backlogs(self) -> Mapping[SystemId, int]:
        return await self._read(lambda tx: tx.deliveries.backlogs())

    async def message(self, message: MessageId) -> Message | None:
        def work(tx: Transaction) -> Message | None:
            stored = tx.messages.get(message)
            return stored.message() if stored else None

        return await self._read(work)


def _deliveries(leases: Collection[Lease]) -> tuple[DeliveryId, ...]:
    return tuple(lease.delivery_id for lease in leases)


def _attached(tx: Transaction, file: FileId, caller: SystemId | None) -> Blob | None:
    """Return a message's file under the id that was asked for: as it is kept, or as others know a fetched one."""
    found = tx.uploads.attached(file, caller)
    if found is None and (made_of := taken_apart(file)):
        base, digest = made_of
        found = tx.uploads.attached(base, caller, digest)
    return replace(found, file_id=file) if found else None


def _use(tx: Transaction, item: OneUse) -> Use:
    before = tx.registers.use(item, tx.now)
    if before is None:
        return Use.FIRST
    return Use.AGAIN if before == item.content else Use.OTHER


def _add_key(tx: Transaction, key: KeyRecord, actor: Actor) -> None:
    """Keep a key unless its holder has two live ones."""
    live = [k for k in tx.registers.list_keys() if k.revoked_at is None and (k.role, k.name) == (key.role, key.name)]
    if len(live) >= _LIVE_KEYS:
        raise TooManyKeys(f"{key.name} has two live keys already: revoke one first")
    tx.registers.add_key(replace(key, created_at=key.created_at or tx.now, revoked_at=None), actor)
    evidence.keep(tx, record.key_added(key.id, key.role, key.name, actor))


def _timeline(tx: Transaction, dossier: DossierId) -> Timeline:
    messages = tx.messages.of_dossier(dossier)
    rows = [(row, stored) for stored in messages for row in tx.deliveries.of_message(stored.id)]
    lanes_of = {one: tx.deliveries.of_dossier(one) for one in {row.dossier_id for row, _ in rows}}
    attempts = sorted((view for row, _ in rows for view in _attempts(tx, row)), key=lambda view: view.at)
    return Timeline(
        messages=tuple(stored.message() for stored in messages),
        deliveries=tuple(_placed(row, stored, lanes_of[row.dossier_id]) for row, stored in rows),
        attempts=tuple(attempts),
        acts=tuple(tx.acts.of_dossier(dossier)),
    )


def _named(tx: Transaction, rows: Sequence[DeliveryRow]) -> tuple[DeliveryView, ...]:
    """Return each with its dossier's first code, or the one that its message gave: people do not know our ids."""
    stored = loading.messages(tx, rows)
    tx.dossiers.learn(one.dossier_id for one in stored)
    codes = (tx.dossiers.codes(one.dossier_id) or one.draft.codes for one in stored)
    return tuple(
        replace(row.view(one), code=next((code.value for code in known), ""))
        for row, one, known in zip(rows, stored, codes, strict=True)
    )


def _placed(row: DeliveryRow, stored: Stored, others: Sequence[DeliveryRow]) -> DeliveryView:
    """Return it with what it passed in its lane, and what passed it, of the ``others`` of its dossier."""
    lane = [other for other in others if other.destination == row.destination]
    return replace(row.view(stored), skips=order.skips(row, lane), out_of_order=order.is_out_of_order(row, lane))


def _attempts(tx: Transaction, row: DeliveryRow) -> tuple[AttemptView, ...]:
    return tuple(attempt.view(number) for number, attempt in enumerate(tx.deliveries.attempts(row.id), start=1))
