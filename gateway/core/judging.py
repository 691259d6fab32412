"""What a person may decide about a delivery: total, pure, and the only place that says so.

What is in doubt is judged: somebody says what the partner has. What surely had no effect is retried, skipped or
replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from gateway.core.acts import Verb
from gateway.core.delivery import FINAL, STOPS, DoubtMark, State, Transition
from gateway.core.errors import GatewayError
from gateway.core.ids import OPERATORS, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.reason import Reason, Why


class Decision(StrEnum):
    """What a person says should become of a delivery."""

    DELIVERED = "delivered"  #: the partner has it
    ABSENT = "absent"  #: the partner surely has not taken it: send again
    CANCELLED = "cancelled"  #: it ends, whatever the partner has
    RETRY = "retry"  #: send again what was refused or held before anything left
    SKIP = "skip"  #: it ends undelivered, and the lane goes on behind it
    REPLACE = "replace"  #: a corrected message takes its place


#: The decisions that need somebody to have asked the partner.
VERDICTS = frozenset({Decision.DELIVERED, Decision.ABSENT, Decision.CANCELLED})
#: Those by which it ends undelivered.
ENDS = frozenset({Decision.CANCELLED, Decision.SKIP})
#: Those that can also be asked for of many at once, and then need a second person: one by one they are counted.
COUNTED = frozenset({Decision.DELIVERED, Decision.ABSENT, Decision.RETRY})
#: Under which verb each is kept.
VERBS: Mapping[Decision, Verb] = MappingProxyType(
    {
        **dict.fromkeys(VERDICTS, Verb.JUDGE),
        Decision.RETRY: Verb.RETRY,
        Decision.SKIP: Verb.SKIP,
        Decision.REPLACE: Verb.EDIT,
    }
)


class Obstacle(StrEnum):
    """Why a delivery cannot be decided about so. Each has words under ``problem.delivery``."""

    LEASED = "leased"  #: a worker has it this moment
    FINAL = "final"  #: it has ended
    IN_DOUBT = "in_doubt"  #: the partner may have it: judge it instead
    SPOKEN = "spoken"  #: the system has stated a status of the dossier since: it has it
    NOT_IN_DOUBT = "not_in_doubt"  #: nothing to judge: retry it instead
    NOT_STOPPED = "not_stopped"  #: it is still on its way
    NO_DESTINATION = "no_destination"  #: it is for the operators themselves and is sent to nobody
    NO_SYSTEM = "no_system"  #: its system is not configured any more


class Undecidable(GatewayError):
    """This decision does not fit how the delivery stands; ``obstacle`` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(f"the delivery cannot be decided about so: {obstacle}")
        self.obstacle = obstacle


class UnknownDelivery(GatewayError):
    """There is no delivery with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a delivery stands when a person decides."""

    state: State
    in_doubt: bool
    destination: SystemId
    spoken: bool = False  #: whether the system has stated a status of the dossier since the doubt began
    gone: bool = False  #: whether the system is not configured any more, where whoever asks knows
    unsent: bool = False  #: whether it is a submission of which its system surely has nothing


def is_spoken_of(kind: str, in_doubt_since: datetime, spoke_at: datetime | None) -> bool:
    """Whether a system that has stated a dossier's status at this time has the submission that is in doubt."""
    return kind == SUBMITTED and spoke_at is not None and spoke_at >= in_doubt_since


def decided(decision: Decision, standing: Standing, codes: Mapping[str, str] | None = None) -> Transition:
    """Return what follows from a person's decision; WAITING stands for «again, in its place of the lane».

    Raises Undecidable.
    """
    obstacle = _obstacle(decision, standing)
    if obstacle is not None:
        raise Undecidable(obstacle)
    match decision:
        case Decision.DELIVERED:
            return Transition(
                to=State.DELIVERED, doubt=DoubtMark.CLEAR, reason=Reason(Why.JUDGED), codes=dict(codes or {})
            )
        case Decision.ABSENT | Decision.RETRY:
            why = Why.JUDGED if decision is Decision.ABSENT else Why.RETRIED
            return Transition(to=State.WAITING, doubt=DoubtMark.CLEAR, reason=Reason(why))
        case Decision.CANCELLED:
            why = Why.CALLED_OFF if standing.unsent else Why.JUDGED
            return Transition(to=State.CANCELLED, doubt=DoubtMark.CLEAR, reason=Reason(why))
        case Decision.SKIP:
            why = Why.CALLED_OFF if standing.unsent else Why.SKIPPED
            return Transition(to=State.CANCELLED, reason=Reason(why))
        case Decision.REPLACE:
            return Transition(to=State.CANCELLED, reason=Reason(Why.EDITED))


def _obstacle(decision: Decision, standing: Standing) -> Obstacle | None:
    """Return what stands against a decision; None where nothing does."""
    if standing.state is State.LEASED:
        return Obstacle.LEASED
    if standing.state in FINAL:
        return Obstacle.FINAL
    stopped = standing.state in STOPS
    match decision:
        case Decision.CANCELLED:
            return None
        case Decision.ABSENT:
            against = Obstacle.SPOKEN if standing.spoken else None
            return against if standing.in_doubt else Obstacle.NOT_IN_DOUBT
        case Decision.DELIVERED:
            return None if stopped or standing.in_doubt else Obstacle.NOT_STOPPED
        case _:
            return _against_a_change(decision, standing, stopped=stopped)


def _against_a_change(decision: Decision, standing: Standing, *, stopped: bool) -> Obstacle | None:
    """Return what stands against sending, skipping or replacing what surely had no effect."""
    if standing.in_doubt:
        return Obstacle.IN_DOUBT
    if not stopped:
        return Obstacle.NOT_STOPPED
    if decision is Decision.SKIP:
        return None
    if standing.destination == OPERATORS:
        return Obstacle.NO_DESTINATION
    return Obstacle.NO_SYSTEM if standing.gone else None
