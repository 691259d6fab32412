"""``/v1/dossiers``: submit, amend, find, and see what happened."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import msgspec
from aiohttp import web
from msgspec import Raw

from gateway.core import kinds
from gateway.core.codes import PROVINCE
from gateway.core.composing import composed
from gateway.core.pressure import Urgency
from gateway.core.record import Shown
from gateway.ingress.bodies import DossierBody, DossiersBody
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import idempotency_key, if_match, wants
from gateway.ingress.lookup import eyes_of, find, find_one, viewed
from gateway.ingress.pressing import of_words, refuse_pressed
from gateway.ingress.problems import Problem
from gateway.ingress.replies import reply, single
from gateway.ingress.stated import Sent, read_sent
from gateway.intake.intake import Item
from gateway.model.drafts import best_code, codes_of
from gateway.model.event import NewDossier, ReadEvent
from gateway.model.names import Vocabulary, key, to_national
from gateway.model.places import Origin
from gateway.model.reading import read_dossier
from gateway.model.texts import Said
from gateway.model.types import Dossier, Reference
from gateway.ports.store import DossierView, Timeline

SUBMIT, AMEND = "dossiers.submit", "dossiers.amend"


async def submit(request: web.Request) -> web.Response:
    """``POST /v1/dossiers``: the short form of ``dossier.submitted``."""
    refuse_pressed(request, Urgency.NEW)
    return await _accept(request, _submission(request, await read_sent(request)), SUBMIT)


async def amend(request: web.Request) -> web.Response:
    """``PUT /v1/dossiers/{code}``: the whole dossier again, as its next revision."""
    refuse_pressed(request, of_words(request))
    sent = await read_sent(request)
    view = await find_one(request, request.match_info["code"])
    own = next((code.value for code in view.codes if code.scheme == PROVINCE), None)
    other = _address(request, view) if own is None else None
    read = read_dossier(sent.value, body=sent.body, names=sent.names, kind=kinds.AMENDED, code=own, other=other)
    if not set(codes_of(read)) & set(view.codes):
        raise Problem("codes.conflict")
    item = replace(_item(request, sent, read), if_match=if_match(request))
    return await _accept(request, item, AMEND)


async def show(request: web.Request) -> web.Response:
    """``GET /v1/dossiers/{code}``."""
    view = await find_one(request, request.match_info["code"])
    await viewed(request, Shown.DOSSIER, (view.id,))
    names = wants(request)
    body = in_names(eyes_of(request).dossier(view), names)
    return reply(body, headers={"ETag": f'"{view.revision}"'}, names=names)


async def timeline(request: web.Request) -> web.Response:
    """``GET /v1/dossiers/{code}/timeline``."""
    view = await find_one(request, request.match_info["code"])
    found = await doors_of(request).ledger.timeline(view.id)
    await viewed(request, Shown.TIMELINE, (view.id,))
    return told_timeline(request, view, found)


async def search(request: web.Request) -> web.Response:
    """``GET /v1/dossiers?scheme=&code=``, and ``/v1/ops/dossiers``: none, one or several that the caller may see."""
    code = request.query.get("code", "")
    if not code:
        raise Problem("parameter.invalid", name="code", expected=Said("a code of 1 to 100 characters"))
    found = await find(request, code, request.query.get("scheme") or None)
    await viewed(request, Shown.DOSSIER, (view.id for view in found))
    eyes, names = eyes_of(request), wants(request)
    return reply(DossiersBody(items=tuple(in_names(eyes.dossier(view), names) for view in found)), names=names)


def told_timeline(request: web.Request, view: DossierView, found: Timeline) -> web.Response:
    """Answer with what happened to a dossier, the dossier under the names that the caller wants."""
    body, names = eyes_of(request).timeline(view, found), wants(request)
    return reply(msgspec.structs.replace(body, dossier=in_names(body.dossier, names)), names=names)


def in_names(body: DossierBody, names: Vocabulary) -> DossierBody:
    """Return the dossier's document under the names that the caller wants."""
    if names is Vocabulary.ENGLISH or body.dossier is None:
        return body
    document = to_national(Dossier, msgspec.json.decode(body.dossier))
    return msgspec.structs.replace(body, dossier=Raw(msgspec.json.encode(document)))


def _address(request: web.Request, view: DossierView) -> Reference:
    """Return the code by which the address names a dossier; of two schemes' the first."""
    given = composed(request.match_info["code"])
    return next(Reference(scheme=code.scheme, code=code.value) for code in view.codes if code.value == given)


def _submission(request: web.Request, sent: Sent) -> Item:
    return _item(request, sent, read_dossier(sent.value, body=sent.body, names=sent.names))


def _item(request: web.Request, sent: Sent, read: ReadEvent) -> Item:
    return Item(
        read=read,
        dedup_key=idempotency_key(request) or read.event.source_event_id,
        raw=sent.raw,
        origin=Origin(names=sent.names, data_at=key(NewDossier, "dossier", sent.names)),
    )


async def _accept(request: web.Request, item: Item, operation: str) -> web.Response:
    visit = visit_of(request)
    code = visit.dossier = best_code(item.read)
    accepting = doors_of(request).intake.accept([item], caller_of(request), operation)
    del item  # what was read is the draft from there on: in a burst it would take a third of the memory again
    answers = await accepting
    return single(answers[0], visit, location=f"/v1/dossiers/{quote(code, safe='')}")
