"""What a connection's tables know without asking, and when they must forget it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from gateway.core.message import Draft
from gateway.stores.sqlite.access import Access
from gateway.stores.sqlite.boots import SqliteBoots
from gateway.stores.sqlite.deliveries import SqliteDeliveries
from gateway.stores.sqlite.dossiers import SqliteDossiers
from gateway.stores.sqlite.evidence import SqliteEvidence
from gateway.stores.sqlite.messages import SqliteMessages
from gateway.stores.sqlite.replays import SqliteReplays
from gateway.stores.sqlite.rounds import SqliteRounds


@dataclass(frozen=True, slots=True)
class Known:
    """Sound because one connection alone writes, and everything is forgotten when anything is undone."""

    access: Access
    dossiers: SqliteDossiers
    messages: SqliteMessages
    deliveries: SqliteDeliveries
    evidence: SqliteEvidence
    boots: SqliteBoots
    replays: SqliteReplays
    rounds: SqliteRounds

    @classmethod
    def of(cls, connection: sqlite3.Connection, evidence_before: int) -> Self:
        """Bind the tables to a connection, knowing nothing but how much evidence earlier processes have left."""
        access = Access(connection)
        dossiers = SqliteDossiers(access)
        deliveries, evidence = SqliteDeliveries(access, dossiers.is_begun), SqliteEvidence(access, evidence_before)
        boots, replays, rounds = SqliteBoots(access), SqliteReplays(access), SqliteRounds(access)
        return cls(access, dossiers, SqliteMessages(access), deliveries, evidence, boots, replays, rounds)

    def begin(self) -> None:
        """Begin a transaction: know what was written last, what is leased, and where the chain ends."""
        self.dossiers.begin_transaction()
        self.messages.begin()
        self.deliveries.begin()
        self.replays.begin()

    def foresee(self, drafts: Sequence[Draft]) -> None:
        """Look up at once what accepting these drafts will ask for."""
        self.dossiers.foresee(code for draft in drafts for code in draft.codes)
        self.messages.foresee(drafts)

    def flush(self) -> None:
        """Write what was put off; raises sqlite3.Error."""
        self.access.flush()

    def forget(self) -> None:
        """Know nothing and write nothing of it: something was undone."""
        self.access.forget()
        self.dossiers.forget()
        self.messages.forget()
        self.deliveries.forget()
        self.replays.begin()
        self.evidence.forget()
        self.boots.forget()
        self.rounds.forget()
