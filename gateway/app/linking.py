"""The relay's view of each system, from its file and its adapter; at a start, and when a configuration changes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from gateway.app.fleet import Crew, Member
from gateway.app.machine import Machine
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration, Querying, SystemConfig
from gateway.config.weather import as_rate
from gateway.core.ids import NodeId, SystemId
from gateway.core.routing import Mode
from gateway.core.terms import Terms
from gateway.core.ways import Way
from gateway.exchange.gate import Gate
from gateway.ports.adapter import Adapter, Lists, Polls, Probes, Queries, QueryForm
from gateway.query.asker import Register
from gateway.query.listing import Listing
from gateway.relay.link import Link, RelayConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Other terms for a gate that goes on."""

    gate: Gate
    terms: Terms
    moved: bool  #: the system answers at another address now

    def make(self) -> None:
        """Let them hold."""
        self.gate.turn(self.terms, moved=self.moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """How a configuration relays, and what must be turned in the moment from which it holds."""

    relay: RelayConfig
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The configuration in force."""

    configuration: Configuration
    relay: RelayConfig


def linked(configuration: Configuration, crew: Crew, machine: Machine, before: Before | None = None) -> Linked:
    """Return the values by which a new incarnation relays, or the one that relays already goes on.

    A system of which nothing has changed keeps its link. One that is gone keeps its own until the next change, so that
    what was accepted for it in this very moment is sent.
    """
    systems = {SystemId(name): system for name, system in configuration.systems.items()}
    linking = _Linking(configuration, machine, before)
    links = {name: linking.link(system, crew[name]) for name, system in systems.items() if not system.reads_feed}
    gone = _gone(before, systems) if before else {}
    relay, server = configuration.settings.relay, configuration.settings.server
    config = RelayConfig(
        node=before.relay.node if before else NodeId(machine.ids.new()),
        version=configuration.version,
        links={**gone, **links},
        shadow_routes=frozenset(route.id for route in configuration.routes if route.mode == "shadow"),
        ways={name: Way(feed=one.reads_feed, declarations=one.declarations()) for name, one in systems.items()},
        lease=as_timedelta(relay.lease),
        batch=relay.batch,
        patience=configuration.patience(),
        retention=configuration.settings.retention.rule(),
        look_every=as_timedelta(configuration.settings.attention.every),
        idle=as_timedelta(relay.idle),
        grace=as_timedelta(server.shutdown),
    )
    return Linked(relay=config, turns=tuple(linking.turns))


def _gone(before: Before, systems: Container[SystemId]) -> dict[SystemId, Link]:
    """Return the links of systems that were configured until now: nothing is asked by them any more."""
    links = {name: link for name, link in before.relay.links.items() if name in before.configuration.systems}
    return {
        name: replace(link, polls=None, lists=None, probes=None) for name, link in links.items() if name not in systems
    }


class _Linking:
    """The links of one configuration on their way."""

    def __init__(self, configuration: Configuration, machine: Machine, before: Before | None) -> None:
        self._configuration = configuration
        self._machine = machine
        self._before = before
        self.turns: list[Turn] = []

    def link(self, system: SystemConfig, member: Member) -> Link:
        old = self._before.relay.links.get(member.system) if self._before else None
        terms = system.terms(self._configuration.calendar)
        if self._before is None or old is None:
            return self._new(system, member, terms, self._gate(member.system, terms))
        then = self._before.configuration
        was = then.systems.get(system.id)  # None: it comes back, and its link asks it nothing any more
        if was is not None and old.pipeline is member.pipeline and then.calendar == self._configuration.calendar:
            return old
        moved = was is None or was.address() != system.address()
        if moved or terms != old.gate.terms:
            self.turns.append(Turn(gate=old.gate, terms=terms, moved=moved))
        return self._new(system, member, terms, old.gate)

    def _gate(self, system: SystemId, terms: Terms) -> Gate:
        machine = self._machine
        return Gate(system, terms, clock=machine.clock, ids=machine.ids, metrics=machine.metrics)

    def _new(self, system: SystemConfig, member: Member, terms: Terms, gate: Gate) -> Link:
        adapter = member.adapter
        return Link(
            id=member.system,
            role=system.role,
            mode=system.mode,
            pipeline=member.way(gate, self._machine, at_once=terms.concurrency),
            policy=lru_cache(maxsize=256)(system.policy),
            declarations=system.declarations(),
            gate=gate,
            timeout=system.exchange(),
            probes=adapter if isinstance(adapter, Probes) and system.probe.method != "none" else None,
            polls=adapter if isinstance(adapter, Polls) else None,
            poll_every=as_timedelta(system.poll.every),
            poll_window=system.poll.window.window(self._configuration.calendar),
            lists=_lists(member.system, adapter, system.reconcile.list),
            reconcile_every=as_timedelta(system.reconcile.every) if system.reconcile.every else None,
            reconcile_sample=system.reconcile.sample,
        )


def _lists(system: SystemId, adapter: Adapter, question: str) -> Lists | None:
    """Return who says what a system has: its own adapter, or one of its questions."""
    if isinstance(adapter, Lists):
        return adapter
    return Listing(system, adapter, question) if question and isinstance(adapter, Queries) else None


def called(configuration: Configuration) -> Mapping[SystemId, Terms]:
    """Return the terms of the systems that are called."""
    return {
        SystemId(name): system.terms(configuration.calendar)
        for name, system in configuration.systems.items()
        if not system.reads_feed and system.mode is not Mode.OFF
    }


def registers(configuration: Configuration, links: Mapping[SystemId, Link], crew: Crew) -> Mapping[SystemId, Register]:
    """Return the systems that can be asked."""
    found: dict[SystemId, Register] = {}
    for name, config in configuration.systems.items():
        link = links.get(SystemId(name))
        if link is None:
            continue
        adapter = crew[link.id].adapter
        forms: Mapping[str, QueryForm] = adapter.queries() if isinstance(adapter, Queries) else {}
        if forms:
            found[link.id] = _register(link, forms, config.queries)
    return found


def _register(link: Link, forms: Mapping[str, QueryForm], rules: Querying) -> Register:
    return Register(
        id=link.id,
        forms=forms,
        exchange=link.pipeline.query,
        gate=link.gate,
        callers=frozenset(SystemId(name) for name in rules.callers),
        rate=as_rate(rules.rate, rules.burst),
        timeout=as_timedelta(rules.timeout),
        is_called=link.mode in {Mode.LIVE, Mode.SANDBOX},
    )
