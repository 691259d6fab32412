"""A partner's own calls by configuration: its body becomes our events, our receipt becomes its reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, assert_never, cast

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.message import Conflict, Draft, Exists, Payload, Receipt, Refused, Stale
from gateway.model.fault import Invalid
from gateway.model.faults import decode_json, message
from gateway.ports.adapter import Call, CallUnreadable, ItemResult, Rendered
from gateway.sdk.mapping import CannotRender, Direction
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.source import Form, Source
from gateway.sdk.statement import Stating, Unstatable

_MOST = 200  #: items of one call, as many as our own door takes at once
_REPLY = frozenset({"count", "receipt"})
_REFUSAL = frozenset({"reason"})
_NOT_FOUND = 404
_HTTP = Annotated[int, msgspec.Meta(ge=200, le=599)]


def _plain_refusal() -> dict[str, object]:
    return {"error": "{reason}"}


class ReceiveTable(Table, frozen=True, kw_only=True):
    """One ``[options.receive.<path>]``."""

    mapping: str
    each: str | None = None  #: where in the body the list of items is; the body is the one item where it is left out
    reply: dict[str, object] = msgspec.field(default_factory=dict[str, object])
    refusal: dict[str, object] = msgspec.field(default_factory=_plain_refusal)
    status: _HTTP = 200
    refusal_status: _HTTP = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """One compiled path of a partner's calls."""

    mapping: MappingTable
    each: Path | None
    reply: Form
    refusal: Form
    status: int
    refusal_status: int

    def refused(self, reason: str) -> Rendered:
        """Return the refusal in the partner's format."""
        return _rendered(self.refusal_status, self.refusal.fill(Source({"reason": reason})))


@dataclass(frozen=True, slots=True)
class Receiver:
    """All paths under which one system calls us."""

    system: SystemConfig
    paths: Mapping[str, CallBack] = field(repr=False)

    def parse(self, call: Call) -> Sequence[Draft]:
        """Return what the call states, all of it or nothing; raises CallUnreadable with the refusal."""
        back = self._of(call)
        try:
            return self._drafts(back, call)
        except _Unreadable as error:
            raise CallUnreadable(str(error), back.refused(str(error))) from error

    def render(self, call: Call, results: Sequence[ItemResult]) -> Rendered:
        """Return the reply: the refusal if one item was not accepted."""
        back = self._of(call)
        for position, result in enumerate(results):
            if not isinstance(result, Receipt):
                return back.refused(f"mục {position + 1}: {_refusal(result)}")
        first = next((one for one in results if isinstance(one, Receipt)), None)
        receipt = {"message_id": first.message_id, "accepted_at": first.accepted_at.isoformat()} if first else {}
        return _rendered(back.status, back.reply.fill(Source({"count": len(results), "receipt": receipt})))

    def _of(self, call: Call) -> CallBack:
        back = self.paths.get(call.path.strip("/"))
        if back is None:
            problem = "Không có địa chỉ nhận này cho hệ thống của bạn."
            raise CallUnreadable(problem, _rendered(_NOT_FOUND, {"error": problem}))
        return back

    def _drafts(self, back: CallBack, call: Call) -> list[Draft]:
        body = _decoded(call.body)
        items = _items(back, body)
        source = Source({"body": body, "query": dict(call.query)})
        return [
            self._draft(back, call, source.within(item), f"mục {position + 1}: " if back.each else "")
            for position, item in enumerate(items)
        ]

    def _draft(self, back: CallBack, call: Call, source: Source, place: str) -> Draft:
        try:
            document = back.mapping.render(source)
            return Stating(self.system, f"callback:{call.path.strip('/')}", call.body).draft(document)
        except CannotRender as error:
            fields = "; ".join(f"{gap.source} ({gap.problem})" for gap in error.gaps)
            raise _Unreadable(f"{place}thiếu hoặc không đọc được: {fields}") from error
        except Unstatable as error:
            raise _Unreadable(f"{place}{error}") from error


class _Unreadable(Exception):
    """What is wrong with a call, for its sender; never a value."""


def _decoded(body: Payload) -> object:
    try:
        return decode_json(body.body.removeprefix(b"\xef\xbb\xbf"))
    except Invalid as error:
        raise _Unreadable(message(error.faults[0], "vi")) from error


def _items(back: CallBack, body: object) -> Sequence[object]:
    if back.each is None:
        return (body,)
    items = back.each.find(body)
    if not isinstance(items, list) or not items:
        raise _Unreadable(f"thiếu danh sách {'.'.join(map(str, back.each.steps))}")
    if len(cast("list[object]", items)) > _MOST:
        raise _Unreadable(f"quá {_MOST} mục trong một lần gọi")
    return cast("list[object]", items)


def _refusal(result: Conflict | Exists | Stale | Refused) -> str:
    match result:
        case Conflict():
            return "cùng mã sự kiện nhưng nội dung khác lần trước"
        case Exists():
            return "hồ sơ đã có với nội dung khác"
        case Stale():
            return "hồ sơ đã thay đổi từ phiên bản được nêu"
        case Refused():
            return f"bị từ chối ({result.reason.code})"
        case _:
            assert_never(result)


def _rendered(status: int, document: object) -> Rendered:
    body = Payload(body=msgspec.json.encode(document), media_type="application/json; charset=utf-8")
    return Rendered(status=status, body=body)


def compile_receiver(
    raws: Mapping[str, dict[str, object]],
    mappings: Mapping[tuple[str, Direction], MappingTable],
    config: SystemConfig,
    reader: Reader,
) -> Receiver:
    """Compile ``[options.receive]``; problems are noted."""
    backs: dict[str, CallBack] = {}
    for path, raw in raws.items():
        key = f"options.receive.{path}"
        table = reader.read(ReceiveTable, raw, key)
        mapping = mappings.get((table.mapping, Direction.IN)) if table else None
        try:
            if table and mapping:
                backs[path.strip("/")] = _back(table, mapping)
        except ValueError as error:
            reader.wrong(key, str(error))
    return Receiver(config, backs)


def _back(table: ReceiveTable, mapping: MappingTable) -> CallBack:
    return CallBack(
        mapping=mapping,
        each=Path.parse(table.each) if table.each else None,
        reply=Form(table.reply, _REPLY),
        refusal=Form(table.refusal, _REFUSAL),
        status=table.status,
        refusal_status=table.refusal_status,
    )
