"""A gateway's doors on a loopback port, over a memory store: everything real but the disk and the partners."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web

from gateway.app.fetch import FetchRules
from gateway.app.wakeups import LoopWakeups
from gateway.config.loader import defaults
from gateway.config.settings import Names, Server, ServiceConfig, SystemConfig
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.pressure import calm
from gateway.core.routing import RouteBook
from gateway.core.terms import Terms
from gateway.ingress.app import make_app
from gateway.ingress.doors import Doors, PlugInDoor
from gateway.ingress.room import Room
from gateway.intake.intake import Intake, IntakeGear
from gateway.ops.adopting import Adopter
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.weather import Keeper
from gateway.ports.keys import KeyRole
from gateway.ports.secrets import Secret
from gateway.ports.store import Accepted, Inbox
from gateway.query.asker import Asker
from gateway.security.entry import Entry, Password
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator, new_key
from gateway.security.sessions import Sessions
from gateway.security.wsse.partners import Partners
from gateway.stores.memory.store import MemoryStore
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, PORTAL, TAX, a_book, a_patience, a_planner, a_route
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from tests.integration.test_doors.described import described

OPERATOR = "operator"
PASSWORD = "mat-khau-mau"  # noqa: S105 - invented
JSON = {"Content-Type": "application/json"}
SERVER = Server(
    host="127.0.0.1",
    port=0,
    reuse_port=False,
    public_url="",
    body_limit=64 * 1024,
    file_limit=256 * 1024,
    read_timeout="5s",
    upload_timeout="5s",
    keepalive="5s",
    shutdown="1s",
    feed_wait="5s",
    connections=100,
    bodies=1024 * 1024,
    room_wait="50ms",
)


@dataclass(kw_only=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]


@dataclass(kw_only=True)
class Gate:
    """The doors, and keys to them."""

    url: str
    port: int
    store: MemoryStore
    blobs: MemoryBlobs
    clock: FakeClock
    wakeups: LoopWakeups
    keys: dict[str, str]
    session: ClientSession
    accepted: list[Accepted]
    handed_on: asyncio.Event

    async def call(self, method, path, body=None, *, who=PORTAL, headers=None, raw=None) -> Reply:
        """Call a door as one of the systems; `body` is sent as JSON, `raw` as it is."""
        sent = dict(headers or {})
        if who and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.keys[who]}"
        data = raw
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent = {**JSON, **sent}
        async with self.session.request(method, self.url + path, data=data, headers=sent) as answer:
            reply = Reply(status=answer.status, headers=answer.headers, body=await answer.read())
        described(method, path, reply.status, answer.content_type, reply.body)
        return reply

    async def post(self, path, body=None, **options) -> Reply:
        return await self.call("POST", path, body, **options)

    async def get(self, path, **options) -> Reply:
        return await self.call("GET", path, **options)

    async def raw(self, head: str, body: bytes, *, end: bool = True, who: str = PORTAL) -> bytes:
        """Send these very bytes; with `end` the sending side is closed then. Returns all that comes back."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            lines = [head, "Host: gateway.example", f"Authorization: Bearer {self.keys[who]}", "", ""]
            writer.write("\r\n".join(lines).encode("utf-8", "surrogateescape") + body)
            await writer.drain()
            if end:
                writer.write_eof()
            return await reader.read()
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

    async def is_empty(self) -> bool:
        """Whether no dossier, no delivery and no file was kept."""
        dossier = await self.store.dossiers("H01-1")
        return not dossier and not await self.store.find() and not self.blobs.objects


OpenGate = Callable[..., AbstractAsyncContextManager[Gate]]


def _config(system: SystemId, book: RouteBook) -> SystemConfig:
    connected = book.systems[system]
    return SystemConfig(
        id=system, name=Names(vi=f"Hệ thống {system}"), role=connected.role, adapter="rest", mode=connected.mode
    )


async def _make_keys(store: MemoryStore, clock: FakeClock, names: list[str]) -> dict[str, str]:
    keys = {}
    for position, name in enumerate(names):
        role = KeyRole.OPERATOR if name == OPERATOR else KeyRole.SYSTEM
        made = new_key(KeyId(f"k{position}"), role=role, name=name, created_at=clock.now())
        await store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
        keys[name] = made.text
    return keys


def _plug_in(authenticator: Authenticator, clock: FakeClock, prefixes: tuple[str, ...]) -> PlugInDoor:
    settings = msgspec.structs.replace(defaults().plug_in, prefixes=prefixes)
    sessions = Sessions(b"0" * 32, clock, life=timedelta(minutes=30))
    known = Password(username="dvc_mau", password=lambda: Secret(PASSWORD))
    entry = Entry(authenticator, sessions, Failures(clock, most=settings.failures), {PORTAL: known}, systems={PORTAL})
    service = ServiceConfig(code="1.001193", name="Đăng ký khai sinh", level=4, tier="commune", field="Hộ tịch")
    return PlugInDoor(entry=entry, settings=settings, services=(service,))


