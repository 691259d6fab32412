"""Finding the one dossier that an address means, among those that the caller may see, and recording that it is seen."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from gateway.core.composing import composed
from gateway.core.ids import SystemId
from gateway.core.record import Shown, View
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.problems import Problem
from gateway.ingress.views import Eyes, code_bodies
from gateway.ports.store import DossierView


def eyes_of(request: web.Request) -> Eyes:
    """Return what the caller may see."""
    visit, doors = visit_of(request), doors_of(request)
    return Eyes(
        caller=visit.known,
        book=doors.book,
        language=visit.language,
        reckoning=doors.lookout.patience.reckoning,
        now=doors.clock.now(),
    )


def system_of(request: web.Request) -> SystemId:
    """Return the system whose key it is: what it uploads or reads is its own; raises Problem for anybody else."""
    caller = caller_of(request)
    if caller.system is None:
        raise Problem("key.forbidden", system=caller.actor.name)
    return caller.system


async def find(request: web.Request, code: str, scheme: str | None = None) -> list[DossierView]:
    """Return the dossiers with this code, however Unicode composes it, that the caller may see."""
    code = composed(code)
    visit_of(request).dossier = code[:100]
    eyes = eyes_of(request)
    found = await doors_of(request).ledger.dossiers(code, scheme=scheme)
    return [view for view in found if eyes.sees_dossier(view)]


async def find_one(request: web.Request, code: str) -> DossierView:
    """Return the dossier with this code; raises Problem where there is none, or where there are several."""
    found = await find(request, code)
    if not found:
        raise Problem("dossier.not_found")
    if len(found) > 1:
        matches = code_bodies(code for view in found for code in view.codes)
        raise Problem("dossier.ambiguous", matches=matches)
    return found[0]


async def viewed(request: web.Request, shown: Shown, ids: Iterable[str]) -> None:
    """Record durably that the caller is about to be shown contents; nothing to be shown leaves no record."""
    named = tuple(ids)
    if named:
        await doors_of(request).evidence.viewed(View(shown=shown, ids=named), actor=caller_of(request).actor)
