"""A withdrawal overtakes what surely nobody has taken; for the rest it goes in order, and no dead head stops it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.core import kinds, news
from gateway.core.hot_value import hot_value
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.message import DossierState, Draft, OpenDelivery
from gateway.core.news import Withdrawal
from gateway.core.reason import Why


@hot_value
class Overtaken:
    """What a withdrawal makes needless."""

    deliveries: tuple[OpenDelivery, ...] = ()  #: to be cancelled, the last of a lane first: none is promoted between
    cleared: frozenset[SystemId] = frozenset()  #: systems that need not hear of the withdrawal
    answered: bool = False  #: nobody has anything: the gateway itself accepts the withdrawal
    unheard: bool = False  #: somebody has something, and the withdrawal goes to nobody any more


NOTHING = Overtaken()


def looks_at_open(kind: str, withdrawn: frozenset[SystemId]) -> bool:
    """Whether what is open of a dossier matters to an event of this kind: nothing else asks, and it may be much."""
    return kind == kinds.AMENDED or looks_at_statuses(kind, withdrawn)


def looks_at_statuses(kind: str, withdrawn: frozenset[SystemId]) -> bool:
    """Whether it matters to an event of this kind who has spoken of the dossier."""
    return kind == kinds.WITHDRAWAL_REQUESTED or (kind == kinds.SUBMITTED and bool(withdrawn))


def overtaken(source: SystemId, dossier: DossierState | None, shadows: frozenset[SystemId]) -> Overtaken:
    """Return what a withdrawal by this source makes needless when it is accepted.

    Systems in shadow mode never have anything, and are rehearsed all the same.
    """
    if dossier is None:
        return NOTHING
    open_at = frozenset(item.destination for item in dossier.open)
    has = _having(dossier)
    never = [item for system in open_at - has for item in _unsent(dossier, system, source)]
    never_had = dossier.routed_to - has - open_at - shadows - {source}
    cleared = frozenset(item.destination for item in never) | never_had | dossier.unopened
    others = dossier.routed_to - cleared - {source}
    return Overtaken(
        deliveries=_last_first(never),
        cleared=cleared,
        answered=bool(cleared or not others) and not (others & _answering(dossier, source)),
    )


def unblocked(found: Overtaken, source: SystemId, dossier: DossierState | None, legs: Iterable[SystemId]) -> Overtaken:
    """Return with it what stands in the way of a withdrawal by this source that goes to these systems."""
    if dossier is None:
        return found
    stuck = (item for system in legs for item in _stuck(_lane(dossier, system), source))
    return replace(found, deliveries=_last_first((*found.deliveries, *stuck)))


def overtaken_later(dossier: DossierState, asked: OpenDelivery) -> Overtaken:
    """Return what a withdrawal that waits in its lane makes needless, now that a delivery of the lane has ended so.

    It was accepted while something of its lane was under way or in doubt; a final no of the partner leaves nothing to
    withdraw. ``dossier`` is as of now.
    """
    lane, source = _lane(dossier, asked.destination), asked.source
    if asked.destination in _having(dossier):
        ahead = tuple(item for item in lane if item.lane_seq < asked.lane_seq)
        return Overtaken(deliveries=_last_first(_stuck(ahead, source)))
    never = _submitted(lane, source)  # what was said after it, too: the system will never have the dossier
    others = dossier.routed_to - {asked.destination, source}
    return Overtaken(
        deliveries=_last_first(never),
        answered=bool(never) and not (others & _answering(dossier, source)),
    )


def answers(withdrawal: Withdrawal, found: Overtaken) -> tuple[Draft, ...]:
    """Return what the gateway says of it: to each source that wants to hear, and to the one that withdraws."""
    told = tuple(
        news.cancelled(item, withdrawal, _why(withdrawal, item, found))
        for item in reversed(found.deliveries)
        if item.tells
    )
    if not found.answered:
        return told
    return (*told, news.accept_withdrawal(withdrawal))


def _why(withdrawal: Withdrawal, item: OpenDelivery, found: Overtaken) -> Why:
    return Why.NO_ROUTE if found.unheard and item.message_id == withdrawal.message_id else Why.WITHDRAWN


def is_free(dossier: DossierState) -> bool:
    """Whether nobody has anything of a dossier that was withdrawn: it may be submitted anew."""
    others = dossier.routed_to - {dossier.source}
    waiting = frozenset(item.destination for item in dossier.open)
    return bool(dossier.withdrawn) and not others & (_having(dossier) | waiting)


def _having(dossier: DossierState) -> frozenset[SystemId]:
    """Return who has something, or may have: who has spoken of the dossier has it, be it by another way than ours."""
    return dossier.reached | dossier.spoke


def _answering(dossier: DossierState, source: SystemId) -> frozenset[SystemId]:
    """Return who has something, or is still to be sent what the withdrawing source has said: it answers itself."""
    return _having(dossier) | {item.destination for item in dossier.open if item.source == source}


def _lane(dossier: DossierState, destination: SystemId) -> tuple[OpenDelivery, ...]:
    return tuple(item for item in dossier.open if item.destination == destination)


def _unsent(dossier: DossierState, system: SystemId, source: SystemId) -> tuple[OpenDelivery, ...]:
    """Return what was said to a system that has nothing, and would have had the withdrawing source's submission."""
    lane = _lane(dossier, system)
    if system in dossier.unopened | dossier.withdrawn:
        return tuple(item for item in lane if item.source != GATEWAY)
    return _submitted(lane, source)


def _submitted(lane: tuple[OpenDelivery, ...], source: SystemId) -> tuple[OpenDelivery, ...]:
    """Return what a lane that nothing of has left loses with the withdrawing source's submission, that among it.

    It is all that this source has said, and what others have said behind the submission: they presume it. Without a
    submission there is nothing to take back: the system may know the dossier by another way.
    """
    unsent = tuple(item for item in lane if item.source != GATEWAY and not item.begun)
    submitted = [item.lane_seq for item in unsent if item.source == source and item.kind == kinds.SUBMITTED]
    return tuple(item for item in unsent if submitted and (item.source == source or item.lane_seq > submitted[0]))


def _stuck(lane: tuple[OpenDelivery, ...], source: SystemId) -> Iterator[OpenDelivery]:
    """Yield the dead of a lane, and what the withdrawing source has said behind them: it could not go any more."""
    is_blocked = False
    for item in lane:
        is_blocked = is_blocked or item.dead
        if item.dead or (is_blocked and item.source == source and not item.begun):
            yield item


def _last_first(items: Iterable[OpenDelivery]) -> tuple[OpenDelivery, ...]:
    return tuple(sorted(items, key=lambda item: (item.destination, item.lane_seq), reverse=True))
