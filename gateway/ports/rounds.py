"""Dossiers of systems that are asked how they stand, one round after the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.core.asking import OpenDossier
from gateway.core.ids import SystemId


class Rounds(Protocol):
    """For the relay's poller."""

    async def ask_about(self, systems: Collection[SystemId]) -> None:
        """Keep in hand which dossiers these systems have open, those that they took before too; of others, no more."""
        ...

    async def open_dossiers(
        self, system: SystemId, procedures: Collection[str], *, after: str, limit: int
    ) -> Sequence[OpenDossier]:
        """Return dossiers of these procedures that a system has open, in the order of their ids, behind this one."""
        ...
