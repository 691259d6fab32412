"""Who takes part in every seed: one portal, six systems of every declaration, and the routes between them."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import timedelta

from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.ids import FileId, SystemId
from gateway.core.kinds import AMENDED, RESULT_ISSUED, STATUS_CHANGED
from gateway.core.message import PendingFile
from gateway.core.routing import Begins, Connected, Mode, Route, RouteBook
from gateway.testing.books import a_book, a_route, a_system

PORTAL = SystemId("portal")
#: Recognises our ids for ever.
CIVIL_STATUS = SystemId("civil_status")
#: Recognises our ids for ten minutes, and can be asked afterwards.
NOTARY = SystemId("notary")
#: Can be asked; a no is final after two minutes.
LAND = SystemId("land")
#: Promises nothing.
CRIMINAL_RECORD = SystemId("criminal_record")
POLICE = SystemId("police")
#: Reads a feed.
TAX = SystemId("tax")

MINISTRIES = (CIVIL_STATUS, NOTARY, LAND, CRIMINAL_RECORD, POLICE)

QUIET = timedelta(seconds=120)
DECLARED = {
    PORTAL: Declared(doubt=Doubt.RESEND),
    CIVIL_STATUS: Declared(doubt=Doubt.RESEND),
    NOTARY: Declared(doubt=Doubt.RESEND, dedup_window=timedelta(minutes=10), quiet=QUIET, after_window=Doubt.LOOKUP),
    LAND: Declared(doubt=Doubt.LOOKUP, quiet=QUIET),
    CRIMINAL_RECORD: Declared(doubt=Doubt.HOLD),
    POLICE: Declared(doubt=Doubt.HOLD),
    TAX: Declared(doubt=Doubt.RESEND),
}
#: The procedures that dossiers are about, and who processes each.
PROCEDURES = {
    "1.01": (CIVIL_STATUS,),
    "1.02": (NOTARY,),
    "1.03": (LAND,),
    "1.04": (CRIMINAL_RECORD,),
    "1.05": (TAX, LAND),
    "1.06": (CIVIL_STATUS, POLICE),
    "1.07": (CIVIL_STATUS, LAND),
    "1.08": (POLICE,),
    "1.09": (CIVIL_STATUS,),
    "1.11": (LAND, CIVIL_STATUS),
}
#: Who is sent nothing of a procedure before another has it.
AFTER = {"1.07": (CIVIL_STATUS,), "1.11": (LAND,)}
#: The one whose amendments go the other way round.
CONTRARY = "1.11"
#: The one whose result begins another dossier, at another ministry.
CHAINED = "1.09"
#: The routes that go over to shadow mode and back, each with those that may not stand otherwise than it.
MOVED = (
    *((procedure,) for procedure, to in PROCEDURES.items() if TAX not in to and procedure != CONTRARY),
    (CONTRARY, "contrary"),
    ("follow-up",),
    ("across-1.06",),
    ("across-1.07",),
)
#: A file that its sender names and that can never be had.
GONE = PendingFile(file_id=FileId("gone"), url="https://portal.example/gone", name="a.pdf")


def book() -> RouteBook:
    """Return the routes: each procedure to its systems, everybody's words to the portal, and some to another system."""
    systems = [
        a_system(system, declarations=Declarations(by_kind={"*": declared})) for system, declared in DECLARED.items()
    ]
    outward = [
        a_route(*to, id=procedure, procedures=(procedure,), after=AFTER.get(procedure, ()))
        for procedure, to in PROCEDURES.items()
    ]
    contrary = a_route(
        *PROCEDURES[CONTRARY], id="contrary", kinds=(AMENDED,), procedures=(CONTRARY,), after=(CIVIL_STATUS,)
    )
    follow_up = Route(
        id="follow-up",
        source=CIVIL_STATUS,
        kinds=(RESULT_ISSUED,),
        procedures=(CHAINED,),
        to=(LAND,),
        begins=Begins(procedure="1.10"),
    )
    across = [
        Route(
            id=f"across-{procedure}", source=CIVIL_STATUS, kinds=(STATUS_CHANGED,), procedures=(procedure,), to=(other,)
        )
        for procedure, (first, *others) in PROCEDURES.items()
        for other in others
        if first == CIVIL_STATUS
    ]
    return a_book(systems=systems, routes=[contrary, *outward, follow_up, *across])


def switched_on(book: RouteBook) -> RouteBook:
    """Return the book with no system off."""
    systems = {
        name: replace(one, mode=Mode.LIVE) if one.mode is Mode.OFF else one for name, one in book.systems.items()
    }
    return RouteBook(version=book.version, systems=systems, routes=book.routes)


def turned(book: RouteBook, system: Connected, routes: Container[str]) -> RouteBook:
    """Return the book with one system as given, and these routes in the other mode than before: live or shadow."""
    return RouteBook(
        version=book.version,
        systems={**book.systems, system.id: system},
        routes=tuple(replace(route, shadow=route.shadow != (route.id in routes)) for route in book.routes),
    )
