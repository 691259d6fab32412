"""Connections that end where their peer says more than anybody asks.

aiohttp keeps every head that a peer sends until somebody asks for it: on an idle connection nobody does, and of those
that only announce a reply (1xx) there may be any number. Each is small on the wire, and costs thousands of bytes and a
part of a millisecond here: a peer that sends nothing else would stop the gateway, and fill its memory.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import cast

from aiohttp import TCPConnector
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

_MOST = 16  #: heads that nobody has asked for yet
_SLICE = 1024  #: bytes of what may hold more of them than that
_HEAD = b"HTTP/"


def bounded(connector: TCPConnector) -> TCPConnector:
    """Return the connector; what it opens from now on ends where its peer sends more heads than are asked for."""
    made = cast("type[ResponseHandler]", _Bounded)  # what is assigned is typed by what it makes
    connector._factory = partial(made, asyncio.get_running_loop())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] # no public way
    return connector


class _Bounded(ResponseHandler):
    """One connection."""

    def data_received(self, data: bytes) -> None:
        """Read some bytes: at once, or piece by piece where there may be too much in them."""
        step = len(data) if data.count(_HEAD) <= _MOST else _SLICE
        for start in range(0, len(data) or 1, step or 1):
            super().data_received(data[start : start + step])
            if len(self) > _MOST:
                self._end()
                return

    def _end(self) -> None:
        """Hang up; whoever waits for a reply is told that there is none to be read."""
        if self.transport is not None:
            self.transport.close()
        self.set_exception(HttpProcessingError(message="more heads than anybody asks for"))
