"""What the commands of a move ask the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gateway.ingress.adoption_bodies import AdoptBody, AdoptedBody, HandbackBody, HandedBackBody
from gateway.ingress.shadow_bodies import CompareBody, ComparisonBody, DoublesBody, OnlyOursBody, RehearsedBody


class Adopts(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def adopt(self, asked: AdoptBody) -> AdoptedBody:
        """Make dossiers known that systems have from before, or say what would become of the list."""
        ...

    async def hand_back(self, system: str, asked: HandbackBody) -> HandedBackBody:
        """End what was never sent to a system, or say what would."""
        ...

    async def compare(self, system: str, asked: CompareBody) -> ComparisonBody:
        """Compare what was rehearsed for a system with a log of what the way before has sent it."""
        ...

    async def only_ours(self, system: str, asked: RehearsedBody) -> OnlyOursBody:
        """Return what was rehearsed in the time of a log, and no line is like."""
        ...

    async def doubles(self, system: str, since: datetime) -> DoublesBody:
        """Return the dossiers submitted since then that somebody beside the gateway sends, too."""
        ...
