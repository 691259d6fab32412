"""The adapter of a system that is asked for its news."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from gateway.core.asking import OpenDossier
from gateway.ports.adapter import Page, Turn
from gateway.sdk.configured import ConfiguredAdapter, Parts
from gateway.sdk.polling import Poller

Call = TypeVar("Call")


class PollingAdapter(ConfiguredAdapter[Call]):
    """Does what its file says, and is asked for news."""

    def __init__(self, parts: Parts[Call], poller: Poller[Call]) -> None:
        super().__init__(parts)
        self._poller = poller

    def streams(self) -> Sequence[str]:
        """Return the names of what is asked for."""
        return tuple(self._poller.streams)

    async def poll(self, stream: str, cursor: str, *, open_dossiers: Sequence[OpenDossier], deadline: float) -> Page:
        """Return the next page; raises what ``ports.adapter.Polls`` says."""
        return await self._poller.poll(stream, cursor, open_dossiers, deadline=deadline)


class AskingAdapter(PollingAdapter[Call]):
    """Is also asked how dossiers stand."""

    def turn(self, stream: str) -> Turn | None:
        """Return which dossiers the next question of a stream is about; None where it is about none."""
        return self._poller.turn(stream)


def polled(parts: Parts[Call], poller: Poller[Call]) -> ConfiguredAdapter[Call]:
    """Return the adapter that can do what the streams ask of it, and no more."""
    if not poller.streams:
        return ConfiguredAdapter(parts)
    is_asked = any(poller.turn(name) is not None for name in poller.streams)
    return (AskingAdapter if is_asked else PollingAdapter)(parts, poller)
