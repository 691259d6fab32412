"""Sessions: signed, bound to what they were given for, and ended by time."""

from datetime import timedelta

import pytest

from gateway.core.ids import SystemId
from gateway.security.failures import Failures
from gateway.security.sessions import SessionExpired, SessionInvalid, Sessions
from gateway.testing.clock import FakeClock

PORTAL = SystemId("portal")


def made(clock=None, secret=b"s" * 32):
    return Sessions(secret, clock or FakeClock(), life=timedelta(minutes=30))


def read(sessions, session, proof="p"):
    claim = sessions.claim(session)
    sessions.prove(session, claim, proof)
    return claim


def test_a_session_says_whose_it_is_and_outlives_a_restart():
    """Nothing is stored: another process with the same secret reads it."""
    clock = FakeClock()
    session = made(clock).issue(PORTAL, key="d", proof="p")
    assert read(made(clock), session).system == PORTAL


def test_it_ends_with_its_time_and_with_its_proof():
    clock = FakeClock()
    sessions = made(clock)
    session = sessions.issue(PORTAL, proof="p")
    with pytest.raises(SessionInvalid):
        read(sessions, session, proof="other")
    with pytest.raises(SessionInvalid):
        read(made(clock, secret=b"t" * 32), session)
    clock.advance(30 * 60)
    with pytest.raises(SessionExpired):
        read(sessions, session)


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-2] + "xx", lambda s: s.replace("gws.", "gwx."), lambda _: "gws..", lambda _: ""]
)
def test_what_was_changed_is_no_session(spoil):
    sessions = made()
    with pytest.raises(SessionInvalid):
        read(sessions, spoil(sessions.issue(PORTAL, proof="p")))


def test_what_names_no_key_is_looked_up_nowhere():
    """Whoever is at the door writes it, and no database takes a zero in a text."""
    with pytest.raises(SessionInvalid):
        made().claim(made().issue(PORTAL, key="\x00", proof="p"))


def test_whose_time_is_over_and_who_forges_is_not_told_so():
    """Expired is said only of what was ours."""
    clock = FakeClock()
    sessions = made(clock)
    session = sessions.issue(PORTAL, proof="p")
    clock.advance(3600)
    with pytest.raises(SessionInvalid) as told:
        read(sessions, session, proof="other")
    assert not isinstance(told.value, SessionExpired)


def test_who_failed_too_often_waits_and_others_do_not():
    clock = FakeClock()
    failures = Failures(clock, most=2)
    for _ in range(2):
        assert not failures.is_barred("a")
        failures.count("a")
    assert failures.is_barred("a")
    assert not failures.is_barred("b")
    clock.advance(60)
    assert not failures.is_barred("a")


def test_what_is_remembered_of_guessers_is_bounded():
    failures = Failures(FakeClock(), most=1)
    for number in range(10_001):
        failures.count(str(number))
    assert not failures.is_barred("0")
    assert failures.is_barred("10000")
