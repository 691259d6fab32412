"""What the commands of replays ask the desk."""

from __future__ import annotations

from typing import Protocol

from gateway.ingress.replay_bodies import (
    BegunBody,
    ReplayBody,
    ReplayItemBody,
    ReplayPlanBody,
    RunBody,
    SelectionBody,
)


class Replays(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    @property
    def is_served(self) -> bool:
        """Whether a gateway serves: without one a replay rests."""
        ...

    async def replay_plan(self, selection: SelectionBody) -> ReplayPlanBody:
        """Return what a replay would send."""
        ...

    async def replay(self, asked: ReplayBody) -> BegunBody:
        """Begin a replay, or propose it."""
        ...

    async def replays(self, limit: int) -> tuple[RunBody, ...]:
        """Return replays, the newest first."""
        ...

    async def replay_run(self, run: str) -> RunBody:
        """Return one replay."""
        ...

    async def replay_items(self, run: str, state: str, behind: int, limit: int) -> tuple[ReplayItemBody, ...]:
        """Return a replay's deliveries; of any state where none is named."""
        ...

    async def steer(self, run: str, steering: str, reason: str) -> RunBody:
        """Pause, resume or cancel a replay."""
        ...
