"""Routes that part a dossier: it would be submitted to a system in one mode, and amended in the other.

An amendment may take the place of its submission: what was to be sent would be rehearsed in its stead, or the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from itertools import product

from gateway.config.book import route_book
from gateway.config.settings import Configuration
from gateway.core.errors import Problem
from gateway.core.ids import SystemId
from gateway.core.kinds import AMENDED, SUBMITTED
from gateway.core.routing import Mode, Route, RouteBook, Subject


def splits(configuration: Configuration) -> Iterator[Problem]:
    """Name each route by which amendments go to a system that is sent their submissions in the other mode."""
    book = route_book(configuration)
    for number, amends in enumerate(book.routes):
        for submits in book.routes:
            if amends.shadow == submits.shadow or (_takes_both(amends) and _takes_both(submits)):
                continue  # of two that take both, the first that matches does
            for system in amends.to:
                if system in submits.to and _is_called(book, system) and _parts(book, submits, amends, system):
                    yield Problem(
                        file="routes.toml",
                        key=f"route[{number}].mode",
                        text=f"{system!r} is sent the submissions by route {submits.id!r}, and this one amends them",
                        remedy="give both the same mode: an amendment may take its submission's place",
                    )


def _takes_both(route: Route) -> bool:
    return _any(route.kinds, SUBMITTED) and _any(route.kinds, AMENDED)


def _is_called(book: RouteBook, system: SystemId) -> bool:
    """Whether it is sent anything at all; of a system whose file is wrong nothing is known."""
    connected = book.systems.get(system)
    return connected is not None and connected.mode in {Mode.LIVE, Mode.SANDBOX}


def _parts(book: RouteBook, submits: Route, amends: Route, system: SystemId) -> bool:
    """Whether these two routes take a dossier's submission and its amendment; the first that matches counts."""
    return any(
        (submits, system) in book.routes_for(subject) and (amends, system) in book.routes_for(_amending(subject))
        for subject in _subjects(submits, amends)
    )


def _amending(subject: Subject) -> Subject:
    return subject._replace(kind=AMENDED)


def _subjects(one: Route, other: Route) -> Iterator[Subject]:
    """Yield submissions that both may match, whatever their kinds: by the narrower patterns of the two.

    Each procedure and each agency is among them, not each of the one with each of the other: these may be thousands.
    """
    sources = _common((one.source,), (other.source,))
    procedures, agencies = _common(one.procedures, other.procedures), _common(one.agencies, other.agencies)
    on = max(one.valid_from or date.min, other.valid_from or date.min)
    pairs = {*product(procedures, agencies[:1]), *product(procedures[:1], agencies)}
    for source, (procedure, agency) in product(sources, pairs):
        yield Subject(source=SystemId(source), kind=SUBMITTED, procedure=procedure, agency=agency, on=on)


def _common(ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Return the patterns that, as texts, match one of each list, in their order: the same in each process."""
    return [text for text in dict.fromkeys((*ours, *theirs)) if _any(ours, text) and _any(theirs, text)]


def _any(patterns: Sequence[str], text: str) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
