"""The submissions whose place an amendment takes: they wait for files that cannot be had. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.core import kinds, news
from gateway.core.message import DossierState, Draft, Leg, OpenDelivery
from gateway.core.reason import Why


def superseded(draft: Draft, dossier: DossierState | None, legs: Iterable[Leg]) -> tuple[OpenDelivery, ...]:
    """Return the submissions whose place an amendment takes: they wait for files that cannot be had.

    Only where the amendment goes to the same system: it would be lost to the others.
    """
    if draft.kind != kinds.AMENDED or dossier is None:
        return ()
    goes_to = {leg.destination for leg in legs} - dossier.reached
    return tuple(
        item for item in dossier.open if item.fileless and item.destination in goes_to and item.source == draft.source
    )


def superseded_later(dossier: DossierState) -> tuple[OpenDelivery, ...]:
    """Return the same where the amendment came first, before it was known that a file cannot be had."""
    return tuple(
        item
        for item in dossier.open
        if item.fileless and item.destination not in dossier.reached and any(_amends(one, item) for one in dossier.open)
    )


def _amends(one: OpenDelivery, item: OpenDelivery) -> bool:
    is_behind = one.destination == item.destination and one.lane_seq > item.lane_seq
    return is_behind and one.kind == kinds.AMENDED and one.source == item.source


def told(draft: Draft, found: Collection[OpenDelivery]) -> tuple[Draft, ...]:
    """Return what the source hears of the submissions whose place its amendment takes."""
    return tuple(news.cancelled(item, draft, Why.SUPERSEDED) for item in found if item.tells)
