"""Routes that wait for each other: with ``after`` in a circle, none of their legs would ever be sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from gateway.config.settings import RouteConfig
from gateway.core.errors import Problem

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class _Wait:
    """One system waits for another, by a route."""

    route: int
    system: str
    other: str


def circles(routes: Sequence[RouteConfig]) -> Iterator[Problem]:
    """Name each route whose ``after`` closes a circle with routes that an event may match together with it."""
    waits = [
        _Wait(number, system, other)
        for number, route in enumerate(routes)
        for system in route.to
        for other in route.after
        if other not in route.to
    ]
    named: set[frozenset[int]] = set()
    for wait in waits:
        for circle in _closing(wait, waits, routes, (wait,)):
            members = frozenset(step.route for step in circle)
            if members not in named:
                named.add(members)
                yield _problem(circle, routes)


def _closing(
    first: _Wait, waits: Sequence[_Wait], routes: Sequence[RouteConfig], path: tuple[_Wait, ...]
) -> Iterator[tuple[_Wait, ...]]:
    """Yield the ways on from the end of this path back to where it began."""
    for step in waits:
        if step.system != path[-1].other or any(step.system == earlier.system for earlier in path[1:]):
            continue
        if not all(_meet(routes[step.route], routes[earlier.route]) for earlier in path):
            continue
        if step.other == first.system:
            yield (*path, step)
        elif all(step.other != earlier.system for earlier in path):
            yield from _closing(first, waits, routes, (*path, step))


def _problem(circle: tuple[_Wait, ...], routes: Sequence[RouteConfig]) -> Problem:
    last = max(circle, key=lambda wait: wait.route)
    chain = ", ".join(f"{wait.system!r} for {wait.other!r} (route {routes[wait.route].id!r})" for wait in circle)
    return Problem(
        file="routes.toml",
        key=f"route[{last.route}].after",
        text=f"a circle: {chain} would wait for ever",
        remedy=f"remove {last.other!r} here, or let the routes take different events",
    )


def _meet(one: RouteConfig, other: RouteConfig) -> bool:
    """Whether some event may match both routes: told apart only by what surely differs."""
    return (
        overlap((one.source,), (other.source,))
        and overlap(one.kinds, other.kinds)
        and overlap(one.procedures, other.procedures)
        and overlap(one.agencies, other.agencies)
        and (one.valid_from or date.min) <= (other.valid_to or date.max)
        and (other.valid_from or date.min) <= (one.valid_to or date.max)
    )


def overlap(patterns: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one text may match a pattern of each list."""
    return any(_may_agree(pattern, other) for pattern in patterns for other in others)


def _may_agree(pattern: str, other: str) -> bool:
    """Whether one text may match both shell-style patterns."""
    start, end = _WILD.split(pattern)[0], _WILD.split(other)[0]
    if start == pattern:
        return fnmatchcase(pattern, other)
    if end == other:
        return fnmatchcase(other, pattern)
    return start.startswith(end) or end.startswith(start)
