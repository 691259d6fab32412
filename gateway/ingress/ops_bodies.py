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

    reason: str  #: why, 1 to 1000 characters; kept with who and when


class JudgementBody(ReasonedBody, frozen=True, kw_only=True):
    """What the partner has: ``delivered``, ``absent`` or ``cancelled``; its codes of the dossier, by scheme."""

    verdict: str  #: delivered, absent, cancelled
    codes: dict[str, str] = {}  #: the partner's codes of the dossier, by scheme


class DecidedBody(Struct, frozen=True, kw_only=True):
    """What was done, and how the delivery stands now."""

    act: ActBody  #: what was done
    delivery: DeliveryBody  #: how the delivery stands now


class ActsBody(Struct, frozen=True, kw_only=True):
    """What people did, the newest first; ask ``before`` the last one's id for more."""

    items: tuple[ActBody, ...]  #: the acts


class EditBody(ReasonedBody, frozen=True, kw_only=True):
    """A corrected event, whole, instead of one that was refused; shown only, unless ``propose``."""

    event: Raw  #: a NewEvent, whole
    propose: bool = False  #: whether to ask a second person for it; else it is only shown


class SettlementBody(Asked, frozen=True, kw_only=True):
    """The codes that a partner says it has, when it said so, and the SHA-256 of its file; shown only, or proposed."""

    #: the codes of dossiers in the partner's list
    codes: Annotated[tuple[Annotated[str, Meta(max_length=100)], ...], Meta(max_length=100_000)]
    as_of: datetime  #: when the partner made the list
    file_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]  #: of the list's file, lower-case hex
    propose: bool = False  #: whether to ask a second person for it; else it is only shown
    reason: str = ""  #: why; required with ``propose``


class ContentBody(Struct, frozen=True, kw_only=True):
    """What a message says; that it was read is kept."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    event: Raw  #: an Event, whole


class ChangeBody(Body, frozen=True, kw_only=True):
    """One place that a correction changes."""

    path: str  #: where, such as data.owner.name.whole
    was: Value = None  #: what stood there; null where nothing did
    now: Value = None  #: what is to stand there; null where nothing is to


class ProposalBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What needs a second person."""

    id: str  #: the proposal's id
    verb: str  #: what is proposed: a stable code
    text: str  #: what is proposed, in words
    target_kind: str  #: what it is about: delivery, system, replay
    target: str  #: its id
    dossier_id: str = ""  #: the dossier that it is about
    facts: dict[str, str] = {}  #: what to see at a glance, by name
    digest: str  #: SHA-256 of what is proposed: what is approved is what is done
    state: str  #: open, approved, rejected, expired
    proposed_by: str  #: who proposed it
    reason: str  #: why
    made_at: datetime  #: when it was proposed
    expires_at: datetime  #: until when it can be approved
    decided_by: str = ""  #: who decided
    decided_reason: str = ""  #: why it was decided so
    decided_at: datetime | None = None  #: when it was decided
    outcome: dict[str, str] = {}  #: what came of it, by name


class ProposalsBody(Struct, frozen=True, kw_only=True):
    """Proposals, the newest first."""

    items: tuple[ProposalBody, ...]  #: the proposals


class AffectedBody(Struct, frozen=True, kw_only=True):
    """A delivery that a proposal is about: how it stands now, and what would become of it."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    dossier_id: str  #: the gateway's id of the dossier
    codes: tuple[str, ...]  #: the dossier's codes
    kind: str  #: the event's kind
    system: str  #: who gets it
    state: str  #: how it stands now
    text: str  #: what would become of it, in words


class ChangesBody(Struct, frozen=True, kw_only=True):
    """What a correction changes, and the proposal to send it, where it was proposed, with what became of it.

    Of anything proposed also the first 500 ``deliveries`` that it is about, as they stand now.
    """

    items: tuple[ChangeBody, ...]  #: the places that change
    proposal: ProposalBody | None = None  #: where it was proposed
    deliveries: tuple[AffectedBody, ...] = ()  #: what a proposal is about, 500 at most


class FindingBody(Struct, frozen=True, kw_only=True):
    """What a partner's list says of one delivery in doubt."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    dossier_id: str  #: the gateway's id of the dossier
    kind: str  #: the event's kind
    codes: tuple[str, ...]  #: the dossier's codes
    in_doubt_since: datetime  #: since when nobody knows whether the partner has it
    finding: str  #: what the list says of it: a stable code
    text: str  #: the same in words


class SettledBody(Struct, frozen=True, kw_only=True):
    """What a settlement by a partner's list would do, exactly; ``unknown`` counts listed codes that match nothing."""

    system: str  #: whose list it is
    as_of: datetime  #: when the partner made the list
    file_sha256: str  #: of the list's file
    items: tuple[FindingBody, ...]  #: what it says of each delivery in doubt
    counts: dict[str, int]  #: how many deliveries have each finding
    unknown: int  #: how many listed codes match nothing in doubt
    proposal: ProposalBody | None = None  #: where it was proposed
