"""Proposals: what is done only when a second person approves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.core.acts import By
from gateway.core.ids import SystemId
from gateway.core.listing import Doubtful
from gateway.core.planning import Planner
from gateway.core.proposals import Proposal, ProposalId, ProposalState, Wish


class Proposals(Protocol):
    """For operators; by ``core.proposals``."""

    async def doubtful(self, system: SystemId, *, limit: int) -> Sequence[Doubtful]:
        """Return what is in doubt at a system and held by no worker, the longest first."""
        ...

    async def propose(self, wish: Wish, *, by: By) -> Proposal:
        """Keep what somebody proposes. Raises Unapprovable where nobody in particular does."""
        ...

    async def proposal(self, proposal: ProposalId) -> Proposal | None:
        """Return one proposal."""
        ...

    async def proposals(self, state: ProposalState | None = None, *, limit: int = 100) -> Sequence[Proposal]:
        """Return proposals, the newest first; their states are those of this moment."""
        ...

    async def approve(self, proposal: ProposalId, *, by: By, plan: Planner) -> Proposal:
        """Do what was proposed, once, in this transaction; ``outcome`` says what it came to.

        A settlement of many is approved with its first part, and the others follow in transactions of their own: what
        one that fails leaves, approving again does. Raises DoneInPart.
        Raises UnknownProposal, Unapprovable, and what the execution itself raises: nothing is done then.
        """
        ...

    async def reject(self, proposal: ProposalId, *, by: By) -> Proposal:
        """Close a proposal undone. Raises UnknownProposal, Unapprovable."""
        ...
