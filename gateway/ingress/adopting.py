"""Adoptions and what is handed back as bodies."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.core.acts import By
from gateway.core.adoption import FAULTS, Adoption, AdoptionList, Weighed, counts
from gateway.core.composing import composed
from gateway.core.handback import Handed, Wanted
from gateway.core.ids import SystemId
from gateway.core.message import Code, SourceStatus
from gateway.ingress.adoption_bodies import (
    AdoptBody,
    AdoptedBody,
    AdoptionBody,
    AdoptionStatusBody,
    HandbackBody,
    HandedBackBody,
    HandedBody,
    WeighedBody,
)
from gateway.ingress.bodies import CodeBody
from gateway.ingress.problems import Problem, need_zone
from gateway.model.texts import text
from gateway.ops.adopting import Adopter


async def adopt(adopter: Adopter, language: str, asked: AdoptBody, by: By) -> AdoptedBody:
    """Adopt a list, or say what would become of it. Raises UnknownSystem, Problem."""
    listed = AdoptionList(
        source=SystemId(asked.source),
        items=tuple(map(_adoption, asked.items)),
        file_sha256=asked.file_sha256,
    )
    weighed = await adopter.adopt(listed, by=by, is_trial=asked.trial)
    faults = tuple(_weighed(item, language) for item in weighed if item.verdict in FAULTS)
    return AdoptedBody(adopted=not (asked.trial or faults), counts=counts(weighed), faults=faults)


async def hand_back(adopter: Adopter, language: str, system: str, asked: HandbackBody, by: By) -> HandedBackBody:
    """End what was never sent to a system, or say what would. Raises UnknownSystem, DoneInPart, Problem."""
    wanted = Wanted(system=SystemId(system), since=_zoned(asked.since), procedure=asked.procedure, agency=asked.agency)
    found = await adopter.hand_back(wanted, by=by, is_trial=asked.trial)
    return HandedBackBody(
        done=found.is_done,
        whole=found.is_whole,
        counts=dict(found.counts),
        items=tuple(_handed(item, language) for item in found.items),
    )


def _handed(item: Handed, language: str) -> HandedBody:
    return HandedBody(
        dossier_id=item.dossier_id,
        codes=tuple(CodeBody(scheme=code.scheme, code=code.value) for code in item.codes),
        procedure=item.procedure,
        agency=item.agency,
        handing=str(item.handing),
        text=text(f"handing.{item.handing}", language),
        kinds=item.kinds,
        done=item.is_done,
    )


def adoption_body(item: Adoption) -> AdoptionBody:
    """Return an adoption as it is sent to the door."""
    return AdoptionBody(
        row=item.row,
        codes=tuple(CodeBody(scheme=code.scheme, code=code.value) for code in item.codes),
        system=item.system,
        synced_at=item.synced_at,
        status=None if item.status is None else _status_body(item.status),
        procedure=item.procedure,
        agency=item.agency,
        due_at=item.due_at,
    )


def _status_body(status: SourceStatus) -> AdoptionStatusBody:
    return AdoptionStatusBody(status=status.status, code=status.code, text=status.text)


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


_LONGEST = 100  #: characters of a code


def _zoned(moment: datetime) -> datetime:
    need_zone('"synced_at", "due_at", "since"', moment)
    return moment.astimezone(UTC)


def _weighed(item: Weighed, language: str) -> WeighedBody:
    return WeighedBody(
        row=item.row, verdict=str(item.verdict), text=text(f"adoption.{item.verdict}", language), fields=item.fields
    )
