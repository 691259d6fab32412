"""Who else sends: signs that a dossier which we send to a system is sent to it by another way, too. Pure.

A log of the other way is the best sign (``core.shadowing``), but not everybody keeps one. The system itself gives two:
it has a dossier that we have not sent yet, or speaks of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.core.delivery import Attempt
from gateway.core.ids import DeliveryId
from gateway.core.message import Code
from gateway.core.reason import Why

_REHEARSED = "shadowed"  #: the outcome of an attempt that sent nothing


class Sign(StrEnum):
    """What shows it. Each has words in the catalogue under ``sign``."""

    HAD = "had"  #: to our first try the system said that it has the dossier
    SPOKEN = "spoken"  #: the system spoke of it before our first try had begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt at a submission, and when it had ended."""

    at: datetime
    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A dossier that somebody beside us sends, by the unit and procedure that are to be cut over."""

    delivery: DeliveryId  #: our submission
    codes: tuple[Code, ...]
    procedure: str
    agency: str
    sign: Sign
    at: datetime  #: when the sign was given


def sign_of(tries: Iterable[Try], spoken: Iterable[datetime]) -> tuple[Sign, datetime] | None:
    """Return the earliest sign in the tries at one submission, and in what the system stated of its dossier.

    A system that says «already exists» to what is in doubt says nothing of others: such a try ends delivered.
    """
    real = [one for one in tries if one.attempt.outcome != _REHEARSED]
    if not real:
        return None
    began = min(one.at - one.attempt.duration for one in real)
    found = [(at, Sign.SPOKEN) for at in spoken if at < began]
    found += [(one.at, Sign.HAD) for one in real if _had(one.attempt)]
    if not found:
        return None
    at, sign = min(found)
    return sign, at


def _had(attempt: Attempt) -> bool:
    return attempt.reason is not None and attempt.reason.code is Why.ALREADY_EXISTS
