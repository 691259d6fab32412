"""Moving over: dossiers that systems have from before the gateway, and those that go back to the way before."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from gateway.core.adoption import FAULTS, Adoption, AdoptionList, Weighed, counts
from gateway.core.composing import composed
from gateway.core.handback import Handed, Wanted
from gateway.core.ids import SystemId
from gateway.core.message import Code, SourceStatus
from gateway.core.record import Shown
from gateway.ingress.adoption_bodies import (
    AdoptBody,
    AdoptedBody,
    AdoptionBody,
    HandbackBody,
    HandedBackBody,
    HandedBody,
    WeighedBody,
)
from gateway.ingress.asked import asked_of, by_of
from gateway.ingress.bodies import CodeBody
from gateway.ingress.doors import doors_of, visit_of
from gateway.ingress.lookup import viewed
from gateway.ingress.problems import Problem, need_moments
from gateway.ingress.replies import reply
from gateway.ingress.views import code_bodies
from gateway.model.texts import text

_LONGEST = 100  #: characters of a code


async def adopt(request: web.Request) -> web.Response:
    """``POST /v1/ops/adoptions``: make them known, all or none; nothing is sent."""
    asked = await asked_of(request, AdoptBody)
    by, language = by_of(request, asked), visit_of(request).language
    listed = AdoptionList(
        source=SystemId(asked.source),
        items=tuple(map(_adoption, asked.items)),
        file_sha256=asked.file_sha256,
    )
    weighed = await doors_of(request).adopter.adopt(listed, by=by, is_trial=asked.trial)
    faults = tuple(_weighed(item, language) for item in weighed if item.verdict in FAULTS)
    return reply(AdoptedBody(adopted=not (asked.trial or faults), counts=counts(weighed), faults=faults))


async def hand_back(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/handbacks``: end what was never sent, and name its dossiers."""
    asked = await asked_of(request, HandbackBody)
    by, language, system = by_of(request, asked), visit_of(request).language, SystemId(request.match_info["system"])
    wanted = Wanted(system=system, since=_zoned(asked.since), procedure=asked.procedure, agency=asked.agency)
    found = await doors_of(request).adopter.hand_back(wanted, by=by, is_trial=asked.trial)
    await viewed(request, Shown.DOSSIER, (item.dossier_id for item in found.items))
    body = HandedBackBody(
        done=found.is_done,
        whole=found.is_whole,
        counts=dict(found.counts),
        items=tuple(_handed(item, language) for item in found.items),
    )
    return reply(body)


def _handed(item: Handed, language: str) -> HandedBody:
    return HandedBody(
        dossier_id=item.dossier_id,
        codes=code_bodies(item.codes),
        procedure=item.procedure,
        agency=item.agency,
        handing=str(item.handing),
        text=text(f"handing.{item.handing}", language),
        kinds=item.kinds,
        done=item.is_done,
    )


def _adoption(asked: AdoptionBody) -> Adoption:
    return Adoption(
        row=asked.row,
        codes=tuple(_code(item) for item in asked.codes),
        system=SystemId(asked.system),
        synced_at=_zoned(asked.synced_at),
        status=SourceStatus(status=asked.status.status, code=asked.status.code, text=asked.status.text)
        if asked.status
        else None,
        procedure=asked.procedure,
        agency=asked.agency,
        due_at=asked.due_at and _zoned(asked.due_at),
    )


def _code(asked: CodeBody) -> Code:
    scheme, value = (composed(word).strip() for word in (asked.scheme, asked.code))
    if not all(1 <= len(word) <= _LONGEST and word.isprintable() for word in (scheme, value)):
        raise Problem("request.invalid", where='"codes": 1-100')
    return Code(scheme, value)


def _zoned(moment: datetime) -> datetime:
    need_moments('"synced_at", "due_at", "since"', moment)
    return moment.astimezone(UTC)


def _weighed(item: Weighed, language: str) -> WeighedBody:
    return WeighedBody(
        row=item.row, verdict=str(item.verdict), text=text(f"adoption.{item.verdict}", language), fields=item.fields
    )
