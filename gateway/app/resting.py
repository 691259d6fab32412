"""The doors of a gateway in which nothing runs: the command line's while none serves; ``app.doors`` adds what runs."""

from __future__ import annotations

from secrets import token_bytes

from gateway.app.linking import called
from gateway.app.machine import Machine
from gateway.app.versions import Versions
from gateway.app.workshop import LocalWorkshop
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration
from gateway.core.ids import SystemId
from gateway.core.planning import Planning
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
from gateway.ops.whatif import WhatIf
from gateway.ports.blobs import Blobs
from gateway.query.asker import Asker
from gateway.security.entry import Entry
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator
from gateway.security.sessions import Sessions
from gateway.stores.sql.store import SqlStore

_SECRET_BYTES = 32


def resting_doors(
    configuration: Configuration,
    planning: Planning,
    *,
    machine: Machine,
    store: SqlStore,
    blobs: Blobs,
    versions: Versions,
) -> Doors:
    """Return what stands behind the doors as far as it needs no relay: nobody is called, asked or let in."""
    systems = {SystemId(name): system for name, system in configuration.systems.items()}
    names, clock = frozenset(systems), machine.clock
    declarations = {name: system.declarations() for name, system in systems.items()}
    workshop = LocalWorkshop(configuration=configuration, versions=versions, machine=machine, blobs=blobs)
    authenticator = Authenticator(store, clock)
    failures = Failures(clock, most=configuration.settings.plug_in.failures)
    return Doors(
        intake=Intake(IntakeGear(inbox=store, files=store, planning=planning)),
        ledger=store,
        files=store,
        feed=store,
        keys=store,
        evidence=store,
        decider=Decider(store=store, plan=planning, systems=names),
        proposer=Proposer(store=store, plan=planning, clock=clock, declarations=declarations),
        lookout=Lookout(store=store, patience=configuration.patience(), clock=clock),
        retention=store,
        replays=ReplayDesk(store=store, systems=names),
        keeper=Keeper(store=store, clock=clock, terms=called(configuration)),
        adopter=Adopter(store=store, plan=planning, book=planning.book),
        auditor=Auditor(store=store, clock=clock, declarations=declarations),
        asker=Asker({}, names, store, clock),
        what_if=WhatIf(store=store, workshop=workshop, systems=names),
        authenticator=authenticator,
        plug_in=PlugInDoor(
            entry=_closed(configuration, authenticator, failures, machine),
            settings=configuration.settings.plug_in,
            services=configuration.services,
        ),
        uses=store,
        failures=failures,
        blobs=blobs,
        wakeups=machine.wakeups,
        clock=clock,
        ids=machine.ids,
        server=configuration.settings.server,
        room=Room.of(configuration.settings.server),
        book=planning.book,
        systems=systems,
    )


def _closed(configuration: Configuration, authenticator: Authenticator, failures: Failures, machine: Machine) -> Entry:
    """Return an entry that knows nobody."""
    life = as_timedelta(configuration.settings.plug_in.session)
    sessions = Sessions(token_bytes(_SECRET_BYTES), machine.clock, life=life)
    return Entry(authenticator, sessions, failures, {}, systems=frozenset())
