"""The desk where no gateway serves: straight on the store's file, with the same answers."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.app.adapters import UnknownSecrets
from gateway.app.attachments import attachments
from gateway.app.layout import Layout
from gateway.app.linking import called
from gateway.app.machine import Machine
from gateway.app.marking import Marker
from gateway.app.secrets import LocalSecrets
from gateway.app.versions import Versions
from gateway.app.workshop import LocalWorkshop
from gateway.cli.adopts_file import FileAdopts
from gateway.cli.configures_file import FileConfigures
from gateway.cli.decisions_file import FileDecisions
from gateway.cli.failures import Failed
from gateway.cli.proposals_file import FileProposals
from gateway.cli.questions_file import FileQuestions
from gateway.cli.reconciles_file import FileReconciles
from gateway.cli.replays_file import FileReplays
from gateway.cli.restores_file import FileRestores
from gateway.cli.retains_file import FileRetains
from gateway.cli.tending_file import FileTending
from gateway.cli.trials_file import FileTrials
from gateway.cli.watches_file import FileWatches
from gateway.config.book import route_book
from gateway.config.nearest import suggestion
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError
from gateway.core.ids import DossierId, KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.planning import Planning
from gateway.core.record import Shown, View
from gateway.evidence.export import export
from gateway.ingress.bodies import DeliveryBody, DossierBody, KeyBody, TimelineBody
from gateway.ingress.rest_ops import key_body
from gateway.ingress.tending import Post
from gateway.ingress.views import Eyes
from gateway.ops.adopting import Adopter
from gateway.ops.decisions import Decider
from gateway.ops.lookout import Lookout
from gateway.ops.operator import Operator, UnknownHolder, UnknownKey
from gateway.ops.proposing import Proposer
from gateway.ops.reconciling import Auditor
from gateway.ops.replaying import ReplayDesk
from gateway.ops.shadowing import Shadower
from gateway.ops.weather import Keeper
from gateway.ops.whatif import WhatIf
from gateway.ports.blobs import Blobs
from gateway.ports.store import KeyRole, Store, TooManyKeys
from gateway.security.keys import Caller


class FileDesk(
    FileAdopts,
    FileConfigures,
    FileDecisions,
    FileProposals,
    FileQuestions,
    FileReconciles,
    FileReplays,
    FileRestores,
    FileRetains,
    FileTending,
    FileTrials,
    FileWatches,
):
    """Answers from the store itself; acts are recorded under ``person``, or whoever is logged in."""

    def __init__(
        self,
        store: Store,
        configuration: Configuration,
        machine: Machine,
        person: Actor | None,
        layout: Layout,
    ) -> None:
        self._configuration, self._versions = configuration, Versions(layout.configurations)
        self._evidence, self._clock, self._inquiries = store, machine.clock, store
        self._systems = {SystemId(name): system for name, system in configuration.systems.items()}
        actor = person or Actor(kind=ActorKind.OPERATOR, name=_person())
        self._operator = Operator(
            ledger=store,
            keys=store,
            clock=machine.clock,
            ids=machine.ids,
            systems=self._systems,
            actor=actor,
        )
        caller = Caller(actor=actor, role=KeyRole.OPERATOR, system=None)
        book = route_book(configuration)
        decider = Decider(
            store=store, plan=Planning(book=book, new_id=machine.ids.new), systems=frozenset(self._systems)
        )
        self._replays, self._retention = ReplayDesk(store=store, systems=frozenset(self._systems)), store
        self._restores, self._marker = store, Marker(book=store, layout=layout, clock=machine.clock)
        declarations = {name: system.declarations() for name, system in self._systems.items()}
        self._auditor = Auditor(store=store, clock=machine.clock, declarations=declarations)
        self._shadower = Shadower(ledger=store, systems=frozenset(self._systems))
        self._adopter = Adopter(store=store, plan=decider.plan, book=book)
        self._proposer = Proposer(
            store=store,
            plan=decider.plan,
            clock=machine.clock,
            declarations=declarations,
        )
        self._lookout = Lookout(store=store, patience=configuration.patience(), clock=machine.clock)
        eyes = Eyes(
            caller=caller,
            book=book,
            language="vi",
            reckoning=self._lookout.patience.reckoning,
            now=machine.clock.now(),
        )
        keeper = Keeper(store=store, clock=machine.clock, terms=called(configuration))
        blobs = _attachments(configuration, layout, machine)
        workshop = LocalWorkshop(configuration=configuration, versions=self._versions, machine=machine, blobs=blobs)
        self._what_if = WhatIf(store=store, workshop=workshop, systems=frozenset(self._systems))
        self._post = Post(keeper=keeper, ledger=store, systems=self._systems, eyes=eyes)
        super().__init__(decider, eyes)

    async def find(self, code: str, scheme: str) -> tuple[DossierBody, ...]:
        """Return the dossiers with this code."""
        found = await self._operator.find(code, scheme)
        await self._viewed(Shown.DOSSIER, (view.id for view in found))
        return tuple(self._eyes.dossier(view) for view in found)

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first."""
        found = await super().deliveries(state, system, limit)
        await self._viewed(Shown.DELIVERY, (item.id for item in found))
        return found

    async def timeline(self, dossier: str) -> TimelineBody:
        """Return everything that happened to the dossier."""
        found = await self._operator.inspect(DossierId(dossier))
        if found is None:
            raise Failed(f"no dossier has the code or id {dossier}")
        await self._viewed(Shown.TIMELINE, (dossier,))
        return self._eyes.timeline(*found)

    async def evidence(self, since: datetime | None) -> AsyncIterator[bytes]:
        """Yield the file of evidence in pieces."""
        async for piece in export(self._evidence, at=self._clock.now(), since=since):
            yield piece

    async def keys(self) -> tuple[KeyBody, ...]:
        """Return all keys."""
        return tuple(key_body(record) for record in await self._operator.all_keys())

    async def new_key(self, name: str, role: str) -> KeyBody:
        """Make a key."""
        try:
            made = await self._operator.give_key(name, KeyRole(role))
        except UnknownHolder:
            raise Failed(f"there is no system {name!r}; {suggestion(name, self._systems)}", status=2) from None
        except TooManyKeys:
            raise Failed(f"{name} has two live keys already: revoke one first (./run_gateway.py keys list)") from None
        return msgspec.structs.replace(key_body(made.record), key=made.text)

    async def _viewed(self, shown: Shown, ids: Iterable[str]) -> None:
        """Record that the person at the desk is about to be shown contents."""
        named = tuple(ids)
        if named:
            await self._evidence.viewed(View(shown=shown, ids=named), actor=self._eyes.caller.actor)

    async def revoke(self, key: str) -> None:
        """End a key."""
        try:
            await self._operator.revoke_key(KeyId(key))
        except UnknownKey:
            raise Failed(f"no live key has the id {key} (./run_gateway.py keys list)") from None


def _attachments(configuration: Configuration, layout: Layout, machine: Machine) -> Blobs:
    """Return the store of files; who may not know its keys does everything else."""
    settings = configuration.settings.store
    try:
        return attachments(settings, layout, machine, LocalSecrets(Path(configuration.directory)))
    except ConfigError:
        return attachments(settings, layout, machine, UnknownSecrets())


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "local"
