"""A database that was put back to an earlier state: what is known of it, and what is not any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.acts import Act, Verb
from gateway.core.errors import GatewayError
from gateway.core.ids import NodeId, SystemId


class StillServing(GatewayError):
    """Gateways work on this database: stop them first, or wait until what ended without a word is held for dead."""

    def __init__(self, nodes: Collection[NodeId]) -> None:
        super().__init__(f"gateways work on this database: {', '.join(nodes)}")
        self.nodes = tuple(nodes)


def restored_at(acts: Iterable[Act]) -> datetime | None:
    """Return when the database was last put back, by its own clock, of the newest acts on the gateway itself."""
    return next((act.at for act in acts if act.verb is Verb.RESTORE), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """What is to be paused, and what is known of the copy."""

    systems: tuple[SystemId, ...]  #: that are called: each is paused
    facts: Mapping[str, str] = field(default_factory=dict[str, str])  #: kept with the act: file, checksum
