"""What no single file can know about itself: names that must exist, dates that must fit, addresses that must differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from operator import attrgetter

from gateway.config import object_store, plug_in
from gateway.config.addresses import ADDRESS, PLACE, is_address, is_place
from gateway.config.chains import chains
from gateway.config.circles import circles
from gateway.config.durations import as_timedelta
from gateway.config.nearest import suggestion
from gateway.config.settings import Configuration, Promise, RouteConfig, SystemConfig
from gateway.config.sources import file_of
from gateway.config.splits import splits
from gateway.core.calendar import Calendar
from gateway.core.doubt import Doubt
from gateway.core.errors import Problem
from gateway.core.ids import RESERVED_SYSTEMS
from gateway.core.policy import CLOCK_MARGIN
from gateway.core.retention import LONGEST_TERM
from gateway.core.routing import Mode, Role
from gateway.model.kinds import KINDS, is_met, is_met_by_family

_ID = re.compile(r"[a-z][a-z0-9_]{1,40}")
_ID_IS = "use 2 to 41 lower-case letters, digits and _, a letter first"
_WILD = re.compile(r"[*?\[]")
_SHORTEST_TERM = 30  #: days; a partner may still repeat what is younger
#: The shortest times that work, and what becomes of shorter ones.
_SHORTEST = (
    ("relay.lease", "1s", "what is being sent would count as lost, and be in doubt"),
    ("relay.idle", "10ms", "the gateway would do nothing but look whether there is something to do"),
    ("attention.every", "1s", "the gateway would do nothing but look for what needs a person"),
)


def check(configuration: Configuration, *, written: Collection[str]) -> Iterator[Problem]:
    """Return what does not fit together among the tables that are valid by themselves.

    ``written`` are the ids of all systems that have a file, faulty ones too.
    """
    systems = configuration.systems.values()
    yield from _patterns(configuration)
    yield from _bodies(configuration)
    yield from _paces(configuration)
    yield from _retention(configuration)
    yield from object_store.problems(configuration.settings.store.s3, configuration.settings.store.attachments)
    for system in systems:
        yield from _system(system, written, configuration.calendar)
    if len(systems) == len(written) and not any(system.role is Role.PORTAL for system in systems):
        yield Problem(file="systems/", key="role", text="no system is the portal", remedy='give one role = "portal"')
    yield from plug_in.problems(configuration)
    yield from _routes(configuration, written)
    yield from _services(configuration, written)


def _patterns(configuration: Configuration) -> Iterator[Problem]:
    for scheme, pattern in configuration.settings.codes.patterns.items():
        try:
            re.compile(pattern)
        except re.error as problem:
            key, text = f"codes.patterns.{scheme}", f"is no regular expression: {problem}"
            yield Problem(file="gateway.toml", key=key, text=text, remedy="write it in 'single quotes'")


def _bodies(configuration: Configuration) -> Iterator[Problem]:
    server = configuration.settings.server
    if server.bodies < server.body_limit:
        text = f"is less than body_limit ({server.body_limit}): the largest document would never find room"
        yield Problem(file="gateway.toml", key="server.bodies", text=text, remedy="raise it, or lower body_limit")


def _paces(configuration: Configuration) -> Iterator[Problem]:
    settings = configuration.settings
    for key, shortest, otherwise in _SHORTEST:
        if as_timedelta(attrgetter(key)(settings)) < as_timedelta(shortest):
            text, remedy = f"is less than {shortest}: {otherwise}", f"write at least {shortest}, or leave it out"
            yield Problem(file="gateway.toml", key=key, text=text, remedy=remedy)


def _retention(configuration: Configuration) -> Iterator[Problem]:
    """Refuse what can only be a slip: what is erased cannot be had again."""
    days = configuration.settings.retention.dossiers.removesuffix("d")
    if days and not _SHORTEST_TERM <= float(days) <= LONGEST_TERM:
        text = f"is not between {_SHORTEST_TERM} and {LONGEST_TERM} days"
        remedy = 'write how many days ended dossiers are kept ("1825d" are five years), or "" to keep them for ever'
        yield Problem(file="gateway.toml", key="retention.dossiers", text=text, remedy=remedy)


def identity(name: str, given: object) -> Iterator[Problem]:
    """Check the id of a system's file ``systems/<name>.toml``."""
    if given in RESERVED_SYSTEMS:
        yield Problem(
            file=file_of(name), key="id", text=f"{given!r} is reserved", remedy="choose another id and file name"
        )
    elif isinstance(given, str) and not _ID.fullmatch(given):
        text = f"{given!r} is no id"
        yield Problem(file=file_of(name), key="id", text=text, remedy=_ID_IS)
    if isinstance(given, str) and given != name:
        remedy = f"write id = {name!r}, or rename the file to {given}.toml"
        yield Problem(file=file_of(name), key="id", text=f"{given!r} is not the file's name", remedy=remedy)


