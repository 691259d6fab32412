"""Refusals as SOAP Faults."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from msgspec import structs

from gateway.ingress.bodies import FaultBody
from gateway.ingress.doors import visit_of
from gateway.ingress.errors import Told, fault_body, headers_of
from gateway.ingress.soap.messages import Problem as ProblemMessage
from gateway.ingress.soap.reading import place
from gateway.ingress.soap.replying import SPOKEN, faulted
from gateway.ingress.soap.schema import FAULT
from gateway.ingress.soap.writing import write
from gateway.wire.content_type import ContentType
from gateway.wire.related import RELATED
from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion, fault_of

_OURS = 500


def problem_message(told: Told, language: str, kind: str = "") -> ProblemMessage:
    """Return a refusal as the schema has it, its faults in this language; their paths are the sender's elements."""
    faults = (fault_body(fault, language) for fault in told.faults)
    return ProblemMessage(
        code=told.problem.code,
        text=told.problem.words("vi"),
        text_en=told.problem.words("en"),
        errors=tuple(_placed(fault, kind) for fault in faults),
    )


def fault_response(request: web.Request, told: Told) -> web.Response:
    """Return the Fault for a refusal, in the version of the request."""
    code = FaultCode.SERVER if told.status >= _OURS else FaultCode.CLIENT
    visit = visit_of(request)
    visit.refusal = told.problem.code
    version, message = _version(request), problem_message(told, visit.language)
    reasons = _in_order({"vi": message.text, "en": message.text_en}, visit.language)
    response = faulted(request, version, fault_of(version, code, reasons, write(FAULT, message)))
    response.headers.update(headers_of(told))
    if told.is_cut_off:
        response.force_close()
    return response


def envelope_response(request: web.Request, problem: SoapProblem) -> web.Response:
    """Return the Fault for an envelope that is wrong."""
    version, visit = _version(request), visit_of(request)
    visit.refusal = problem.name or problem.code
    message = ProblemMessage(code=problem.name, text=problem.reasons["vi"], text_en=problem.reasons["en"])
    detail = write(FAULT, message) if problem.name else None
    reasons = _in_order(problem.reasons, visit.language)
    return faulted(request, version, fault_of(version, problem.code, reasons, detail, subcode=problem.subcode))


def _in_order(reasons: Mapping[str, str], language: str) -> Mapping[str, str]:
    """Return texts by language, the caller's own first: of SOAP 1.1 it is the only one."""
    return {language: reasons[language], **reasons}


def _version(request: web.Request) -> SoapVersion:
    """Return the version of the envelope, or that which its Content-Type declares where it was not believed."""
    return request.get(SPOKEN) or _declared(request.headers.get("Content-Type", ""))


def _declared(content_type: str) -> SoapVersion:
    """Return the version that a Content-Type declares, a package's for what is in it; 1.1 where it declares none."""
    outer = ContentType.parse(content_type)
    within = (ContentType.parse(outer.parameters.get(name, "")).media_type for name in ("start-info", "type"))
    declared = next((one for one in within if one), "") if outer.media_type == RELATED else outer.media_type
    return SoapVersion.V12 if declared == SoapVersion.V12.media_type else SoapVersion.V11


def _placed(fault: FaultBody, kind: str) -> FaultBody:
    """Name an item's place by its elements; what the schema refused is named so already."""
    return structs.replace(fault, path=place(fault.path, kind)) if kind else fault
