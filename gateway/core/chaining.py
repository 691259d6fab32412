"""Chained procedures (liên thông): what a result, or a withdrawal, of one dossier means for those that follow from it.

A follower is a dossier of its own: its codes, states and failures are its own, and nothing of it undoes another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias, cast

from gateway.core import kinds
from gateway.core.hot_value import hot_value
from gateway.core.ids import GATEWAY, FileId, SystemId
from gateway.core.legs import subject_of
from gateway.core.message import (
    Actor,
    ActorKind,
    Blob,
    Code,
    DossierState,
    Draft,
    Follower,
    Known,
    Payload,
    PendingFile,
    Submission,
    digest_of,
)
from gateway.core.reason import Reason, Why
from gateway.core.routing import Begins, Route, RouteBook

SCHEME = "chain"  #: of the codes that followers get
OPERATION = "gateway.chain"

_Json: TypeAlias = dict[str, object]
_ACTOR = Actor(kind=ActorKind.GATEWAY, name=GATEWAY)
_LONGEST_CODE = 100
_JSON = "application/json"

#: What a dossier tells of its own course; a follower begins without it.
_ITS_COURSE = frozenset(
    {
        "code",
        "receipt_number",
        "relations",
        "processing_unit",
        "registration_unit",
        "summary",
        "note",
        "submitted_at",
        "received_at",
        "due_at",
        "processed_at",
        "returned_at",
        "refused_at",
        "return_note",
        "status",
        "closing",
        "reason",
        "online_payment",
        "fees",
        "supplements",
        "results",
        "progress",
    }
)


@hot_value
class Chained:
    """What an event means for followers."""

    drafts: tuple[Draft, ...] = ()
    warnings: tuple[Reason, ...] = ()
    stuck: Reason | None = None  #: a step cannot begin, and a person must see it


_NOTHING = Chained()


def chained(own: Submission, known: Known, book: RouteBook) -> Chained:
    """Return what this submission means for the dossiers that follow from its own."""
    dossier = known.dossier
    match own.draft.kind:
        case kinds.RESULT_ISSUED:
            return _begin(own, known, book)
        case kinds.RESULT_CORRECTED:
            standing = _of(own.draft.source, known.followers, book)
            return Chained(drafts=tuple(_amend(own, one, one.statement) for one in standing if one.statement))
        case kinds.RESULT_REVOKED:
            return Chained(drafts=tuple(_withdraw(own, one) for one in _of(own.draft.source, known.followers, book)))
        case kinds.WITHDRAWAL_REQUESTED if dossier is not None and own.draft.source == dossier.source:
            return Chained(drafts=tuple(_withdraw(own, one) for one in known.followers if not one.withdrawing))
        case _:
            return _NOTHING


def _of(source: SystemId, followers: Iterable[Follower], book: RouteBook) -> tuple[Follower, ...]:
    """Return the standing followers that rest on a result of this source, or of one that it has succeeded."""
    return tuple(
        one
        for one in followers
        if not one.withdrawing and (one.begun_by == source or book.is_heir(source, frozenset({one.begun_by})))
    )


def _begin(own: Submission, known: Known, book: RouteBook) -> Chained:
    """Begin each step that this result triggers and that no result has triggered before."""
    begun = {follower.step for follower in known.followers}
    routes = [route for route in book.triggered(subject_of(own.draft, known)) if route.id not in begun]
    if not routes:
        return Chained()
    dossier, whole = known.dossier, known.statement
    if dossier is None or whole is None or whole.document is None:
        return Chained(stuck=Reason(Why.NOT_WHOLE, ", ".join(route.id for route in routes)))
    if known.withdrawing:
        return Chained(warnings=tuple(Reason(Why.WITHDRAWN, route.id) for route in routes))
    return Chained(drafts=tuple(_first(own, known, dossier, route, whole) for route in routes))


def _first(own: Submission, known: Known, dossier: DossierState, route: Route, whole: Draft) -> Draft:
    """Return the submission of the follower, stated for the source of the dossier that it follows from."""
    begins = route.begins or Begins(procedure=dossier.procedure)
    document = {key: value for key, value in _read(whole.document).items() if key not in _ITS_COURSE}
    document["procedure"] = {"code": begins.procedure, "name": begins.name}
    if begins.agency:
        document["receiving_unit"] = {"code": begins.agency, "name": begins.agency_name}
    parent = dossier.codes[0] if dossier.codes else Code("gateway", dossier.id)
    document["relations"] = [{"kind": "part_of", "scheme": parent.scheme, "code": parent.value}]
    document["submitted_at"] = known.now.isoformat()
    document["results"] = [_data(own.draft)]
    codes = (Code(SCHEME, code_of(parent, dossier, route)),)
    draft = _whole(_draft(kinds.SUBMITTED, own, dossier.source, codes, document), whole, own.draft)
    agency = begins.agency or dossier.agency
    return replace(draft, step=route.id, procedure=begins.procedure, agency=agency)


def code_of(parent: Code, dossier: DossierState, route: Route) -> str:
    """Return the follower's own code: whose step it is, readable, and the same however often it is asked for."""
    code = f"{parent.value}/{route.id}"
    return code if len(code) <= _LONGEST_CODE else f"{dossier.id}/{route.id}"


