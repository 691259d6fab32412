"""Everything outside one gateway: its portal, its ministries, their books, and the load that they make."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector, web

from adapters.demo_portal.dossiers import Sample, Service, pdf, samples
from adapters.demo_portal.simulator import AMENDED, Portal, read_services
from adapters.demo_rest.simulator import Ministry
from adapters.demo_soap.simulator import Registry
from gateway.cli.demo.tally import Report, tally
from gateway.testing.ports import free_ports
from gateway.testing.simulator import LOOPBACK, Caller, Journal, Place
from tests.crash.boundaries import CALLED
from tests.crash.offices import REFUSED, Land, Records

SYSTEMS = (*CALLED, "land_registry")
_AT_ONCE = 8  #: dossiers that the portal has under way at once
_PACE = 0.1  #: seconds between two of them
_BURST = 24
_DROP = 0.03  #: the share of replies that partners drop by themselves
_SAMPLES = 5000

_TOLERANCE = 600  #: seconds: a node's clock may be wrong by five minutes, and its webhooks are signed by that

#: Told which system has all bytes of a send, and as what the sender speaks; says whether it takes effect then, or the
#: line is cut.
Watch = Callable[[str, str], Awaitable[bool]]

_ONCE = frozenset({"sent", "issued", "effect", "finished"})  #: lines of what is done once; others may come for ever


class Book(Journal):
    """A journal whose lines are at hand, too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lines: list[dict[str, Any]] = []
        self.submitted: list[str] = []
        self.finished: set[str] = set()
        self.steps = 0

    def write(self, what: str, **facts: Any) -> dict[str, object]:
        """Append one line."""
        line = super().write(what, **facts)
        self.lines.append(line)
        self.steps += what in _ONCE
        if what == "finished":
            self.finished.add(facts["dossier"])
        if what == "sent" and facts["kind"] == "dossier.submitted":
            self.submitted.append(facts["dossier"])
        return line


