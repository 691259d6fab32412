"""What the doors of reconciliations read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.ingress.ops_bodies import Asked, ReasonedBody

_Codes = Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=100_000)]


class PartnerListBody(Asked, frozen=True, kw_only=True):
    """The codes that a system says it has, when it said so, from when on the list is whole, and its file's SHA-256."""

    codes: _Codes  #: the codes of dossiers that the system says it has
    as_of: datetime  #: when it said so
    since: datetime | None = None  #: from when on the list is whole; all of it where left out
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]  #: of the list's file, lower-case hex


class ReconcileBody(ReasonedBody, frozen=True, kw_only=True):
    """Compare with a system: by its list, else the relay asks it, about these dossiers or a sample."""

    system: str  #: whose books to compare with ours
    #: codes of the dossiers to ask about; a sample where left out
    dossiers: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=1000)] = ()
    list: PartnerListBody | None = None  #: what the system says it has, instead of asking it


class ReconciliationBody(Struct, frozen=True, kw_only=True):
    """A comparison: ``counts`` has every class, ``unanswered`` the dossiers about which nothing clear was said."""

    id: str  #: the comparison's id
    system: str  #: whose books were compared
    state: str  #: asked, finished, broken_off
    text: str  #: the state in words
    asked_by: str  #: who asked for it; empty where the clock did
    reason: str  #: why
    asked_at: datetime  #: when it was asked for
    ended_at: datetime | None  #: when it ended
    dossiers: tuple[str, ...]  #: codes that were named
    compared: int  #: how many dossiers were compared
    unanswered: int  #: dossiers about which nothing clear was said
    counts: dict[str, int]  #: how many findings of each divergence
    facts: dict[str, str]  #: of a list: its time and its file's digest


class ReconciliationsBody(Struct, frozen=True, kw_only=True):
    """Reconciliations, the newest first."""

    items: tuple[ReconciliationBody, ...]  #: the comparisons


class DivergenceBody(Struct, frozen=True, kw_only=True):
    """Where the books differ, and what can be done about it."""

    place: int  #: from 1, in the order of the findings
    divergence: str  #: missing, extra, different
    text: str  #: the divergence in words
    code: str  #: the dossier's code
    dossier_id: str  #: the gateway's id; empty where we know of no such dossier
    delivery_id: str  #: the delivery; empty where there is none
    ours: str  #: what our books say: a state, or a status
    theirs: str  #: the status that the system says
    repair: str  #: resend, judge, ask, status
    repair_text: str  #: what to do, in words


class ReconciledBody(Struct, frozen=True, kw_only=True):
    """A comparison with its findings; ask ``behind`` the last place for more."""

    reconciliation: ReconciliationBody  #: the comparison
    items: tuple[DivergenceBody, ...]  #: its findings
