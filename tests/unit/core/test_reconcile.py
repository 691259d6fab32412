"""Where our books and a system's word differ, and what can be done about it: every case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.delivery import State
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.message import SourceStatus
from gateway.core.outcome import Absent, Delivered, Rejected, Unknown
from gateway.core.reason import Reason, Why
from gateway.core.reconcile import Divergence, Entry, Listed, Repair, Said, by_list, compared, said_of
from gateway.testing.books import CIVIL_STATUS, LAND, a_status

NOW = datetime(2026, 11, 25, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def an_entry(state: State = State.DELIVERED, code: str = "A", **changes) -> Entry:
    entry = Entry(
        dossier_id=DossierId(f"d-{code}"),
        codes=(code, f"G-{code}"),
        delivery=DeliveryId(f"l-{code}"),
        state=state,
        in_doubt=False,
        settled_at=NOW,
        status=SourceStatus(status=4),
    )
    return replace(entry, **changes)


def told(entry: Entry, said: Said) -> tuple[Divergence, Repair] | None:
    found = compared(entry, said)
    return (found.divergence, found.repair) if found else None


HAS, LACKS = Said(has=True), Said(has=False)


@pytest.mark.parametrize(
    ("entry", "said", "expected"),
    [
        (an_entry(), HAS, None),
        (an_entry(), LACKS, (Divergence.MISSING, Repair.RESEND)),
        (an_entry(), Said(has=True, status=SourceStatus(status=4, text="other words")), None),
        (an_entry(), Said(has=True, status=SourceStatus(status=9)), (Divergence.DIFFERENT, Repair.STATUS)),
        (an_entry(status=None), Said(has=True, status=SourceStatus(status=2)), (Divergence.DIFFERENT, Repair.STATUS)),
        (
            an_entry(status=SourceStatus(status=None, table="t", code="7")),
            Said(has=True, status=SourceStatus(status=None, table="t", code="8")),
            (Divergence.DIFFERENT, Repair.STATUS),
        ),
        (an_entry(State.DEAD), HAS, (Divergence.EXTRA, Repair.JUDGE)),
        (an_entry(State.HELD), HAS, (Divergence.EXTRA, Repair.JUDGE)),
        (an_entry(State.DELAYED, in_doubt=True), HAS, (Divergence.EXTRA, Repair.JUDGE)),
        (an_entry(State.CANCELLED), HAS, (Divergence.EXTRA, Repair.ASK)),
        (an_entry(State.READY), HAS, (Divergence.EXTRA, Repair.ASK)),
        (an_entry(State.LEASED), HAS, None),
        (an_entry(State.DEAD), LACKS, None),
        (an_entry(State.READY), LACKS, None),
    ],
)
def test_each_difference_has_its_name_and_its_repair(entry, said, expected):
    """Agreement is no finding; what a worker holds is about to be known better."""
    assert told(entry, said) == expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Delivered(codes={}), HAS),
        (Delivered(codes={}, replies=(a_status(None, 5),)), Said(has=True, status=SourceStatus(status=5))),
        (Delivered(codes={}, replies=(a_status(None, 5, source=LAND),)), HAS),
        (Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)), HAS),
        (Absent(), LACKS),
        (Unknown(reason=Reason(Why.TIMEOUT)), None),
    ],
)
def test_no_answer_is_no_word(result, expected):
    """G4: a system that does not answer has not said that it lacks anything."""
    assert said_of(result, CIVIL_STATUS) == expected


def a_list(*codes: str, **changes) -> Listed:
    return Listed(**{"codes": frozenset(codes), "as_of": NOW + 2 * HOUR, "since": None, **changes})


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        (a_list("A"), 0),
        (a_list("G-A"), 0),
        (a_list("B"), 1),
        (a_list("B", as_of=NOW + HOUR), 0),
        (a_list("B", as_of=NOW), 0),
        (a_list("B", since=NOW), 1),
        (a_list("B", since=NOW + timedelta(seconds=1)), 0),
    ],
)
def test_a_list_says_nothing_of_what_it_could_not_hold(listed, missing):
    """Any code counts; delivered within the quiet time, or before the list begins, is not missing."""
    report = by_list([an_entry()], (), listed, HOUR)
    assert report.counts["missing"] == missing


@given(agreed=st.integers(0, 8), missing=st.integers(0, 8), extra=st.integers(0, 8), unknown=st.integers(0, 8))
def test_what_was_planted_is_found_exactly(agreed, missing, extra, unknown):
    """K divergences of each class: k are found, and nothing else."""
    entries = [an_entry(code=f"a{number}") for number in range(agreed)]
    entries += [an_entry(code=f"m{number}") for number in range(missing)]
    entries += [an_entry(State.DEAD, code=f"e{number}") for number in range(extra)]
    codes = {entry.codes[0] for entry in entries if not entry.codes[0].startswith("m")}
    nobody = {f"u{number}" for number in range(unknown)}
    report = by_list(entries, nobody, a_list(*codes, *nobody), HOUR)
    assert report.counts == {"missing": missing, "extra": extra + unknown, "different": 0}
    assert report.compared == len(entries)


def test_a_system_is_named_by_its_own_word_only():
    assert said_of(Delivered(codes={}, replies=(a_status(None, 5),)), SystemId("other")) == HAS
