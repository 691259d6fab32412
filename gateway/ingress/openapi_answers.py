"""What a door can answer, as ``/openapi.json`` describes it: its successes, and of all refusals those it can give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from gateway.ingress.bodies import ProblemBody
from gateway.ingress.errors import PROBLEM_TYPE
from gateway.ingress.openapi_parameters import headers, headers_of_refusal
from gateway.ingress.openapi_schemas import REF, name_of
from gateway.ingress.operation import JSON, Operation
from gateway.ingress.problems import STATUSES
from gateway.model.names import NATIONAL_MEDIA_TYPE

_COMMON = (400, 401, 403, 500, 503)
_NO_CONTENT = 204
_FAULT = "SOAP Fault; detail/gatewayFault: code, text, errors"
_READ = ("post ", "put ")
_STATED = ("post /v1/dossiers", "put /v1/dossiers", "post /v1/events", "/callbacks/")
_OWN_FORMAT = ("/callbacks/",)
_PROPOSED = ("post /v1/ops/proposals/", "/edits", "/settlements", "post /v1/ops/replays")
_DECIDED = ("/v1/ops/deliveries/", "/settlements", "/proposals/")
#: Where a code, or its area, can come from: the door's method, path and parameters (``_sign``) hold one of these.
#: What is not here can come from everywhere.
_FROM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "json": _READ,
        "body": _READ,
        "encoding": _READ,
        "media_type": _READ,
        "request": _READ,
        "parameter": ("?", "/v1/ops/"),
        "cursor": ("?after", "?behind", "?before", "?cursor"),
        "idempotency": ("?Idempotency-Key",),
        "multipart": ("post /v1/files",),
        "file": ("/v1/files", "/v1/links/", *_OWN_FORMAT),
        "link": ("/v1/links/",),
        "xml": _OWN_FORMAT,
        "security": _OWN_FORMAT,
        "attachments": _OWN_FORMAT,
        "callback": _OWN_FORMAT,
        "login": (),  # the plug-in door's and SOAP's: in their own words, as sessions and services are
        "session": (),
        "service": (),
        "not_found": ("{",),  # whatever is named by its address; a path that is no door has no description
        "kind": _STATED,
        "codes": _STATED,
        "not_accepted": _STATED,
        "backlog": ("post /v1/files", *_STATED),
        "dossier": _STATED,
        "dossier.not_found": ("/dossiers/", *_STATED),
        "dossier.ambiguous": ("get /v1/dossiers/",),
        "revision": ("put /v1/dossiers",),
        "rate": ("/queries/",),
        "query": ("/queries/",),
        "delivery": ("/v1/deliveries", *_DECIDED),
        "reason": ("/v1/ops/",),
        "system": ("/systems/", "/settlements", "/adoptions", "/reconciliations", "/replays"),
        "proposal": _PROPOSED,
        "proposal.not_found": ("/proposals/",),
        "proposal.needed": ("/judgement", "/retry"),
        "in_part": ("/handbacks", "/approval"),
        "list": ("/settlements", "post /v1/ops/reconciliations"),
        "replay": ("/replays", "/proposals/"),
        "reconciliation": ("/reconciliations",),
        "configuration": ("/configuration/", "/mapping-trials"),
        "version": ("/mapping-trials",),
        "key.not_found": ("/v1/ops/keys",),
        "keys": ("/v1/ops/keys",),
    }
)


def responses(item: Operation) -> dict[str, object]:
    """Return every answer of a door under its status."""
    return _successes(item) | _refusals(item)


def schema(structs: Sequence[type[Struct]], media: str = JSON) -> dict[str, object]:
    """Return a media type's schema: one of these, by the names of the media type; of none, anything."""
    is_national = media == NATIONAL_MEDIA_TYPE
    refs: list[object] = [{"$ref": REF.format(name=name_of(struct, national=is_national))} for struct in structs]
    if not refs:
        return {"schema": {}}
    return {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}


def _successes(item: Operation) -> dict[str, object]:
    told: defaultdict[int, list[type[Struct]]] = defaultdict(list)
    told[item.status] = [item.answer] if item.answer else []
    for status, struct in item.others:
        told[status].append(struct)
    return {str(status): _success(item, status, structs) for status, structs in told.items()}


def _success(item: Operation, status: int, structs: Sequence[type[Struct]]) -> dict[str, object]:
    said = {"description": "Thành công · Success" if status < 300 else "Không · No"}  # noqa: PLR2004 - HTTP's own
    if status == _NO_CONTENT:
        return dict(said)
    media = {media: schema(structs if media == JSON else ()) for media in item.answers_as}
    told = {"headers": headers(item.headers)} if item.headers else {}
    return {**said, **told, "content": media}


def _refusals(item: Operation) -> dict[str, object]:
    common = () if item.open or PROBLEM_TYPE not in item.refuses_as else _COMMON
    content = {media: schema((ProblemBody,) if media == PROBLEM_TYPE else ()) for media in item.refuses_as}
    told = {status: ", ".join(_codes(item, status)) for status in sorted({*item.problems, *common})}
    return {
        str(status): {"description": codes, "headers": headers_of_refusal(status), "content": content}
        for status, codes in told.items()
        if codes
    }


def _codes(item: Operation, status: int) -> list[str]:
    """Return the stable codes that this door's refusals with this status may carry."""
    if PROBLEM_TYPE not in item.refuses_as:
        return [_FAULT]
    sign = " ".join([item.method, item.path, *(f"?{name}" for name in item.parameters)])
    return [code for code, number in STATUSES.items() if number == status and _comes_from(code, sign)]


def _comes_from(code: str, sign: str) -> bool:
    places = _FROM.get(code, _FROM.get(code.partition(".")[0]))
    return places is None or any(place in sign for place in places)
