"""Dossiers that systems have from before the gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from gateway.core.acts import By
from gateway.core.adoption import AdoptionList, Weighed
from gateway.core.handback import HandedBack, Wanted
from gateway.core.ids import SystemId
from gateway.core.planning import Planner

#: Whether nothing leaves for a system by a route.
Rehearsed: TypeAlias = Callable[[SystemId, str], bool]


class Adoptions(Protocol):
    """For operators who move a province over."""

    async def adopt(
        self, listed: AdoptionList, *, by: By, plan: Planner, is_trial: bool = False
    ) -> tuple[Weighed, ...]:
        """Adopt all of a list or, where a line is a fault or it is a trial, nothing; return every line's verdict.

        Raises StoreFull.
        """
        ...

    async def hand_back(
        self, wanted: Wanted, *, rehearsed: Rehearsed, by: By, plan: Planner, is_trial: bool = False
    ) -> HandedBack:
        """End what was accepted for a system and never sent, and return its dossiers, so that another way sends them.

        Nothing ends where it is a trial, or where something of it may still be sent. Many dossiers end in several
        transactions, in order: what one that fails leaves, asking again ends, and what was ended before is named, too.
        Raises DoneInPart.
        """
        ...
