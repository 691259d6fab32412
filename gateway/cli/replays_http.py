"""Replays over a serving gateway's API."""

from __future__ import annotations

from urllib.parse import quote

from gateway.cli.api import Api
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.replay_bodies import (
    BegunBody,
    ItemsBody,
    ReplayBody,
    ReplayItemBody,
    ReplayPlanBody,
    RunBody,
    RunsBody,
    SelectionBody,
)

_PATH = "/v1/ops/replays"


class HttpReplays:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    is_served = True
    _api: Api

    async def replay_plan(self, selection: SelectionBody) -> ReplayPlanBody:
        """Return what a replay would send."""
        return await self._api.post(f"{_PATH}/plans", selection, ReplayPlanBody)

    async def replay(self, asked: ReplayBody) -> BegunBody:
        """Begin a replay, or propose it."""
        return await self._api.post(_PATH, asked, BegunBody)

    async def replays(self, limit: int) -> tuple[RunBody, ...]:
        """Return replays, the newest first."""
        return (await self._api.get(_PATH, RunsBody, {"limit": str(limit)})).items

    async def replay_run(self, run: str) -> RunBody:
        """Return one replay."""
        return await self._api.get(_of(run), RunBody)

    async def replay_items(self, run: str, state: str, behind: int, limit: int) -> tuple[ReplayItemBody, ...]:
        """Return a replay's deliveries; of any state where none is named."""
        given = {"state": state, "behind": str(behind or ""), "limit": str(limit)}
        query = {name: value for name, value in given.items() if value}
        return (await self._api.get(f"{_of(run)}/items", ItemsBody, query)).items

    async def steer(self, run: str, steering: str, reason: str) -> RunBody:
        """Pause, resume or cancel a replay."""
        return await self._api.post(f"{_of(run)}/{steering}", ReasonedBody(reason=reason), RunBody)


def _of(run: str) -> str:
    return f"{_PATH}/{quote(run, safe='')}"
