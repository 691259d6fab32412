"""Dossiers that systems have from before the gateway."""

from __future__ import annotations

from typing import Protocol

from gateway.core.acts import By
from gateway.core.adoption import AdoptionList, Weighed
from gateway.core.planning import Planner


class Adoptions(Protocol):
    """For operators who move a province over."""

    async def adopt(
        self, listed: AdoptionList, *, by: By, plan: Planner, is_trial: bool = False
    ) -> tuple[Weighed, ...]:
        """Adopt all of a list or, where a line is a fault or it is a trial, nothing; return every line's verdict."""
        ...
