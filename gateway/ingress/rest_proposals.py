"""``/v1/ops/proposals`` and what leads to them: corrected messages, and settlements by a partner's list."""

from __future__ import annotations

from aiohttp import web

from gateway.core.acts import By
from gateway.core.proposals import ProposalId
from gateway.ingress import proposing
from gateway.ingress.doors import caller_of, doors_of, visit_of
from gateway.ingress.headers import limit_of
from gateway.ingress.ops_bodies import EditBody, SettlementBody
from gateway.ingress.replies import reply
from gateway.ingress.rest_decisions import asked_of, by_of, reasoned


async def content(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/content``: what its message says; that it was read is kept."""
    by = await reasoned(request)
    return reply(await proposing.content(doors_of(request).proposer, request.match_info["id"], by))


async def edit(request: web.Request) -> web.Response:
    """``POST /v1/ops/deliveries/{id}/edits``: what a corrected event changes; with ``propose`` it is proposed."""
    asked = await asked_of(request, EditBody)
    proposer, language = doors_of(request).proposer, visit_of(request).language
    by, delivery = by_of(request, asked), request.match_info["id"]
    return reply(await proposing.edit(proposer, language, delivery, bytes(asked.event), by=by, propose=asked.propose))


async def settle(request: web.Request) -> web.Response:
    """``POST /v1/ops/systems/{system}/settlements``: what a partner's list would do, shown or proposed."""
    asked = await asked_of(request, SettlementBody)
    by = By(actor=caller_of(request).actor, reason=asked.reason) if asked.propose else None
    proposer, language = doors_of(request).proposer, visit_of(request).language
    return reply(await proposing.settle(proposer, language, request.match_info["system"], asked, by))


async def proposals(request: web.Request) -> web.Response:
    """``GET /v1/ops/proposals?state=&limit=``."""
    state, limit = request.query.get("state"), limit_of(request)
    return reply(await proposing.proposals(doors_of(request).proposer, visit_of(request).language, state, limit))


async def show(request: web.Request) -> web.Response:
    """``GET /v1/ops/proposals/{id}``."""
    found = await doors_of(request).proposer.proposal(ProposalId(request.match_info["id"]))
    return reply(proposing.proposal_body(found, visit_of(request).language))


async def changes(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/changes``: what a proposal would do, one by one; that it was read is kept."""
    by = await reasoned(request)
    proposer, language = doors_of(request).proposer, visit_of(request).language
    return reply(await proposing.changes(proposer, language, request.match_info["id"], by))


async def approve(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/approval``: another person than the one who proposed it agrees, and it is done."""
    by = await reasoned(request)
    done = await doors_of(request).proposer.approve(ProposalId(request.match_info["id"]), by=by)
    return reply(proposing.proposal_body(done, visit_of(request).language))


async def reject(request: web.Request) -> web.Response:
    """``POST /v1/ops/proposals/{id}/rejection``: it is never done; whoever proposed it may take it back so."""
    by = await reasoned(request)
    done = await doors_of(request).proposer.reject(ProposalId(request.match_info["id"]), by=by)
    return reply(proposing.proposal_body(done, visit_of(request).language))
