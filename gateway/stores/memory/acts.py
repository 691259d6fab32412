"""Acts in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.core.acts import ERASED_WORDS, Act, ActId, Target
from gateway.core.ids import DossierId
from gateway.core.judging import COUNTED
from gateway.core.message import Actor
from gateway.stores.memory.journal import Journal, Table


class MemoryActs:
    """``act_tables.ActTable`` in a dictionary."""

    def __init__(self, journal: Journal) -> None:
        self._acts = Table[ActId, Act](journal)

    def add(self, act: Act) -> None:
        self._acts.put(act.id, act)

    def of_dossier(self, dossier: DossierId) -> Sequence[Act]:
        return [act for act in self._acts.values() if act.dossier_id == dossier]

    def erase(self, dossier: DossierId) -> None:
        """Let go of the words in which people said why."""
        for act in self.of_dossier(dossier):
            self._acts.put(act.id, replace(act, by=replace(act.by, reason=ERASED_WORDS)))

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        return [(act.by.actor, 1) for act in self._acts.values() if act.at > moment and _is_alone(act)]

    def newest(self, target: Target | None, before: ActId | None, limit: int) -> Sequence[Act]:
        ids = list(self._acts)
        if before is not None:
            ids = ids[: ids.index(before)] if before in ids else []
        acts = (self._acts.get(act) for act in reversed(ids))
        return [act for act in acts if act is not None and target in {None, act.target}][:limit]


def _is_alone(act: Act) -> bool:
    return act.facts.get("decision") in COUNTED and act.facts.keys().isdisjoint({"replay", "proposal"})
