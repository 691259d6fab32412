"""A withdrawal overtakes what surely nobody has taken yet; for the rest it goes in order."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core import kinds, news
from gateway.core.ids import SystemId
from gateway.core.message import DossierState, Draft, OpenDelivery
from gateway.core.news import About
from gateway.core.reason import Reason, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """What a withdrawal makes needless."""

    deliveries: tuple[OpenDelivery, ...] = ()
    cleared: frozenset[SystemId] = frozenset()  #: systems that need not hear of the withdrawal
    answered: bool = False  #: nobody has anything: the gateway itself accepts the withdrawal


def overtaken(draft: Draft, dossier: DossierState | None, shadows: frozenset[SystemId]) -> Overtaken:
    """Return the never-begun deliveries that this draft cancels; nothing unless it is a withdrawal.

    Systems in shadow mode never have anything, and are rehearsed all the same.
    """
    if draft.kind != kinds.WITHDRAWAL_REQUESTED or dossier is None:
        return Overtaken()
    deliveries = tuple(
        item
        for item in dossier.open
        if item.source == draft.source and not item.begun and item.destination not in dossier.reached
    )
    cancelled = frozenset(item.destination for item in deliveries)
    open_at = frozenset(item.destination for item in dossier.open)
    never_had = dossier.routed_to - dossier.reached - open_at - shadows - {draft.source}
    cleared = cancelled | never_had
    others = dossier.routed_to - cleared - {draft.source}
    return Overtaken(
        deliveries=deliveries,
        cleared=cleared,
        answered=bool(cancelled) and not (others & dossier.reached),
    )


def answers(draft: Draft, found: Overtaken) -> tuple[Draft, ...]:
    """Return what the gateway tells the withdrawing source."""
    told = tuple(
        news.tell(kinds.RELAY_CANCELLED, _about(draft, item), reason=Reason(Why.WITHDRAWN)) for item in found.deliveries
    )
    if not found.answered:
        return told
    return (*told, news.accept_withdrawal(_about(draft, found.deliveries[0])))


def _about(draft: Draft, item: OpenDelivery) -> About:
    return About(
        delivery_id=item.id,
        message_id=item.message_id,
        kind=item.kind,
        system=item.destination,
        tell=draft.source,
        codes=draft.codes,
        test=draft.test,
    )