class Asking(Caller):
    """A caller that shows what it has asked and not been answered."""

    def __init__(self, place: Place, session: ClientSession) -> None:
        super().__init__(place, session)
        self.under_way: list[bytes] = []  #: the bodies

    async def call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Call as a careful partner does; whoever waits for its feed asks for nothing."""
        if path.startswith("/v1/events?"):
            return await super().call(method, path, body, headers)
        self.under_way.append(body)
        try:
            return await super().call(method, path, body, headers)
        finally:
            self.under_way.remove(body)


class Town:
    """The partners of one gateway, in this process."""

    def __init__(self, folder: Path, seed: int, watch: Watch, *, at_once: int = 1) -> None:
        """Partners of the gateway configured in ``folder``; what is amended is amended so often at one moment."""
        self._at_once = at_once
        self._seed = seed
        self._watch = watch
        self.ports = free_ports("gateway", *CALLED)
        self.books = {system: Book(folder / "journals" / f"{system}.jsonl") for system in SYSTEMS}
        self.records = Records(self.books["criminal_record"])
        self._samples = iter(_with_addresses(_samples(folder, seed), self.ports["portal"]))
        self._tasks: list[asyncio.Task[None]] = []
        self._callers: dict[str, Asking] = {}
        self._late: set[int] = set()  #: files that were asked for in vain
        self._portal: Portal | None = None
        self._is_open = True

    @property
    def url(self) -> str:
        """Return the gateway's address."""
        return f"http://{LOOPBACK}:{self.ports['gateway']}"

    def report(self) -> Report:
        """Return what the books say."""
        return tally({system: book.lines for system, book in self.books.items()})

    @property
    def steps(self) -> int:
        """Return how much has been done once and for all, by anybody."""
        return sum(book.steps for book in self.books.values())

    @property
    def polls(self) -> int:
        """Return how often the gateway has asked for the news of the partner that does not call."""
        return self.records.asked

    @property
    def is_asking(self) -> bool:
        """Whether a partner waits for an answer of the gateway's."""
        return any(caller.under_way for caller in self._callers.values())

    def still_asks(self, event: str) -> bool:
        """Whether the gateway has not told, so far, that it has this event."""
        asked = [body for caller in self._callers.values() for body in caller.under_way]
        return event in self.records.unread() or any(event.encode() in body for body in asked)

    @asynccontextmanager
    async def open(self, keys: dict[str, str]) -> AsyncGenerator[None]:
        """Have every partner there, each on its own port."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(new_session())
            self._callers = {system: Asking(self._place(system, keys[system]), session) for system in SYSTEMS}
            apps = self._apps(self._callers, keys)
            for system, app in apps.items():
                runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
                await runner.setup()
                stack.push_async_callback(runner.cleanup)
                await web.TCPSite(runner, LOOPBACK, self.ports[system]).start()
            stack.push_async_callback(self._stop)
            yield

    def close_counter(self) -> None:
        """Hand over nothing more; what has begun is finished."""
        self._is_open = False

    async def hand_over(self) -> None:
        """Hand dossiers over until the counter is closed, so many under way at once."""
        while self._is_open:
            if self._under_way() < _AT_ONCE:
                await self._hand_over_next()
            await asyncio.sleep(_PACE)

    async def _hand_over_next(self) -> None:
        sample = next(self._samples)
        if self._portal is not None and self._at_once > 1 and sample.number % 20 == AMENDED:
            await self._portal.amend_at_once(sample, self._at_once)
        else:
            await self._hand_over([sample])

    def burst(self) -> None:
        """Hand over many dossiers at one moment, and do not wait for it."""
        self._tasks.append(asyncio.create_task(self._hand_over([next(self._samples) for _ in range(_BURST)])))

    async def _hand_over(self, chosen: list[Sample]) -> None:
        if self._portal is None:
            raise RuntimeError("open the town first")
        await self._portal.hand_over(chosen, 10_000)

    def _under_way(self) -> int:
        """Count the latest dossiers that nobody is done with; what waits for a person is no reason to wait."""
        latest = self.books["portal"].submitted[-2 * _AT_ONCE :]
        return sum(not any(dossier in book.finished for book in self.books.values()) for dossier in latest)

    def _place(self, system: str, key: str) -> Place:
        port = self.ports.get(system, 0)
        return Place(port=port, journal=Path(), gateway=self.url, key=key, seed=self._seed)

    def _apps(self, callers: Mapping[str, Caller], keys: dict[str, str]) -> dict[str, web.Application]:
        name = "portal"
        place = self._place(name, keys[name])
        self._portal = Portal(place, self.books[name], callers[name], drop=_DROP, tolerance=_TOLERANCE)
        name = "driver_licence"
        ministry = Ministry(self._place(name, keys[name]), self.books[name], callers[name], drop=_DROP)
        name = "business_registry"
        registry = Registry(self._place(name, keys[name]), self.books[name], callers[name], throttle=0, drop=_DROP)
        land = Land(self.books["land_registry"], callers["land_registry"])
        self._tasks.append(asyncio.create_task(land.read()))
        login = web.post("/mapi/login", ministry.login)
        return {
            "driver_licence": self._app("driver_licence", ("/mapi/g", ministry.call), login),
            "business_registry": self._app("business_registry", ("/ws", registry.call)),
            "criminal_record": self._app(
                "criminal_record", ("/ho-so", self.records.call), web.get("/tin", self.records.news)
            ),
            "portal": self._app(
                "portal", ("/webhooks/gateway", self._portal.webhook), web.get("/tep/{number}", self._file)
            ),
        }

    def _app(self, system: str, send: tuple[str, Any], *others: web.RouteDef) -> web.Application:
        """Return a partner that takes sends at one path; whoever watches hears of each before and after."""
        path, take = send

        async def watched(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            is_idle = b"traCuu" in body or REFUSED.encode() in body
            if is_idle or await self._watch(system, request.headers.get("User-Agent", "")):
                return await take(request)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()

        app = web.Application(client_max_size=32 << 20)
        app.add_routes([web.post(path, watched), *others])
        return app

    async def _file(self, request: web.Request) -> web.Response:
        """Serve a file that a dossier names by address; every third cannot be had when it is first asked for."""
        number = int(request.match_info["number"])
        if number % 3 == 0 and number not in self._late:
            self._late.add(number)
            return web.Response(status=503)
        return web.Response(body=pdf(5_000, number), content_type="application/pdf")

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for book in self.books.values():
            book.close()


def new_session() -> ClientSession:
    """Return a session that connects for every call: whoever stands before several gateways shares the calls out."""
    return ClientSession(connector=TCPConnector(force_close=True))


def _samples(folder: Path, seed: int) -> list[Sample]:
    """Return dossiers for all ministries in turn, those of the demo's two not more often than those of the others."""
    services = read_services(folder / "config" / "services.toml")
    others = [service for service in services if service.code[0] in "34"]
    mixed: list[Service] = []
    for service in services[: len(services) - len(others)]:
        mixed += [service, others[len(mixed) // 2 % len(others)]]
    mixed.append(mixed[0])  # an odd number of them, so that each meets every twentieth dossier's story
    return samples(mixed, _SAMPLES, seed, datetime.now(UTC))


def _with_addresses(chosen: list[Sample], port: int) -> list[Sample]:
    """Let the files of one ministry's dossiers be fetched from the portal, by address."""
    return [
        _with_address(sample, port) if sample.service.systems == ("criminal_record",) else sample for sample in chosen
    ]


def _with_address(sample: Sample, port: int) -> Sample:
    content = pdf(5_000, sample.number)
    file = {
        "url": f"http://{LOOPBACK}:{port}/tep/{sample.number}",
        "name": "Tờ khai.pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return replace(sample, files=(), body={**sample.body, "components": [{"name": "Tờ khai", "files": [file]}]})
