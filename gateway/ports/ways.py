"""Serving systems the way that the configuration now says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.core.ids import SystemId
from gateway.core.ways import Way


class Ways(Protocol):
    """For a node that begins; before it claims anything, and before it shows a page."""

    async def serve(self, ways: Mapping[SystemId, Way], *, limit: int) -> int:
        """Turn up to ``limit`` lanes per system whose open deliveries are kept for the other way; return how many.

        What was leased to an earlier incarnation is taken from it. In each lane the order stays; what the feed is to
        show is numbered anew.
        """
        ...
