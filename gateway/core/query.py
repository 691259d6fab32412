"""Questions put to a national register: who asks what, and why, and how it ended. Never the answer itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, TypeAlias, assert_never

from gateway.core.chain import canonical
from gateway.core.ids import SystemId
from gateway.core.message import Actor, Payload
from gateway.core.outcome import NO_TRACE, Trace
from gateway.core.reason import Reason, Why
from gateway.core.signs import Sign

QueryId = NewType("QueryId", str)

NO_QUERY = QueryId("")

#: Nothing was learnt about the system: it was not asked, or could not be asked this.
_OURS = frozenset({Why.CANNOT_RENDER, Why.NO_OPERATION, Why.NOT_SENT})


class QueryState(StrEnum):
    """How a query stands. Stable: auditors rely on it; each has words in the catalogue under ``query``."""

    ASKED = "asked"  #: kept before it was sent; nobody knows how it ended
    ANSWERED = "answered"  #: the system told what it has
    NONE = "none"  #: it has nothing under this
    REFUSED = "refused"  #: it does not answer this question
    FAILED = "failed"  #: no usable answer came
    TIMED_OUT = "timed_out"  #: no answer came in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """On whose behalf a question is put: named in full, as registers demand it."""

    name: str = field(repr=False)
    code: str = ""  #: their agency's code for them
    unit: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question on its way. What is asked about is in it, and is nowhere kept in clear."""

    id: QueryId = NO_QUERY  #: given by the store that keeps it
    system: SystemId
    operation: str
    request: Mapping[str, str] = field(repr=False)  #: such as a tax code, under the names of the system's file
    officer: Officer
    purpose: str = field(repr=False)  #: in their own words
    actor: Actor  #: whose key opened the door

    @property
    def subject(self) -> str:
        """Return what is asked about, in its one form: what a commitment is made of."""
        return canonical(dict(self.request)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The system's answer, as canonical JSON."""

    document: Payload
    language: str = "vi"
    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """The system's plain no: it has nothing under this."""

    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The system does not answer this question."""

    reason: Reason
    trace: Trace = NO_TRACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """No usable answer; nothing is asked again by itself."""

    reason: Reason
    retry_after: timedelta | None = None
    trace: Trace = NO_TRACE


Answer: TypeAlias = Found | Nothing | Declined | Unanswered


def state_of(answer: Answer) -> QueryState:
    """Return how a query with this answer has ended."""
    match answer:
        case Found():
            return QueryState.ANSWERED
        case Nothing():
            return QueryState.NONE
        case Declined():
            return QueryState.REFUSED
        case Unanswered():
            return QueryState.TIMED_OUT if answer.reason.code is Why.TIMEOUT else QueryState.FAILED
        case _:
            assert_never(answer)


def sign_of_answer(answer: Answer) -> Sign:
    """Return what an answer says about the system as a whole."""
    if not isinstance(answer, Unanswered):
        return Sign.ANSWERED
    return Sign.NOTHING if answer.reason.code in _OURS else Sign.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a query ended, as it is kept: the store makes a commitment of the answer."""

    state: QueryState
    reason: Why | None = None
    http_status: int | None = None
    duration: timedelta
    answer: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRecord:
    """One query as kept: who asked which system what, when and why; what was asked about only as a commitment."""

    id: QueryId
    asked_at: datetime  #: on the store's clock
    system: SystemId
    operation: str
    actor: Actor
    officer: Officer
    purpose: str = field(repr=False)
    salt: str = field(repr=False)  #: of this record's commitments, hex
    subject: str  #: commitment to what was asked about, hex
    state: QueryState = QueryState.ASKED
    ended_at: datetime | None = None
    reason: Why | None = None
    http_status: int | None = None
    duration: timedelta | None = None
    answer: str | None = None  #: commitment to the answer, hex
