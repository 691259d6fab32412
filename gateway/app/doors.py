"""What stands behind the doors: built of the parts and of one configuration, at a start and at every change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.app.fetch import FetchRules
from gateway.app.linking import called, registers
from gateway.app.parts import Course, Parts
from gateway.app.workshop import LocalWorkshop
from gateway.core.ids import SystemId
from gateway.core.pressure import Trouble
from gateway.ingress.doors import Doors, PlugInDoor
from gateway.ingress.room import Room
from gateway.intake.gauge import Gauge
from gateway.intake.intake import Desk, Intake
from gateway.ops.adopting import Adopter
from gateway.ops.configuring import Configurer
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.weather import Keeper
from gateway.ops.whatif import WhatIf
from gateway.ports.adapter import Receives
from gateway.ports.store import Accepted, Slots
from gateway.query.asker import Asker
from gateway.relay.relay import Relay
from gateway.stores.sql.store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """What the doors share, whatever the configuration."""

    relay: Relay
    gauge: Gauge
    room: Room
    closing: Closing
    configurer: Configurer


class Closing:
    """The end of a gateway: who waits for news is woken, and does not wait again."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._begun = False

    def begin(self) -> None:
        """Wake everybody for the last time."""
        self._begun = True
        self._parts.machine.wakeups.wake(self._parts.fleet.systems)

    def is_begun(self) -> bool:
        """Whether the gateway is about to end."""
        return self._begun


class _Ready:
    """Answers ``/readyz``."""

    def __init__(self, relay: Relay, store: SqlStore) -> None:
        self._relay = relay
        self._store = store

    async def __call__(self) -> tuple[str, ...]:
        """Return the parts that do not work."""
        store = () if self._store.works else ("store",)
        put_back = (str(Trouble.PUT_BACK),) if self._store.trouble is Trouble.PUT_BACK else ()
        relay = () if self._relay.ready.is_set() else ("relay",)
        return (*store, *put_back, *relay)


def make_doors(parts: Parts, course: Course, hall: Hall, before: Doors | None = None) -> Doors:
    """Return what stands behind the doors; ``before`` is what stood there until now, with what it has under way."""
    configuration, machine, store = course.configuration, parts.machine, parts.store
    systems = {SystemId(name): system for name, system in configuration.systems.items()}
    declarations = {name: system.declarations() for name, system in systems.items()}
    desk = _desk(parts, course, hall)
    return Doors(
        intake=before.intake.turned(desk) if before else Intake(desk),
        ledger=store,
        files=store,
        feed=store,
        keys=store,
        evidence=store,
        decider=Decider(store=store, plan=course.planning, systems=frozenset(systems)),
        proposer=Proposer(store=store, plan=course.planning, clock=machine.clock, declarations=declarations),
        lookout=Lookout(store=store, patience=configuration.patience(), clock=machine.clock),
        retention=store,
        replays=ReplayDesk(store=store, systems=frozenset(systems)),
        keeper=Keeper(
            store=store,
            clock=machine.clock,
            terms=called(configuration),
            live=hall.relay.weather,
        ),
        links=course.links,
        heard=hall.relay.weather.heard,
        adopter=Adopter(store=store, plan=course.planning, book=course.planning.book),
        auditor=Auditor(store=store, clock=machine.clock, declarations=declarations),
        asker=_asker(parts, course, before),
        what_if=WhatIf(
            store=store,
            workshop=LocalWorkshop(
                configuration=configuration, versions=parts.versions, machine=machine, blobs=parts.blobs
            ),
            systems=frozenset(systems),
        ),
        configurer=hall.configurer,
        authenticator=parts.authenticator,
        plug_in=PlugInDoor(
            entry=course.entry, settings=configuration.settings.plug_in, services=configuration.services
        ),
        partners=course.partners,
        uses=store,
        failures=parts.failures,
        blobs=parts.blobs,
        wakeups=machine.wakeups,
        clock=machine.clock,
        ids=machine.ids,
        server=configuration.settings.server,
        room=hall.room,
        book=course.planning.book,
        systems=systems,
        receivers={
            name: member.adapter for name, member in course.crew.items() if isinstance(member.adapter, Receives)
        },
        ready=_Ready(hall.relay, store),
        strain=hall.gauge.now,
        metrics=machine.metrics.render,
        is_closing=hall.closing.is_begun,
    )


def _desk(parts: Parts, course: Course, hall: Hall) -> Desk:
    relay = hall.relay

    async def on_accepted(accepted: Accepted, slots: Slots | None) -> None:
        if slots is not None:
            await relay.take(accepted.leased, slots)
        relay.wake()

    planning = replace(course.planning, strain=hall.gauge.now)
    return Desk(
        inbox=parts.store,
        files=parts.store,
        planning=planning,
        slots=relay.slots,
        on_accepted=on_accepted,
        may_fetch=FetchRules.of(course.configuration).allow,
    )


def _asker(parts: Parts, course: Course, before: Doors | None) -> Asker:
    """Return what asks registers: through the same links as the relay."""
    known = registers(course.configuration, course.relay.links, course.crew)
    systems = frozenset(SystemId(name) for name in course.configuration.systems)
    if before is not None:
        return before.asker.turned(known, systems)
    return Asker(known, systems, parts.store, parts.machine.clock)
