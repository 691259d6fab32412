"""The other side of ``business_registry``: a ministry's SOAP 1.1 system.

It does not deduplicate, but can be asked (``traCuu``). It throttles at first, sometimes drops its reply, now and then
before it has taken anything. It pushes status and results through the gateway's own SOAP door. All data is invented.
Written without the gateway's own SOAP code, so that the two check each other.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from xml.sax.saxutils import escape

from aiohttp import ClientSession, web
from lxml import etree

from gateway.testing.simulator import ASKS_FEE, ASKS_PAPER, LOSES_REPLY, Caller, Journal, Place, part_of, serve

Element: TypeAlias = etree._Element  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # lxml has no public name for it

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_OWN = "urn:sample:dangkykinhdoanh:1"
_DOOR = "urn:provincial-gateway:events:v1"
_MEANWHILE = 1.0  #: seconds
_XML = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}

SUPPLEMENTED, WITHDRAWN, AMENDED = 1, (2, 3), 4


@dataclass(slots=True)
class Case:
    """One dossier as this ministry has it."""

    code: str
    receipt: str
    scenario: int
    issued: int = 0
    arrived: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def event(self, kind: str) -> asyncio.Event:
        """Return the signal that something of this kind has arrived."""
        return self.arrived.setdefault(kind, asyncio.Event())


class Registry:
    """All that the ministry knows and does."""

    def __init__(self, place: Place, journal: Journal, caller: Caller, *, throttle: float, drop: float) -> None:
        self._journal = journal
        self._caller = caller
        self._random = random.Random(place.seed + 1)  # noqa: S311 - faults need a seed, not secrecy
        self._opens_at = time.monotonic() + throttle
        self._drop = drop
        self._taken: dict[str, Case] = {}
        self._cases: dict[str, Case] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one SOAP call."""
        if time.monotonic() < self._opens_at:
            return web.Response(status=503, headers={"Retry-After": "1"}, text="Hệ thống đang bảo trì")
        asked = _body(await request.read())
        operation, values = etree.QName(asked).localname, _values(asked)
        transaction = values["maGiaoDich"]
        if operation == "traCuu":
            return self._look_up(transaction)
        self._journal.write("request", delivery=transaction, dossier=values["maHoSo"], service=operation)
        await asyncio.sleep(self._random.uniform(0.005, 0.04))
        if self._loses() and request.transport is not None:  # before anything was taken
            return self._drop_reply(request, transaction)
        is_first = values["maHoSo"] not in self._cases
        case = self._take(operation, values)
        is_lost = self._loses() or (is_first and case.scenario == LOSES_REPLY)
        if is_lost and request.transport is not None:  # after it was taken
            return self._drop_reply(request, transaction)
        self._journal.write("replied", delivery=transaction)
        answer = f"<maLoi>00</maLoi><moTa>thành công</moTa><soBienNhan>{escape(case.receipt)}</soBienNhan>"
        return _reply(operation, answer)

    def _loses(self) -> bool:
        return self._random.random() < self._drop / 2

    def _drop_reply(self, request: web.Request, transaction: str) -> web.Response:
        self._journal.write("dropped", delivery=transaction)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _look_up(self, transaction: str) -> web.Response:
        self._journal.write("looked_up", delivery=transaction)
        case = self._taken.get(transaction)
        if case is None:
            return _reply("traCuu", "<tonTai>false</tonTai>")
        return _reply("traCuu", f"<tonTai>true</tonTai><soBienNhan>{escape(case.receipt)}</soBienNhan>")

    def _take(self, operation: str, values: dict[str, str]) -> Case:
        """Commit the effect: every call is one, for this ministry does not deduplicate."""
        code = values["maHoSo"]
        is_new = code not in self._cases
        case = self._cases.setdefault(code, Case(code, f"DKKD-{len(self._cases) + 1:06d}", part_of(code)))
        self._taken[values["maGiaoDich"]] = case
        kind = values.get("loai", "dossier.submitted" if operation == "guiHoSo" else "dossier.amended")
        self._journal.write("effect", dossier=code, event=values.get("maSuKien", ""), kind=kind, service=operation)
        case.event(kind).set()
        if is_new:
            task = asyncio.create_task(self._work(case))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return case

    async def _work(self, case: Case) -> None:
        """Process one dossier as its number asks for."""
        await self._say(case, "status.changed", "<statusChanged><status>2</status></statusChanged>")
        if case.scenario in WITHDRAWN:
            await case.event("withdrawal.requested").wait()
            await self._say(case, "withdrawal.accepted", "<withdrawalAccepted/>")
        else:
            await self._process(case)
        self._journal.write("finished", dossier=case.code)

    async def _process(self, case: Case) -> None:
        if case.scenario == AMENDED:
            await case.event("dossier.amended").wait()
        if case.scenario in (SUPPLEMENTED, ASKS_PAPER):
            await self._ask_for_a_paper(case)
        if case.scenario in (SUPPLEMENTED, ASKS_FEE):
            await self._ask_for_a_fee(case)
        await self._say(case, "status.changed", "<statusChanged><status>4</status></statusChanged>")
        paper = f"<id>{case.receipt}-1</id><name>Giấy chứng nhận đăng ký</name>"
        await self._say(case, "result.issued", f"<resultIssued>{paper}</resultIssued>")
        if case.scenario == SUPPLEMENTED:
            paper = f"<id>{case.receipt}-2</id><name>Giấy chứng nhận (đính chính)</name>"
            replaces = f"<replaces>{case.receipt}-1</replaces>"
            await self._say(case, "result.corrected", f"<resultCorrected>{paper}{replaces}</resultCorrected>")
        done = "<status>9</status><closing>granted</closing>"
        await self._say(case, "status.changed", f"<statusChanged>{done}</statusChanged>")

    async def _ask_for_a_paper(self, case: Case) -> None:
        paper = f"<id>BS-{case.receipt}</id><content>Bổ sung giấy tờ về trụ sở</content>"
        await self._say(case, "supplement.requested", f"<supplementRequested>{paper}</supplementRequested>")
        await case.event("supplement.submitted").wait()

    async def _ask_for_a_fee(self, case: Case) -> None:
        fee = "<code>LP02</code><name>Lệ phí đăng ký</name><amount>100000</amount>"
        await self._say(case, "fee.requested", f"<feeRequested>{fee}</feeRequested>")
        await case.event("fee.paid").wait()

    async def _say(self, case: Case, kind: str, stated: str) -> None:
        """Push one event through the gateway's SOAP door until it is accepted."""
        case.issued += 1
        event = f"{case.receipt}/{case.issued}"
        self._journal.write("issued", dossier=case.code, event=event, kind=kind)
        item = (
            f"<dossier><code>{escape(case.code)}</code></dossier><sourceEventId>{event}</sourceEventId>"
            f"<occurredAt>{datetime.now(UTC).isoformat(timespec='seconds')}</occurredAt>"
            f"<text>Cán bộ đã xử lý hồ sơ</text>{stated}"
        )
        body = _envelope(f'<submitEvents xmlns="{_DOOR}"><item>{item}</item></submitEvents>')
        status, answer = await self._caller.call("POST", "/soap/v1/events", body, _XML)
        while b"idempotency.in_progress" in answer:  # an earlier try, whose answer was lost, has not ended there
            await asyncio.sleep(_MEANWHILE)
            status, answer = await self._caller.call("POST", "/soap/v1/events", body, _XML)
        if b"receipt>" not in answer:
            self._journal.write("refused", dossier=case.code, event=event, status=status, answer=answer.decode()[:800])


def _body(data: bytes) -> Element:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    body = root.find(f"{{{_ENVELOPE}}}Body")
    if body is None or len(body) != 1:
        raise web.HTTPBadRequest(text="no SOAP body")
    return body[0]


def _values(element: Element) -> dict[str, str]:
    """Return the first text of every element without children, by its name."""
    found: dict[str, str] = {}
    for child in element.iter(f"{{{_OWN}}}*"):
        if len(child) == 0:
            found.setdefault(etree.QName(child).localname, child.text or "")
    return found


def _reply(operation: str, answer: str) -> web.Response:
    body = _envelope(f'<{operation}Response xmlns="{_OWN}">{answer}</{operation}Response>')
    return web.Response(body=body, content_type="text/xml", charset="utf-8")


def _envelope(body: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{_ENVELOPE}"><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


async def run() -> None:
    """Serve until told to stop."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--throttle", type=float, default=4)
    parser.add_argument("--drop", type=float, default=0.1)
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    async with ClientSession() as session:
        registry = Registry(place, journal, Caller(place, session), throttle=arguments.throttle, drop=arguments.drop)
        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/ws", registry.call)
        await serve(app, place.port)
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
