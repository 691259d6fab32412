"""The memory store: the same transactions over dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
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
        self._ids = ids
        self._notify = notify
        self._capacity = capacity
        self._journal = Journal()
        self._restores = MemoryRestores(self._journal, ids.token()[:16])
        self._registers = MemoryRegisters(self._journal, silence)
        self._boots = MemoryBoots(self._journal)
        self._acts = MemoryActs(self._journal)
        self._evidence = MemoryEvidence(self._journal)
        self._proposals = MemoryProposals(self._journal)
        self._weather = MemoryWeather(self._journal, self._registers.is_over)
        self._replays = MemoryReplays(self._journal)
        self._reconciliations = MemoryReconciliations(self._journal)
        self._chains = MemoryChains(self._journal)
        self._queries = MemoryQueries(self._journal)
        self._dossiers = MemoryDossiers(self._journal)
        self._messages = MemoryMessages(self._journal)
        self._deliveries = self.deliveries(self._journal, self._registers.is_over, self._dossiers.procedure)
        self._rounds = MemoryRounds(self._journal, self._deliveries, self._dossiers)
        self._attention = MemoryAttention(self._journal, self._deliveries, self._messages)
        self._uploads = MemoryUploads(self._journal, self._dossiers, self._messages, self._deliveries)
        self._retention = MemoryRetention(self._journal, self._tables())

    def _tables(self) -> Tables:
        return Tables(
            acts=self._acts,
            attention=self._attention,
            chains=self._chains,
            deliveries=self._deliveries,
            dossiers=self._dossiers,
            messages=self._messages,
            proposals=self._proposals,
            replays=self._replays,
            rounds=self._rounds,
            uploads=self._uploads,
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
        return Transaction(
            now=now,
            boot=boot,
            ids=self._ids,
            dossiers=self._dossiers,
            messages=self._messages,
            deliveries=self._deliveries,
            uploads=self._uploads,
            registers=self._registers,
            boots=self._boots,
            acts=self._acts,
            evidence=self._evidence,
            proposals=self._proposals,
            weather=self._weather,
            replays=self._replays,
            attention=self._attention,
            reconciliations=self._reconciliations,
            chains=self._chains,
            rounds=self._rounds,
            queries=self._queries,
            retention=self._retention,
            restores=self._restores,
            nested=self._journal.nested,
        )

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
