"""What the commands of an operator who watches ask the desk."""

from __future__ import annotations

from typing import Protocol

from gateway.ingress.attention_bodies import AttentionBody, DueListBody


class Watches(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def attention(self, system: str, cursor: str, limit: int) -> AttentionBody:
        """Return a page of what needs a person, the most urgent first."""
        ...

    async def due(self, which: str, system: str, cursor: str, limit: int) -> DueListBody:
        """Return a page of due dates, the earliest first."""
        ...
