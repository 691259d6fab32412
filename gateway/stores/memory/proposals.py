"""Proposals in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.core.ids import DossierId
from gateway.core.proposals import Proposal, ProposalId, ProposalState
from gateway.stores.memory.journal import Journal, Table


class MemoryProposals:
    """``act_tables.ProposalTable`` in a dictionary."""

    def __init__(self, journal: Journal) -> None:
        self._proposals = Table[ProposalId, Proposal](journal)

    def save(self, proposal: Proposal) -> None:
        self._proposals.put(proposal.id, proposal)

    def get(self, proposal: ProposalId) -> Proposal | None:
        return self._proposals.get(proposal)

    def any_open(self, dossier: DossierId, now: datetime) -> bool:
        """Whether somebody may still agree to something about a dossier."""
        mine = (item for item in self._proposals.values() if item.wish.dossier_id == dossier)
        return any(item.standing(now) is ProposalState.OPEN for item in mine)

    def erase(self, dossier: DossierId) -> None:
        """Let go of what was proposed about a dossier."""
        for key, item in self._proposals.items():
            if item.wish.dossier_id == dossier:
                self._proposals.drop(key)

    def beside(self, proposal: Proposal) -> Sequence[Proposal]:
        return [item for item in self._proposals.values() if _is_beside(item, proposal)]

    def newest(self, state: ProposalState | None, now: datetime, limit: int) -> Sequence[Proposal]:
        found = [item for item in self._proposals.values() if state in {None, item.standing(now)}]
        return found[::-1][:limit]


def _is_beside(item: Proposal, proposal: Proposal) -> bool:
    about = [(one.wish.dossier_id, one.wish.verb, one.wish.target) for one in (item, proposal)]
    return item.id != proposal.id and item.state is ProposalState.OPEN and about[0] == about[1]
