"""What the commands about systems ask the desk, over a serving gateway's API or straight on the file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import quote

from gateway.cli.api import Api
from gateway.cli.decisions_file import refusals
from gateway.core.acts import By
from gateway.ingress.ops_bodies import ReasonedBody
from gateway.ingress.tending import Post
from gateway.ingress.weather_bodies import SystemBody, SystemsBody, TendedBody


class Tends(Protocol):
    """A part of ``cli.desk.Desk``. Every method raises Failed."""

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system and how it stands."""
        ...

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        ...


class HttpTending:
    """Implements ``Tends`` over HTTP."""

    _api: Api

    async def systems(self) -> tuple[SystemBody, ...]:
        """Return every system."""
        return (await self._api.get("/v1/systems", SystemsBody)).items

    async def tend(self, verb: str, system: str, reason: str) -> TendedBody:
        """Pause, resume or probe a system."""
        path = f"/v1/ops/systems/{quote(system, safe='')}/{verb}"
        return await self._api.post(path, ReasonedBody(reason=reason), TendedBody)


class FileTending:
    """Implements ``Tends`` on the file, with the same answers and refusals."""

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
