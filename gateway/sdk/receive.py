"""A partner's own calls by configuration: its body becomes our events, our receipt becomes its reply."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, assert_never, cast

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.message import Blob, Conflict, Draft, Exists, ItemResult, Payload, Receipt, Refused, Stale
from gateway.core.reason import Why
from gateway.model.refusals import REFUSED
from gateway.model.texts import text
from gateway.ports.adapter import Call, CallUnreadable, Guard, Received, Rendered
from gateway.ports.blobs import Blobs
from gateway.sdk.answering import Answer
from gateway.sdk.arriving import Arriving, Document, contents, shortened
from gateway.sdk.incoming import Incoming, Unreadable
from gateway.sdk.mapping import CannotRender
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.paths import Path
from gateway.sdk.request import JSON
from gateway.sdk.said import Said, hear
from gateway.sdk.source import Source
from gateway.sdk.statement import Stating, Unstatable

T = TypeVar("T")

MOST = 200  #: items of one call, as many as our own door takes at once
_NOT_FOUND, _NOT_ALLOWED = 404, 405
_NO_PATH = "Không có địa chỉ nhận này cho hệ thống của bạn."
_LANGUAGE = "vi"
_DATE = "not a date that can be written or read as"  #: the format follows
_LARGE = 64 * 1024  #: bytes of a call that are kept whole with every item of it


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswers:
    """What is said of each item, where items are taken or refused one by one."""

    accepted: Answer
    refused: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """One compiled path of a partner's calls."""

    methods: Sequence[str]
    incoming: Incoming
    mapping: MappingTable
    each: Path | None
    reply: Answer
    refusal: Answer
    answers: ItemAnswers | None
    status: int
    refusal_status: int
    guard: Guard | None

    def refused(self, reason: str, status: int = 0) -> Rendered:
        """Return the refusal in the partner's format."""
        return self.refusal.fill(status or self.refusal_status, Source({"reason": reason}))


@dataclass(frozen=True, slots=True)
class Receiver:
    """All paths under which one system calls us."""

    system: SystemConfig
    blobs: Blobs = field(repr=False)
    paths: Mapping[str, CallBack] = field(repr=False)

    def guard(self, path: str) -> Guard | None:
        """Return who may call a path."""
        back = self.paths.get(path.strip("/"))
        return back.guard if back else None

    async def receive(self, call: Call) -> Received:
        """Return what the call states; raises CallUnreadable with the refusal, and what storing its files raises."""
        back = self.paths.get(call.path.strip("/"))
        if back is None:
            refusal = msgspec.json.encode({"error": _NO_PATH})
            raise CallUnreadable(_NO_PATH, Rendered(status=_NOT_FOUND, body=Payload(body=refusal, media_type=JSON)))
        if call.method not in back.methods:
            problem = f"cần {', '.join(back.methods)}"
            allow = {"Allow": ", ".join(back.methods)}
            raise CallUnreadable(problem, replace(back.refused(problem, _NOT_ALLOWED), headers=allow))
        try:
            said = await hear(call, back.incoming, takes_files=back.mapping.takes_files)
            return await _Reading(self, back, call, said).received()
        except Unreadable as error:
            raise CallUnreadable(str(error), back.refused(str(error))) from error


