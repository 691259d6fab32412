"""Where a draft goes: one leg per destination, or a warning why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from gateway.core import kinds
from gateway.core.ids import OPERATORS, SystemId
from gateway.core.message import Draft, Known, Leg
from gateway.core.reason import Reason, Why
from gateway.core.routing import Connected, Mode, Order, Route, RouteBook, Subject, day_in_vietnam


def for_operators(now: datetime, reason: Reason) -> Leg:
    """Return the leg by which a person sees what nothing else can be done about."""
    return Leg(destination=OPERATORS, priority_at=now, blocks=False, prelease=False, hold=reason)


def legs_of(
    draft: Draft,
    known: Known,
    book: RouteBook,
    *,
    skip: frozenset[SystemId] = frozenset(),
) -> tuple[tuple[Leg, ...], tuple[Reason, ...]]:
    """Return the legs of a draft, and a warning for each destination that gets none."""
    legs: list[Leg] = []
    warnings: list[Reason] = []
    targets = [pair for pair in _targets(draft, known, book) if draft.to or pair[1] not in skip]
    for route, destination in targets:
        leg = _leg(draft, known, route, book.systems.get(destination), source=book.systems.get(draft.source))
        if isinstance(leg, Leg):
            legs.append(leg)
        else:
            warnings.append(Reason(leg, destination))
    if not targets and not skip and not draft.to:
        warnings.append(Reason(Why.NO_ROUTE))
    return _in_order(legs, warnings), tuple(warnings)


def _targets(
    draft: Draft,
    known: Known,
    book: RouteBook,
) -> Iterable[tuple[Route | None, SystemId]]:
    """Return (route, destination) pairs; what the gateway itself says is addressed, not routed."""
    if draft.to:
        return [(None, system) for system in draft.to]
    return book.routes_for(subject_of(draft, known))


def subject_of(draft: Draft, known: Known) -> Subject:
    """Return what routes look at."""
    dossier = known.dossier
    step = dossier.step if dossier and dossier.source == draft.source else ""
    return Subject(
        source=draft.source,
        kind=draft.kind,
        procedure=draft.procedure or (dossier.procedure if dossier else ""),
        agency=draft.agency or (dossier.agency if dossier else ""),
        on=day_in_vietnam(known.now),
        step=draft.step or step,
    )


def _leg(
    draft: Draft,
    known: Known,
    route: Route | None,
    system: Connected | None,
    *,
    source: Connected | None,
) -> Leg | Why:
    """Return the leg to one system, or why there is none."""
    if system is None or system.mode is Mode.OFF or not system.is_valid(day_in_vietnam(known.now)):
        return Why.SYSTEM_OFF
    if draft.test and system.mode is not Mode.SANDBOX:
        return Why.TEST_EVENT
    if route is not None and draft.kind != kinds.SUBMITTED and known.dossier and system.id in known.dossier.withdrawn:
        return Why.WITHDRAWN
    expires = route.expires if route else None
    unopened = route is not None and known.dossier is not None and system.id in known.dossier.unopened
    opens = unopened and draft.kind == kinds.AMENDED
    return Leg(
        destination=system.id,
        priority_at=_urgency(draft, known, system),
        expires_at=known.now + expires if expires else None,
        blocks=kinds.blocks(draft.kind),
        prelease=system.may_prelease(draft.kind) and not draft.pending and not opens,
        tells=route is not None and route.tell_relay and _asks(draft, known, source, system),
        route=route.id if route else "",
        feed=system.feed,
        expects=system.expects_status and (opens or draft.kind == kinds.SUBMITTED),
        hold=Reason(Why.NEVER_GIVEN) if unopened and draft.kind not in kinds.WHOLE else None,
        opens=opens,
        after=route.after if route else (),
    )


def _asks(draft: Draft, known: Known, source: Connected | None, system: Connected) -> bool:
    """Whether the source wants to hear how this leg fares: not where it leads back to the dossier's own source."""
    if source is None or not source.tell_relay or kinds.is_relay(draft.kind):
        return False
    return system.id != (known.dossier.source if known.dossier else draft.source)


def _urgency(draft: Draft, known: Known, system: Connected) -> datetime:
    """Order by acceptance, or by due date where the system says so, bounded so that nothing starves.

    Both orders give the same latest moment: a change from one to the other lets nothing overtake what waits already.
    """
    latest = known.now + system.longest_wait
    due = draft.due_at or (known.dossier.due_at if known.dossier else None)
    if system.order is Order.ACCEPTED:
        return latest
    return min(max(due, known.now), latest) if due else latest


def _in_order(legs: list[Leg], warnings: list[Reason]) -> tuple[Leg, ...]:
    """Keep of ``after`` only what this submission really sends, and never prelease what must wait.

    A wait that would close a circle is left out with a warning: better sent too early than never.
    """
    if not [leg for leg in legs if leg.after]:
        return tuple(legs)
    waits: dict[SystemId, tuple[SystemId, ...]] = {leg.destination: () for leg in legs}
    for leg in legs:
        for other in dict.fromkeys(leg.after):
            if other not in waits:
                continue
            if _leads(other, leg.destination, waits):
                warnings.append(Reason(Why.WAITS_IN_CIRCLE, leg.destination))
            else:
                waits[leg.destination] = (*waits[leg.destination], other)
    return tuple(_wait_for(leg, waits[leg.destination]) for leg in legs)


def _leads(start: SystemId, end: SystemId, waits: Mapping[SystemId, tuple[SystemId, ...]]) -> bool:
    """Whether ``start`` waits for ``end``, at once or by way of others."""
    return start == end or any(_leads(other, end, waits) for other in waits[start])


def _wait_for(leg: Leg, after: tuple[SystemId, ...]) -> Leg:
    if not leg.after:
        return leg
    return replace(leg, after=after, prelease=leg.prelease and not after)
