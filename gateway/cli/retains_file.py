"""What would be erased, straight on the file."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.ingress import retaining
from gateway.ingress.retention_bodies import RetentionBody
from gateway.ingress.views import Eyes
from gateway.ports.retention import Retention


class FileRetains:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _retention: Retention

    async def retention(self, days: int, cursor: str) -> RetentionBody:
        """Return a page."""
        with refusals(self._eyes.language):
            return await retaining.plan(self._retention, self._eyes.language, days, cursor, retaining.MOST)