class _Reading:
    """One call on its way to drafts, and back to a reply."""

    def __init__(self, receiver: Receiver, back: CallBack, call: Call, said: Said) -> None:
        self._receiver = receiver
        self._back = back
        self._call = call
        self._heard = said
        self._said: Mapping[str, object] = {"body": said.body, "query": dict(call.query)}
        self._items = _items(back, said.body)

    async def received(self) -> Received:
        """Return the drafts; an item that cannot be read refuses the call, unless items are answered one by one."""
        events = [await self._tried(position, self._event(item)) for position, item in enumerate(self._items)]
        beside = await self._beside([event for event in events if not isinstance(event, str)])
        found = [
            event if isinstance(event, str) else await self._tried(position, self._draft(position, event, beside))
            for position, event in enumerate(events)
        ]
        return Received(
            drafts=[one for one in found if isinstance(one, Draft)],
            render=partial(self._rendered, [one if isinstance(one, str) else None for one in found]),
        )

    async def _tried(self, position: int, step: Awaitable[T]) -> T | str:
        """Return what a step makes of an item, or what is wrong with it, where items are answered one by one."""
        try:
            return await step
        except Unreadable as error:
            if self._back.answers is None:
                place = f"mục {position + 1}: " if self._back.each else ""
                raise Unreadable(f"{place}{error}") from error
            return str(error)

    async def _event(self, item: object) -> Document:
        try:
            return await self._back.mapping.rendered(Source({**self._said}).within(item))
        except CannotRender as error:
            fields = "; ".join(f"{gap.source} ({_in_vietnamese(gap.problem)})" for gap in error.gaps)
            raise Unreadable(f"thiếu hoặc không đọc được: {fields}") from error

    async def _beside(self, events: Sequence[Document]) -> dict[str, Blob | None]:
        """Return the files that these events name and that came as they are, stored, by what stands for each."""
        if self._call.files is None:
            return dict(self._heard.stored)
        coming = self._heard.coming
        wanted = {text: coming[text] for event in events for text in contents(event) if text in coming}
        kept = await self._call.files.store(set(wanted.values()))
        return {text: kept[content_id] for text, content_id in wanted.items()}

    async def _draft(self, position: int, event: Document, beside: dict[str, Blob | None]) -> Draft:
        arriving = Arriving(self._receiver.blobs, beside=beside)
        operation = f"callback:{self._call.path.strip('/')}"
        try:
            await arriving.settle(event)
            raw = self._raw(self._items[position], stored=bool(arriving.kept))
            draft = Stating(self._receiver.system, operation, raw, arriving.kept).draft(event)
        except Unstatable as error:
            raise Unreadable(str(error)) from error
        proof = self._call.proof
        return replace(draft, proof=f"{operation} {proof} {position}") if proof and draft.dedup_key is None else draft

    def _raw(self, item: object, *, stored: bool) -> Payload:
        """Return what is kept of the call with one item: all of it, unless it is long and most of it is of others."""
        whole = self._heard.raw
        is_short = len(whole.body) <= _LARGE or (len(self._items) == 1 and not stored)
        if is_short:
            return whole
        return Payload(body=msgspec.json.encode(shortened(item)), media_type=JSON)

    def _rendered(self, unreadable: Sequence[str | None], results: Sequence[ItemResult]) -> Rendered:
        """Return the reply to a call of which these items could not be read, and the others ended so."""
        ends = iter(results)
        told = [problem or _refusal(next(ends), self._receiver.system.id) for problem in unreadable]
        answers = self._back.answers
        first = next((end for end in results if isinstance(end, Receipt)), None)
        if answers is None:
            refused = next((number for number, problem in enumerate(told) if problem), None)
            if refused is not None:
                return self._back.refused(f"mục {refused + 1}: {told[refused]}")
        facts: Mapping[str, object] = {
            "count": len(told),
            "accepted": sum(not problem for problem in told),
            "refused": sum(bool(problem) for problem in told),
            "receipt": _receipt(first),
        }
        items = self._told(answers, told, results) if answers else ()
        return self._back.reply.fill(self._back.status, Source({**self._said, **facts}), items)

    def _told(self, answers: ItemAnswers, told: Sequence[str], results: Sequence[ItemResult]) -> list[object]:
        ends = iter([end for end in results if isinstance(end, Receipt)])
        parts: list[object] = []
        for item, problem in zip(self._items, told, strict=True):
            facts: dict[str, object] = {"reason": problem} if problem else {"receipt": _receipt(next(ends))}
            answer = answers.refused if problem else answers.accepted
            parts.append(answer.part(Source({**self._said, **facts}).within(item)))
        return parts


def _items(back: CallBack, body: object) -> Sequence[object]:
    if back.each is None:
        return (body,)
    items, place = back.each.find(body), ".".join(map(str, back.each.steps))
    if back.incoming.format == "xml" and items is not None and not isinstance(items, list):
        items = [items]
    if not isinstance(items, list) or not items:
        raise Unreadable(f"thiếu danh sách {place}")
    if len(cast("list[object]", items)) > MOST:
        raise Unreadable(f"quá {MOST} mục trong một lần gọi")
    return cast("list[object]", items)


def _in_vietnamese(problem: str) -> str:
    """Return what keeps a field from being filled, in our callers' language; a fault of ours in its own words."""
    if problem.startswith(_DATE):
        return text(f"gap.{_DATE}", _LANGUAGE) + problem.removeprefix(_DATE)
    return text(f"gap.{problem}", _LANGUAGE).removeprefix("gap.")


def _receipt(receipt: Receipt | None) -> Mapping[str, object]:
    if receipt is None:
        return {}
    return {"message_id": receipt.message_id, "accepted_at": receipt.accepted_at.isoformat()}


def _refusal(result: ItemResult, system: str) -> str:
    """Return why an item of this system was not accepted, what to do, and our code of it; nothing for one that was."""
    match result:
        case Receipt():
            return ""
        case Conflict():
            return (
                "cùng mã sự kiện nhưng nội dung khác lần trước; nội dung mới cần mã sự kiện mới (idempotency.conflict)"
            )
        case Exists():
            return "hồ sơ đã có với nội dung khác; hãy kiểm tra mã hồ sơ (dossier.exists)"
        case Stale():
            return "hồ sơ đã thay đổi từ phiên bản được nêu; hãy đọc lại hồ sơ (revision.stale)"
        case Refused(reason=reason):
            return _of_plan(reason.code, system)
        case _:
            assert_never(result)


def _of_plan(why: Why, system: str) -> str:
    """Return a refusal in the words of our own doors, which have none of their own for what only call-backs meet."""
    code = REFUSED.get(why)
    if code is None:
        return f"{text(f'reason.{why}', _LANGUAGE)} ({why})"
    return f"{text(f'problem.{code}', _LANGUAGE)}. {text(f'problem.{code}.detail', _LANGUAGE, system=system)} ({code})"
