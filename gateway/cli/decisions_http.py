"""Operators' decisions over a serving gateway's API."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.bodies import DeliveriesBody, DeliveryBody
from gateway.ingress.ops_bodies import DecidedBody, JudgementBody, ReasonedBody


class HttpDecisions:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first; to all systems where none is named."""
        query = {"state": state, "limit": str(limit)} | ({"system": system} if system else {})
        return (await self._api.get("/v1/ops/deliveries", DeliveriesBody, query)).items

    async def judge(self, delivery: str, verdict: str, codes: Mapping[str, str], reason: str) -> DecidedBody:
        """Say what the partner has."""
        body = JudgementBody(verdict=verdict, codes=dict(codes), reason=reason)
        return await self._api.post(_of(delivery, "judgement"), body, DecidedBody)

    async def retry(self, delivery: str, reason: str) -> DecidedBody:
        """Send it again."""
        return await self._api.post(_of(delivery, "retry"), ReasonedBody(reason=reason), DecidedBody)

    async def skip(self, delivery: str, reason: str) -> DecidedBody:
        """Let the lane go on without it."""
        return await self._api.post(_of(delivery, "skip"), ReasonedBody(reason=reason), DecidedBody)


def _of(delivery: str, what: str) -> str:
    return f"/v1/ops/deliveries/{quote(delivery, safe='')}/{what}"
