"""What the gateway is compared with, each in a process of its own.

``sink``: a partner that takes everything at once. ``careful``: a proxy with keys, validation and logs that keeps
nothing (``bench.careful``). ``bare``: forwards each request to the sink and answers, unseen and unlogged.
``storeless``: the gateway's own doors, authentication and logs over an inbox that keeps nothing. ``proved`` and
``unproved``: the same doors over a real store, with and without the chain of evidence; nothing is relayed.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvloop
from aiohttp import ClientSession, TCPConnector, web

from bench.careful import Careful, careful_app
from gateway.app.entering import make_entry, seal_of
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.ids import DossierId, KeyId, MessageId, SystemId
from gateway.core.message import Actor, ActorKind, Draft, Receipt
from gateway.core.planning import Planner, Planning
from gateway.ingress.app import make_app
from gateway.ingress.doors import Doors, PlugInDoor
from gateway.ingress.room import Room
from gateway.intake.intake import Intake, IntakeGear
from gateway.observability.logs import set_up
from gateway.ops.adopting import Adopter
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.weather import Keeper
from gateway.ports.keys import KeyRole, Keys
from gateway.ports.store import Accepted, Bookmark, Inbox, Slots, Store
from gateway.query.asker import Asker
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator, new_key
from gateway.security.links import NO_LINKS
from gateway.stores.blobs import LocalBlobs
from gateway.stores.memory import MemoryStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning

_TAKEN = b'{"error_code":"0","message":"ok"}'
_TAKEN_BY_SOAP = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<nhanHoSoResponse xmlns="urn:sample:nhanhoso:1"><error_code>0</error_code><message>ok</message>'
    b"</nhanHoSoResponse></s:Body></s:Envelope>"
)


@dataclass(slots=True)
class Sink:
    """Counts what it takes."""

    taken: int = 0

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take one request, or tell how many were taken."""
        if request.path == "/taken":
            return web.Response(text=str(self.taken))
        await request.read()
        self.taken += 1
        if request.path == "/soap":
            return web.Response(body=_TAKEN_BY_SOAP, content_type="text/xml", charset="utf-8")
        return web.Response(body=_TAKEN, content_type="application/json")


class Forgetful:
    """An inbox that keeps nothing: the ceiling of the doors over it."""

    def __init__(self, machine: Machine, store: MemoryStore) -> None:
        self._machine = machine
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def accept(
        self,
        drafts: Sequence[Draft],
        *,
        plan: Planner,  # noqa: ARG002 - the port's signature
        bookmark: Bookmark | None = None,  # noqa: ARG002 - the port's signature
        slots: Slots | None = None,  # noqa: ARG002 - the port's signature
    ) -> Accepted:
        """Answer as if each draft had been accepted."""
        return Accepted(results=tuple(self._receipt() for _ in drafts))

    def _receipt(self) -> Receipt:
        new = self._machine.ids.new
        return Receipt(
            message_id=MessageId(new()),
            dossier_id=DossierId(new()),
            revision=1,
            accepted_at=self._machine.clock.now(),
            deliveries=(),
            duplicate=False,
            matched=True,
        )


async def sink(port: int) -> None:
    """Serve the sink."""
    await _serve(web.ServerRunner(web.Server(Sink().take, access_log=None)), port)


async def bare(port: int, target: str) -> None:
    """Serve the proxy that looks at nothing."""
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def forward(request: web.Request) -> web.Response:
            body = await request.read()
            async with session.post(target, data=body, headers={"Content-Type": "application/json"}) as reply:
                await reply.read()
            return web.json_response({"status": reply.status}, status=202)

        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/v1/dossiers", forward)
        await _serve(web.AppRunner(app, access_log=None), port)


async def careful(port: int, target: str, config: Path, data: Path) -> None:
    """Serve the careful proxy; leaves the portal's key in a file."""
    machine = Machine()
    log = set_up(load(config).settings.logs, Layout(data).logs)
    store = MemoryStore(clock=machine.clock, ids=machine.ids)
    await _add_key(store, machine, data)
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        proxy = Careful(Authenticator(store, machine.clock), session, target, machine)
        await _serve(web.AppRunner(careful_app(proxy.submit), access_log=None), port)
    log.close()


