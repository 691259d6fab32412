"""What others reach the portal for, and what its officers do beside the timer: files, news, answers, questions.

The old protocol has no words for answers to a ministry and for questions to a register: they go by the gateway's own.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Mapping
from typing import cast

from aiohttp import web

from adapters.plug_in_portal.table import Row
from gateway.testing.simulator import Caller, Journal
from gateway.testing.webhooks import is_signed

ASKS_ABOUT = "2.001610"  #: the procedure whose dossiers the register of enterprises is asked about
_FILE_SIZE = 40_000
_JSON = {"Content-Type": "application/json"}
_REGISTER = "/v1/systems/enterprise_registry/queries/enterprise"
_OFFICER = {"name": "Cán bộ mẫu", "position": "Chuyên viên", "unit": "Bộ phận Một cửa", "officer_code": "CB-01"}

Event = Mapping[str, object]


class Desk:
    """The files that dossiers name, and the news that the portal is told: what a ministry asks for is given."""

    def __init__(self, journal: Journal, caller: Caller, seed: int, *, secret: str = "", drop: float = 0.0) -> None:
        self._journal = journal
        self._caller = caller
        self._seed = seed
        self._secret = secret
        self._drop = drop
        self._random = random.Random(seed)  # noqa: S311 - faults need a seed, not secrecy
        self._seen: set[str] = set()
        self._answering: set[asyncio.Task[None]] = set()

    def app(self) -> web.Application:
        """Return what serves files, and takes webhooks where there is a secret to check them by."""
        app = web.Application(client_max_size=16 << 20)
        app.router.add_get("/tep/{number}.pdf", self.download)
        if self._secret:
            app.router.add_post("/webhooks/gateway", self.webhook)
        return app

    async def download(self, request: web.Request) -> web.Response:
        """Answer with one file."""
        number = request.match_info["number"]
        self._journal.write("downloaded", file=number)
        content = random.Random(f"{self._seed}/{number}").randbytes(_FILE_SIZE)  # noqa: S311 - a sample, no secret
        return web.Response(body=b"%PDF-1.7\n" + content + b"\n%%EOF\n", content_type="application/pdf")

    async def webhook(self, request: web.Request) -> web.Response:
        """Take one piece of news, once by its id."""
        body = await request.read()
        if not is_signed(request.headers, body, self._secret):
            return web.Response(status=401)
        delivery, event = request.headers["webhook-id"], cast("Event", json.loads(body)["data"])
        self._journal.write("request", delivery=delivery)
        if delivery not in self._seen:
            self._seen.add(delivery)
            self._journal.write("effect", **_told(event))
            self._react(event)
        if self._random.random() < self._drop and request.transport is not None:
            self._journal.write("dropped", delivery=delivery)
            request.transport.abort()
        self._journal.write("replied", delivery=delivery)
        return web.Response(status=204)

    def _react(self, event: Event) -> None:
        """Give what is asked for: papers, or a fee."""
        asked = cast("Event", event.get("data") or {})
        match event["kind"]:
            case "supplement.requested":
                kind, data = "supplement.submitted", {name: asked[name] for name in ("id",) if name in asked}
            case "fee.requested":
                kind, data = "fee.paid", {name: asked[name] for name in ("code", "name", "amount")}
            case _:
                return
        task = asyncio.create_task(self._answer(event, kind, data))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, event: Event, kind: str, data: Event) -> None:
        scheme, code = _name_of(event)
        about = {"scheme": scheme, "code": code}
        stated = {"kind": kind, "source_event_id": f"{code}#{kind}", "dossier": about, "data": data}
        status, answer = await self._caller.call("POST", "/v1/events", json.dumps(stated).encode(), _JSON)
        if status in {web.HTTPOk.status_code, web.HTTPAccepted.status_code}:
            self._journal.write("answered", dossier=code, kind=kind, to=event["source"])
        else:
            self._journal.write("refused", dossier=code, kind=kind, status=status, answer=_begin(answer))


def _told(event: Event) -> dict[str, object]:
    _, code = _name_of(event)
    known = {"dossier": code, "event": event.get("source_event_id", "")}
    return {**known, "kind": event["kind"], "source": event["source"], "data": event.get("data")}


def _name_of(event: Event) -> tuple[str, str]:
    """Return scheme and code of the dossier: the portal's own, or where it has none another one."""
    dossier = cast("Event", event["dossier"])
    codes = [dossier, *cast("list[Event]", dossier.get("references") or [])]
    return next((str(one.get("scheme", "province")), str(one["code"])) for one in codes if "code" in one)


class Officers:
    """They ask the register of enterprises about each dossier of one procedure, until they are answered."""

    def __init__(self, journal: Journal, caller: Caller) -> None:
        self._journal = journal
        self._caller = caller

    async def ask(self, rows: Iterable[Row]) -> None:
        """Ask about one dossier after the other."""
        for row in rows:
            if row.procedure == ASKS_ABOUT:
                await self._ask(row)

    async def _ask(self, row: Row) -> None:
        number = f"99{row.number:08d}"
        asked = {"request": {"tax_code": number}, "officer": _OFFICER, "purpose": f"Thẩm tra hồ sơ {row.code}"}
        body = json.dumps(asked, ensure_ascii=False).encode()
        status, answer = await self._caller.call("POST", _REGISTER, body, _JSON)
        if status == web.HTTPOk.status_code:
            self._journal.write("asked", dossier=row.code, number=number)
        else:
            self._journal.write("refused", dossier=row.code, number=number, status=status, answer=_begin(answer))


def _begin(answer: bytes) -> str:
    return answer.decode()[:500]
