"""Replays straight on the file: begun and steered here, gone on with by the gateway that serves next."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.core.replay import Steering
from gateway.ingress import replaying
from gateway.ingress.replay_bodies import (
    BegunBody,
    ReplayBody,
    ReplayItemBody,
    ReplayPlanBody,
    RunBody,
    SelectionBody,
)
from gateway.ingress.views import Eyes
from gateway.ops.replaying import ReplayDesk


class FileReplays:
    """A part of ``cli.on_file.FileDesk``."""

    is_served = False
    _eyes: Eyes
    _replays: ReplayDesk

    async def replay_plan(self, selection: SelectionBody) -> ReplayPlanBody:
        """Return what a replay would send."""
        with refusals(self._eyes.language):
            return await replaying.plan(self._replays, self._eyes.language, selection, self._eyes.caller.actor)

    async def replay(self, asked: ReplayBody) -> BegunBody:
        """Begin a replay, or propose it."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=asked.reason)
            return await replaying.begin(self._replays, self._eyes.language, asked, by)

    async def replays(self, limit: int) -> tuple[RunBody, ...]:
        """Return replays, the newest first."""
        return (await replaying.runs(self._replays, self._eyes.language, limit)).items

    async def replay_run(self, run: str) -> RunBody:
        """Return one replay."""
        with refusals(self._eyes.language):
            return await replaying.show(self._replays, self._eyes.language, run)

    async def replay_items(self, run: str, state: str, behind: int, limit: int) -> tuple[ReplayItemBody, ...]:
        """Return a replay's deliveries."""
        with refusals(self._eyes.language):
            return (await replaying.items(self._replays, self._eyes.language, run, state, behind, limit)).items

    async def steer(self, run: str, steering: str, reason: str) -> RunBody:
        """Pause, resume or cancel a replay."""
        with refusals(self._eyes.language):
            by = By(actor=self._eyes.caller.actor, reason=reason)
            return await replaying.steer(self._replays, self._eyes.language, run, Steering(steering), by)
