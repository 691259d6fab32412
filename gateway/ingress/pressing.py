"""Refusing under pressure what there is no room for, before its body is read."""

from __future__ import annotations

from aiohttp import web

from gateway.core.planning import urgency_of
from gateway.core.pressure import Urgency
from gateway.ingress.doors import caller_of, doors_of
from gateway.ingress.problems import Problem


def refuse_pressed(request: web.Request, urgency: Urgency) -> None:
    """Refuse what the disk, or everything that this caller's words may go to, has no room for; raises Problem."""
    doors, source = doors_of(request), caller_of(request).system
    strain = doors.strain()
    if strain.is_calm or source is None:
        return
    if strain.refuses(urgency):
        raise Problem("store.full")
    full = strain.full(urgency, doors.book.reach(source))
    if full:
        raise Problem("backlog.full", waiting=", ".join(sorted(full)))


def refuse_pressed_file(request: web.Request) -> None:
    """Refuse a file that would lead to what is refused, or that would eat into the reserve; raises Problem."""
    refuse_pressed(request, of_file(request))
    if not doors_of(request).strain().has_room_for(request.content_length or 0):
        raise Problem("store.full")


def of_words(request: web.Request) -> Urgency:
    """Return how long what this caller says of known dossiers is taken."""
    source = caller_of(request).system
    return urgency_of("", source, doors_of(request).book) if source else Urgency.CLAIM


def of_file(request: web.Request) -> Urgency:
    """Return how long this caller's files are taken: the portal's are refused with the dossiers they may be for."""
    said = of_words(request)
    return Urgency.NEW if said is Urgency.KNOWN else said
