"""``/v1/ops/proposals`` and what leads to them: corrected messages, and settlements by a partner's list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from aiohttp import web
from msgspec import Raw

from gateway.core.acts import By
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.listing import Finding, Line, PartnerList
from gateway.core.proposals import Proposal, ProposalId, ProposalState
from gateway.ingress.asked import asked_of, by_of, codes_of, reasoned
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import limit_of
from gateway.ingress.ops_bodies import (
    AffectedBody,
    ChangeBody,
    ChangesBody,
    ContentBody,
    EditBody,
    FindingBody,
    ProposalBody,
    ProposalsBody,
    SettledBody,
    SettlementBody,
)
from gateway.ingress.problems import need_moments, one_of
from gateway.ingress.replies import reply
from gateway.model.faults import decode_json
from gateway.model.texts import text
from gateway.ops.affected import Affected
from gateway.ops.editing import Change


async def content(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/content``: what its message says; that it was read is kept."""
    by, delivery = await reasoned(request), DeliveryId(request.match_info["id"])
    message = await doors_of(request).proposer.content(delivery, by=by)
    return reply(ContentBody(delivery_id=delivery, event=Raw(message.payload.body)))


async def edit(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/edits``: what a corrected event changes; with ``propose`` it is proposed."""
    asked = await asked_of(request, EditBody)
    by, delivery = by_of(request, asked), DeliveryId(request.match_info["id"])
    raw = decode_json(bytes(asked.event))
    found, proposal = await doors_of(request).proposer.edit(delivery, raw, by=by, propose=asked.propose)
    return reply(_changes(found, proposal_body(proposal, visit_of(request).language) if proposal else None))


async def settle(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/settlements``: what a partner's list would do, shown or proposed."""
    asked = await asked_of(request, SettlementBody)
    by = By(actor=caller_of(request).actor, reason=asked.reason) if asked.propose else None
    need_moments('"as_of"', asked.as_of)
    system, language = SystemId(request.match_info["system"]), visit_of(request).language
    codes = codes_of(asked.codes)
    found = PartnerList(system=system, codes=codes, as_of=asked.as_of, file_sha256=asked.file_sha256)
    lines, proposal = await doors_of(request).proposer.settle(found, by=by)
    counts = Counter(str(line.finding) for line in lines)
    body = SettledBody(
        system=system,
        as_of=found.as_of,
        file_sha256=found.file_sha256,
        items=tuple(_finding(line, language) for line in lines),
        counts={str(finding): counts[str(finding)] for finding in Finding},
        unknown=len(codes - {name for line in lines for name in _names(line)}),
        proposal=proposal_body(proposal, language) if proposal else None,
    )
    return reply(body)


async def proposals(request: web.Request) -> web.Response:
    """``GET /v1/ops/proposals?state=&limit=``: the newest first."""
    limit, language = limit_of(request), visit_of(request).language
    state = one_of(ProposalState, request.query.get("state"), "state")
    found = await doors_of(request).proposer.proposals(state, limit=limit)
    return reply(ProposalsBody(items=tuple(proposal_body(item, language) for item in found)))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/proposals/{id}``."""
    return _shown(request, await doors_of(request).proposer.proposal(_id(request)))


async def changes(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/changes``: what a proposal would do, one by one, and how it stands.

    That it was read is kept.
    """
    by, language, proposer = await reasoned(request), visit_of(request).language, doors_of(request).proposer
    found, deliveries = await proposer.changes(_id(request), by=by)
    shown = _changes(found, proposal_body(await proposer.proposal(_id(request)), language))
    return reply(msgspec.structs.replace(shown, deliveries=tuple(_affected(item, language) for item in deliveries)))


async def approve(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/approval``: another person than the one who proposed it agrees, and it is done."""
    by = await reasoned(request)
    return _shown(request, await doors_of(request).proposer.approve(_id(request), by=by))


async def reject(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/rejection``: it is never done; whoever proposed it may take it back so."""
    by = await reasoned(request)
    return _shown(request, await doors_of(request).proposer.reject(_id(request), by=by))


def _id(request: web.Request) -> ProposalId:
    return ProposalId(request.match_info["id"])


def _shown(request: web.Request, proposal: Proposal) -> web.Response:
    return reply(proposal_body(proposal, visit_of(request).language))


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
