"""How a system is served, by calls or by a feed, and what becomes of its open deliveries when that changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core.delivery import State, Step
from gateway.core.doubt import Declarations, Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The present way to one system."""

    feed: bool  #: it reads; else it is called
    declarations: Declarations = field(default_factory=Declarations)


def turned(state: State, step: Step, *, kind: str, in_doubt: bool, way: Way) -> State:
    """Return the state in which an open delivery goes on by the other way.

    What waits or has stopped stays as it is. What was on the move is ready, except what may have arrived by a call at a
    system that does not recognise our id and now cannot be asked: a person decides about that (guarantee G4).
    """
    if state not in {State.READY, State.DELAYED, State.LEASED}:
        return state
    recognised = way.declarations.of(kind).doubt is Doubt.RESEND and step is Step.SEND
    return State.HELD if way.feed and in_doubt and not recognised else State.READY
