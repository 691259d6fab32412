"""What the commands of an operator who decides ask the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.ingress.bodies import DeliveryBody
from gateway.ingress.ops_bodies import DecidedBody


class Decides(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def deliveries(self, state: str, system: str, limit: int) -> tuple[DeliveryBody, ...]:
        """Return deliveries in this state, the newest first; to all systems where none is named."""
        ...

    async def judge(self, delivery: str, verdict: str, codes: Mapping[str, str], reason: str) -> DecidedBody:
        """Say what the partner has."""
        ...

    async def retry(self, delivery: str, reason: str) -> DecidedBody:
        """Send it again."""
        ...

    async def skip(self, delivery: str, reason: str) -> DecidedBody:
        """Let the lane go on without it."""
        ...
