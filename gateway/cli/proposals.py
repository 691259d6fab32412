"""What the commands that need two people ask the desk."""

from __future__ import annotations

from typing import Protocol

from gateway.ingress.ops_bodies import ChangesBody, ContentBody, ProposalBody, SettledBody, SettlementBody


class Proposes(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def content(self, delivery: str, reason: str) -> ContentBody:
        """Return what the message of a delivery says."""
        ...

    async def edit(self, delivery: str, event: bytes, reason: str, *, propose: bool) -> ChangesBody:
        """Return what a corrected event changes, and its proposal."""
        ...

    async def settle(self, system: str, asked: SettlementBody) -> SettledBody:
        """Return what a partner's list would do, and its proposal."""
        ...

    async def proposals(self, state: str, limit: int) -> tuple[ProposalBody, ...]:
        """Return proposals, the newest first; of any state where none is named."""
        ...

    async def changes(self, proposal: str, reason: str) -> ChangesBody:
        """Return what a proposal would do."""
        ...

    async def close(self, proposal: str, reason: str, *, approve: bool) -> ProposalBody:
        """Approve, which does it, or reject."""
        ...
