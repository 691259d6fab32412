"""What the doors of reconciliations read and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.ingress.ops_bodies import ReasonedBody

_Codes = Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=100_000)]


class PartnerListBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The codes that a system says it has, when it said so, from when on the list is whole, and its file's SHA-256."""

    codes: _Codes
    as_of: datetime
    since: datetime | None = None
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class ReconcileBody(ReasonedBody, frozen=True, kw_only=True):
    """Compare with a system: by its list, else the relay asks it, about these dossiers or a sample."""

    system: str
    dossiers: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=1000)] = ()
    list: PartnerListBody | None = None


class ReconciliationBody(Struct, frozen=True, kw_only=True):
    """A comparison: ``counts`` has every class, ``unanswered`` the dossiers about which nothing clear was said."""

    id: str
    system: str
    state: str
    text: str
    asked_by: str
    reason: str
    asked_at: datetime
    ended_at: datetime | None
    dossiers: tuple[str, ...]
    compared: int
    unanswered: int
    counts: dict[str, int]
    facts: dict[str, str]


class ReconciliationsBody(Struct, frozen=True, kw_only=True):
    """Reconciliations, the newest first."""

    items: tuple[ReconciliationBody, ...]


class DivergenceBody(Struct, frozen=True, kw_only=True):
    """Where the books differ, and what can be done about it."""

    place: int
    divergence: str
    text: str
    code: str
    dossier_id: str
    delivery_id: str
    ours: str
    theirs: str
    repair: str
    repair_text: str


class ReconciledBody(Struct, frozen=True, kw_only=True):
    """A comparison with its findings; ask ``behind`` the last place for more."""

    reconciliation: ReconciliationBody
    items: tuple[DivergenceBody, ...]
