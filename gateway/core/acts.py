"""What a person does to the relay: who, when, what, to what, and why. Kept for ever, never changed."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from gateway.core.composing import composed
from gateway.core.errors import GatewayError
from gateway.core.ids import GATEWAY, DeliveryId, DossierId, SystemId
from gateway.core.message import Actor

ActId = NewType("ActId", str)

LONGEST_REASON = 1000  #: characters
_LINE_BREAKS = frozenset("\n\t")


class Verb(StrEnum):
    """What was done. Stable: the audit's readers rely on it; each has words in the catalogue under ``act``."""

    JUDGE = "judge"  #: said what became of a delivery that stopped or is in doubt
    RETRY = "retry"  #: sent a refused or held delivery again, as it is
    SKIP = "skip"  #: let the lane go on past a delivery, which is cancelled
    AMEND = "amend"  #: had a system told once more what it has taken
    EDIT = "edit"  #: sent a corrected message instead of a refused one
    SETTLE = "settle"  #: settled many in doubt by the partner's own list
    REPLAY = "replay"  #: began to send many again, step by step
    RECONCILE = "reconcile"  #: had our books compared with what a system says
    CANCEL = "cancel"  #: ended it before its end
    VIEW = "view"  #: read what a message says
    PROPOSE = "propose"  #: asked for what needs a second person
    APPROVE = "approve"  #: agreed to it: it was done
    PAUSE = "pause"  #: let nothing be sent to a system, or by a replay
    RESUME = "resume"  #: let it go on
    PROBE = "probe"  #: had it tried at once, though it had not answered
    ADOPT = "adopt"  #: made dossiers known that systems have from before
    HAND_BACK = "hand_back"  #: ended what was never sent, so that another way sends it
    CONFIGURE = "configure"  #: let another configuration hold
    RESTORE = "restore"  #: put the database back to an earlier state
    REJECT = "reject"  #: did not agree to it, or took it back
    OTHER = "other"  #: what a newer gateway has a word for, and this one has not; never written


class TargetKind(StrEnum):
    """What an act is done to."""

    DELIVERY = "delivery"
    DOSSIER = "dossier"
    SYSTEM = "system"
    PROPOSAL = "proposal"
    REPLAY = "replay"
    RECONCILIATION = "reconciliation"
    CONFIGURATION = "configuration"
    OTHER = "other"  #: of a newer gateway, as with verbs


#: What can be asked for by name.
KNOWN_KINDS = tuple(kind for kind in TargetKind if kind is not TargetKind.OTHER)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that acts are done to."""

    kind: TargetKind
    id: str

    @classmethod
    def delivery(cls, delivery: DeliveryId) -> Target:
        """Name a delivery."""
        return cls(TargetKind.DELIVERY, delivery)

    @classmethod
    def system(cls, system: SystemId) -> Target:
        """Name a system."""
        return cls(TargetKind.SYSTEM, system)

    @classmethod
    def configuration(cls) -> Target:
        """Name the gateway's own configuration, whatever its version."""
        return cls(TargetKind.CONFIGURATION, GATEWAY)


class BadReason(GatewayError):
    """The reason given for an act is missing, too long, or holds control characters; never repeats it."""

    def __init__(self) -> None:
        super().__init__(f"give a reason of 1 to {LONGEST_REASON} characters, without control characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts, and why in their own words. Raises BadReason: nobody acts without saying why."""

    actor: Actor
    reason: str = field(repr=False)  #: may hold personal data, never logged

    def __post_init__(self) -> None:
        """Normalise the words to NFC."""
        words = composed(self.reason).strip()
        if not 1 <= len(words) <= LONGEST_REASON or any(map(_is_control, words)):
            raise BadReason
        object.__setattr__(self, "reason", words)


#: What stands for a person's words once what they were about is erased by age: a reason is never empty.
ERASED_WORDS = "[…]"


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in _LINE_BREAKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act as kept."""

    id: ActId
    at: datetime  #: on the store's clock
    by: By
    verb: Verb
    target: Target
    dossier_id: DossierId | None = None  #: whose timeline shows it
    facts: Mapping[str, str] = field(default_factory=dict[str, str])  #: codes and numbers, never personal data
