"""What a driver offers for acts and proposals; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.core.acts import Act, ActId, Target
from gateway.core.ids import DossierId
from gateway.core.message import Actor
from gateway.core.proposals import Proposal, ProposalId, ProposalState


class ActTable(Protocol):
    """Acts in the order they were done."""

    def add(self, act: Act) -> None:
        """Keep an act."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[Act]:
        """Return a dossier's acts, oldest first."""
        ...

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        """Return who has decided after this time, and about how many deliveries, by ``core.judging.COUNTED`` alone.

        Neither by a replay nor by a proposal: their acts name it.
        """
        ...

    def newest(self, target: Target | None, before: ActId | None, limit: int) -> Sequence[Act]:
        """Return acts, the newest first, those done before this one where it is named."""
        ...


class ProposalTable(Protocol):
    """Proposals in the order they were made."""

    def save(self, proposal: Proposal) -> None:
        """Add or replace a proposal."""
        ...

    def get(self, proposal: ProposalId) -> Proposal | None:
        """Return one proposal."""
        ...

    def beside(self, proposal: Proposal) -> Sequence[Proposal]:
        """Return those of its dossier, verb and target that nobody has decided, without itself, oldest first."""
        ...

    def newest(self, state: ProposalState | None, now: datetime, limit: int) -> Sequence[Proposal]:
        """Return proposals that stand so now, the newest first."""
        ...