def _system(system: SystemConfig, systems: Collection[str], calendar: Calendar) -> Iterator[Problem]:
    file = file_of(system.id)
    yield from _dates(file, "", system.valid_from, system.valid_to)
    yield from _addresses(system, file)
    yield from _weather(system, calendar)
    yield from _known(file, "queries.callers", system.queries.callers, systems)
    yield from _known(file, "successor_of", (name for name in system.successor_of if name != system.id), systems)
    if system.id in system.successor_of:
        yield Problem(file=file, key="successor_of", text="a system cannot succeed itself", remedy="remove its own id")
    for kind, promise in system.doubt.items():
        if not is_met_by_family(kind):
            yield _unmet(file, f'doubt."{kind}"', kind)
        if promise.after_window is Doubt.RESEND:
            text = "past its window the partner deduplicates no more"
            yield Problem(file=file, key=f'doubt."{kind}".after_window', text=text, remedy='write "lookup" or "hold"')
        yield from _window(system, kind, promise)
    if system.reads_feed and system.mode is Mode.SHADOW:
        text = "a system that reads the feed cannot be rehearsed: it would be shown the events"
        yield Problem(file=file, key="mode", text=text, remedy='write "sandbox", "live" or "off"')
    if as_timedelta(system.retry.first_wait) > as_timedelta(system.retry.longest_wait):
        text = "is longer than retry.longest_wait"
        yield Problem(file=file, key="retry.first_wait", text=text, remedy="make it shorter")


def _weather(system: SystemConfig, calendar: Calendar) -> Iterator[Problem]:
    file = file_of(system.id)
    for place, window in (("window", system.window), ("poll.window", system.poll.window)):
        for key, text, remedy in window.problems(calendar, system.exchange()):
            yield Problem(file=file, key=f"{place}.{key}", text=text, remedy=remedy)
    if as_timedelta(system.breaker.first_open) > as_timedelta(system.breaker.longest_open):
        text = "is longer than breaker.longest_open"
        yield Problem(file=file, key="breaker.first_open", text=text, remedy="make it shorter")
    if system.breaker.lanes > system.breaker.failures:
        text = "more lanes than failures: it would never open"
        yield Problem(file=file, key="breaker.lanes", text=text, remedy="make it no more than breaker.failures")


def _window(system: SystemConfig, kind: str, promise: Promise) -> Iterator[Problem]:
    """A resend that cannot end inside the window is never made: the promise would be worth nothing."""
    shortest = system.exchange() + CLOCK_MARGIN
    if promise.dedup_window and as_timedelta(promise.dedup_window) <= shortest:
        yield Problem(
            file=file_of(system.id),
            key=f'doubt."{kind}".dedup_window',
            text=f"is no longer than one exchange may take ({shortest.total_seconds():g}s): nothing could be resent",
            remedy="lower timeouts.total, or declare lookup or hold",
        )


def _addresses(system: SystemConfig, file: str) -> Iterator[Problem]:
    key = "endpoint.live" if system.mode is Mode.LIVE else "endpoint.sandbox"
    calls = system.mode in {Mode.LIVE, Mode.SANDBOX} and not system.reads_feed
    if calls and not system.address():
        yield Problem(
            file=file,
            key=key,
            text=f"missing, and mode is {system.mode.value!r}",
            remedy="say where the system answers",
        )
    for name, address in (("live", system.endpoint.live), ("sandbox", system.endpoint.sandbox)):
        if address and not is_address(address):
            yield Problem(file=file, key=f"endpoint.{name}", text="is no address", remedy=ADDRESS)
    for number, place in enumerate(system.endpoint.files):
        if not is_place(place):
            yield Problem(file=file, key=f"endpoint.files[{number}]", text="is no address of a server", remedy=PLACE)
    if system.endpoint.live and system.endpoint.live == system.endpoint.sandbox:
        text = "is the live endpoint: a test would reach real citizens' dossiers"
        yield Problem(file=file, key="endpoint.sandbox", text=text, remedy="name the sandbox, or leave it out")


