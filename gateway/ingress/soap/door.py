"""``/soap/v1/events``: SOAP 1.1 and 1.2 on one address, WSDL at ``?wsdl``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web
from lxml import etree

from gateway.core.message import Receipt
from gateway.core.record import Shown
from gateway.ingress.doors import Visit, doors_of, visit_of
from gateway.ingress.errors import Told, told_of_answer
from gateway.ingress.feed import cursor, next_page, unused
from gateway.ingress.lookup import system_of, viewed
from gateway.ingress.pressing import of_words, refuse_pressed
from gateway.ingress.problems import Problem
from gateway.ingress.replies import note, receipt_body
from gateway.ingress.soap import wsdl
from gateway.ingress.soap.addressing import keyed
from gateway.ingress.soap.breaches import schema_faults
from gateway.ingress.soap.faults import envelope_response, fault_response, problem_message
from gateway.ingress.soap.messages import (
    AcknowledgeResponse,
    FeedEvent,
    GetEventsResponse,
    ItemResult,
    SubmitEventsResponse,
)
from gateway.ingress.soap.opening import Opened, opened
from gateway.ingress.soap.replying import replied
from gateway.ingress.soap.security import proved, refuse_again
from gateway.ingress.soap.shape import NAMESPACE
from gateway.ingress.soap.submission import Submission
from gateway.ingress.soap.writing import write
from gateway.ingress.stated import accept_events
from gateway.intake.results import ItemAnswer
from gateway.model.envelope import Reading
from gateway.model.event import ITEMS_LIMIT
from gateway.wire.soap import Envelope, FaultCode, SoapProblem, envelope_of
from gateway.wire.xml import Element

_XML = "text/xml"


async def describe(request: web.Request) -> web.Response:
    """``GET /soap/v1/events?wsdl``: the WSDL, with the address under which it was asked for."""
    if "wsdl" not in {name.lower() for name in request.query}:
        raise Problem("parameter.invalid", name="wsdl", expected="?wsdl")
    public = doors_of(request).server.public_url.rstrip("/")
    try:
        address = public + request.path if public else str(request.url.with_query(None))
        address.encode()
    except ValueError:  # of what the caller says that we are called
        raise Problem("request.invalid", where="Host") from None
    return web.Response(body=wsdl.at(address), headers={"Content-Type": f"{_XML}; charset=utf-8"})


async def call(request: web.Request) -> web.Response:
    """``POST /soap/v1/events``: one of the three operations."""
    try:
        asked = await opened(request)
        envelope = asked.envelope
        operation = _operation(envelope)
    except SoapProblem as problem:
        return envelope_response(request, problem)
    faults = schema_faults(envelope.body)
    if faults:
        return fault_response(request, Told(problem=Problem("body.invalid", count=len(faults)), faults=faults))
    answer = await operation(request, asked)
    return replied(request, envelope.version, envelope_of(envelope.version, answer))


async def submit_events(request: web.Request, asked: Opened) -> Element:
    """Accept up to 200 events; each has its own answer."""
    refuse_pressed(request, of_words(request))
    submission = await Submission.read(request, asked)
    visit = visit_of(request)
    items = keyed(request, proved(request, submission.items))
    answers = await accept_events(request, items)
    note(visit, answers)
    results = (_result(answer, kind, visit) for answer, kind in zip(answers, submission.kinds, strict=True))
    return write("submitEventsResponse", SubmitEventsResponse(item=tuple(results)))


def _result(answer: ItemAnswer, kind: str, visit: Visit) -> ItemResult:
    if isinstance(answer, Receipt):
        return ItemResult(receipt=receipt_body(answer, visit.language))
    told = told_of_answer(answer, visit.known.actor.name)
    return ItemResult(problem=problem_message(told, visit.language, kind))


async def get_events(request: web.Request, asked: Opened) -> Element:
    """Show what follows a cursor; acknowledges nothing."""
    refuse_again(request)
    await asked.files.store(())
    element = asked.envelope.body
    doors, system = doors_of(request), system_of(request)
    limit = int(_child(element, "limit") or "100")
    after, reading = cursor(_child(element, "after")), Reading()
    page = await next_page(doors, system, after, reading, limit=min(limit, ITEMS_LIMIT), wait=0)
    await viewed(request, Shown.FEED, (item.delivery.id for item in page.items))
    items = tuple(
        FeedEvent(cursor=item.cursor, delivery_id=item.delivery.id, event=reading.event_of(item.delivery))
        for item in page.items
    )
    warnings = unused(doors, system, visit_of(request).language)
    body = GetEventsResponse(item=items, next=page.next, more=page.more, earliest=page.earliest, warnings=warnings)
    return write("getEventsResponse", body)


async def acknowledge(request: web.Request, asked: Opened) -> Element:
    """Settle everything up to the cursor."""
    await asked.files.store(())
    element = asked.envelope.body
    doors, system = doors_of(request), system_of(request)
    end = cursor(_child(element, "cursor"))
    count = await doors.feed.acknowledge(system, end, plan=doors.intake.planning)
    return write("acknowledgeResponse", AcknowledgeResponse(acknowledged=count))


_OPERATIONS: Mapping[str, Callable[[web.Request, Opened], Awaitable[Element]]] = MappingProxyType(
    {"submitEvents": submit_events, "getEvents": get_events, "acknowledge": acknowledge}
)


def _operation(envelope: Envelope) -> Callable[[web.Request, Opened], Awaitable[Element]]:
    name = etree.QName(envelope.body)
    found = _OPERATIONS.get(name.localname) if name.namespace == NAMESPACE else None
    if found is None:
        problem = Problem("soap.operation", namespace=NAMESPACE)
        raise SoapProblem(FaultCode.CLIENT, name=problem.code, vi=problem.detail("vi"), en=problem.detail("en"))
    return found


def _child(element: Element, name: str) -> str:
    return (element.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()
