"""What is known of the systems beyond one process: who paused what, and how each system was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.errors import GatewayError
from gateway.core.ids import NodeId, SystemId
from gateway.core.reason import Why


class NotPaused(GatewayError):
    """A system that is to be resumed is not paused."""

    def __init__(self, system: SystemId) -> None:
        super().__init__(f"{system} is not paused")
        self.system = system


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody stopped the calls to a system; what is accepted for it waits until somebody resumes it."""

    system: SystemId
    by: By  #: their reason is the pause's text
    since: datetime  #: on the store's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a node sees one system: what another node, or the next one, should begin with.

    A node writes its moments by its own clock; what is told to the store, and kept there, is by the store's.
    """

    phase: Phase = Phase.CLOSED
    since: datetime | None = None  #: when this phase began
    opened: int = 0  #: how often in a row
    reason: Why | None = None  #: of the failure that opened it
    answered_at: datetime | None = None
    failed_at: datetime | None = None
    failure: Why | None = None  #: the last one

    def shifted(self, by: timedelta) -> Tally:
        """Return it by a clock that is so much ahead."""
        since, answered_at, failed_at = (one and one + by for one in (self.since, self.answered_at, self.failed_at))
        return replace(self, since=since, answered_at=answered_at, failed_at=failed_at) if by else self

    def may_replace(self, kept: Tally) -> bool:
        """Whether this is news to what another node has told: a breaker that never opened says nothing of theirs."""
        if self.phase is not Phase.CLOSED or kept.phase is Phase.CLOSED:
            return True
        return self.since is not None and (kept.since is None or self.since >= kept.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What all nodes know together."""

    now: datetime  #: by the store's clock
    pauses: Mapping[SystemId, Pause] = field(default_factory=dict[SystemId, Pause])
    tallies: Mapping[SystemId, Tally] = field(default_factory=dict[SystemId, Tally])
    nodes: tuple[NodeId, ...] = ()  #: those that live, the youngest first


def ahead(there: datetime, before: datetime, after: datetime) -> timedelta:
    """Return by how much a clock is ahead that was read between two looks at ours: by nothing while it may be right."""
    return there - min(max(there, before), after)