def _routes(configuration: Configuration, systems: Collection[str]) -> Iterator[Problem]:
    yield from _twice("routes.toml", "route", "id", (route.id for route in configuration.routes))
    for number, route in enumerate(configuration.routes):
        yield from _route(f"route[{number}]", route, systems)
    yield from _modes(configuration)
    yield from splits(configuration)
    yield from circles(configuration.routes)
    yield from chains(configuration.routes, configuration.systems)


def _route(key: str, route: RouteConfig, systems: Collection[str]) -> Iterator[Problem]:
    file = "routes.toml"
    yield from _dates(file, f"{key}.", route.valid_from, route.valid_to)
    yield from (_unmet(file, f"{key}.kinds", kind) for kind in route.kinds if not is_met(kind))
    yield from _known(file, f"{key}.to", route.to, systems)
    yield from _known(file, f"{key}.after", route.after, systems)
    if not _WILD.search(route.source):
        yield from _known(file, f"{key}.source", (route.source,), systems)
    for name in set(route.after) & set(route.to):
        text = f"{name!r} would wait for itself"
        yield Problem(file=file, key=f"{key}.after", text=text, remedy="name the systems that come first")


def _modes(configuration: Configuration) -> Iterator[Problem]:
    """Find routes of which it is not clear whether they send: of two that take the same, the first alone counts."""
    for number, route in enumerate(configuration.routes):
        for name in route.to:
            yield from _mode(configuration, number, route, name)


def _mode(configuration: Configuration, number: int, route: RouteConfig, name: str) -> Iterator[Problem]:
    file, key = "routes.toml", f"route[{number}].mode"
    system = configuration.systems.get(name)
    if route.mode == "shadow" and system is not None and system.reads_feed:
        text = f"{name!r} reads the feed and cannot be rehearsed"
        yield Problem(file=file, key=key, text=text, remedy='give it a route of its own in mode "live"')
    for earlier in configuration.routes[:number]:
        is_other = earlier.mode != route.mode and name in earlier.to
        if is_other and earlier.on == route.on is None and _covers(earlier, route):
            text = f"is never looked at for {name!r}: route {earlier.id!r} before it takes the same"
            yield Problem(file=file, key=key, text=text, remedy="put the narrower route first")


def _covers(wide: RouteConfig, narrow: RouteConfig) -> bool:
    """Whether one route surely takes all that another does, on every day."""
    pairs = ((wide.kinds, narrow.kinds), (wide.procedures, narrow.procedures), (wide.agencies, narrow.agencies))
    is_timeless = wide.valid_from is None and wide.valid_to is None
    is_wide = all("*" in ours or set(theirs) <= set(ours) for ours, theirs in pairs)
    return is_timeless and wide.source in {"*", narrow.source} and is_wide


def _services(configuration: Configuration, systems: Collection[str]) -> Iterator[Problem]:
    file = "services.toml"
    codes = (service.code for service in configuration.services if service.valid_to is None)
    yield from _twice(file, "service", "code", codes)
    for number, service in enumerate(configuration.services):
        yield from _dates(file, f"service[{number}].", service.valid_from, service.valid_to)
        yield from _known(file, f"service[{number}].system", service.system, systems)


def _twice(file: str, table: str, key: str, values: Iterable[str]) -> Iterator[Problem]:
    for value, count in Counter(values).items():
        if count > 1:
            remedy = f"keep one, or end the older with valid_to and give it another {key}"
            yield Problem(file=file, key=f"{table}.{key}", text=f"{value!r} is given {count} times", remedy=remedy)


def _known(file: str, key: str, names: Iterable[str], systems: Collection[str]) -> Iterator[Problem]:
    for name in names:
        if name not in systems:
            yield Problem(file=file, key=key, text=f"there is no system {name!r}", remedy=suggestion(name, systems))


def _unmet(file: str, key: str, kind: str) -> Problem:
    return Problem(file=file, key=key, text=f"no event is of the kind {kind!r}", remedy=suggestion(kind, KINDS))


def _dates(file: str, prefix: str, first: date | None, last: date | None) -> Iterator[Problem]:
    if first and last and last < first:
        text = f"{last} is before valid_from {first}"
        yield Problem(file=file, key=f"{prefix}valid_to", text=text, remedy="both days are included")
