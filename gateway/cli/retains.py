"""What the command ``retention`` asks the desk; and how a serving gateway answers."""

from __future__ import annotations

from typing import Protocol

from gateway.cli.api import Api
from gateway.ingress import retaining
from gateway.ingress.retention_bodies import RetentionBody


class Retains(Protocol):
    """A part of ``cli.desk.Desk``. Raises Failed."""

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page of what would be erased after so many days, and of what would stay."""
        ...


class HttpRetains:
    """Implements it over HTTP."""

    _api: Api

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page."""
        query = {"days": str(days), "limit": str(retaining.MOST), **({"cursor": cursor} if cursor else {})}
        return await self._api.get("/v1/ops/retention", RetentionBody, query)