@asynccontextmanager
async def open_gate(
    *,
    server: Server = SERVER,
    inbox: Callable[[MemoryStore], Inbox] | None = None,
    book: RouteBook | None = None,
    **changes: Any,
) -> AsyncIterator[Gate]:
    clock, ids, wakeups = FakeClock(), FakeIds(), LoopWakeups()
    store = MemoryStore(clock=clock, ids=ids, notify=wakeups.wake, **changes.pop("store", {}))
    blobs = changes.pop("blobs", None) or MemoryBlobs()
    book = book or a_book(routes=[a_route(CIVIL_STATUS, TAX)])
    accepted: list[Accepted] = []
    handed_on = asyncio.Event()

    async def on_accepted(item: Accepted, _slots: object) -> None:
        accepted.append(item)
        handed_on.set()

    gear = IntakeGear(
        inbox=inbox(store) if inbox else store,
        files=store,
        planning=replace(a_planner(ids, book), strain=changes.get("strain", calm)),
        on_accepted=on_accepted,
        may_fetch=changes.pop("may_fetch", FetchRules.to(["http://portal.lan"], limit=1).allow),
    )
    authenticator = Authenticator(store, clock)
    doors = Doors(
        intake=Intake(gear),
        ledger=store,
        files=store,
        feed=store,
        keys=store,
        evidence=store,
        decider=Decider(store=store, plan=gear.planning, systems=book.systems),
        proposer=Proposer(
            store=store,
            plan=gear.planning,
            clock=clock,
            declarations={name: system.declarations for name, system in book.systems.items()},
        ),
        lookout=Lookout(store=store, patience=a_patience(), clock=clock),
        retention=store,
        replays=ReplayDesk(store=store, systems=book.systems),
        keeper=Keeper(store=store, clock=clock, terms=dict.fromkeys((PORTAL, CIVIL_STATUS), Terms(concurrency=8))),
        adopter=Adopter(store=store, plan=gear.planning, book=book),
        auditor=Auditor(
            store=store,
            clock=clock,
            declarations={name: system.declarations for name, system in book.systems.items()},
        ),
        asker=Asker({}, frozenset(book.systems), store, clock),
        authenticator=authenticator,
        partners=changes.pop("partners", Partners()),
        uses=store,
        failures=Failures(clock, most=3),
        plug_in=_plug_in(authenticator, clock, changes.pop("prefixes", ())),
        blobs=blobs,
        wakeups=wakeups,
        clock=clock,
        ids=ids,
        server=server,
        room=Room.of(server),
        book=book,
        systems={system: _config(system, book) for system in book.systems},
    )
    app = make_app(replace(doors, **changes))
    runner = web.AppRunner(
        app,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=1,
        lingering_time=0.1,
        auto_decompress=False,
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        async with ClientSession() as session:
            yield Gate(
                url=f"http://127.0.0.1:{port}",
                port=port,
                store=store,
                blobs=blobs,
                clock=clock,
                wakeups=wakeups,
                keys=await _make_keys(store, clock, [*book.systems, OPERATOR]),
                session=session,
                accepted=accepted,
                handed_on=handed_on,
            )
    finally:
        await runner.cleanup()


@pytest.fixture
def gate_with() -> OpenGate:
    """`async with gate_with(server=…) as gate`."""
    return open_gate


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    async with open_gate() as opened:
        yield opened


@pytest.fixture
def server() -> Callable[..., Server]:
    """The server's settings, with these changed."""
    return lambda **changes: msgspec.structs.replace(SERVER, **changes)


def a_body(code: str = "H01-1", **changes: Any) -> dict[str, Any]:
    dossier = {
        "code": code,
        "procedure": {"code": "1.000894", "name": "Đăng ký kết hôn"},
        "receiving_unit": {"code": "H01.12", "name": "UBND xã mẫu"},
        "owner": {"name": {"whole": "Nguyễn Văn Mẫu"}},
        "summary": "Đăng ký kết hôn",
        **changes,
    }
    return {"dossier": dossier}


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """A dossier to submit: `body("H01-2", summary="…")`."""
    return a_body


@pytest.fixture
def status() -> Callable[..., dict[str, Any]]:
    """An event about a dossier's status: `status("H01-1", 4)`."""

    def make(code: str = "H01-1", number: int = 4, **more: Any) -> dict[str, Any]:
        return {"kind": "status.changed", "dossier": {"code": code}, "data": {"status": number}, **more}

    return make


class Slow:
    """An inbox whose commit takes as long as the test wants."""

    def __init__(self, store) -> None:
        self._store = store
        self.begun = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.fails = False

    async def accept(self, drafts, **options):
        self.begun.set()
        await self.may_commit.wait()
        if self.fails:
            raise StoreUnavailable("it hung")
        return await self._store.accept(drafts, **options)


@pytest.fixture
async def slow(gate_with):
    made = []

    def make(store):
        made.append(Slow(store))
        return made[0]

    async with gate_with(inbox=make) as gate:
        yield gate, made[0]
