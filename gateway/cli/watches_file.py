"""The attention list and the due dates straight on the file, with the same answers as over HTTP."""

from __future__ import annotations

from gateway.cli.decisions_file import refusals
from gateway.ingress import watching
from gateway.ingress.attention_bodies import AttentionBody, DueListBody
from gateway.ingress.views import Eyes
from gateway.ops.lookout import Lookout


class FileWatches:
    """A part of ``cli.on_file.FileDesk``."""

    _eyes: Eyes
    _lookout: Lookout

    async def attention(self, system: str, cursor: str, limit: int) -> AttentionBody:
        """Return a page of what needs a person."""
        with refusals(self._eyes.language):
            return await watching.attention(self._lookout, self._eyes.language, system, cursor, limit)

    async def due(self, which: str, system: str, cursor: str, limit: int) -> DueListBody:
        """Return a page of due dates."""
        with refusals(self._eyes.language):
            return await watching.due(self._lookout, self._eyes, which, system, cursor, limit)
