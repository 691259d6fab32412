"""Proposals: kept by one person, executed once by the approval of another; what is much, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from gateway.core.acts import By, Target, TargetKind, Verb
from gateway.core.errors import DoneInPart, StoreError
from gateway.core.ids import SystemId
from gateway.core.listing import Doubtful
from gateway.core.planning import Planner
from gateway.core.proposals import (
    LEFT,
    OVERTAKEN,
    Proposal,
    ProposalId,
    ProposalState,
    UnknownProposal,
    Wish,
    may_decide,
    may_propose,
)
from gateway.stores import acts, listing
from gateway.stores.editing import replace_message
from gateway.stores.replays import begin_proposed
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

#: Does what was proposed, inside the approving transaction, and returns what it came to; what it raises undoes the
#: approval, too. Of what is much it does the next part, and returns what all of them came to, and ``LEFT`` until it is
#: done.
Execute: TypeAlias = Callable[[Transaction, Proposal, By, Planner], Mapping[str, str]]

_EXECUTORS: Mapping[Verb, Execute] = MappingProxyType(
    {
        Verb.EDIT: replace_message,
        Verb.SETTLE: listing.settle_by_list,
        Verb.REPLAY: begin_proposed,
    }
)


def propose(tx: Transaction, wish: Wish, by: By) -> Proposal:
    """Keep a proposal, and that it was made."""
    may_propose(by.actor)
    proposal = Proposal(
        id=ProposalId(tx.ids.new()),
        wish=wish,
        digest=wish.digest,
        by=by,
        made_at=tx.now,
        expires_at=tx.now + wish.lifetime,
    )
    tx.proposals.save(proposal)
    _record(tx, Verb.PROPOSE, proposal, by, {"verb": str(wish.verb), **wish.facts})
    return proposal


def approve(tx: Transaction, proposal_id: ProposalId, by: By, plan: Planner) -> Proposal:
    """Execute a proposal, or its first part, and close it; whatever raises undoes both."""
    proposal = _open(tx, proposal_id, by, approves=True)
    if proposal.is_under_way:
        return go_on(tx, proposal_id, by, plan)
    outcome = _EXECUTORS[proposal.wish.verb](tx, proposal, by, plan)
    if proposal.wish.verb is Verb.EDIT:
        _overtake(tx, proposal, by)
    return close(tx, proposal, ProposalState.APPROVED, by, outcome)


def _overtake(tx: Transaction, proposal: Proposal, by: By) -> None:
    """Close what else was proposed in place of what this one has replaced: nobody can agree to it any more."""
    for other in tx.proposals.beside(proposal):
        if other.standing(tx.now) is ProposalState.OPEN:
            close(tx, other, ProposalState.REJECTED, by, {OVERTAKEN: proposal.id})


def go_on(tx: Transaction, proposal_id: ProposalId, by: By, plan: Planner) -> Proposal:
    """Execute the next part of what is under way, if it still is. Raises UnknownProposal."""
    proposal = _found(tx, proposal_id)
    if proposal.is_under_way:
        proposal = replace(proposal, outcome=dict(_EXECUTORS[proposal.wish.verb](tx, proposal, by, plan)))
        tx.proposals.save(proposal)
    return proposal


def reject(tx: Transaction, proposal_id: ProposalId, by: By) -> Proposal:
    """Close a proposal undone."""
    return close(tx, _open(tx, proposal_id, by, approves=False), ProposalState.REJECTED, by, {})


def _open(tx: Transaction, proposal_id: ProposalId, by: By, *, approves: bool) -> Proposal:
    proposal = _found(tx, proposal_id)
    may_decide(proposal, by.actor, tx.now, approves=approves)
    return proposal


def _found(tx: Transaction, proposal_id: ProposalId) -> Proposal:
    proposal = tx.proposals.get(proposal_id)
    if proposal is None:
        raise UnknownProposal(proposal_id)
    return proposal


def close(tx: Transaction, proposal: Proposal, to: ProposalState, by: By, outcome: Mapping[str, str]) -> Proposal:
    """Keep what became of a proposal, and who decided so."""
    closed = replace(proposal, state=to, decided_by=by, decided_at=tx.now, outcome=dict(outcome))
    tx.proposals.save(closed)
    verb = Verb.APPROVE if to is ProposalState.APPROVED else Verb.REJECT
    facts = {"verb": str(proposal.wish.verb), "digest": proposal.digest, **outcome}
    _record(tx, verb, closed, by, facts)
    return closed


def _record(tx: Transaction, verb: Verb, proposal: Proposal, by: By, facts: Mapping[str, str]) -> None:
    target = Target(TargetKind.PROPOSAL, proposal.id)
    acts.record(tx, verb, target, by=by, dossier=proposal.wish.dossier_id, facts=facts)


class ProposalStore(Transacting):
    """``ports.proposals.Proposals`` over any driver."""

    async def propose(self, wish: Wish, *, by: By) -> Proposal:
        return await self._write(lambda tx: propose(tx, wish, by))

    async def proposal(self, proposal: ProposalId) -> Proposal | None:
        def work(tx: Transaction) -> Proposal | None:
            found = tx.proposals.get(proposal)
            return replace(found, state=found.standing(tx.now)) if found else None

        return await self._read(work)

    async def proposals(self, state: ProposalState | None = None, *, limit: int = 100) -> Sequence[Proposal]:
        def work(tx: Transaction) -> Sequence[Proposal]:
            found = tx.proposals.newest(state, tx.now, limit)
            return tuple(replace(item, state=item.standing(tx.now)) for item in found)

        return await self._read(work)

    async def approve(self, proposal: ProposalId, *, by: By, plan: Planner) -> Proposal:
        done = await self._write(lambda tx: approve(tx, proposal, by, plan))
        while done.is_under_way:  # whoever else writes has a turn between them
            try:
                done = await self._write(lambda tx: go_on(tx, proposal, by, plan))
            except StoreError as error:
                asked = sum(map(int, done.outcome.values()))
                raise DoneInPart(asked - int(done.outcome[LEFT]), asked) from error
        return done

    async def doubtful(self, system: SystemId, *, limit: int) -> Sequence[Doubtful]:
        return await self._read(lambda tx: listing.doubtful(tx, system, limit))

    async def reject(self, proposal: ProposalId, *, by: By) -> Proposal:
        return await self._write(lambda tx: reject(tx, proposal, by))
