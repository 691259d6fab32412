"""Proposals as bodies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec import Raw

from gateway.core.acts import By
from gateway.core.composing import composed
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.listing import Finding, Line, PartnerList
from gateway.core.proposals import Proposal, ProposalId, ProposalState
from gateway.ingress.ops_bodies import (
    AffectedBody,
    ChangeBody,
    ChangesBody,
    ContentBody,
    FindingBody,
    ProposalBody,
    ProposalsBody,
    SettledBody,
    SettlementBody,
)
from gateway.ingress.problems import need_zone, one_of
from gateway.model.faults import decode_json
from gateway.model.texts import text
from gateway.ops.affected import Affected
from gateway.ops.editing import Change
from gateway.ops.proposing import Proposer


async def content(proposer: Proposer, delivery: str, by: By) -> ContentBody:
    """Return what the message of a delivery says. Raises UnknownDelivery."""
    message = await proposer.content(DeliveryId(delivery), by=by)
    return ContentBody(delivery_id=delivery, event=Raw(message.payload.body))


async def edit(proposer: Proposer, language: str, delivery: str, event: bytes, *, by: By, propose: bool) -> ChangesBody:
    """Return what a corrected event changes, and its proposal. Raises what ``Proposer.edit`` does."""
    raw = decode_json(event)
    changes, proposal = await proposer.edit(DeliveryId(delivery), raw, by=by, propose=propose)
    return _changes(changes, proposal_body(proposal, language) if proposal else None)


async def settle(proposer: Proposer, language: str, system: str, asked: SettlementBody, by: By | None) -> SettledBody:
    """Return what a partner's list would do, and its proposal. Raises what ``Proposer.settle`` does, Problem."""
    need_zone('"as_of"', asked.as_of)
    codes = frozenset(composed(code).strip() for code in asked.codes) - {""}
    found = PartnerList(system=SystemId(system), codes=codes, as_of=asked.as_of, file_sha256=asked.file_sha256)
    lines, proposal = await proposer.settle(found, by=by)
    counts = Counter(str(line.finding) for line in lines)
    return SettledBody(
        system=system,
        as_of=found.as_of,
        file_sha256=found.file_sha256,
        items=tuple(_finding(line, language) for line in lines),
        counts={str(finding): counts[str(finding)] for finding in Finding},
        unknown=len(codes - {name for line in lines for name in _names(line)}),
        proposal=proposal_body(proposal, language) if proposal else None,
    )


async def proposals(proposer: Proposer, language: str, state: str | None, limit: int) -> ProposalsBody:
    """Return proposals, the newest first. Raises Problem."""
    found = await proposer.proposals(one_of(ProposalState, state, "state"), limit=limit)
    return ProposalsBody(items=tuple(proposal_body(item, language) for item in found))


async def changes(proposer: Proposer, language: str, proposal: str, by: By) -> ChangesBody:
    """Return what a proposal would do. Raises UnknownProposal."""
    found, affected = await proposer.changes(ProposalId(proposal), by=by)
    return msgspec.structs.replace(
        _changes(found, None), deliveries=tuple(_affected(item, language) for item in affected)
    )


def proposal_body(proposal: Proposal, language: str) -> ProposalBody:
    """Return a proposal as operators read it: what it says of a document is asked for apart."""
    wish, decided = proposal.wish, proposal.decided_by
    return ProposalBody(
        id=proposal.id,
        verb=str(wish.verb),
        text=text(f"act.{wish.verb}", language),
        target_kind=str(wish.target.kind),
        target=wish.target.id,
        dossier_id=wish.dossier_id or "",
        facts=dict(wish.facts),
        digest=proposal.digest,
        state=str(proposal.state),
        proposed_by=proposal.by.actor.name,
        reason=proposal.by.reason,
        made_at=proposal.made_at,
        expires_at=proposal.expires_at,
        decided_by=decided.actor.name if decided else "",
        decided_reason=decided.reason if decided else "",
        decided_at=proposal.decided_at,
        outcome=dict(proposal.outcome),
    )


def _changes(found: Sequence[Change], proposal: ProposalBody | None) -> ChangesBody:
    items = tuple(ChangeBody(path=item.path, was=item.was, now=item.now) for item in found)
    return ChangesBody(items=items, proposal=proposal)


def _affected(item: Affected, language: str) -> AffectedBody:
    return AffectedBody(
        delivery_id=item.view.id,
        dossier_id=item.view.dossier_id,
        codes=item.codes,
        kind=item.view.kind,
        system=item.view.destination,
        state=str(item.view.state),
        text=text(item.words, language),
    )


def _finding(line: Line, language: str) -> FindingBody:
    item = line.delivery
    return FindingBody(
        delivery_id=item.id,
        dossier_id=item.dossier_id,
        kind=item.kind,
        codes=item.codes,
        in_doubt_since=item.in_doubt_since,
        finding=str(line.finding),
        text=text(f"finding.{line.finding}", language),
    )


def _names(line: Line) -> tuple[str, ...]:
    return (line.delivery.id, line.delivery.message_id, *line.delivery.codes)
