"""Comparing our books with what a system says: what it lacks, what it has beyond them, and where its word differs.

Pure. A finding names its repair and repairs nothing: what is sent again, or judged, a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from gateway.core.acts import By, Target, TargetKind
from gateway.core.delivery import STOPS, Delivery, State
from gateway.core.errors import GatewayError
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.message import SourceStatus
from gateway.core.outcome import Absent, Delivered, Rejected, Result

ReconciliationId = NewType("ReconciliationId", str)

#: Dossiers of one comparison, and its findings.
MOST = 10_000
#: Dossiers that a system is asked about when nobody says which.
SAMPLE = 200


class Divergence(StrEnum):
    """How our books and a system's word differ. Each has words in the catalogue under ``divergence``."""

    MISSING = "missing"  #: we say delivered; it does not have it
    EXTRA = "extra"  #: it has it; we say dead, held, cancelled, not sent yet, or know of no such dossier
    DIFFERENT = "different"  #: both have it; its status is not the last that it has told us


class Repair(StrEnum):
    """What a person can do about a finding. Each has words in the catalogue under ``repair``."""

    RESEND = "resend"  #: have it said anew, once the system has confirmed in words that it lacks it
    JUDGE = "judge"  #: say that it is delivered
    ASK = "ask"  #: find out with the system where it has it from
    STATUS = "status"  #: have the system state the status again, or read it there


class ReconciliationState(StrEnum):
    """How far a comparison has come."""

    ASKED = "asked"  #: the relay will ask the system
    FINISHED = "finished"
    BROKEN_OFF = "broken_off"  #: the system did not answer; what was compared by then stands


class UnknownReconciliation(GatewayError):
    """There is no reconciliation with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A dossier's submission to the system, as our books have it."""

    dossier_id: DossierId
    codes: tuple[str, ...]
    delivery: DeliveryId
    state: State
    in_doubt: bool
    settled_at: datetime | None
    status: SourceStatus | None  #: the last that this system has told us


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An entry, and the delivery with which the system is asked about it."""

    entry: Entry
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the system says of one dossier."""

    has: bool
    status: SourceStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergent:
    """One finding."""

    divergence: Divergence
    repair: Repair
    code: str
    dossier_id: DossierId | None = None  #: None: we know of no such dossier
    delivery: DeliveryId | None = None
    ours: str = ""  #: a state of ours, or the status that we know
    theirs: str = ""  #: the status that the system says


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A comparison as kept."""

    id: ReconciliationId
    system: SystemId
    by: By | None  #: None: by the clock
    asked_at: datetime
    names: tuple[str, ...] = ()  #: codes of dossiers; none: a sample
    state: ReconciliationState = ReconciliationState.ASKED
    ended_at: datetime | None = None
    compared: int = 0
    unanswered: int = 0  #: dossiers about which the system gave no clear answer
    facts: Mapping[str, str] = field(default_factory=dict[str, str])  #: of a list: its time and its file's digest
    counts: Mapping[str, int] = field(default_factory=dict[str, int])  #: by divergence


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a comparison came to."""

    compared: int
    unanswered: int = 0
    findings: tuple[Divergent, ...] = ()
    is_whole: bool = True

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the number of findings by divergence, none left out."""
        found = [item.divergence for item in self.findings]
        return {str(divergence): found.count(divergence) for divergence in Divergence}


def target(reconciliation: ReconciliationId) -> Target:
    """Name a reconciliation as the target of acts."""
    return Target(TargetKind.RECONCILIATION, reconciliation)


def said_of(result: Result, system: SystemId) -> Said | None:
    """Return what a look-up's result says; None where it says nothing."""
    match result:
        case Delivered(replies=replies):
            statuses = [draft.status for draft in replies if draft.status is not None and draft.source == system]
            return Said(has=True, status=statuses[-1] if statuses else None)
        case Rejected():
            return Said(has=True)
        case Absent():
            return Said(has=False)
        case _:
            return None


def compared(entry: Entry, said: Said) -> Divergent | None:
    """Return where our books and the system's word differ about a dossier."""
    if entry.state is State.DELIVERED:
        return _of_delivered(entry, said)
    if not said.has or entry.state is State.LEASED:
        return None
    decidable = entry.state in STOPS or entry.in_doubt
    return _finding(entry, Divergence.EXTRA, Repair.JUDGE if decidable else Repair.ASK, ours=str(entry.state))


def _of_delivered(entry: Entry, said: Said) -> Divergent | None:
    if not said.has:
        return _finding(entry, Divergence.MISSING, Repair.RESEND, ours=str(entry.state))
    ours, theirs = _shown(entry.status), _shown(said.status)
    if not theirs or ours == theirs:
        return None
    return _finding(entry, Divergence.DIFFERENT, Repair.STATUS, ours=ours, theirs=theirs)


def _finding(entry: Entry, divergence: Divergence, repair: Repair, *, ours: str, theirs: str = "") -> Divergent:
    return Divergent(
        divergence=divergence,
        repair=repair,
        code=entry.codes[0] if entry.codes else "",
        dossier_id=entry.dossier_id,
        delivery=entry.delivery,
        ours=ours,
        theirs=theirs,
    )


def _shown(status: SourceStatus | None) -> str:
    """Return a status for people and for comparison: the national number where there is one."""
    if status is None:
        return ""
    return str(status.status) if status.status is not None else f"{status.table}:{status.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The codes that a system says it has, when it said so, and from when on the list is whole."""

    codes: frozenset[str]
    as_of: datetime
    since: datetime | None = None  #: None: it holds everything
    is_whole: bool = True  #: False: it was not read to its end, and proves no absence
    statuses: Mapping[str, SourceStatus] = field(default_factory=dict[str, SourceStatus])  #: by code


def by_list(entries: Sequence[Entry], unknown: Iterable[str], listed: Listed, quiet: timedelta) -> Report:
    """Compare our books with a list of codes; ``unknown`` are those that no dossier of this system has.

    A list says nothing of what was delivered about when it was made, and of what it does not reach back to.
    """
    told = [entry for entry in entries if _is_told(entry, listed, quiet)]
    found = [compared(entry, _said(entry, listed)) for entry in told]
    findings = (*(item for item in found if item), *_unknown(unknown))
    return Report(compared=len(told), findings=findings[:MOST])


def _said(entry: Entry, listed: Listed) -> Said:
    status = next((listed.statuses[code] for code in entry.codes if code in listed.statuses), None)
    return Said(has=_is_listed(entry, listed), status=status)


def _is_listed(entry: Entry, listed: Listed) -> bool:
    return not listed.codes.isdisjoint(entry.codes)


def _is_told(entry: Entry, listed: Listed, quiet: timedelta) -> bool:
    if _is_listed(entry, listed):
        return True
    at = entry.settled_at
    return (
        listed.is_whole
        and at is not None
        and at + quiet < listed.as_of
        and (listed.since is None or at >= listed.since)
    )


def _unknown(codes: Iterable[str]) -> Iterator[Divergent]:
    return (Divergent(divergence=Divergence.EXTRA, repair=Repair.ASK, code=code) for code in sorted(codes))