async def _add_key(store: Keys, machine: Machine, data: Path) -> None:
    made = new_key(KeyId("bench"), role=KeyRole.SYSTEM, name="portal", created_at=machine.clock.now())
    await store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="bench"))
    (data / "key").write_text(made.text, encoding="utf-8")


async def storeless(port: int, config: Path, data: Path) -> None:
    """Serve the gateway's doors over nothing; leaves the portal's key in a file."""
    machine = Machine()
    store = MemoryStore(clock=machine.clock, ids=machine.ids)
    inbox = cast("Inbox", Forgetful(machine, store))  # the rest of the port is the store's
    await _serve_doors(port, load(config), data, machine, store, inbox)


async def durable(port: int, config: Path, data: Path, *, evidence: bool) -> None:
    """Serve the gateway's doors over a real store; leaves the portal's key in a file."""
    machine = Machine()
    tuning = Tuning(evidence=evidence)
    async with SqliteStore(Layout(data).database, clock=machine.clock, ids=machine.ids, tuning=tuning) as store:
        await _serve_doors(port, load(config), data, machine, store, store)


async def _serve_doors(
    port: int, configuration: Configuration, data: Path, machine: Machine, store: Store, inbox: Inbox
) -> None:
    layout = Layout(data)
    await _add_key(store, machine, data)
    book = route_book(configuration)
    planning = Planning(book=book, new_id=machine.ids.new)
    authenticator = Authenticator(store, machine.clock)
    seal = await seal_of(NO_LINKS, layout.session_key)
    entry = make_entry(configuration, authenticator, {}, clock=machine.clock, seal=seal)
    doors = Doors(
        intake=Intake(IntakeGear(inbox=inbox, files=store, planning=planning)),
        ledger=store,
        files=store,
        feed=store,
        keys=store,
        evidence=store,
        decider=Decider(store=store, plan=planning, systems=()),
        proposer=Proposer(store=store, plan=planning, clock=machine.clock, declarations={}),
        lookout=Lookout(store=store, patience=configuration.patience(), clock=machine.clock),
        retention=store,
        replays=ReplayDesk(store=store, systems=()),
        keeper=Keeper(store=store, clock=machine.clock, terms={}),
        adopter=Adopter(store=store, plan=planning, book=book),
        auditor=Auditor(
            store=store,
            clock=machine.clock,
            declarations={},
        ),
        asker=Asker({}, frozenset(), store, machine.clock),
        authenticator=authenticator,
        uses=store,
        failures=Failures(machine.clock, most=configuration.settings.plug_in.failures),
        plug_in=PlugInDoor(entry=entry, settings=configuration.settings.plug_in, services=configuration.services),
        blobs=LocalBlobs(layout.blobs(""), clock=machine.clock, ids=machine.ids),
        wakeups=machine.wakeups,
        clock=machine.clock,
        ids=machine.ids,
        server=configuration.settings.server,
        room=Room.of(configuration.settings.server),
        book=book,
        systems={SystemId(name): system for name, system in configuration.systems.items()},
    )
    log = set_up(configuration.settings.logs, layout.logs)
    await _serve(web.AppRunner(make_app(doors), access_log=None), port)
    log.close()


async def _serve(runner: web.BaseRunner, port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> None:
    """Serve one of them until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=("sink", "bare", "careful", "storeless", "proved", "unproved"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--target", default="")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    ways = {
        "sink": lambda: sink(asked.port),
        "bare": lambda: bare(asked.port, asked.target),
        "careful": lambda: careful(asked.port, asked.target, asked.config, asked.data),
        "storeless": lambda: storeless(asked.port, asked.config, asked.data),
        "proved": lambda: durable(asked.port, asked.config, asked.data, evidence=True),
        "unproved": lambda: durable(asked.port, asked.config, asked.data, evidence=False),
    }
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(ways[asked.peer]())


if __name__ == "__main__":
    main()
