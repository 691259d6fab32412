"""What was accepted for a system and never sent: the way before can take it over again without a double. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from gateway.core.delivery import FINAL, State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Code
from gateway.core.reason import Why

#: Deliveries that are looked at.
MOST = 100_000
#: Dossiers that end in one transaction: everybody who writes waits for it.
PART = 100
#: Why a delivery ended that nobody was sent.
_UNSENT = frozenset({Why.SHADOW, Why.HANDED_BACK})


class Handing(StrEnum):
    """How a dossier stands that is handed back. Each has words in the catalogue under ``handing``."""

    WHOLE = "whole"  #: the system has nothing of it from us: the way before submits it
    REST = "rest"  #: the system has it; what came after, the way before sends
    IN_FLIGHT = "in_flight"  #: something of it may have left: it stays with us until it is known
    LIVE = "live"  #: its route still sends: nothing can be handed back


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be handed back."""

    system: SystemId
    since: datetime  #: accepted from then on: since the cut-over
    procedure: str = "*"
    agency: str = "*"

    def takes(self, procedure: str, agency: str) -> bool:
        """Whether a dossier of this procedure and unit is meant."""
        return fnmatchcase(procedure, self.procedure) and fnmatchcase(agency, self.agency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A delivery to the system, as far as handing back looks at it."""

    id: DeliveryId
    kind: str
    state: State
    begun: bool
    reached: bool
    reason: Why | None
    created_at: datetime
    is_rehearsed: bool  #: nothing of it may leave any more

    @property
    def is_unsent(self) -> bool:
        """Whether nothing of it has left, and nobody took it back."""
        if self.state in FINAL:
            return self.state is State.CANCELLED and self.reason in _UNSENT
        return not self.begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A dossier that is handed back: by which codes, and what of it is not sent."""

    dossier_id: DossierId
    codes: tuple[Code, ...]
    procedure: str
    agency: str
    handing: Handing
    kinds: tuple[str, ...]
    is_done: bool  #: it is handed back, now or before


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedBack:
    """All that is handed back; nothing was where one of it was live, it is not whole, or it was only tried."""

    items: tuple[Handed, ...]
    is_done: bool  #: all of it; False with some items done where a route was found to send only on the way
    is_whole: bool = True  #: False: more came since then than is looked at

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many stand so, none left out."""
        given = [item.handing for item in self.items]
        return {str(handing): given.count(handing) for handing in Handing}


def unsent(lane: Sequence[Leg], wanted: Wanted) -> tuple[Leg, ...]:
    """Return what of a lane was accepted since and never sent."""
    return tuple(leg for leg in lane if leg.created_at >= wanted.since and leg.is_unsent)


def is_handed_back(left: Sequence[Leg]) -> bool:
    """Whether all of it was handed back before."""
    return all(leg.reason is Why.HANDED_BACK for leg in left)


def handing(lane: Sequence[Leg], left: Sequence[Leg], *, is_adopted: bool) -> Handing:
    """Return how a dossier stands of which so much is left."""
    if any(leg.state not in FINAL and not leg.is_rehearsed for leg in left):
        return Handing.LIVE
    if any(leg.begun and leg.state not in FINAL for leg in lane):
        return Handing.IN_FLIGHT
    has_it = is_adopted or any(leg.reached for leg in lane)
    return Handing.REST if has_it or all(leg.kind != SUBMITTED for leg in left) else Handing.WHOLE
