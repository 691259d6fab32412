"""Asks systems that do not call us for their news: page by page, each accepted together with its bookmark."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from gateway.core.asking import OpenDossier
from gateway.core.errors import StoreFull, StoreUnavailable
from gateway.core.ids import SystemId
from gateway.core.message import Draft
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode
from gateway.exchange.guard import class_of, contained, place_of
from gateway.ports.adapter import PAGE_MOST, Asks, NoAnswer, Page, Polls
from gateway.ports.store import Bookmark, BookmarkMoved
from gateway.relay.chores import Chores
from gateway.relay.gear import Gear
from gateway.relay.kept import Keeping, unreadable
from gateway.relay.link import Link
from gateway.relay.patience import insist, waits

_log: FilteringBoundLogger = structlog.get_logger()

_POLLED = frozenset({Mode.LIVE, Mode.SANDBOX})
_LONGEST_WAIT = timedelta(hours=24)  #: that a partner may ask for
_WHOLE = 1000  #: items that share a transaction with their bookmark, as many as may be asked for at once
_PART = 500  #: items of each transaction of a larger page: others write in between
_RUN = 1000  #: pages that are read one after the other without a rest


@dataclass(frozen=True, slots=True)
class _Following:
    """One stream that is followed."""

    link: Link
    task: asyncio.Task[None]


class Poller:
    """One loop per system and stream."""

    def __init__(self, gear: Gear, wake: Callable[[], None]) -> None:
        self._gear = gear
        self._wake = wake
        self._chores = Chores(gear.clock, gear.metrics)
        self._turned = asyncio.Event()
        self._following: dict[tuple[SystemId, str], _Following] = {}

    def turn(self) -> None:
        """Follow the streams of the configuration that is in force now; those of unchanged systems go on."""
        self._turned.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._begin(group)
                await self._turned.wait()
                self._turned.clear()

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """Begin to follow what is new or changed, once nobody follows it any more by what was in force before."""
        polled = list(self._polled())
        wanted = {(link.id, stream): (link, polls) for link, polls in polled for stream in _streams(link, polls)}
        await self._leave({key: link for key, (link, _) in wanted.items()})
        asked = [link.id for link, polls in polled if isinstance(polls, Asks)]
        store, clock = self._gear.store, self._gear.clock
        await self._chores.attempt(
            "rounds", lambda: insist(lambda: store.ask_about(asked), what="rounds", until=float("inf"), clock=clock)
        )
        for key, (link, polls) in wanted.items():
            if key not in self._following:
                self._following[key] = _Following(link, group.create_task(self._follow(link, polls, key[1])))

    def _polled(self) -> Iterator[tuple[Link, Polls]]:
        for link in self._gear.config.links.values():
            if link.polls is not None and link.mode in _POLLED:
                yield link, link.polls

    async def _leave(self, wanted: Mapping[tuple[SystemId, str], Link]) -> None:
        """Stop following what is gone or changed; a page that is being accepted is accepted whole or not at all."""
        left = {key: one.task for key, one in self._following.items() if wanted.get(key) is not one.link}
        for key, task in left.items():
            task.cancel()
            del self._following[key]
        if left:
            await asyncio.wait(left.values())

    async def _follow(self, link: Link, polls: Polls, stream: str) -> None:
        """Read page after page, rest, and start anew; a failure only lengthens the rest.

        A partner that leads us in a circle, or on and on, is left alone for as long as one that has said all.
        """
        back_off, seen = waits(), set[str]()
        while True:
            try:
                more = self._is_time(link) and await link.gate.enter_call() and await self._page(link, polls, stream)
            except BookmarkMoved:
                more = ""
            except Exception as error:  # noqa: BLE001 - a partner or adapter that fails must not end the polling
                self._report(link.id, stream, error)
                await self._gear.clock.sleep(max(next(back_off), _asked_to_wait(error)))
                continue
            back_off = waits()
            if not more or more in seen or len(seen) >= _RUN:
                seen.clear()
                await self._gear.clock.sleep(link.poll_every.total_seconds())
            else:
                seen.add(more)
                await self._gear.clock.sleep(0)

    def _is_time(self, link: Link) -> bool:
        """Whether a question that begins now ends within the hours in which it is asked."""
        return link.poll_window.admits(self._gear.clock.now(), link.timeout)

    async def _page(self, link: Link, polls: Polls, stream: str) -> str:
        """Read and accept one page; return where more waits, nothing where nothing does."""
        store = self._gear.store
        cursor = await store.bookmark(link.id, stream)
        page = await self._ask(link, polls, stream, cursor)
        drafts = (*page.drafts, *(unreadable(link.id, stream, one) for one in page.unreadable))
        if not drafts and page.cursor == cursor:
            return ""
        *parts, last = _parts(drafts)
        bookmark = Bookmark(system=link.id, stream=stream, cursor=page.cursor, previous=cursor)
        plan = Keeping(plan=self._gear.plan, new_id=self._gear.ids.new)
        for part in parts:
            await store.accept(part, plan=plan)
        await store.accept(last, plan=plan, bookmark=bookmark)
        self._gear.metrics.count("relay_polled_total", len(drafts), system=link.id)
        self._wake()
        return page.cursor if page.more and page.cursor != cursor else ""

    async def _ask(self, link: Link, polls: Polls, stream: str, cursor: str) -> Page:
        seconds = link.timeout.total_seconds()
        async with asyncio.timeout(seconds):
            deadline = self._gear.clock.monotonic() + seconds
            with contained():
                opened = await self._open(link, polls, stream, cursor)
                return await polls.poll(stream, cursor, open_dossiers=opened, deadline=deadline)

    async def _open(self, link: Link, polls: Polls, stream: str, cursor: str) -> Sequence[OpenDossier]:
        """Return the dossiers whose turn it is; none where the system is not asked about dossiers."""
        if not isinstance(polls, Asks):
            return ()
        turn = polls.turn(stream)
        if turn is None:
            return ()
        return await self._gear.store.open_dossiers(link.id, turn.procedures, after=cursor, limit=turn.limit)

    def _report(self, system: SystemId, stream: str, error: Exception) -> None:
        is_store = isinstance(error, StoreUnavailable | StoreFull)
        what = "store_unavailable" if is_store else "poll_failed"
        reason = {"reason": str(error.reason.code)} if isinstance(error, NoAnswer) else {}
        _log.warning(what, system=system, stream=stream, error=class_of(error), where=place_of(error), **reason)
        self._gear.metrics.count("relay_poll_failures_total", system=system)


def _streams(link: Link, polls: Polls) -> Collection[str]:
    """Return what is polled of a system: nothing where its adapter cannot say it, which is its own fault alone."""
    try:
        with contained():
            return tuple(polls.streams())
    except Exception as bug:  # noqa: BLE001 - an adapter that fails must not end the polling of the others
        _log.error("adapter_bug", system=link.id, error=class_of(bug), where=place_of(bug))
        return ()


def _parts(drafts: Sequence[Draft]) -> Sequence[Sequence[Draft]]:
    """Return what is accepted together; raises NoAnswer for a page that is too large.

    A large page goes in parts, the bookmark with the last: of what says which it is, nothing is applied twice.
    """
    if len(drafts) <= _WHOLE:
        return (drafts,)
    if len(drafts) > PAGE_MOST or any(draft.dedup_key is None for draft in drafts):
        raise NoAnswer(Reason(Why.REPLY_TOO_LARGE))
    return [drafts[start : start + _PART] for start in range(0, len(drafts), _PART)]


def _asked_to_wait(error: Exception) -> float:
    """Return for how many seconds a partner wants to be left alone."""
    wait = error.retry_after if isinstance(error, NoAnswer) else None
    return min(wait, _LONGEST_WAIT).total_seconds() if wait else 0.0
