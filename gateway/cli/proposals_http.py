"""What needs two people, over a serving gateway's API."""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

import msgspec
from msgspec import Raw

from gateway.cli.api import PATIENT, Api
from gateway.ingress.ops_bodies import (
    ChangesBody,
    ContentBody,
    EditBody,
    ProposalBody,
    ProposalsBody,
    ReasonedBody,
    SettledBody,
    SettlementBody,
)


class HttpProposals:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def content(self, delivery: str, reason: str) -> ContentBody:
        """Return what the message of a delivery says."""
        path = f"/v1/ops/deliveries/{_quoted(delivery)}/content"
        answer = await self._api.post(path, ReasonedBody(reason=reason), dict[str, object])
        event = Raw(msgspec.json.encode(answer["event"]))
        return ContentBody(delivery_id=cast("str", answer["delivery_id"]), event=event)

    async def edit(self, delivery: str, event: bytes, reason: str, *, propose: bool) -> ChangesBody:
        """Return what a corrected event changes, and its proposal."""
        body = EditBody(event=Raw(event), reason=reason, propose=propose)
        return await self._api.post(f"/v1/ops/deliveries/{_quoted(delivery)}/edits", body, ChangesBody)

    async def settle(self, system: str, asked: SettlementBody) -> SettledBody:
        """Return what a partner's list would do, and its proposal."""
        return await self._api.post(f"/v1/ops/systems/{_quoted(system)}/settlements", asked, SettledBody)

    async def proposals(self, state: str, limit: int) -> tuple[ProposalBody, ...]:
        """Return proposals, the newest first; of any state where none is named."""
        query = {"limit": str(limit)} | ({"state": state} if state else {})
        return (await self._api.get("/v1/ops/proposals", ProposalsBody, query)).items

    async def changes(self, proposal: str, reason: str) -> ChangesBody:
        """Return what a proposal would do."""
        path = f"/v1/ops/proposals/{_quoted(proposal)}/changes"
        return await self._api.post(path, ReasonedBody(reason=reason), ChangesBody)

    async def close(self, proposal: str, reason: str, *, approve: bool) -> ProposalBody:
        """Approve, which does it, or reject."""
        path = f"/v1/ops/proposals/{_quoted(proposal)}/{'approval' if approve else 'rejection'}"
        return await self._api.post(path, ReasonedBody(reason=reason), ProposalBody, patience=PATIENT)


def _quoted(name: str) -> str:
    return quote(name, safe="")
