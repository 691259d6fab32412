"""Ids and the table of moves."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.delivery import FINAL, HEADS, MOVES, STOPS, State, is_passed
from gateway.core.ids import uuid7
from gateway.core.kinds import blocks

MOMENTS = st.integers(0, (1 << 48) - 1)
CHANCE = st.integers(0, (1 << 74) - 1)


def test_every_state_has_its_moves():
    """The table is whole, and nothing moves to where it is."""
    assert set(MOVES) == set(State)
    assert all(state not in targets for state, targets in MOVES.items())


def test_what_is_final_stays():
    """G2: delivered and cancelled are the only ends."""
    assert {state for state, targets in MOVES.items() if not targets} == FINAL


def test_every_state_leads_to_an_end():
    """G2: from everywhere there is a way to delivered and to cancelled."""
    for start in set(State) - FINAL:
        seen, rest = set(), {start}
        while rest:
            seen |= rest
            rest = {target for state in rest for target in MOVES[state]} - seen
        assert seen >= FINAL


def test_only_a_ready_delivery_is_leased():
    """G3: a worker gets the head of a lane, when it is due."""
    assert [state for state, targets in MOVES.items() if State.LEASED in targets] == [State.READY]


def test_a_lane_goes_on_behind_what_is_settled():
    """G3: a dead submission stops its lane, a dead progress note does not."""
    assert all(is_passed(state, blocks=True) for state in FINAL)
    assert not any(is_passed(state, blocks=True) for state in STOPS)
    assert all(is_passed(state, blocks=False) for state in STOPS)
    assert not any(is_passed(state, blocks=blocks) for state in (*HEADS, State.WAITING) for blocks in (True, False))


def test_which_kinds_stop_their_lane():
    """Submissions, results and fees do; progress, withdrawals and news do not."""
    assert all(blocks(kind) for kind in ("dossier.submitted", "result.issued", "fee.requested"))
    assert not any(blocks(kind) for kind in ("progress.recorded", "withdrawal.requested", "relay.delivered"))


@given(MOMENTS, MOMENTS, CHANCE, CHANCE)
def test_ids_order_by_their_time(earlier, later, some, other):
    """The text order of ids is the order of their milliseconds."""
    if earlier < later:
        assert uuid7(earlier, some) < uuid7(later, other)


@given(MOMENTS, st.integers(0))
def test_ids_are_uuids_of_version_7(moment, chance):
    """RFC 9562, section 5.7."""
    found = uuid.UUID(uuid7(moment, chance))
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == moment


@given(MOMENTS, CHANCE, CHANCE)
def test_ids_of_one_moment_differ_by_chance(moment, some, other):
    """All 74 bits of chance count."""
    assert (uuid7(moment, some) == uuid7(moment, other)) == (some == other)
