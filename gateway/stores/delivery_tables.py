"""What a driver offers for deliveries and their attempts; part of ``stores.tables.Transaction``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, MessageId, SystemId
from gateway.core.replay import Selection
from gateway.ports.store import SystemCounts
from gateway.stores.rows import AttemptRow, DeliveryRow, GivenRow, LaneRow


class DeliveryTable(Protocol):
    """Deliveries by lane, by destination and by lease."""

    def add(self, row: DeliveryRow) -> None:
        """Keep a new delivery."""
        ...

    def save(self, row: DeliveryRow) -> None:
        """Replace what may change of a delivery."""
        ...

    def get(self, delivery: DeliveryId) -> DeliveryRow | None:
        """Return one delivery."""
        ...

    def of_message(self, message: MessageId) -> Sequence[DeliveryRow]:
        """Return a message's deliveries in the order made."""
        ...

    def of_dossier(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return the deliveries of a dossier's lanes."""
        ...

    def lanes(self, dossier: DossierId) -> Sequence[LaneRow]:
        """Return what each of a dossier's lanes comes to, without reading all that it holds."""
        ...

    def open_of(self, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return those of a dossier's deliveries that have not ended, by destination, in the order of their lanes."""
        ...

    def given(self, dossier: DossierId) -> Sequence[GivenRow]:
        """Return what each destination of a dossier was given to go on with, and not cancelled; not who got none."""
        ...

    def lane_end(self, destination: SystemId, dossier: DossierId) -> tuple[int, bool]:
        """Return the last place taken in a lane, and whether anything stands in it."""
        ...

    def standing(self, destination: SystemId, dossier: DossierId) -> Iterable[DeliveryRow]:
        """Yield what stands in a lane, in its order."""
        ...

    def last_standing(self, destination: SystemId, dossier: DossierId, kind: str) -> DeliveryRow | None:
        """Return the last of a kind that stands in a lane, however long the lane is."""
        ...

    def first(self, destination: SystemId, dossier: DossierId) -> DeliveryRow | None:
        """Return the first that stands in a lane."""
        ...

    def is_moving(self, destination: SystemId, dossier: DossierId) -> bool:
        """Whether one of a lane is on the move."""
        ...

    def unnumbered(self, destination: SystemId, dossier: DossierId) -> Sequence[DeliveryRow]:
        """Return what stands in a lane and has no number of a feed, in its order."""
        ...

    def wait_for(self, delivery: DeliveryId, message: MessageId, systems: Iterable[SystemId]) -> None:
        """Let a delivery wait until these legs of its message are done."""
        ...

    def waiting_for(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        """Return who waits for this leg."""
        ...

    def waiters(self, message: MessageId, system: SystemId) -> Sequence[DeliveryId]:
        """Return and forget who waits for this leg."""
        ...

    def ready(self, destination: SystemId, limit: int, *, retries: bool) -> Sequence[DeliveryRow]:
        """Return claimable deliveries, most urgent first: first tries, or retries."""
        ...

    def has_ready(self, destination: SystemId) -> bool:
        """Whether a claimable delivery waits for a slot."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return delayed deliveries whose time has come."""
        ...

    def next_due(self) -> datetime | None:
        """Return when the first delayed delivery is due."""
        ...

    def lost(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return leased deliveries whose lease lapsed or whose node is over."""
        ...

    def expired(self, now: datetime, limit: int) -> Sequence[DeliveryRow]:
        """Return what waits to be sent and has passed its expiry, oldest first; not what is in doubt or in a feed."""
        ...

    def unlimit(self, delivery: DeliveryId) -> None:
        """Let a delivery have no expiry any more; what else changes of it must be saved after."""
        ...

    def shift(self, by: timedelta) -> None:
        """Move the moments of what is delayed, leased or in doubt: the clock was set by so much."""
        ...

    def displace(self, delivery: DeliveryId, lane_seq: int, *, kind: str | None = None) -> None:
        """Move a delivery to another place of its lane, so that another one can take its own; let it go as a kind.

        A row of it that was read before is out of date.
        """
        ...

    def doubt_all(self, since: datetime | None, now: datetime) -> int:
        """Doubt whatever is open but the operators' own, since then or since it was made; return how many.

        What is in doubt stays so since when it was; whatever may have been sent had left by now.
        """
        ...

    def doubt_new(self, destination: SystemId, since: datetime, made: datetime, limit: int) -> int:
        """Doubt, and let be looked up, what others made for a system from ``made`` on and is open and not in doubt.

        It may have had the like of it between the two times. Return how many, at most ``limit``.
        """
        ...

    def in_doubt(self, destination: SystemId, limit: int) -> Sequence[DeliveryRow]:
        """Return what is in doubt at a system, oldest first."""
        ...

    def headless(self) -> Sequence[tuple[SystemId, DossierId]]:
        """Return lanes whose first standing delivery waits for nothing."""
        ...

    def astray(self, destination: SystemId, limit: int, *, feed: bool) -> Sequence[DossierId]:
        """Return the dossiers of lanes with open deliveries that are kept for this way, the oldest first."""
        ...

    def turn(self, row: DeliveryRow) -> None:
        """Replace a delivery, and with it the way that it is served."""
        ...

    def next_in_feed(self, destination: SystemId) -> int:
        """Take the next number of a feed."""
        ...

    def end_of_feed(self, destination: SystemId) -> int:
        """Return the last number given in a feed, 0 at first."""
        ...

    def in_feed(
        self, destination: SystemId, after: int, limit: int, *, until: int | None = None
    ) -> Sequence[DeliveryRow]:
        """Return what is in a feed after this number, up to the other or its end, and not final, in order."""
        ...

    def add_attempt(self, row: AttemptRow) -> None:
        """Keep an attempt."""
        ...

    def has_attempt(self, token: str) -> bool:
        """Whether an attempt was recorded under this lease."""
        ...

    def attempts(self, delivery: DeliveryId) -> Sequence[AttemptRow]:
        """Return a delivery's attempts in the order recorded."""
        ...

    def find(self, state: State | None, destination: SystemId | None, limit: int) -> Sequence[DeliveryRow]:
        """Return deliveries, the newest first."""
        ...

    def submissions(self, destination: SystemId, limit: int, *, settled: bool) -> Sequence[DeliveryRow]:
        """Return the submissions to a system, all or those that have ended or stopped, the newest first."""
        ...

    def stopped(self, wanted: Selection, limit: int) -> Sequence[DeliveryRow]:
        """Return what is held or dead, in doubt or not, and meets the conditions but the names, oldest first."""
        ...

    def backlogs(self) -> Mapping[SystemId, int]:
        """Return how many deliveries are on their way to each system."""
        ...

    def counts(self) -> Sequence[SystemCounts]:
        """Return how each destination's deliveries stand."""
        ...
