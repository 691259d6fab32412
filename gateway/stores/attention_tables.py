"""What a driver offers for the attention list; part of ``stores.tables.Transaction``. Every read is bounded by MOST."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.attention import Cause, Episode
from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, SystemId


@dataclass(frozen=True, slots=True)
class Found:
    """One that needs a person, and since when."""

    dossier_id: DossierId
    delivery_id: DeliveryId | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Those of one system that share a reason, the longest first where the driver's index has that order."""

    system: SystemId
    why: str
    found: Sequence[Found]


class AttentionTable(Protocol):
    """Reads from the fronts of indexes, whose cost does not follow the backlog; and what was told."""

    def stopped(self, state: State) -> Sequence[Pile]:
        """Return what is held, or dead, since when, by destination and reason."""
        ...

    def failing(self, tries: int) -> Sequence[Pile]:
        """Return what was tried at least so often and is not delivered, since its acceptance, by its last reason."""
        ...

    def unsent(self, before: datetime, at: SystemId) -> Sequence[Pile]:
        """Return heads of a system's lanes that were accepted until then, by their last reason."""
        ...

    def served(self) -> Sequence[SystemId]:
        """Return the systems with something open."""
        ...

    def unfetched(self, before: datetime) -> Sequence[Pile]:
        """Return messages that wait for files, by who named these: those accepted until then.

        All of which a file cannot be had for a reason that lasts (``core.files``) stand under it instead.
        """
        ...

    def expect(self, system: SystemId, dossier: DossierId) -> None:
        """Keep that a system owes a first word about a dossier once it has taken it."""
        ...

    def taken(self, system: SystemId, dossier: DossierId, now: datetime) -> None:
        """Keep when it has taken a dossier about which it owes a word."""
        ...

    def heard(self, system: SystemId, dossier: DossierId) -> None:
        """Expect none any more."""
        ...

    def silent(self, system: SystemId, before: datetime) -> Sequence[Found]:
        """Return what it took until then and has said nothing about, the longest first."""
        ...

    def episodes(self) -> Sequence[Episode]:
        """Return those that are open."""
        ...

    def keep(self, episode: Episode) -> None:
        """Add or replace one."""
        ...

    def end(self, cause: Cause) -> None:
        """Forget one."""
        ...