def _amend(own: Submission, follower: Follower, whole: Draft) -> Draft:
    """Return the follower's dossier with the corrected result in place of the one that it replaces."""
    document = _read(whole.document)
    result = _data(own.draft)
    replaced = {str(result.get(key)) for key in ("replaces", "id") if result.get(key)}
    kept = [item for item in cast("list[_Json]", document.get("results", [])) if str(item.get("id")) not in replaced]
    document["results"] = [*kept, result]
    draft = _whole(_draft(kinds.AMENDED, own, follower.source, follower.codes, document), whole, own.draft)
    return replace(draft, procedure=whole.procedure, agency=whole.agency)


def _withdraw(own: Submission, follower: Follower) -> Draft:
    """Return the withdrawal of a follower, for the reason that was given."""
    data = _data(own.draft)
    said = data if own.draft.kind == kinds.WITHDRAWAL_REQUESTED else {"reason": data.get("reason", "")}
    return _draft(kinds.WITHDRAWAL_REQUESTED, own, follower.source, follower.codes, said)


def _draft(kind: str, own: Submission, source: SystemId, codes: tuple[Code, ...], data: _Json) -> Draft:
    """Return what the gateway states for a follower's source, because of this submission."""
    dossier = {"references": [{"scheme": code.scheme, "code": code.value} for code in codes]}
    event: _Json = {"kind": kind, "dossier": dossier, "data": data, "causes": own.id}
    if own.draft.test:
        event["test"] = True
    body = _written(event)
    return Draft(
        source=source,
        operation=OPERATION,
        actor=_ACTOR,
        kind=kind,
        codes=codes,
        payload=Payload(body=body, media_type=_JSON),
        digest=digest_of(body, ()),
        document=Payload(body=_written(data), media_type=_JSON) if kind in kinds.WHOLE else None,
        causes=own.id,
        causation_id=own.id,
        test=own.draft.test,
    )


def _whole(draft: Draft, *drafts: Draft) -> Draft:
    """Return a draft that states a dossier with the files of these others, each once."""
    blobs = {blob.file_id: blob for other in drafts for blob in other.blobs}
    pending = {file.file_id: file for other in drafts for file in other.pending if not _is_here(file, blobs)}
    files = tuple(blob for blob in blobs.values() if blob.file_id not in pending)
    return replace(
        draft,
        digest=digest_of(draft.payload.body, files),
        document_digest=digest_of(draft.document.body if draft.document else b"", files),
        blobs=files,
        pending=tuple(pending.values()),
    )


def _is_here(file: PendingFile, blobs: Mapping[FileId, Blob]) -> bool:
    """Whether another statement has had the file; not where its address is to serve other bytes by now."""
    blob = blobs.get(file.file_id)
    return blob is not None and file.sha256 in {None, blob.sha256}


def _read(document: Payload | None) -> _Json:
    return cast("_Json", json.loads(document.body)) if document else {}


def _data(draft: Draft) -> _Json:
    """Return what an event says, in its canonical form."""
    return cast("_Json", json.loads(draft.payload.body).get("data") or {})


def _written(value: _Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
