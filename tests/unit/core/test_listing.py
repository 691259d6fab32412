"""What a partner's list of codes proves about what is in doubt, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.ids import DeliveryId, DossierId, MessageId
from gateway.core.judging import Decision
from gateway.core.listing import FOLLOWS, Doubtful, Finding, PartnerList, settlement, wish
from gateway.testing.books import CIVIL_STATUS
from gateway.testing.clock import MONDAY_MORNING

QUIET = timedelta(hours=2)


def doubtful(
    *codes: str, dossier: str = "d-1", kind: str = "dossier.submitted", number: int = 1, spoke_after: int | None = None
) -> Doubtful:
    spoke_at = None if spoke_after is None else MONDAY_MORNING + timedelta(minutes=spoke_after)
    return Doubtful(
        id=DeliveryId(f"delivery-{number}"),
        message_id=MessageId(f"message-{number}"),
        dossier_id=DossierId(dossier),
        kind=kind,
        codes=codes,
        in_doubt_since=MONDAY_MORNING,
        closed_at=MONDAY_MORNING + timedelta(seconds=30),
        spoke_at=spoke_at,
    )


def listed(*codes: str, after: timedelta = timedelta(hours=12)) -> PartnerList:
    return PartnerList(system=CIVIL_STATUS, codes=frozenset(codes), as_of=MONDAY_MORNING + after, file_sha256="0" * 64)


def finding(item: Doubtful, found: PartnerList) -> Finding:
    return settlement((item,), found, lambda _kind: QUIET)[0].finding


def test_no_list_proves_absent_what_the_partner_has_spoken_of():
    """G4: its own status of the dossier says that it has the submission; an older one says nothing."""
    assert finding(doubtful("H01-1", spoke_after=1), listed("x")) is Finding.SPOKEN
    assert finding(doubtful("H01-1", spoke_after=-1), listed("x")) is Finding.ABSENT
    assert finding(doubtful("H01-1", spoke_after=1, kind="dossier.amended"), listed("x")) is Finding.ABSENT
    assert finding(doubtful("H01-1", spoke_after=1), listed("H01-1")) is Finding.LISTED


def test_a_listed_dossier_is_there():
    """By any code of the dossier, or by our own ids of the message or the delivery."""
    for code in ("H01-1", "G01-1", "message-1", "delivery-1"):
        assert finding(doubtful("H01-1", "G01-1"), listed(code, "x")) is Finding.LISTED


def test_one_that_is_not_listed_after_the_quiet_time_is_absent():
    assert finding(doubtful("H01-1"), listed("x")) is Finding.ABSENT


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=30), QUIET, timedelta(hours=-1)])
def test_a_list_made_within_the_quiet_time_proves_no_absence(after: timedelta):
    """G4: the partner may still have been working on it."""
    assert finding(doubtful("H01-1"), listed("x", after=after)) is Finding.TOO_EARLY


def test_a_list_of_dossiers_says_nothing_of_later_messages():
    """G4: the dossier is there; whether its amendment is, is not told."""
    amended = doubtful("H01-1", kind="dossier.amended")
    assert finding(amended, listed("H01-1")) is Finding.NOT_TOLD
    assert finding(amended, listed("delivery-1")) is Finding.LISTED


def test_a_code_of_two_dossiers_decides_nothing():
    """G4: nobody knows which of them is meant."""
    item = replace(doubtful("7", "H01-1"), shared=frozenset({"7"}))
    assert finding(item, listed("7", "H01-1")) is Finding.UNCLEAR
    assert finding(item, listed("H01-1")) is Finding.LISTED
    assert finding(replace(item, kind="dossier.amended"), listed("7")) is Finding.UNCLEAR


def test_only_what_is_decided_is_proposed_each_in_the_doubt_it_was_shown_in():
    items = (doubtful("A", number=1), doubtful("B", dossier="d-2", number=2), doubtful("C", dossier="d-3", number=3))
    amended = doubtful("A", kind="dossier.amended", number=4)
    found = listed("A", "C")
    lines = settlement((*items, amended), found, lambda _kind: QUIET)
    made = wish(lines, found)
    assert (made.facts["delivered"], made.facts["absent"]) == ("2", "1")
    assert b"delivery-4" not in made.parameters
    assert items[0].stamp.encode() in made.parameters
    assert set(FOLLOWS.values()) == {Decision.DELIVERED, Decision.ABSENT}
