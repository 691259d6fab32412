"""What needs two people, straight on the file."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.core.proposals import ProposalId
from gateway.ingress import proposing
from gateway.ingress.ops_bodies import ChangesBody, ContentBody, ProposalBody, SettledBody, SettlementBody
from gateway.ingress.views import Eyes
from gateway.ops.proposing import Proposer


class FileProposals:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _proposer: Proposer

    async def content(self, delivery: str, reason: str) -> ContentBody:
        """Return what the message of a delivery says."""
        with refusals(self._eyes.language):
            return await proposing.content(self._proposer, delivery, self._by(reason))

    async def edit(self, delivery: str, event: bytes, reason: str, *, propose: bool) -> ChangesBody:
        """Return what a corrected event changes, and its proposal."""
        language = self._eyes.language
        with refusals(language):
            by = self._by(reason)
            return await proposing.edit(self._proposer, language, delivery, event, by=by, propose=propose)

    async def settle(self, system: str, asked: SettlementBody) -> SettledBody:
        """Return what a partner's list would do, and its proposal."""
        language = self._eyes.language
        with refusals(language):
            by = self._by(asked.reason) if asked.propose else None
            return await proposing.settle(self._proposer, language, system, asked, by)

    async def proposals(self, state: str, limit: int) -> tuple[ProposalBody, ...]:
        """Return proposals, the newest first."""
        with refusals(self._eyes.language):
            return (await proposing.proposals(self._proposer, self._eyes.language, state or None, limit)).items

    async def changes(self, proposal: str, reason: str) -> ChangesBody:
        """Return what a proposal would do."""
        with refusals(self._eyes.language):
            return await proposing.changes(self._proposer, self._eyes.language, proposal, self._by(reason))

    async def close(self, proposal: str, reason: str, *, approve: bool) -> ProposalBody:
        """Approve or reject."""
        with refusals(self._eyes.language):
            act = self._proposer.approve if approve else self._proposer.reject
            done = await act(ProposalId(proposal), by=self._by(reason))
            return proposing.proposal_body(done, self._eyes.language)

    def _by(self, reason: str) -> By:
        return By(actor=self._eyes.caller.actor, reason=reason)
