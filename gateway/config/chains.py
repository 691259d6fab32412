"""Chained routes: what each must say, and that no chain begins itself again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.config.circles import overlap
from gateway.config.settings import RouteConfig, SystemConfig
from gateway.core.errors import Problem
from gateway.core.routing import Role

_FILE = "routes.toml"


def chains(routes: Sequence[RouteConfig], systems: Mapping[str, SystemConfig]) -> Iterator[Problem]:
    """Name what is wrong with each chained route, and each chain that would never end."""
    for number, route in enumerate(routes):
        key = f"route[{number}]"
        yield from _ordinary(route, key) if route.on is None else _chained(route, key, systems)
    yield from _circles(routes)


def _ordinary(route: RouteConfig, key: str) -> Iterator[Problem]:
    """Nothing begins a dossier without saying when."""
    for name in ("procedure", "agency"):
        if getattr(route, name) is not None:
            remedy = f'add on = "result.issued", or write {"procedures" if name == "procedure" else "agencies"} = […]'
            yield _problem(f"{key}.{name}", "only a chained route begins a dossier", remedy)


def _chained(route: RouteConfig, key: str, systems: Mapping[str, SystemConfig]) -> Iterator[Problem]:
    source = systems.get(route.source)
    if route.procedure is None:
        remedy = 'add procedure = { code = "…", name = "…" }'
        yield _problem(f"{key}.procedure", "is missing: nothing says which dossier begins", remedy)
    if route.kinds != ("*",):
        yield _problem(f"{key}.kinds", f"a chained route is triggered by {route.on!r} alone", "remove it")
    if any(sign in route.source for sign in "*?["):
        yield _problem(f"{key}.source", "a chain must say whose result triggers it", "name one system")
    if source is not None and source.role is Role.PORTAL:
        yield _problem(
            f"{key}.source", f"{route.source!r} is a portal: it issues no results", "name the system that does"
        )


def _circles(routes: Sequence[RouteConfig]) -> Iterator[Problem]:
    """Name each route whose dossiers lead back to it, by their procedures: whoever would issue the results."""
    begins = {number: route.procedure.code for number, route in enumerate(routes) if route.on and route.procedure}
    ways = {
        number: [other for other in begins if overlap(routes[other].procedures, (code,))]
        for number, code in begins.items()
    }
    for number in begins:
        path = _way_back(number, ways)
        if path and number == max(path):
            ids = " → ".join(routes[step].id for step in (*path, path[0]))
            remedy = "name in `procedures` what triggers it, without what the chain itself begins"
            yield _problem(f"route[{number}].procedure", f"a chain that never ends: {ids}", remedy)


def _way_back(start: int, ways: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """Return a shortest way from a route back to itself; empty where there is none."""
    paths: list[tuple[int, ...]] = [(start,)]
    seen: set[int] = set()
    while paths:
        path = paths.pop(0)
        for step in ways[path[-1]]:
            if step == start:
                return path
            if step not in seen:
                seen.add(step)
                paths.append((*path, step))
    return ()


def _problem(key: str, text: str, remedy: str) -> Problem:
    return Problem(file=_FILE, key=key, text=text, remedy=remedy)
