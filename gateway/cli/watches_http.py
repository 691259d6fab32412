"""The attention list and the due dates over a serving gateway's API."""

from __future__ import annotations

from gateway.cli.api import Api
from gateway.ingress.attention_bodies import AttentionBody, DueListBody


class HttpWatches:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def attention(self, system: str, cursor: str, limit: int) -> AttentionBody:
        """Return a page of what needs a person, the most urgent first."""
        query = {"system": system, "cursor": cursor, "limit": str(limit)}
        return await self._api.get("/v1/ops/attention", AttentionBody, _given(query))

    async def due(self, which: str, system: str, cursor: str, limit: int) -> DueListBody:
        """Return a page of due dates, the earliest first."""
        query = {"which": which, "system": system, "cursor": cursor, "limit": str(limit)}
        return await self._api.get("/v1/ops/deadlines", DueListBody, _given(query))


def _given(query: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}
