"""Asking a register: allowed, checked, kept on disk, and only then sent, once; the answer goes to whoever asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.core.ids import SystemId
from gateway.core.query import Answer, Ending, Found, Query, QueryId, QueryRecord, Unanswered, state_of
from gateway.core.rate import Bucket, Rate
from gateway.core.reason import Reason, Why
from gateway.exchange.asking import Bar, bar_of, call_of, turn_of, why_of
from gateway.exchange.gate import Gate
from gateway.exchange.shield import to_its_end
from gateway.exchange.signature import Exchange
from gateway.ports.adapter import QueryForm
from gateway.ports.clock import Clock
from gateway.ports.queries import Inquiries
from gateway.query.refusals import Barred, NoSuchQuery, NotCalled, NotYours, TooManyQueries
from gateway.query.wish import Wish, query_of
from gateway.security.keys import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A system that can be asked."""

    id: SystemId
    forms: Mapping[str, QueryForm]  #: by operation
    exchange: Exchange[Query, Answer]
    gate: Gate
    callers: frozenset[SystemId]
    rate: Rate | None
    timeout: timedelta
    is_called: bool = True  #: False: off, or in shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A question that was put, and what became of it."""

    query: QueryId
    answer: Answer
    at: datetime


class Asker:
    """One per node. ``systems`` are all that are configured: what can be asked among them are ``registers``."""

    def __init__(
        self, registers: Mapping[SystemId, Register], systems: frozenset[SystemId], store: Inquiries, clock: Clock
    ) -> None:
        self._registers = registers
        self._systems = systems
        self._store = store
        self._clock = clock
        self._buckets: dict[tuple[SystemId, str], Bucket] = {}

    def turned(self, registers: Mapping[SystemId, Register], systems: frozenset[SystemId]) -> Asker:
        """Return one for other registers, that counts on what each caller has asked of this one."""
        other = Asker(registers, systems, self._store, self._clock)
        other._buckets = self._buckets
        return other

    async def ask(self, wish: Wish, caller: Caller) -> Reply:
        """Put one question, once.

        Raises what ``query.refusals`` names, and Invalid, while nothing has been sent; StoreUnavailable and StoreFull
        where the question, or how it ended, could not be kept: then no answer leaves the gateway.
        """
        register = self._allowed(wish, caller)
        until = self._clock.monotonic() + register.timeout.total_seconds()
        self._count(register, caller)
        query = query_of(wish, register.forms[wish.operation], caller)
        if not register.is_called:
            raise NotCalled(wish.system)
        bar = bar_of(register.gate, query, self._clock.now())
        if bar is not None:
            raise Barred(register.id, bar)
        return await to_its_end(self._put(register, query, until))  # how it ended is kept, though its caller has gone

    async def queries(
        self, *, system: SystemId | None, since: datetime | None, before: QueryId | None, limit: int
    ) -> tuple[QueryRecord, ...]:
        """Return what was asked, the newest first, without contents."""
        return tuple(await self._store.queries(system=system, since=since, before=before, limit=limit))

    def _allowed(self, wish: Wish, caller: Caller) -> Register:
        if wish.system not in self._systems:
            raise NoSuchQuery(None)
        register = self._registers.get(wish.system)
        if not caller.is_operator and (register is None or caller.system not in register.callers):
            raise NotYours(caller.actor.name)
        if register is None or wish.operation not in register.forms:
            raise NoSuchQuery(wish.system)
        return register

    def _count(self, register: Register, caller: Caller) -> None:
        """Count a question against what its caller may ask of this system."""
        rate, key, now = register.rate, (register.id, caller.actor.name), self._clock.monotonic()
        if rate is None:
            return
        bucket = self._buckets.get(key)
        if bucket is None or bucket.rate != rate:
            bucket = Bucket(rate=rate, tokens=float(rate.burst), at=now)
        after = bucket.take(now)
        if after is None:
            raise TooManyQueries(timedelta(seconds=bucket.wait(now)))
        self._buckets[key] = after

    async def _put(self, register: Register, query: Query, until: float) -> Reply:
        """Keep the question, send it, keep how it ended: in this order, each before the next."""
        kept = await self._store.record_query(query)
        query = replace(query, id=kept.id)
        began = self._clock.monotonic()
        answer, bar = await self._exchanged(register, query, until)
        await self._store.conclude_query(query.id, self._ending(answer, began))
        if bar is not None:
            raise Barred(register.id, bar)
        return Reply(query=query.id, answer=answer, at=self._clock.now())

    async def _exchanged(self, register: Register, query: Query, until: float) -> tuple[Answer, Bar | None]:
        """Wait for the question's turn, shortly, and make its one exchange."""
        gate, call = register.gate, call_of(query)
        if not await gate.enter(call):
            bar = bar_of(gate, query, self._clock.now()) or turn_of(gate)
            return Unanswered(reason=Reason(Why.NOT_SENT)), bar
        try:
            return await register.exchange(query, deadline=until), None
        finally:
            gate.done(call)

    def _ending(self, answer: Answer, began: float) -> Ending:
        return Ending(
            state=state_of(answer),
            reason=why_of(answer),
            http_status=answer.trace.http_status,
            duration=timedelta(seconds=self._clock.monotonic() - began),
            answer=answer.document.body if isinstance(answer, Found) else None,
        )
