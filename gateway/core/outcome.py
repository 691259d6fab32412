"""How one attempt ended. A value, not an exception: an exception never means delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from gateway.core.empty import no_texts
from gateway.core.hot_value import hot_value
from gateway.core.message import Draft, Payload
from gateway.core.reason import Reason


class Blame(StrEnum):
    """Whose fault a retry is."""

    SYSTEM = "system"  #: the partner is down, throttling, misconfigured: consumes no attempt
    MESSAGE = "message"  #: consumes an attempt


@hot_value
class Trace:
    """What one exchange left behind, for the attempt's record."""

    request_digest: str = ""  #: sha256 of the bytes sent
    http_status: int | None = None
    reply: Payload | None = None
    proof: Mapping[str, str] = field(default_factory=no_texts)  #: what the way between us knows it by
    sent: str = ""  #: of what is in doubt: the step, a space, and what names the request without its credentials


NO_TRACE = Trace()


@hot_value
class Delivered:
    """It has it, and said so."""

    codes: Mapping[str, str] = field(default_factory=no_texts)
    facts: Mapping[str, str] = field(default_factory=no_texts)
    replies: tuple[Draft, ...] = ()
    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Retryable:
    """It surely has not taken it."""

    reason: Reason
    blame: Blame = Blame.SYSTEM
    retry_after: timedelta | None = None
    notes: Mapping[str, str] = field(default_factory=no_texts)
    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """Same bytes, same refusal."""

    reason: Reason
    holds: bool = False  #: surely not taken, and nobody but a person can say what to do
    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Bytes left, no verdict."""

    reason: Reason
    notes: Mapping[str, str] = field(default_factory=no_texts)
    trace: Trace = NO_TRACE


Outcome: TypeAlias = Delivered | Retryable | Rejected | Ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A look-up's final no: the partner has not taken it and no longer can."""

    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The look-up failed, or the partner is still working on it."""

    reason: Reason
    retry_after: timedelta | None = None
    trace: Trace = NO_TRACE


Finding: TypeAlias = Delivered | Rejected | Absent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """Rendered and validated for a system in shadow mode; nothing was sent."""

    trace: Trace = NO_TRACE
    rendered: Payload | None = field(default=None, repr=False)  #: what would have been sent, to be compared


Result: TypeAlias = Outcome | Finding | Shadowed


def outcome_of(result: Result) -> str:
    """Return the result's name as records, logs and metrics spell it, such as ``delivered``."""
    return type(result).__name__.lower()


def reason_of(result: Result) -> Reason | None:
    """Return why, where the result says it."""
    reason: object = getattr(result, "reason", None)
    return reason if isinstance(reason, Reason) else None
