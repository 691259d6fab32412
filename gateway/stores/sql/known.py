"""What a connection's tables know without asking, and when they must forget it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from gateway.core.ids import DeliveryId
from gateway.core.message import Draft
from gateway.stores.evidence_tables import EvidenceTable
from gateway.stores.sql.access import Access
from gateway.stores.sql.attention import SqlAttention
from gateway.stores.sql.boots import SqlBoots
from gateway.stores.sql.deliveries import SqlDeliveries
from gateway.stores.sql.dossiers import SqlDossiers
from gateway.stores.sql.messages import SqlMessages
from gateway.stores.sql.replays import SqlReplays
from gateway.stores.sql.rounds import SqlRounds


class ChainedHere(EvidenceTable, Protocol):
    """A driver's own evidence, which knows the end of the chain without asking."""

    def forget(self) -> None:
        """Know nothing: something was undone."""
        ...

    def keep(self) -> None:
        """Note that what was appended is committed."""
        ...


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Sound because one connection alone writes, and everything is forgotten when anything is undone."""

    access: Access
    dossiers: SqlDossiers
    messages: SqlMessages
    deliveries: SqlDeliveries
    evidence: ChainedHere
    boots: SqlBoots
    replays: SqlReplays
    rounds: SqlRounds
    attention: SqlAttention

    @classmethod
    def of(cls, access: Access, evidence: ChainedHere) -> Self:
        """Bind the tables to a connection, knowing nothing."""
        dossiers = SqlDossiers(access)
        deliveries = SqlDeliveries(access, dossiers.is_begun)
        messages = SqlMessages(access)
        boots, replays, rounds = SqlBoots(access), SqlReplays(access), SqlRounds(access)
        return cls(access, dossiers, messages, deliveries, evidence, boots, replays, rounds, SqlAttention(access))

    def begin(self) -> None:
        """Begin a transaction: know what was written last, what is leased, and where the chain ends."""
        self.dossiers.begin_transaction()
        self.messages.begin()
        self.deliveries.begin()
        self.replays.begin()

    def foresee(self, drafts: Sequence[Draft], deliveries: Sequence[DeliveryId]) -> None:
        """Look up at once what accepting these drafts and ending these deliveries will ask for."""
        codes = self.dossiers.asks(code for draft in drafts for code in draft.codes)
        owners, keyed, lanes = self.access.find_all(
            (codes, self.messages.asks(drafts), self.deliveries.asks(deliveries))
        )
        self.dossiers.foresee(owners)
        self.messages.foresee(keyed)
        learned = self.deliveries.foresee(lanes)
        self.messages.learn(row.message_id for row in learned if row.tells)

    def forget(self) -> None:
        """Know nothing and write nothing of it: something was undone."""
        self.access.forget()
        self.forget_shared()
        self.evidence.forget()

    def forget_shared(self) -> None:
        """Know nothing of what another node may have written: all but the end of our own chain."""
        self.dossiers.forget()
        self.messages.forget()
        self.deliveries.forget()
        self.replays.forget()
        self.boots.forget()
        self.rounds.forget()
        self.attention.forget()
