"""What operators decide about deliveries, over the API: one by one, with a second person, or many at a time."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Raw

from gateway.cli.api import PATIENT, Api, at
from gateway.ingress.bodies import DeliveriesBody, DeliveryBody
from gateway.ingress.ops_bodies import (
    ChangesBody,
    ContentBody,
    DecidedBody,
    EditBody,
    JudgementBody,
    ProposalBody,
    ProposalsBody,
    ReasonedBody,
    SettledBody,
    SettlementBody,
)
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


class HttpDecisions:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    is_served = True
    _api: Api

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first; to all systems where none is named."""
        query = {"state": state, "system": system, "limit": limit}
        return (await self._api.get(at("deliveries"), DeliveriesBody, query)).items

    async def judge(self, delivery: str, verdict: str, codes: Mapping[str, str], reason: str) -> DecidedBody:
        """Say what the partner has."""
        body = JudgementBody(verdict=verdict, codes=dict(codes), reason=reason)
        return await self._api.post(at("deliveries", delivery, "judgement"), body, DecidedBody)

    async def retry(self, delivery: str, reason: str) -> DecidedBody:
        """Send it again."""
        return await self._api.post(at("deliveries", delivery, "retry"), ReasonedBody(reason=reason), DecidedBody)

    async def skip(self, delivery: str, reason: str) -> DecidedBody:
        """Let the lane go on without it."""
        return await self._api.post(at("deliveries", delivery, "skip"), ReasonedBody(reason=reason), DecidedBody)

    async def content(self, delivery: str, reason: str) -> ContentBody:
        """Return what the message of a delivery says."""
        return await self._api.post(at("deliveries", delivery, "content"), ReasonedBody(reason=reason), ContentBody)

    async def edit(self, delivery: str, event: bytes, reason: str, *, propose: bool) -> ChangesBody:
        """Return what a corrected event changes, and its proposal."""
        body = EditBody(event=Raw(event), reason=reason, propose=propose)
        return await self._api.post(at("deliveries", delivery, "edits"), body, ChangesBody)

    async def settle(self, system: str, asked: SettlementBody) -> SettledBody:
        """Return what a partner's list would do, and its proposal."""
        return await self._api.post(at("systems", system, "settlements"), asked, SettledBody)

    async def proposals(self, state: str, limit: int) -> tuple[ProposalBody, ...]:
        """Return proposals, the newest first; of any state where none is named."""
        return (await self._api.get(at("proposals"), ProposalsBody, {"state": state, "limit": limit})).items

    async def changes(self, proposal: str, reason: str) -> ChangesBody:
        """Return what a proposal would do."""
        return await self._api.post(at("proposals", proposal, "changes"), ReasonedBody(reason=reason), ChangesBody)

    async def close(self, proposal: str, reason: str, *, approve: bool) -> ProposalBody:
        """Approve, which does it, or reject."""
        path = at("proposals", proposal, "approval" if approve else "rejection")
        return await self._api.post(path, ReasonedBody(reason=reason), ProposalBody, patience=PATIENT)

    async def replay_plan(self, selection: SelectionBody) -> ReplayPlanBody:
        """Return what a replay would send."""
        return await self._api.post(at("replays", "plans"), selection, ReplayPlanBody)

    async def replay(self, asked: ReplayBody) -> BegunBody:
        """Begin a replay, or propose it."""
        return await self._api.post(at("replays"), asked, BegunBody)

    async def replays(self, limit: int) -> tuple[RunBody, ...]:
        """Return replays, the newest first."""
        return (await self._api.get(at("replays"), RunsBody, {"limit": limit})).items

    async def replay_run(self, run: str) -> RunBody:
        """Return one replay."""
        return await self._api.get(at("replays", run), RunBody)

    async def replay_items(self, run: str, state: str, behind: int, limit: int) -> tuple[ReplayItemBody, ...]:
        """Return a replay's deliveries; of any state where none is named."""
        query = {"state": state, "behind": behind, "limit": limit}
        return (await self._api.get(at("replays", run, "items"), ItemsBody, query)).items

    async def steer(self, run: str, steering: str, reason: str) -> RunBody:
        """Pause, resume or cancel a replay."""
        return await self._api.post(at("replays", run, steering), ReasonedBody(reason=reason), RunBody)
