"""What is refused first, what last, what never; and that it does not flicker."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.ids import SystemId
from gateway.core.pressure import CALM, Episode, Limits, Strain, Urgency, ballast, episodes, look, mark

LAND, TAX = SystemId("land"), SystemId("tax")
LIMITS = Limits(reserve=1000, backlogs={LAND: 100, TAX: 100})
BYTES = st.integers(0, 3000)


def at(free: int = 10_000, before: Strain = CALM, **counts: int) -> Strain:
    return look(before, LIMITS, free=free, counts={SystemId(name): count for name, count in counts.items()})


@pytest.mark.parametrize(
    ("free", "refused"),
    [
        (1000, set()),
        (999, {Urgency.NEW}),
        (749, {Urgency.NEW, Urgency.KNOWN}),
        (499, {Urgency.NEW, Urgency.KNOWN, Urgency.BACK}),
        (249, set(Urgency)),
        (0, set(Urgency)),
    ],
)
def test_the_less_disk_is_free_the_more_is_refused_new_dossiers_first(free: int, refused: set[Urgency]):
    """G2: what is accepted can always be ended: nothing here refuses a settlement."""
    assert {urgency for urgency in Urgency if at(free).refuses(urgency)} == refused


@pytest.mark.parametrize(
    ("count", "refused"),
    [(99, set()), (100, {Urgency.NEW}), (150, {Urgency.NEW, Urgency.KNOWN}), (200, set(Urgency) - {Urgency.CLAIM})],
)
def test_the_longer_a_backlog_the_more_is_refused_and_it_is_sent_all_the_same(count: int, refused: set[Urgency]):
    assert {urgency for urgency in Urgency if at(land=count).full(urgency, [LAND])} == refused


def test_one_dead_system_refuses_only_what_goes_nowhere_else():
    """G6: pressure is per destination."""
    strain = at(land=500)
    assert strain.full(Urgency.NEW, [LAND]) == (LAND,)
    assert strain.full(Urgency.NEW, [TAX]) == ()
    assert strain.full(Urgency.NEW, [LAND, TAX]) == ()
    assert strain.full(Urgency.NEW, []) == ()
    assert at(land=500, tax=500).full(Urgency.NEW, [LAND, TAX]) == (LAND, TAX)


def test_what_was_refused_is_taken_again_only_with_more_room():
    """No flicker at the mark."""
    low, full = at(999), at(land=100)
    assert at(1050, low).refuses(Urgency.NEW)
    assert not at(1050).refuses(Urgency.NEW)
    assert not at(1100, low).refuses(Urgency.NEW)
    assert at(land=95, before=full).full(Urgency.NEW, [LAND])
    assert not at(land=95).full(Urgency.NEW, [LAND])
    assert not at(land=89, before=full).full(Urgency.NEW, [LAND])


def test_no_reserve_means_that_no_disk_is_looked_at():
    strain = look(CALM, Limits(), free=0, counts={})
    assert strain.is_calm
    assert strain.has_room_for(1 << 60)
    assert not strain.sets_aside


def test_a_file_must_leave_the_reserve():
    assert at(1500).has_room_for(500)
    assert not at(1500).has_room_for(501)


def test_the_ballast_is_let_go_when_even_sending_has_stopped_and_held_again_when_all_is_ample():
    """G2: what settlements need is there though others fill the disk; holding it does not press by itself."""
    assert at(1499).sets_aside is False
    held = at(1500)
    assert held.sets_aside
    assert not at(1500 - ballast(1000), held).refuses(Urgency.NEW)
    stopped = at(0, held)
    assert not stopped.sets_aside
    assert not at(1499, stopped).sets_aside


def test_a_stretch_begins_once_and_ends_once():
    """One log event each, however it rises and falls within."""
    strains = [CALM, at(999), at(100, at(999)), at(800, land=100), at(land=160), Strain(files="away"), CALM]
    told = [list(episodes(before, now)) for before, now in pairwise(strains)]
    assert told == [
        [Episode(what="space", begun=True)],
        [],
        [Episode(what="backlog", begun=True, system=LAND)],
        [Episode(what="space", begun=False)],
        [Episode(what="files", begun=True), Episode(what="backlog", begun=False, system=LAND)],
        [Episode(what="files", begun=False)],
    ]


@given(free=BYTES, more=BYTES, count=st.integers(0, 400), fewer=st.integers(0, 400))
def test_more_room_never_refuses_more(free: int, more: int, count: int, fewer: int):
    """Whatever the marks are."""
    assert at(free + more).space <= at(free).space
    less, much = at(land=max(count - fewer, 0)), at(land=count)
    assert less.backlog.get(LAND, 0) <= much.backlog.get(LAND, 0)


def test_the_marks_stand_in_order():
    marks = [mark(1000, urgency) for urgency in Urgency]
    assert marks == sorted(marks, reverse=True)
    assert ballast(1000) < marks[-1]
