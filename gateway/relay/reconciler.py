"""Compares our books with what the systems say: when somebody asks, and by the clock; through the same exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from logging import INFO, WARNING

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.breaker import Phase
from gateway.core.delivery import Step
from gateway.core.ids import SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import SourceStatus
from gateway.core.reconcile import (
    Booked,
    Divergent,
    Listed,
    Reconciliation,
    ReconciliationState,
    Report,
    Said,
    by_list,
    compared,
    said_of,
)
from gateway.core.routing import Mode
from gateway.exchange.guard import class_of, contained, place_of
from gateway.ports.adapter import ListPage, Lists
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.link import Link

_log: FilteringBoundLogger = structlog.get_logger()

_EVERY = 5.0  # seconds between two looks at what is asked for
_PATIENCE = 5  # dossiers in a row without an answer, after which the system is left alone
_PAGES = 1000  # of one list
_ASKED = frozenset({Mode.LIVE, Mode.SANDBOX})


class Reconciler:
    """One comparison of each system at a time; one that a crash cut short is done anew."""

    def __init__(self, gear: Gear) -> None:
        self._gear = gear
        self._chores = Chores(gear.clock, gear.metrics)
        self._comparing: set[SystemId] = set()

    async def run(self) -> None:
        """Compare until cancelled; a store that is away postpones it."""
        async with asyncio.TaskGroup() as group:
            await self._chores.every(_EVERY, "reconcile", partial(self._look, group))

    async def _look(self, group: asyncio.TaskGroup) -> None:
        """Begin what is asked for, and ask for what is due."""
        for asked in await self._gear.store.asked():
            if asked.system not in self._comparing and self._may_begin(asked.system):
                self._comparing.add(asked.system)
                group.create_task(self._compare(asked))
        for link in self._gear.config.links.values():
            if link.mode in _ASKED and await self._is_due(link):
                await self._gear.store.ask(link.id)

    def _may_begin(self, system: SystemId) -> bool:
        """Whether the system takes calls now; one that is never asked need not be waited for."""
        link = self._gear.config.links.get(system)
        if link is None or link.mode not in _ASKED:
            return True
        return link.gate.takes_calls() and link.gate.breaker.phase is not Phase.OPEN

    async def _is_due(self, link: Link) -> bool:
        if link.reconcile_every is None or not link.gate.takes_calls():
            return False
        last = await self._gear.store.reconciliations(link.id, limit=1)
        if not last:
            return True
        is_over = last[0].state is not ReconciliationState.ASKED
        return is_over and self._gear.clock.now() - last[0].asked_at >= link.reconcile_every

    async def _compare(self, asked: Reconciliation) -> None:
        """Compare and keep the report; where the store is away it is done anew."""
        try:
            await self._chores.attempt("compare", partial(self._conclude, asked))
        finally:
            self._comparing.discard(asked.system)

    async def _conclude(self, asked: Reconciliation) -> None:
        link = self._gear.config.links.get(asked.system)
        is_asked = link is not None and link.mode in _ASKED
        report = await self._report(link, asked) if link and is_asked else Report(compared=0, is_whole=False)
        self._tell(await self._gear.store.conclude(asked.id, report))

    def _tell(self, done: Reconciliation) -> None:
        """Log what was found; what the clock has found nobody is waiting for, so it is an alert."""
        is_news = done.by is None and any(done.counts.values())
        facts = {"system": done.system, "reconciliation": done.id, "compared": done.compared, **done.counts}
        _log.log(WARNING if is_news else INFO, "reconciled", **facts, **({"alert": True} if is_news else {}))
        for divergence, number in done.counts.items():
            self._gear.metrics.count("relay_divergences_total", number, system=done.system, divergence=divergence)

    async def _report(self, link: Link, asked: Reconciliation) -> Report:
        if link.lists is not None and not asked.names:
            return await self._by_list(link, link.lists)
        limit = len(asked.names) or link.reconcile_sample
        return await self._by_look_ups(link, await self._gear.store.booked(link.id, asked.names, limit=limit))

    async def _by_list(self, link: Link, lists: Lists) -> Report:
        """Read page after page of what the system has; what a failure cut short proves no absence."""
        as_of, cursor, more = self._gear.clock.now(), "", True
        statuses: dict[str, SourceStatus | None] = {}
        for _ in range(_PAGES):
            page = await self._page(link, lists, cursor) if more else None
            if page is None:
                break
            statuses |= {code: record.status for record in page.records for code in record.codes}
            cursor, more = page.cursor, page.more
        known = {code: status for code, status in statuses.items() if status is not None}
        listed = Listed(codes=frozenset(statuses), as_of=as_of, is_whole=not more, statuses=known)
        entries, unknown = await self._gear.store.books(link.id, listed.codes)
        report = by_list(entries, unknown, listed, link.declarations.of(SUBMITTED).quiet)
        return replace(report, is_whole=not more)

    async def _page(self, link: Link, lists: Lists, cursor: str) -> ListPage | None:
        """Return a page within the system's hours and rate; None where it cannot be had."""
        seconds = link.timeout.total_seconds()
        try:
            if not await link.gate.enter_call():
                return None
            async with asyncio.timeout(seconds):
                with contained():
                    return await lists.records(cursor, deadline=self._gear.clock.monotonic() + seconds)
        except Exception as error:  # noqa: BLE001 - a partner or adapter that fails must not end the comparing
            _log.warning("list_failed", system=link.id, error=class_of(error), where=place_of(error))
            return None

    async def _by_look_ups(self, link: Link, booked: Sequence[Booked]) -> Report:
        """Ask about each in its turn; a system that does not answer, or takes no more calls, is left alone."""
        findings: list[Divergent] = []
        told = unanswered = silent = 0
        may_ask = True
        for item in booked:
            may_ask = silent < _PATIENCE and await link.gate.enter_call()
            if not may_ask:
                break
            said = await self._said(link, item)
            told, silent = (told, silent + 1) if said is None else (told + 1, 0)
            unanswered += said is None
            found = compared(item.entry, said) if said else None
            findings += [found] if found else []
        whole = may_ask and silent < _PATIENCE
        return Report(compared=told, unanswered=unanswered, findings=tuple(findings), is_whole=whole)

    async def _said(self, link: Link, item: Booked) -> Said | None:
        """Look one up: what is found says nothing about how a send would go now."""
        deadline = self._gear.clock.monotonic() + link.timeout.total_seconds()
        asked = replace(item.delivery, step=Step.LOOKUP)
        return said_of(await link.pipeline.lookup(asked, deadline=deadline), link.id)
