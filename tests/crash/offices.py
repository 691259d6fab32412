"""Two ministries that the demo has not: one that promises nothing and is polled, one that only reads its feed.

Their books, like those of the demo's partners, lie outside the gateway. Everything they hold is invented.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateway.testing.simulator import Caller, Journal

REFUSED = "H52.12-260101-9999"  #: the one dossier that is always refused
_WITHDRAWN, _AMENDED = (2, 3), 4  # as the demo's portal does with every twentieth dossier
_PAGE = 20
_JSON = {"Content-Type": "application/json"}

Say = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Case:
    """One dossier as an office has it."""

    code: str
    number: int
    issued: int = 0
    arrived: dict[str, asyncio.Event] = field(default_factory=dict)

    def event(self, kind: str) -> asyncio.Event:
        """Return the signal that something of this kind has arrived."""
        return self.arrived.setdefault(kind, asyncio.Event())


class Office:
    """What takes effect, and what is stated in return: a status, a result, an end."""

    def __init__(self, name: str, journal: Journal, say: Say) -> None:
        self._name = name
        self._journal = journal
        self._say = say
        self._cases: dict[str, Case] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, code: str, event: str, kind: str) -> None:
        """Note an effect: every call is one."""
        is_new = code not in self._cases
        case = self._cases.setdefault(code, Case(code, int(code.rsplit("-", 1)[-1]) % 20))
        self._journal.write("effect", dossier=code, event=event, kind=kind)
        case.event(kind).set()
        if is_new:
            task = asyncio.create_task(self._work(case))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, case: Case) -> None:
        await self._state(case, "status.changed", {"status": 2})
        if case.number in _WITHDRAWN:
            await case.event("withdrawal.requested").wait()
            await self._state(case, "withdrawal.accepted", {})
        else:
            if case.number == _AMENDED:
                await case.event("dossier.amended").wait()
            await self._state(case, "result.issued", {"id": f"{self._name}-{case.code}", "name": "Kết quả"})
            await self._state(case, "status.changed", {"status": 9})
        self._journal.write("finished", dossier=case.code)

    async def _state(self, case: Case, kind: str, data: Mapping[str, object]) -> None:
        case.issued += 1
        event = f"{self._name}:{case.code}/{case.issued}"
        self._journal.write("issued", dossier=case.code, event=event, kind=kind)
        await self._say(
            {
                "kind": kind,
                "dossier": {"code": case.code},
                "source_event_id": event,
                "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "data": data,
            }
        )


class Records:
    """``criminal_record``: does not deduplicate, cannot be asked, is read page by page."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._news: list[dict[str, Any]] = []
        self._read = 0  #: so many of them the gateway has, as it says itself
        self.asked = 0  #: so often it has asked for more
        self._office = Office("criminal_record", journal, self._publish)
        self.taken: set[str] = set()  #: the deliveries that took effect here

    async def call(self, request: web.Request) -> web.Response:
        """Take one event, or refuse the one dossier that is always refused."""
        asked = await request.json()
        delivery, item = asked["MaGiaoDich"], asked["data"]
        code = item["MaHoSo"]
        if code == REFUSED:
            return web.json_response({"error_code": "-1", "message": "Hồ sơ không hợp lệ"})
        self._journal.write("request", delivery=delivery, dossier=code)
        await asyncio.sleep(0.02)
        self._office.take(code, item.get("MaSuKien", ""), asked.get("LoaiSuKien") or item["LoaiSuKien"])
        self.taken.add(delivery)
        self._journal.write("replied", delivery=delivery)
        return web.json_response({"error_code": "0", "message": "thành công"})

    async def news(self, request: web.Request) -> web.Response:
        """Return what was stated after a place."""
        after = int(request.query.get("after") or 0)
        self._read, self.asked = max(self._read, after), self.asked + 1
        items = self._news[after : after + _PAGE]
        cursor = after + len(items)
        return web.json_response({"items": items, "cursor": str(cursor), "more": cursor < len(self._news)})

    def unread(self) -> set[str]:
        """Return the events that were stated after the place from which the gateway has asked last."""
        return {event["source_event_id"] for event in self._news[self._read :]}

    async def _publish(self, event: dict[str, Any]) -> None:
        self._news.append(event)


class Land:
    """``land_registry``: reads its feed, takes each delivery once by its id, and states what follows over REST."""

    def __init__(self, journal: Journal, caller: Caller) -> None:
        self._journal = journal
        self._caller = caller
        self._office = Office("land_registry", journal, self._post)
        self._seen: set[str] = set()

    async def read(self) -> None:
        """Follow the feed until cancelled."""
        cursor = ""
        while True:
            status, answer = await self._caller.call("GET", f"/v1/events?after={cursor}&limit=20&wait=2", b"", {})
            if status != web.HTTPOk.status_code:
                self._journal.write("refused", status=status, answer=answer.decode()[:500])
                await asyncio.sleep(1)
                continue
            page = json.loads(answer)
            for item in page["items"]:
                self._take(item["delivery_id"], item["event"])
            cursor = page["next"]

    def _take(self, delivery: str, event: Mapping[str, Any]) -> None:
        code = event["dossier"]["code"]
        self._journal.write("request", delivery=delivery, dossier=code)
        if delivery not in self._seen:
            self._seen.add(delivery)
            self._office.take(code, event.get("source_event_id", ""), event["kind"])
        self._journal.write("replied", delivery=delivery)

    async def _post(self, event: dict[str, Any]) -> None:
        status, answer = await self._caller.call("POST", "/v1/events", json.dumps(event).encode(), _JSON)
        if status != web.HTTPAccepted.status_code:
            facts = {"dossier": event["dossier"]["code"], "event": event["source_event_id"]}
            self._journal.write("refused", **facts, status=status, answer=answer.decode()[:500])
