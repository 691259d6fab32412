"""Dossiers that systems have from before the gateway: made known, so that what is said of them later finds them.

Pure. An adoption states that a system has a dossier, and the status that it had there then. Nothing is sent for it;
from then on the system counts as one that was sent the dossier: it may speak of it, is told what concerns it, and is
not sent the submission again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.ids import SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Code, DossierState, SourceStatus, StatedStatus

#: The kind of the message that keeps an adoption.
ADOPTED = "x.gateway.adopted"
#: Adoptions that are written together, or not at all.
MOST = 500
#: Those of a longer list that are: everybody who writes waits for them.
PART = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """One line of a list: a dossier, and a system that has it."""

    row: int  #: its place in the list, for who reads the answer
    codes: tuple[Code, ...]
    system: SystemId
    synced_at: datetime  #: when it was last brought up to date there by the way before
    status: SourceStatus | None = None  #: as it stood then
    procedure: str = ""
    agency: str = ""
    due_at: datetime | None = None


class Verdict(StrEnum):
    """What an adoption means to our books. Each has words in the catalogue under ``adoption``."""

    NEW = "new"  #: begins a dossier
    ADDED = "added"  #: says more of one that is known
    SAME = "same"  #: known already, all of it
    DIFFERENT = "different"  #: our books say otherwise
    CODES = "codes"  #: its codes belong to different dossiers
    WAITING = "waiting"  #: our own submission to this system has not left yet: it would be sent twice


#: A list with one of these is not taken.
FAULTS = frozenset({Verdict.DIFFERENT, Verdict.CODES, Verdict.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An adoption's verdict; where our books say otherwise, the fields in which they do."""

    row: int
    verdict: Verdict
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionList:
    """Adoptions of dossiers that one portal has submitted by the way before."""

    source: SystemId
    items: tuple[Adoption, ...]
    file_sha256: str  #: of the whole list of which these may be a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is known of the dossier that an adoption's codes lead to."""

    now: datetime
    dossier: DossierState | None = None
    ambiguous: bool = False
    stated: StatedStatus | None = None  #: what stands of the adoption's system


def weigh(item: Adoption, source: SystemId, books: Books) -> Weighed:
    """Return what an adoption means. Saying again what is known changes nothing; contradicting it is a fault."""
    if books.ambiguous:
        return Weighed(row=item.row, verdict=Verdict.CODES)
    if item.synced_at > books.now:
        return Weighed(row=item.row, verdict=Verdict.DIFFERENT, fields=("synced_at",))
    dossier = books.dossier
    if dossier is None:
        return Weighed(row=item.row, verdict=Verdict.NEW)
    fields = tuple(_contradicted(item, source, dossier, books.stated))
    if fields:
        return Weighed(row=item.row, verdict=Verdict.DIFFERENT, fields=fields)
    if _waits(dossier, item.system):
        return Weighed(row=item.row, verdict=Verdict.WAITING)
    return Weighed(row=item.row, verdict=Verdict.ADDED if _adds(item, dossier, books.stated) else Verdict.SAME)


def status_stands(item: Adoption, stated: StatedStatus | None) -> bool:
    """Whether the status of an adoption is later than what stands of its system."""
    return item.status is not None and (stated is None or item.synced_at > stated.at)


def is_had(item: Adoption, dossier: DossierState) -> bool:
    """Whether our books say already that the system has the dossier; its own source always has."""
    return item.system == dossier.source or item.system in dossier.reached - dossier.unclear


def _contradicted(
    item: Adoption, source: SystemId, dossier: DossierState, stated: StatedStatus | None
) -> Iterator[str]:
    if dossier.source != source:
        yield "source"
    if dossier.test:
        yield "test"
    if dossier.erased:
        yield "erased"
    for name, ours, theirs in (
        ("procedure", dossier.procedure, item.procedure),
        ("agency", dossier.agency, item.agency),
    ):
        if ours and theirs and ours != theirs:
            yield name
    if item.status and stated and stated.at == item.synced_at and _plain(stated.status) != _plain(item.status):
        yield "status"


def _plain(status: SourceStatus) -> tuple[int | None, str]:
    return status.status, status.code if status.status is None else ""


def _waits(dossier: DossierState, system: SystemId) -> bool:
    return system not in dossier.reached and any(
        item.destination == system and item.kind == SUBMITTED for item in dossier.open
    )


def _adds(item: Adoption, dossier: DossierState, stated: StatedStatus | None) -> bool:
    is_new = (
        not is_had(item, dossier)
        or not set(item.codes) <= set(dossier.codes)
        or (bool(item.procedure) and not dossier.procedure)
        or (bool(item.agency) and not dossier.agency)
        or (item.due_at is not None and dossier.due_at is None)
    )
    return is_new or status_stands(item, stated)


def counts(weighed: Sequence[Weighed]) -> dict[str, int]:
    """Return how often each verdict was given, none left out."""
    given = [item.verdict for item in weighed]
    return {str(verdict): given.count(verdict) for verdict in Verdict}
