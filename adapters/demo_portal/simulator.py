"""The portal's side: hands over dossiers, answers what ministries ask for, and journals every webhook it is sent.

It takes each webhook once by its id, and sometimes takes one and drops the reply. Everything it sends is invented.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote

from aiohttp import ClientSession, web

from adapters.demo_portal.dossiers import Sample, Service, pdf, samples
from gateway.testing.simulator import Caller, Journal, Place, serve
from gateway.testing.webhooks import TOLERANCE, is_signed

_JSON = {"Content-Type": "application/json"}

SUPPLEMENTED, WITHDRAWN, WITHDRAWN_AT_ONCE, AMENDED = 1, 2, 3, 4


class Portal:
    """Everything the portal does."""

    def __init__(
        self, place: Place, journal: Journal, caller: Caller, *, drop: float, tolerance: int = TOLERANCE
    ) -> None:
        """Take webhooks that were signed so many seconds ago at most, and drop this share of the replies."""
        self._place = place
        self._tolerance = tolerance
        self._journal = journal
        self._caller = caller
        self._drop = drop
        self._random = random.Random(place.seed)  # noqa: S311 - faults need a seed, not secrecy
        self._seen: set[str] = set()
        self._samples: dict[str, Sample] = {}
        self._events: dict[str, int] = {}
        self._answered: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- handing over

    async def hand_over(self, chosen: list[Sample], per_second: float) -> None:
        """Submit all dossiers at this pace, several at a time."""
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for position, sample in enumerate(chosen):
                await asyncio.sleep(max(0.0, started + position / per_second - time.monotonic()))
                group.create_task(self._submit(sample))
        self._journal.write("handed_over", count=len(chosen))

    async def amend_at_once(self, sample: Sample, times: int) -> None:
        """Submit a dossier, then amend it so often at one moment: nobody says in which order."""
        await self._submit(sample)
        async with asyncio.TaskGroup() as group:
            for _ in range(times):
                group.create_task(self._amend(sample))

    async def _submit(self, sample: Sample) -> None:
        self._samples[sample.code] = sample
        files = [await self._upload(sample, size) for size in sample.files]
        body = dict(sample.body)
        if files:
            body["components"] = [{"name": "Đơn đề nghị và giấy tờ kèm theo", "files": files}]
        await self._send(sample, "POST", "/v1/dossiers", "dossier.submitted", {"dossier": body})
        if sample.number % 20 == WITHDRAWN_AT_ONCE:
            await self._state(sample, "withdrawal.requested", {"reason": "Công dân xin rút hồ sơ"})

    async def _upload(self, sample: Sample, size: int) -> dict[str, str]:
        content = pdf(size, sample.number)
        name = quote(f"Giấy tờ kèm theo {sample.number}.pdf")
        headers = {"Content-Type": "application/pdf", "X-File-Name": name}
        status, answer = await self._caller.call("POST", "/v1/files", content, headers)
        if status != web.HTTPCreated.status_code:
            self._journal.write("refused", dossier=sample.code, status=status, answer=answer.decode()[:500])
        return {"id": json.loads(answer)["id"], "name": f"Giấy tờ kèm theo {sample.number}.pdf"}

    async def _state(self, sample: Sample, kind: str, data: dict[str, object]) -> None:
        event: dict[str, object] = {"kind": kind, "dossier": {"code": sample.code}, "data": data}
        await self._send(sample, "POST", "/v1/events", kind, event)

    async def _send(self, sample: Sample, method: str, path: str, kind: str, body: dict[str, object]) -> None:
        """State one event with an id of our own, the same on every try."""
        number = self._events.get(sample.code, 0) + 1
        self._events[sample.code] = number
        event = f"{sample.code}#{number}"
        document = {**body, "source_event_id": event, "actor": {"name": "Cán bộ mẫu", "position": "Chuyên viên"}}
        raw = json.dumps(document, ensure_ascii=False).encode()
        begun = time.time()
        status, answer = await self._caller.call(method, path, raw, _JSON)
        if status not in (web.HTTPOk.status_code, web.HTTPAccepted.status_code):
            self._journal.write("refused", dossier=sample.code, event=event, status=status, answer=answer.decode())
            return
        receipt = json.loads(answer)
        message = receipt.get("message_id") or receipt["items"][0]["message_id"]
        self._journal.write(
            "sent",
            dossier=sample.code,
            event=event,
            kind=kind,
            systems=sample.service.systems,
            message=message,
            begun=begun,
        )

    # -- being told

    async def webhook(self, request: web.Request) -> web.Response:
        """Take one webhook, once."""
        body = await request.read()
        if not is_signed(request.headers, body, os.environ["PORTAL_WEBHOOK_SECRET"], tolerance=self._tolerance):
            return web.Response(status=401)
        delivery = request.headers["webhook-id"]
        event = json.loads(body)["data"]
        facts = {
            "delivery": delivery,
            "dossier": _province_code(event),
            "event": event.get("source_event_id", ""),
            "kind": event["kind"],
            "source": event["source"],
        }
        self._journal.write("request", **facts)
        if delivery not in self._seen:
            self._seen.add(delivery)
            self._journal.write("effect", **facts, data=event.get("data"))
            self._react(facts["dossier"], event)
        if self._random.random() < self._drop and request.transport is not None:
            self._journal.write("dropped", delivery=delivery)
            request.transport.abort()
        self._journal.write("replied", delivery=delivery)
        return web.Response(status=204)

    def _react(self, code: str, event: dict[str, object]) -> None:
        task = asyncio.create_task(self._answer(code, event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, code: str, event: dict[str, object]) -> None:
        """Do what the citizen or the desk would do."""
        sample, kind = self._samples.get(code), str(event["kind"])
        if sample is None or f"{code}/{kind}" in self._answered:
            return
        scenario = sample.number % 20
        if kind == "supplement.requested":
            await self._once(sample, kind, "supplement.submitted", {"id": _data(event)["id"]})
        elif kind == "fee.requested":
            fee = _data(event)
            await self._once(sample, kind, "fee.paid", {"code": fee["code"], "amount": fee["amount"]})
        elif kind == "status.changed" and scenario == WITHDRAWN:
            await self._once(sample, kind, "withdrawal.requested", {"reason": "Công dân xin rút hồ sơ"})
        elif kind == "status.changed" and scenario == AMENDED:
            await self._amend(sample)

    async def _once(self, sample: Sample, asked: str, kind: str, data: dict[str, object]) -> None:
        self._answered.add(f"{sample.code}/{asked}")
        await self._state(sample, kind, data)

    async def _amend(self, sample: Sample) -> None:
        self._answered.add(f"{sample.code}/status.changed")
        body = {**sample.body, "summary": f"{sample.body['summary']} (đã sửa địa chỉ)"}
        path = "/v1/dossiers/" + quote(sample.code, safe="")
        await self._send(sample, "PUT", path, "dossier.amended", {"dossier": body})


def _data(event: dict[str, object]) -> dict[str, object]:
    return _table(event["data"])


def _province_code(event: dict[str, object]) -> str:
    return str(_table(event["dossier"]).get("code", ""))


def _table(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def read_services(path: Path) -> list[Service]:
    """Return the services of the province's catalogue that a central system processes."""
    rows = [row for row in tomllib.loads(path.read_text(encoding="utf-8"))["service"] if row.get("system")]
    return [Service(code=row["code"], name=row["name"], tier=row["tier"], systems=tuple(row["system"])) for row in rows]


async def run() -> None:
    """Hand everything over, then listen until told to stop."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--services", type=Path, required=True)
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--per-second", type=float, default=40)
    parser.add_argument("--drop", type=float, default=0.03)
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    chosen = samples(read_services(arguments.services), arguments.count, place.seed, datetime.now(UTC))
    async with ClientSession() as session:
        portal = Portal(place, journal, Caller(place, session), drop=arguments.drop)
        app = web.Application(client_max_size=16 << 20)
        app.router.add_post("/webhooks/gateway", portal.webhook)
        async with asyncio.TaskGroup() as group:
            handing = group.create_task(portal.hand_over(chosen, arguments.per_second))
            await serve(app, place.port)
            handing.cancel()
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
