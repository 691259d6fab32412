"""A REST system by configuration that is also asked for news: an adapter that somebody outside has written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from gateway.core.asking import OpenDossier
from gateway.ports.adapter import Adapter, Opens, Page
from gateway.sdk import Context, Delivery, Draft, Outcome, Payload, SystemConfig
from gateway.sdk.rest import build_rest
from gateway.sdk.statement import Stating


class PolledAdapter:
    """Sends as its file says, and reads ``/tin`` page by page."""

    def __init__(self, config: SystemConfig, inner: Adapter) -> None:
        self._config = config
        self._inner = inner

    async def open(self) -> None:
        if isinstance(self._inner, Opens):
            await self._inner.open()

    async def close(self) -> None:
        if isinstance(self._inner, Opens):
            await self._inner.close()

    async def send(self, delivery: Delivery, *, deadline: float) -> Outcome:
        return await self._inner.send(delivery, deadline=deadline)

    def streams(self) -> Sequence[str]:
        return ("news",)

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        del open_dossiers, deadline
        async with (
            aiohttp.ClientSession(self._config.address()) as session,
            session.get("/tin", params={"after": cursor}) as reply,
        ):
            page = json.loads(await reply.read())
        drafts = tuple(self._draft(stream, item) for item in page["items"])
        return Page(drafts=drafts, unreadable=(), cursor=page["cursor"], more=page["more"])

    def _draft(self, stream: str, item: Mapping[str, Any]) -> Draft:
        raw = Payload(body=json.dumps(item).encode(), media_type="application/json")
        return Stating(self._config, f"poll.{stream}", raw).draft(dict(item))


def build(config: SystemConfig, context: Context) -> PolledAdapter:
    """Build it; raises ConfigError."""
    return PolledAdapter(config, build_rest(config, context))
