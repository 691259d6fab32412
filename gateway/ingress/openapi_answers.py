"""What a door can answer, as ``/openapi.json`` describes it: its successes, and of all refusals those it can give."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from gateway.ingress.bodies import ProblemBody
from gateway.ingress.errors import PROBLEM_TYPE
from gateway.ingress.openapi_parameters import headers, headers_of_refusal
from gateway.ingress.openapi_schemas import REF, name_of
from gateway.ingress.problems import STATUSES
from gateway.ingress.table.door import JSON, KEYED, Door
from gateway.model.names import NATIONAL_MEDIA_TYPE

_NO_CONTENT = 204
_FAULTS = {500: ["SOAP Fault; detail/gatewayFault: code, text, errors"]}


def responses(item: Door) -> dict[str, object]:
    """Return every answer of a door under its status."""
    return _successes(item) | _refusals(item)


def schema(structs: Sequence[type[Struct]], media: str = JSON) -> dict[str, object]:
    """Return a media type's schema: one of these, by the names of the media type; of none, anything."""
    is_national = media == NATIONAL_MEDIA_TYPE
    refs: list[object] = [{"$ref": REF.format(name=name_of(struct, national=is_national))} for struct in structs]
    if not refs:
        return {"schema": {}}
    return {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}


def _successes(item: Door) -> dict[str, object]:
    told: defaultdict[int, list[type[Struct]]] = defaultdict(list)
    told[item.status] = [item.answer] if item.answer else []
    for status, struct in item.others:
        told[status].append(struct)
    return {str(status): _success(item, status, structs) for status, structs in told.items()}


def _success(item: Door, status: int, structs: Sequence[type[Struct]]) -> dict[str, object]:
    said = {"description": "Thành công · Success" if status < 300 else "Không · No"}  # noqa: PLR2004 - HTTP's own
    if status == _NO_CONTENT:
        return dict(said)
    media = {media: schema(structs if media == JSON else ()) for media in item.answers_as}
    told = {"headers": headers(item.headers)} if item.headers else {}
    return {**said, **told, "content": media}


def _refusals(item: Door) -> dict[str, object]:
    content = {media: schema((ProblemBody,) if media == PROBLEM_TYPE else ()) for media in item.refuses_as}
    told = _codes(item) if PROBLEM_TYPE in item.refuses_as else _FAULTS
    return {
        str(status): {"description": ", ".join(codes), "headers": headers_of_refusal(status), "content": content}
        for status, codes in sorted(told.items())
    }


def _codes(item: Door) -> Mapping[int, list[str]]:
    """Return the stable codes that this door's refusals may carry, by status."""
    named = ("not_found",) if "{" in item.path else ()  # an address that no database could take
    given = {*item.problems, *(() if item.open else (*KEYED, *named))}
    found: defaultdict[int, list[str]] = defaultdict(list)
    for code in sorted(given, key=list(STATUSES).index):
        found[STATUSES[code]].append(code)
    return found
