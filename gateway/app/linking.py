"""The relay's view of each system, from its file and its adapter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gateway.app.machine import Machine
from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration, Querying, SystemConfig
from gateway.config.weather import as_rate
from gateway.core.calendar import Calendar
from gateway.core.ids import NodeId, SystemId
from gateway.core.routing import Mode
from gateway.core.terms import Terms
from gateway.core.ways import Way
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.ports.adapter import Adapter, Lists, Polls, Probes, Queries, QueryForm
from gateway.query.asker import Register
from gateway.relay.link import Link, RelayConfig


def relay_config(configuration: Configuration, adapters: Mapping[SystemId, Adapter], machine: Machine) -> RelayConfig:
    """Return the values by which a new incarnation relays."""
    relay, server = configuration.settings.relay, configuration.settings.server
    systems = {SystemId(name): system for name, system in configuration.systems.items()}
    return RelayConfig(
        node=NodeId(machine.ids.new()),
        version=configuration.version,
        links={
            name: _link(system, adapters[name], machine, configuration.calendar)
            for name, system in systems.items()
            if not _reads(system)
        },
        shadow_routes=frozenset(route.id for route in configuration.routes if route.mode == "shadow"),
        ways={name: Way(feed=_reads(system), declarations=system.declarations()) for name, system in systems.items()},
        lease=as_timedelta(relay.lease),
        batch=relay.batch,
        patience=configuration.patience(),
        look_every=as_timedelta(configuration.settings.attention.every),
        idle=as_timedelta(relay.idle),
        grace=as_timedelta(server.shutdown),
    )


def called(configuration: Configuration) -> Mapping[SystemId, Terms]:
    """Return the terms of the systems that are called."""
    return {
        SystemId(name): system.terms(configuration.calendar)
        for name, system in configuration.systems.items()
        if not _reads(system) and system.mode is not Mode.OFF
    }


def registers(
    configuration: Configuration, links: Mapping[SystemId, Link], adapters: Mapping[SystemId, Adapter]
) -> Mapping[SystemId, Register]:
    """Return the systems that can be asked."""
    found: dict[SystemId, Register] = {}
    for name, link in links.items():
        adapter, config = adapters[name], configuration.systems[name]
        forms: Mapping[str, QueryForm] = adapter.queries() if isinstance(adapter, Queries) else {}
        if forms:
            found[name] = _register(link, forms, config.queries)
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


def _reads(system: SystemConfig) -> bool:
    return system.adapter == "feed"


def _link(system: SystemConfig, adapter: Adapter, machine: Machine, calendar: Calendar) -> Link:
    gate = Gate(
        SystemId(system.id), system.terms(calendar), clock=machine.clock, ids=machine.ids, metrics=machine.metrics
    )
    return Link(
        id=SystemId(system.id),
        role=system.role,
        mode=system.mode,
        pipeline=Pipeline.for_system(adapter, gate=gate, clock=machine.clock, metrics=machine.metrics),
        policy=lru_cache(maxsize=256)(system.policy),
        declarations=system.declarations(),
        gate=gate,
        timeout=system.exchange(),
        probes=adapter if isinstance(adapter, Probes) and system.probe.method != "none" else None,
        polls=adapter if isinstance(adapter, Polls) else None,
        poll_every=as_timedelta(system.poll.every),
        lists=adapter if isinstance(adapter, Lists) else None,
        reconcile_every=as_timedelta(system.reconcile.every) if system.reconcile.every else None,
        reconcile_sample=system.reconcile.sample,
    )
