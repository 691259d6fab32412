"""Small route books and drafts to test with: one portal, a few invented systems."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from gateway.core.attention import Allowance, Patience
from gateway.core.calendar import Calendar, Shift
from gateway.core.deadline import Reckoning
from gateway.core.delivery import Attempt, Delivery, DoubtMark, State, Step, Transition
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.ids import DeliveryId, FileId, SystemId
from gateway.core.message import Actor, ActorKind, Blob, Code, Draft, Payload, SourceStatus
from gateway.core.planning import Planning
from gateway.core.replay import Frozen, Order, RunPlan
from gateway.core.routing import Begins, Connected, Mode, Role, Route, RouteBook
from gateway.ports.ids import Ids
from gateway.ports.store import Settlement
from gateway.testing.clock import MONDAY_MORNING

PORTAL = SystemId("portal")
#: Deduplicates on our delivery id.
CIVIL_STATUS = SystemId("civil_status")
#: Can be asked whether it has taken something.
LAND = SystemId("land")
#: Promises nothing: doubt is held for a person.
CRIMINAL_RECORD = SystemId("criminal_record")
#: Reads a feed and is never called.
TAX = SystemId("tax")
#: Follow from a birth that ``civil_status`` has registered; in ``a_chain_book`` only.
RESIDENCE = SystemId("residence")
HEALTH_INSURANCE = SystemId("health_insurance")

#: Monday to Friday, eight hours a day, no holidays.
OFFICE = Calendar(
    shifts=(
        Shift(opens=timedelta(hours=7.5), closes=timedelta(hours=11.5)),
        Shift(opens=timedelta(hours=13.5), closes=timedelta(hours=17.5)),
    )
)

#: What each of them may take, as shipped.
USUAL = dict.fromkeys(
    (PORTAL, CIVIL_STATUS, LAND, CRIMINAL_RECORD, TAX, RESIDENCE, HEALTH_INSURANCE),
    Allowance(delivery=timedelta(hours=4)),
)

_DOUBTS = {CIVIL_STATUS: Doubt.RESEND, LAND: Doubt.LOOKUP, CRIMINAL_RECORD: Doubt.HOLD, TAX: Doubt.HOLD}


def a_system(system: SystemId, **changes: object) -> Connected:
    """Return one of the systems above as live, with these fields changed."""
    declared = Declared(doubt=_DOUBTS.get(system, Doubt.RESEND))
    connected = Connected(
        id=system,
        role=Role.PORTAL if system == PORTAL else Role.SYSTEM,
        mode=Mode.LIVE,
        feed=system == TAX,
        declarations=Declarations(by_kind={"*": declared}),
    )
    return replace(connected, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_route(*to: SystemId, **changes: object) -> Route:
    """Return a route from the portal to these systems, with these fields changed."""
    route = Route(id="-".join(to), source=PORTAL, to=to)
    return replace(route, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_book(
    *,
    systems: Iterable[Connected] = (),
    routes: Iterable[Route] | None = None,
) -> RouteBook:
    """Return a book: the portal speaks to ``civil_status``, everybody else to the portal.

    ``systems`` replace those of the same id; ``routes`` replace the portal's.
    """
    known = {s: a_system(s) for s in (PORTAL, CIVIL_STATUS, LAND, CRIMINAL_RECORD, TAX)}
    known |= {system.id: system for system in systems}
    outward = tuple(routes) if routes is not None else (a_route(CIVIL_STATUS),)
    return RouteBook(version="routes-1", systems=known, routes=(*outward, Route(id="back", to=(PORTAL,))))


def a_chain(system: SystemId, procedure: str, **changes: object) -> Route:
    """Return the chained route by which a registered birth begins a dossier at this system."""
    begins = Begins(procedure=procedure, name=f"Thủ tục {procedure}", agency=f"H01.{system}")
    route = Route(
        id=system,
        source=CIVIL_STATUS,
        kinds=("result.issued",),
        procedures=("1.000894",),
        to=(system,),
        begins=begins,
    )
    return replace(route, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_chain_book(*systems: Connected, chains: Iterable[Route] | None = None) -> RouteBook:
    """Return a book in which a registered birth is followed by residence and a health insurance card."""
    steps = (a_chain(RESIDENCE, "1.004222"), a_chain(HEALTH_INSURANCE, "1.004036"))
    followers = (a_system(RESIDENCE), a_system(HEALTH_INSURANCE))
    births = a_route(CIVIL_STATUS, procedures=("1.000894",))
    return a_book(systems=(*followers, *systems), routes=(births, *(steps if chains is None else chains)))


def a_planner(ids: Ids, book: RouteBook | None = None) -> Planning:
    """Return a planner over this book, or over the plain one."""
    return Planning(book=book or a_book(), new_id=ids.new)


def a_patience(**changes: object) -> Patience:
    """Return the shipped patience, with these fields changed."""
    patience = Patience(
        reckoning=Reckoning(calendar=OFFICE, lead=2),
        tries=5,
        files_after=timedelta(hours=1),
        calm=timedelta(minutes=10),
        systems=USUAL,
    )
    return replace(patience, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_draft(code: str | None = "H01-1", *, text: str = "", **changes: object) -> Draft:
    """Return the portal's submission of a dossier; other ``text`` makes another digest."""
    codes = (Code("province", code),) if code is not None else ()
    body = json.dumps({"code": code, "text": text}).encode()
    draft = Draft(
        source=PORTAL,
        operation="rest.dossiers",
        actor=Actor(kind=ActorKind.SYSTEM, name=PORTAL),
        kind="dossier.submitted",
        codes=codes,
        payload=Payload(body=body, media_type="application/json"),
        document=Payload(body=body, media_type="application/json"),
        document_digest=hashlib.sha256(body).hexdigest(),
        digest=hashlib.sha256(body).hexdigest(),
        procedure="1.000894",
        agency="H01.12",
    )
    return replace(draft, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_blob(key: str) -> Blob:
    """Return a file that lies under this key, and is called by it."""
    return Blob(key=key, sha256="0" * 64, size=3, content_type="application/pdf", name="đơn.pdf", file_id=FileId(key))


def a_birth(code: str = "H01-1", **changes: object) -> Draft:
    """Return the portal's submission of a birth, as a document that others can follow from."""
    document = {
        "code": code,
        "procedure": {"code": "1.000894", "name": "Đăng ký khai sinh"},
        "owner": {"type": "citizen", "name": {"whole": "Người Mẫu"}},
        "summary": "Khai sinh",
        "due_at": "2026-03-05T10:00:00Z",
    }
    body = json.dumps(document).encode()
    stated = Payload(body=body, media_type="application/json")
    return replace(a_draft(code, text="birth", document=stated), **changes)  # type: ignore[arg-type]  # fields by name


def a_result(
    code: str | None = "H01-1",
    kind: str = "result.issued",
    *,
    data: Mapping[str, object] | None = None,
    source: SystemId = CIVIL_STATUS,
    **changes: object,
) -> Draft:
    """Return what a system says of its result; other ``data`` make another digest."""
    said = {"id": "KS-1", "name": "Giấy khai sinh"} if data is None else data
    body = json.dumps({"kind": kind, "data": said}).encode()
    stated = Payload(body=body, media_type="application/json")
    digest = hashlib.sha256(body).hexdigest()
    draft = a_status(code, source=source, kind=kind, payload=stated, digest=digest, status=None)
    return replace(draft, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def a_status(
    code: str | None = "H01-1",
    number: int = 4,
    *,
    source: SystemId = CIVIL_STATUS,
    **changes: object,
) -> Draft:
    """Return a system's word about a dossier's status."""
    draft = a_draft(
        code,
        text=f"status {number}",
        source=source,
        operation="rest.events",
        actor=Actor(kind=ActorKind.SYSTEM, name=source),
        kind="status.changed",
        document=None,
        document_digest="",
        procedure="",
        agency="",
        status=SourceStatus(status=number),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


#: What each end of an attempt is called in its record.
_OUTCOMES = {
    State.DELIVERED: "delivered",
    State.DELAYED: "retryable",
    State.DEAD: "rejected",
    State.HELD: "ambiguous",
    State.READY: "absent",
    State.CANCELLED: "shadowed",
}


def a_settlement(
    delivery: Delivery,
    to: State = State.DELIVERED,
    *,
    then: tuple[Draft, ...] = (),
    **changes: object,
) -> Settlement:
    """Return the end of an attempt at a claimed delivery; ``changes`` go into the transition."""
    if delivery.lease is None:
        raise ValueError("only a leased delivery can be settled")
    doubt = DoubtMark.CLEAR if to is State.DELIVERED else DoubtMark.KEEP
    transition = replace(Transition(to=to, doubt=doubt), **changes)  # type: ignore[arg-type]  # fields by name
    attempt = Attempt(
        delivery_id=delivery.id,
        message_id=delivery.message.id,
        step=Step.SEND,
        outcome=_OUTCOMES[to],
        reason=transition.reason,
        duration=timedelta(milliseconds=40),
        config="config-1",
    )
    return Settlement(lease=delivery.lease, transition=transition, attempt=attempt, then=then)


def an_order(*places: int) -> Order:
    """Return an order to send again what is at these places and nowhere: when its turn comes, it is skipped."""
    stops = (Frozen(delivery=DeliveryId(f"nowhere-{place}"), stopped_at=MONDAY_MORNING) for place in places)
    return Order(words={}, items=tuple(stops), plan=RunPlan())
