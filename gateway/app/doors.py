"""What stands behind the doors: built of the parts and of one configuration, at a start and at every change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.app.fetch import FetchRules
from gateway.app.linking import registers
from gateway.app.parts import Course, Parts
from gateway.app.resting import resting_doors
from gateway.core.ids import SystemId
from gateway.core.pressure import Trouble
from gateway.ingress.doors import Doors
from gateway.ingress.room import Room
from gateway.intake.gauge import Gauge
from gateway.intake.intake import Intake, IntakeGear
from gateway.ops.configuring import Configurer
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
    resting = resting_doors(
        configuration, course.planning, machine=machine, store=store, blobs=parts.blobs, versions=parts.versions
    )
    gear = _intake_gear(parts, course, hall)
    return replace(
        resting,
        intake=before.intake.turned(gear) if before else Intake(gear),
        keeper=replace(resting.keeper, live=hall.relay.weather),
        links=course.links,
        heard=hall.relay.weather.heard,
        asker=_asker(parts, course, before),
        configurer=hall.configurer,
        authenticator=parts.authenticator,
        plug_in=replace(resting.plug_in, entry=course.entry),
        partners=course.partners,
        failures=parts.failures,
        room=hall.room,
        receivers={
            name: member.adapter for name, member in course.crew.items() if isinstance(member.adapter, Receives)
        },
        ready=_Ready(hall.relay, store),
        strain=hall.gauge.now,
        metrics=machine.metrics.render,
        is_closing=hall.closing.is_begun,
    )


def _intake_gear(parts: Parts, course: Course, hall: Hall) -> IntakeGear:
    relay = hall.relay

    async def on_accepted(accepted: Accepted, slots: Slots | None) -> None:
        if slots is not None:
            await relay.take(accepted.leased, slots)
        relay.wake()

    planning = replace(course.planning, strain=hall.gauge.now)
    return IntakeGear(
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
