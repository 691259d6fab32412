"""What the operators' doors read and answer with, beside ``bodies``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

from msgspec import Meta, Raw, Struct

from gateway.ingress.bodies import ActBody, Body, DeliveryBody

#: Any JSON value.
Value: TypeAlias = Annotated[object, Meta(extra_json_schema={"description": "any JSON value"})]


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator sends: unknown fields are refused."""


class ReasonedBody(Asked, frozen=True, kw_only=True):
    """Why it is done, in the operator's own words: 1 to 1000 characters."""

    reason: str


class JudgementBody(ReasonedBody, frozen=True, kw_only=True):
    """What the partner has: ``delivered``, ``absent`` or ``cancelled``; its codes of the dossier, by scheme."""

    verdict: str
    codes: dict[str, str] = {}


class DecidedBody(Struct, frozen=True, kw_only=True):
    """What was done, and how the delivery stands now."""

    act: ActBody
    delivery: DeliveryBody


class ActsBody(Struct, frozen=True, kw_only=True):
    """What people did, the newest first; ask ``before`` the last one's id for more."""

    items: tuple[ActBody, ...]


class EditBody(ReasonedBody, frozen=True, kw_only=True):
    """A corrected event, whole, instead of one that was refused; shown only, unless ``propose``."""

    event: Raw
    propose: bool = False


class SettlementBody(Asked, frozen=True, kw_only=True):
    """The codes that a partner says it has, when it said so, and the SHA-256 of its file; shown only, or proposed."""

    codes: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=100_000)]
    as_of: datetime
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    propose: bool = False
    reason: str = ""


class ContentBody(Struct, frozen=True, kw_only=True):
    """What a message says; that it was read is kept."""

    delivery_id: str
    event: Raw


class ChangeBody(Body, frozen=True, kw_only=True):
    """One place that a correction changes."""

    path: str
    was: Value = None
    now: Value = None


class ProposalBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What needs a second person."""

    id: str
    verb: str
    text: str
    target_kind: str
    target: str
    dossier_id: str = ""
    facts: dict[str, str] = {}
    digest: str
    state: str
    proposed_by: str
    reason: str
    made_at: datetime
    expires_at: datetime
    decided_by: str = ""
    decided_reason: str = ""
    decided_at: datetime | None = None
    outcome: dict[str, str] = {}


class ProposalsBody(Struct, frozen=True, kw_only=True):
    """Proposals, the newest first."""

    items: tuple[ProposalBody, ...]


class AffectedBody(Struct, frozen=True, kw_only=True):
    """A delivery that a settlement or a replay is about: how it stands now, and what would become of it."""

    delivery_id: str
    dossier_id: str
    codes: tuple[str, ...]
    kind: str
    system: str
    state: str
    text: str


class ChangesBody(Struct, frozen=True, kw_only=True):
    """What a correction changes, and the proposal to send it, where it was proposed.

    Of a proposed settlement or replay instead the first 500 ``deliveries`` that it is about.
    """

    items: tuple[ChangeBody, ...]
    proposal: ProposalBody | None = None
    deliveries: tuple[AffectedBody, ...] = ()


class FindingBody(Struct, frozen=True, kw_only=True):
    """What a partner's list says of one delivery in doubt."""

    delivery_id: str
    dossier_id: str
    kind: str
    codes: tuple[str, ...]
    in_doubt_since: datetime
    finding: str
    text: str


class SettledBody(Struct, frozen=True, kw_only=True):
    """What a settlement by a partner's list would do, exactly; ``unknown`` counts listed codes that match nothing."""

    system: str
    as_of: datetime
    file_sha256: str
    items: tuple[FindingBody, ...]
    counts: dict[str, int]
    unknown: int
    proposal: ProposalBody | None = None
