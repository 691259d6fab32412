"""The memory store: the same transactions over dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import ClassVar, Self, TypeVar

from gateway.core.ids import DeliveryId
from gateway.core.message import Draft
from gateway.core.pressure import Urgency
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.stores.memory.acts import MemoryActs
from gateway.stores.memory.attention import MemoryAttention
from gateway.stores.memory.boots import MemoryBoots
from gateway.stores.memory.chains import MemoryChains
from gateway.stores.memory.deliveries import MemoryDeliveries
from gateway.stores.memory.dossiers import MemoryDossiers
from gateway.stores.memory.evidence import MemoryEvidence
from gateway.stores.memory.journal import Journal
from gateway.stores.memory.messages import MemoryMessages
from gateway.stores.memory.proposals import MemoryProposals
from gateway.stores.memory.queries import MemoryQueries
from gateway.stores.memory.reconciliations import MemoryReconciliations
from gateway.stores.memory.registers import MemoryRegisters
from gateway.stores.memory.replays import MemoryReplays
from gateway.stores.memory.restores import MemoryRestores
from gateway.stores.memory.retention import MemoryRetention, Tables
from gateway.stores.memory.rounds import MemoryRounds
from gateway.stores.memory.uploads import MemoryUploads
from gateway.stores.memory.weather import MemoryWeather
from gateway.stores.set_clock import follow, look
from gateway.stores.store import Notify, TransactionalStore
from gateway.stores.tables import Transaction

T = TypeVar("T")


class MemoryStore(TransactionalStore):
    """``ports.store.Store`` without a disk; ``capacity`` messages fill it."""

    deliveries: ClassVar[type[MemoryDeliveries]] = MemoryDeliveries  #: the table; a test may put a broken one here

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        notify: Notify | None = None,
        capacity: int | None = None,
        silence: timedelta | None = None,
    ) -> None:
        self._clock = clock
        self._notify = notify
        self._capacity = capacity
        journal = self._journal = Journal()
        restores = MemoryRestores(journal, ids.token()[:16])
        registers = self._registers = MemoryRegisters(journal, silence)
        dossiers = MemoryDossiers(journal)
        messages = self._messages = MemoryMessages(journal)
        deliveries = self.deliveries(journal, registers.is_over, dossiers.procedure)
        tables = Tables(
            acts=MemoryActs(journal),
            attention=MemoryAttention(journal, deliveries, messages),
            chains=MemoryChains(journal),
            deliveries=deliveries,
            dossiers=dossiers,
            messages=messages,
            proposals=MemoryProposals(journal),
            replays=MemoryReplays(journal),
            rounds=MemoryRounds(journal, deliveries, dossiers),
            uploads=MemoryUploads(journal, dossiers, messages, deliveries),
        )
        self._bound = partial(
            Transaction,
            ids=ids,
            dossiers=dossiers,
            messages=messages,
            deliveries=deliveries,
            uploads=tables.uploads,
            registers=registers,
            boots=MemoryBoots(journal),
            acts=tables.acts,
            evidence=MemoryEvidence(journal),
            proposals=tables.proposals,
            weather=MemoryWeather(journal, registers.is_over),
            replays=tables.replays,
            attention=tables.attention,
            reconciliations=MemoryReconciliations(journal),
            chains=tables.chains,
            rounds=tables.rounds,
            queries=MemoryQueries(journal),
            retention=MemoryRetention(journal, tables),
            restores=restores,
            nested=journal.nested,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def _transaction(self) -> Transaction:
        now, boot = look(self._clock)
        return self._bound(now=now, boot=boot)

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        del about, of  # everything is at hand
        transaction = self._transaction()
        with self._journal.nested():
            follow(transaction)
            result = work(transaction)
        if self._notify is not None and transaction.wake:
            self._notify(frozenset(transaction.wake))
        return result

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        return work(self._transaction())

    def _is_full(self, urgency: Urgency) -> bool:
        taken = len(self._messages.stored)
        return self._capacity is not None and taken >= self._capacity and urgency < Urgency.CLAIM
