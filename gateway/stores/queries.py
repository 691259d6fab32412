"""Queries: kept before they are sent, with commitments in the place of what was asked about and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.core.chain import commitment, field_salt
from gateway.core.ids import SystemId
from gateway.core.query import Ending, Query, QueryId, QueryRecord, QueryState
from gateway.core.record import asked, queried
from gateway.ports.queries import UnknownQuery
from gateway.stores import evidence
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def record(tx: Transaction, query: Query) -> QueryRecord:
    """Keep a query that is about to be sent, under a new id."""
    query = replace(query, id=QueryId(tx.ids.new()))
    salt = tx.ids.token()
    kept = QueryRecord(
        id=query.id,
        asked_at=tx.now,
        system=query.system,
        operation=query.operation,
        actor=query.actor,
        officer=query.officer,
        purpose=query.purpose,
        salt=salt,
        subject=_sealed(salt, "subject", query.subject),
    )
    tx.queries.save(kept)
    evidence.keep(tx, asked(query))
    return kept


def conclude(tx: Transaction, query: QueryId, ending: Ending) -> QueryRecord:
    """Keep how a query ended, once. Raises UnknownQuery."""
    kept = tx.queries.get(query)
    if kept is None:
        raise UnknownQuery(query)
    if kept.state is not QueryState.ASKED:
        return kept
    done = replace(
        kept,
        state=ending.state,
        ended_at=tx.now,
        reason=ending.reason,
        http_status=ending.http_status,
        duration=ending.duration,
        answer=None if ending.answer is None else _sealed(kept.salt, "answer", ending.answer.decode()),
    )
    tx.queries.save(done)
    evidence.keep(tx, queried(done.id, done.system, ending))
    return done


def _sealed(salt: str, name: str, value: str) -> str:
    return commitment(field_salt(bytes.fromhex(salt), name), value)


class QueryStore(Transacting):
    """``ports.queries.Inquiries`` over any driver."""

    async def record_query(self, query: Query) -> QueryRecord:
        return await self._write(lambda tx: record(tx, query))

    async def conclude_query(self, query: QueryId, ending: Ending) -> QueryRecord:
        return await self._write(lambda tx: conclude(tx, query, ending))

    async def queries(
        self,
        *,
        system: SystemId | None = None,
        since: datetime | None = None,
        before: QueryId | None = None,
        limit: int = 100,
    ) -> Sequence[QueryRecord]:
        return await self._read(lambda tx: tx.queries.newest(system, since, before, limit))
