"""The catalogue of procedures: counted, compared with another list, and written as ``services.toml``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import asdict, replace

from gateway.config.book import route_book
from gateway.config.settings import Configuration, ServiceConfig
from gateway.core import kinds
from gateway.core.ids import SystemId
from gateway.core.routing import RouteBook, Subject

_HEAD = (
    "# The province's catalogue of procedures, written by `catalogue import`. Keys: docs/reference/configuration.md.\n"
)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many services of one sort there are."""

    since: int | None  #: the year in which they were first offered; None where the catalogue does not say
    provided_by: str
    tier: str
    level: int
    number: int


def counts(services: Iterable[ServiceConfig]) -> tuple[Count, ...]:
    """Return how many services there are by year, provider, tier and level, in this order."""
    found = Counter(_sort(service) for service in services)
    return tuple(
        Count(since=since or None, provided_by=provider, tier=tier, level=level, number=number)
        for (since, provider, tier, level), number in sorted(found.items(), key=_order)
    )


_TIERS = ("province", "district", "commune")
_Sort = tuple[int, str, str, int]


def _sort(service: ServiceConfig) -> _Sort:
    return service.valid_from.year if service.valid_from else 0, service.provided_by, service.tier, service.level


def _order(item: tuple[_Sort, int]) -> tuple[object, ...]:
    (since, provider, tier, level), _ = item
    return since, provider != "province", _TIERS.index(tier), level


def in_force(services: Iterable[ServiceConfig], on: date) -> tuple[ServiceConfig, ...]:
    """Return the services that are offered on this day."""
    return tuple(item for item in services if _is_in_force(item, on))


def _is_in_force(service: ServiceConfig, on: date) -> bool:
    return (service.valid_from is None or service.valid_from <= on) and (
        service.valid_to is None or on <= service.valid_to
    )


def unrouted(configuration: Configuration, on: date) -> tuple[tuple[ServiceConfig, tuple[str, ...]], ...]:
    """Return the services of this day that no route brings to a system named for them, with those systems."""
    book = route_book(configuration)
    sources = [system.id for system in configuration.systems.values() if system.role.value == "portal"]
    found = ((service, _missing(service, book, sources, on)) for service in in_force(configuration.services, on))
    return tuple((service, missing) for service, missing in found if missing)


def _missing(service: ServiceConfig, book: RouteBook, sources: Collection[str], on: date) -> tuple[str, ...]:
    """Return the systems named for a service that neither a portal's dossiers nor a chain's steps reach."""
    reached = {str(system) for route in book.begun(service.code, on) for system in route.to}
    for source in sources:
        subject = Subject(
            source=SystemId(source), kind=kinds.SUBMITTED, procedure=service.code, agency=service.agency, on=on
        )
        reached |= {destination for _, destination in book.routes_for(subject)}
    return tuple(system for system in service.system if system not in reached)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What another list would change in the catalogue, and the catalogue as it would be then."""

    added: tuple[ServiceConfig, ...]
    changed: tuple[tuple[ServiceConfig, ServiceConfig], ...]  #: as it is, as it would be
    ended: tuple[ServiceConfig, ...]
    services: tuple[ServiceConfig, ...]

    def is_empty(self) -> bool:
        """Whether the list says what the catalogue says already."""
        return not (self.added or self.changed or self.ended)


def compared(old: Sequence[ServiceConfig], new: Sequence[ServiceConfig], *, ends_on: date | None) -> Changes:
    """Compare the catalogue with a list; ``ends_on`` ends, with the day before, what a complete list leaves out.

    A service is known by its code and the day from which it is valid; a row that names no day means the newest one of
    its code. What the list says nothing of (an empty cell) stays as it is.
    """
    known = {_key(service): service for service in old}
    newest = {service.code: service for service in sorted(old, key=lambda item: item.valid_from or date.min)}
    listed = {_key(service): service for service in (_filled(item, known, newest) for item in new)}
    last = ends_on - _DAY if ends_on else None
    ended = {
        key: replace(service, valid_to=last)
        for key, service in known.items()
        if last and key not in listed and _is_in_force(service, last)
    }
    merged = {**known, **ended, **listed}
    return Changes(
        added=tuple(service for key, service in listed.items() if key not in known),
        changed=tuple((known[key], new) for key, new in listed.items() if known.get(key, new) != new),
        ended=tuple(ended.values()),
        services=tuple(merged.values()),
    )


_Key = tuple[str, date | None]
_KEPT = ("agency", "field", "system", "valid_from", "valid_to")


def _key(service: ServiceConfig) -> _Key:
    return service.code, service.valid_from


def _filled(
    service: ServiceConfig, known: Mapping[_Key, ServiceConfig], newest: Mapping[str, ServiceConfig]
) -> ServiceConfig:
    """Return a listed service with what the list leaves open as the catalogue has it."""
    found = known.get(_key(service)) if service.valid_from else newest.get(service.code)
    if found is None:
        return service
    return replace(service, **{name: getattr(found, name) for name in _KEPT if not getattr(service, name)})


def written(services: Iterable[ServiceConfig]) -> str:
    """Return the text of ``services.toml``: it reads back as these services."""
    return _HEAD + "".join(f"\n[[service]]\n{''.join(_lines(service))}" for service in services)


def _lines(service: ServiceConfig) -> Iterator[str]:
    plain = ServiceConfig(code="", name="", level=1, tier="province")
    for name, value in asdict(service).items():
        if value != getattr(plain, name) or name in {"level", "tier"}:
            yield f"{name} = {_toml(value)}\n"


def _toml(value: object) -> str:
    """Return one value; a JSON string is a TOML string, as long as DEL is escaped."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
