"""What a change of mapping would mean for messages that are here: shown before it holds, and never sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.core import kinds
from gateway.core.delivery import Delivery, State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.message import Actor, Code
from gateway.core.reason import Reason
from gateway.core.record import Shown, View
from gateway.core.whatif import MOST, Comparison, Outline, changes_of, verdict_of
from gateway.ops.known import check_known
from gateway.ports.evidence import Evidence
from gateway.ports.store import DeliveryView, Ledger
from gateway.ports.whatif import Edition, Workshop, Writing

#: Deliveries of a system that are looked through for those that count, the newest first.
MOST_SEEN = 10_000


class WhatIfStore(Ledger, Evidence, Protocol):
    """The parts of a store that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which messages, and between which versions."""

    system: SystemId
    old: Edition
    new: Edition
    last: int = 20
    skip: int = 0  #: of the newest
    delivered: bool = False  #: only whole dossiers that the system has, each by its newest delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the messages come to; ``more`` where others follow, ``whole`` where nothing older was left unseen."""

    items: tuple[Comparison, ...]
    more: bool
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Serves whoever changes a mapping."""

    store: WhatIfStore = field(repr=False)
    workshop: Workshop
    systems: Collection[SystemId]

    async def ask(self, question: Question, *, actor: Actor) -> Answered:
        """Write the messages by both versions, and compare. That they are shown is recorded before they are.

        Also where only shapes are: who writes the table can have it say a value by a shape, or in a name. Raises
        UnknownSystem, UnknownVersion, CannotOutline, ConfigError.
        """
        check_known(question.system, self.systems)
        seen = await self._seen(question)
        views = _newest_whole(seen) if question.delivered else seen
        page = views[question.skip : question.skip + min(question.last, MOST)]
        async with (
            self.workshop.writing(question.system, question.old) as old,
            self.workshop.writing(question.system, question.new) as new,
        ):
            items = [await self._compared(one, old, new) for one in await self._whole(page)]
        if items:
            ids = tuple(item.delivery for item in items)
            await self.store.viewed(View(shown=Shown.DELIVERY, ids=ids), actor=actor)
        more = len(views) > question.skip + len(page)
        return Answered(items=tuple(items), more=more, whole=len(seen) < _most_of(question))

    async def _seen(self, question: Question) -> Sequence[DeliveryView]:
        state = State.DELIVERED if question.delivered else None
        return await self.store.find(state=state, destination=question.system, limit=_most_of(question))

    async def _whole(self, views: Iterable[DeliveryView]) -> Sequence[Delivery]:
        ids = [view.id for view in views]
        found = {one.id: one for one in await self.store.whole(ids)} if ids else {}
        return [found[one] for one in ids if one in found]

    async def _compared(self, delivery: Delivery, old: Writing, new: Writing) -> Comparison:
        before, after = await old.outline(delivery), await new.outline(delivery)
        return Comparison(
            delivery=DeliveryId(delivery.id),
            dossier=delivery.message.dossier_id,
            kind=delivery.kind,
            at=delivery.message.accepted_at,
            codes=tuple(Code(scheme, value) for scheme, value in delivery.codes.items()),
            verdict=verdict_of(before, after),
            changes=changes_of(before, after) if _are_written(before, after) else (),
            old_problem=before if isinstance(before, Reason) else None,
            new_problem=after if isinstance(after, Reason) else None,
        )


def _most_of(question: Question) -> int:
    """Return how many deliveries are looked through: one more than needed, or all where only some of them count."""
    return MOST_SEEN if question.delivered else question.skip + question.last + 1


def _are_written(*outlines: Outline) -> bool:
    return not any(isinstance(one, Reason) for one in outlines)


def _newest_whole(views: Iterable[DeliveryView]) -> Sequence[DeliveryView]:
    """Return the newest delivery of each dossier that stated it whole; views come the newest first."""
    found: dict[DossierId, DeliveryView] = {}
    for view in views:
        if view.kind in kinds.WHOLE:
            found.setdefault(view.dossier_id, view)
    return list(found.values())
