"""Erasing by age: what may go, and that it goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.core.ids import DossierId
from gateway.core.retention import Erasure, Mark, Rule, Survey


class Retention(Protocol):
    """For the relay's eraser, and for people who want to know before."""

    async def survey(self, rule: Rule, *, after: Mark | None, limit: int) -> Survey:
        """Look at so many that ended, or were parked, before the rule's term, the oldest first, behind ``after``.

        It only reads. A case is named once, with its first dossier.
        """
        ...

    async def erase(self, roots: Collection[DossierId], *, rule: Rule) -> Sequence[Erasure]:
        """Erase the cases with these first dossiers, as far as they may go now; return what was erased.

        What is left of a dossier are its codes, that it was there and who took part, and for each message the receipt
        that it got and the key by which a repetition is known: whoever repeats one is answered as before, and all else
        that is said of it is refused. Of a parked message only that receipt and key are left: its code is free, as it
        was. Raises StoreFull.
        """
        ...
