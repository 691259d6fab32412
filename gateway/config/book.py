"""The core's route book, from what the operator wrote."""

from __future__ import annotations

from dataclasses import replace

from gateway.config.durations import as_timedelta
from gateway.config.settings import Configuration, RouteConfig
from gateway.core.ids import SystemId
from gateway.core.routing import Begins, Route, RouteBook


def route_book(configuration: Configuration) -> RouteBook:
    """Return what planning looks at, pinned to the configuration's version."""
    guard = configuration.settings.statuses.guard
    return RouteBook(
        version=configuration.version,
        systems={SystemId(name): system.connected(guard) for name, system in configuration.systems.items()},
        routes=tuple(_route(route) for route in configuration.routes),
        code_patterns=configuration.settings.codes.patterns,
        statuses=configuration.statuses,
    )


def _route(route: RouteConfig) -> Route:
    return Route(
        id=route.id,
        to=tuple(SystemId(name) for name in route.to),
        source=route.source,
        kinds=(route.on,) if route.on else route.kinds,
        procedures=route.procedures,
        agencies=route.agencies,
        after=tuple(SystemId(name) for name in route.after),
        expires=as_timedelta(route.expires) if route.expires else None,
        tell_relay=route.tell_relay,
        begins=_begins(route),
        shadow=route.mode == "shadow",
        valid_from=route.valid_from,
        valid_to=route.valid_to,
    )


def _begins(route: RouteConfig) -> Begins | None:
    if route.on is None or route.procedure is None:
        return None
    begins = Begins(procedure=route.procedure.code, name=route.procedure.name)
    agency = route.agency
    return replace(begins, agency=agency.code, agency_name=agency.name) if agency else begins
