"""Which dossiers a system is asked about that tells nobody by itself how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.ids import DossierId
from gateway.core.kinds import SUBMITTED, WHOLE
from gateway.core.message import SourceStatus

_NOT_RECEIVED = 3
_FINISHED = frozenset({_NOT_RECEIVED, 9, 10})  #: 8 is not among them: what was stopped may go on
GOES_ON = WHOLE | {"supplement.submitted"}  #: what a system takes up a dossier with


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDossier:
    """A dossier that a system has taken and, as far as we know, not finished."""

    id: DossierId
    codes: Mapping[str, str]  #: by scheme


def is_finished(status: SourceStatus | None) -> bool:
    """Whether a system that states this has done with the dossier."""
    return status is not None and status.status in _FINISHED


def is_open(kind: str, stands: SourceStatus | None) -> bool:
    """Whether a system that has just taken this is asked about the dossier, given the status that stands of it.

    What was refused goes on with an amendment or a supplement; the submission itself may be settled late.
    """
    if kind not in GOES_ON or not is_finished(stands):
        return kind in GOES_ON
    return kind != SUBMITTED and stands is not None and stands.status == _NOT_RECEIVED
