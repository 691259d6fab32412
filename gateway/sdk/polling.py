"""Asking a partner for its news, as its file says: page by page, what cannot be read beside what can."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, cast

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.asking import OpenDossier
from gateway.core.message import Code, Draft, Payload
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import PAGE_MOST, NoAnswer, Page, Turn, Unread
from gateway.ports.blobs import Blobs
from gateway.sdk.arriving import Arriving, shortened
from gateway.sdk.classify import Verdict
from gateway.sdk.dialect import Dialect
from gateway.sdk.incoming import Unreadable
from gateway.sdk.mapping import CannotRender
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.paces import Ask, Pace, Told
from gateway.sdk.partner import Answer, Partner, Question
from gateway.sdk.paths import Path
from gateway.sdk.plan import Operation
from gateway.sdk.request import JSON
from gateway.sdk.rules import Reply, Then
from gateway.sdk.soap_layers import CannotProve
from gateway.sdk.source import Source
from gateway.sdk.statement import Stating, Unstatable

Call = TypeVar("Call")
_NO_CONTENT = 204
_NO_ID = "no source_event_id: what is read again would be news again"


@dataclass(slots=True, kw_only=True)
class Stream(Generic[Call]):
    """One compiled stream of news."""

    name: str
    operation: Operation[Call]
    events: MappingTable
    each: Path | None
    pace: Pace
    most: int  #: items, or dossiers, of one question
    size: int  #: of the next one: fewer after an answer that was too large
    seen: tuple[str, str] = ("", "")  #: where the last full page was asked for, and its digest

    def items(self, reply: Reply) -> Sequence[object]:
        """Return the items of an answer; raises NoAnswer where it has no list of them."""
        if self.each is None:
            return (reply.document,)
        found = self.each.find(reply.document)
        if isinstance(found, list):
            return cast("list[object]", found)
        if found is None or (reply.loose and found == ""):
            return ()
        if reply.loose:
            return (found,)
        raise NoAnswer(Reason(Why.REPLY_UNMATCHED, "the items are no list"))

    def prove_new(self, cursor: str, items: Sequence[object]) -> None:
        """Raise NoAnswer where a partner does not turn its pages: a full one is word for word that from elsewhere."""
        if not self.pace.rereads or len(items) < self.size:
            return
        digest = hashlib.sha256(msgspec.json.encode(items)).hexdigest()
        if digest == self.seen[1] and cursor != self.seen[0]:
            raise NoAnswer(Reason(Why.REPLY_UNMATCHED, "the same page again"))
        self.seen = cursor, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller(Generic[Call]):
    """All streams of one system."""

    config: SystemConfig
    partner: Partner
    dialect: Dialect[Call]
    blobs: Blobs = field(repr=False)
    streams: Mapping[str, Stream[Call]]
    system: Mapping[str, str]

    def turn(self, stream: str) -> Turn | None:
        """Return which dossiers the next question of a stream is about; None where it is about none."""
        one = self.streams[stream]
        return one.pace.turn(one.size)

    async def poll(self, stream: str, cursor: str, dossiers: Sequence[OpenDossier], *, deadline: float) -> Page:
        """Return the next page; raises NoAnswer, and what storing its files raises."""
        one, clock = self.streams[stream], self.partner.link.clock
        asked = one.pace.ask(cursor, one.size, dossiers, clock.now())
        if asked.empty:
            more = bool(asked.cursor) and asked.cursor != cursor
            return Page(drafts=(), unreadable=(), cursor=asked.cursor, more=more)
        told = self._told(one, await self._asked(one, asked, deadline), len(dossiers))
        after, more = one.pace.after(asked, told, one.size, clock.now())
        one.prove_new(asked.cursor, told.items)
        if not asked.midway:
            one.size = min(one.size * 2, one.most)
        page = await self._page(one, told, after, more=more)
        return _apart(page) if after == asked.cursor else page

    async def _asked(self, stream: Stream[Call], asked: Ask, deadline: float) -> Answer:
        source = Source({"asked": asked.facts, "request": {}, "officer": {}, "system": self.system})
        try:
            outgoing = await self.dialect.write(stream.operation, source)
        except CannotRender as error:
            raise NoAnswer(Reason(Why.CANNOT_RENDER, str(error))) from error
        except CannotProve as error:
            raise NoAnswer(Reason(Why.CREDENTIALS, str(error))) from error
        link = self.partner.link
        question = Question(
            outgoing=outgoing,
            judge=stream.operation.judge,
            read=lambda result: self.dialect.read(stream.operation, result, outgoing),
            about=f"{self.config.id}.{stream.name}.{link.clock.now().timestamp()}",
        )
        return await self.partner.ask(question, until=link.until(deadline))

    @staticmethod
    def _told(stream: Stream[Call], answer: Answer, dossiers: int) -> Told:
        """Return what an answer holds; ask for less next time where it was more than we read at once."""
        verdict = answer.verdict
        if verdict.then is Then.DELIVERED:
            # neither a proxy's words nor a page that stayed white is "no news"
            if not answer.reply.readable and (answer.reply.body or answer.reply.status != _NO_CONTENT):
                raise NoAnswer(Reason(Why.REPLY_UNREADABLE, answer.reply.problem))
            document = answer.reply.document
            items = stream.items(answer.reply)
            if len(items) <= PAGE_MOST:
                return Told(body=document, items=items, blobs=answer.reply.blobs)
            verdict = Verdict(then=Then.AMBIGUOUS, why=Why.REPLY_TOO_LARGE)
        if verdict.then is Then.ABSENT:
            return Told(body=answer.reply.document, items=())
        if verdict.why is Why.REPLY_TOO_LARGE:
            stream.size = _less(dossiers or stream.size)
        raise NoAnswer(verdict.reason, verdict.retry_after)

    async def _page(self, stream: Stream[Call], told: Told, cursor: str, *, more: bool) -> Page:
        drafts: list[Draft] = []
        unreadable: list[Unread] = []
        for item in told.items:
            try:
                drafts.append(await self._draft(stream, told, item))
            except Unreadable as error:
                unreadable.append(Unread(raw=_kept(item), problem=str(error)))
            await asyncio.sleep(0)  # others have their turn between two items
        return Page(drafts=drafts, unreadable=unreadable, cursor=cursor, more=more)

    async def _draft(self, stream: Stream[Call], told: Told, item: object) -> Draft:
        """Return what one item states, its files stored; raises Unreadable, and what storing them raises."""
        arriving = Arriving(self.blobs, told.blobs)
        try:
            event = await stream.events.rendered(Source({"body": told.body, "query": {}}).within(item))
            await arriving.settle(event)
            draft = Stating(self.config, f"poll.{stream.name}", _kept(item), arriving.kept).draft(event)
        except (CannotRender, Unstatable) as error:
            raise Unreadable(str(error)) from error
        except RecursionError as error:
            raise Unreadable("nested too deep") from error
        if stream.pace.rereads and draft.dedup_key is None:
            raise Unreadable(_NO_ID)
        return draft


def _apart(page: Page) -> Page:
    """Keep for a person what would be stated anew each time that a page is read again, and no end of it.

    Without an id only the last word about a dossier is known again: of two that differ, each unsays the other.
    """
    said: dict[tuple[Code, ...], set[str]] = {}
    for one in page.drafts:
        if one.dedup_key is None:
            said.setdefault(one.codes[:1], set()).add(one.digest)
    if all(len(words) == 1 for words in said.values()):
        return page
    drafts: list[Draft] = []
    held: list[Unread] = []
    for one in page.drafts:
        if one.raw is None or one.dedup_key is not None or len(said[one.codes[:1]]) == 1:
            drafts.append(one)
        else:
            held.append(Unread(raw=one.raw, problem=_NO_ID))
    return replace(page, drafts=drafts, unreadable=[*page.unreadable, *held])


def _less(size: int) -> int:
    """Return about half as many, a divisor: pages that were counted by the larger size still end where one ends."""
    return next((part for part in range(size // 2, 0, -1) if size % part == 0), 1)


def _kept(item: object) -> Payload:
    """Return an item as it came, without its long texts unless it is nested too deep to look into."""
    try:
        shown = shortened(item)
    except RecursionError:
        shown = item
    return Payload(body=msgspec.json.encode(shown), media_type=JSON)
