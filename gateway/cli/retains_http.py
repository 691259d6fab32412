"""What the command ``retention`` asks a serving gateway, over its API."""

from __future__ import annotations

from gateway.cli.api import Api
from gateway.ingress import retaining
from gateway.ingress.retention_bodies import RetentionBody


class HttpRetains:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page of what would be erased after so many days, and of what would stay."""
        query = {"days": str(days), "limit": str(retaining.MOST), **({"cursor": cursor} if cursor else {})}
        return await self._api.get("/v1/ops/retention", RetentionBody, query)
