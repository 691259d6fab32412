"""Systems, and how they stand, straight on the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.ingress.tending import Post
from gateway.ingress.weather_bodies import SystemBody, TendedBody


class FileTending:
    """A part of ``cli.on_file.FileDesk``, with the same answers and refusals."""

    _post: Post

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system."""
        overview = await self._post.overview()
        return tuple(map(overview.system, overview.systems))

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        acts: dict[str, Callable[[str, By], Awaitable[TendedBody]]] = {
            "pause": self._post.pause,
            "resume": self._post.resume,
            "probe": self._post.probe,
        }
        with refusals(self._post.eyes.language):
            return await acts[verb](system, By(actor=self._post.eyes.caller.actor, reason=reason))
