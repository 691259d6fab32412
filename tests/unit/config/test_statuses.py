"""``statuses.toml``: the default table, what a province changes of it, and every fault at once."""

from pathlib import Path

import pytest

from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.core.errors import ConfigError
from gateway.core.ids import SystemId
from gateway.core.statuses import STATUSES, GuardMode

ROOT = Path(__file__).resolve().parents[3]

#: Domain facts 2.4, row by row: what was seen in working clients, and how the names read.
SEEN = {(1, 2), (1, 3), (1, 5), (2, 5), (4, 5), (2, 4), (5, 2), (5, 4), (5, 1), (5, 3), (4, 3), (4, 6)} | {
    *((2, 9), (4, 9), (9, 10), (4, 2), (6, 4), (8, 4), (9, 4), (9, 2))
}
READ = {(4, 8), *((status, 7) for status in (1, 2, 4, 5, 6, 8))}
WITHDRAWN = {(7, status) for status in (1, 2, 4, 5, 6, 8, 9)}


def faults(directory) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    assert {problem.file for problem in caught.value.problems} == {"statuses.toml"}
    assert all(problem.remedy for problem in caught.value.problems)
    return {problem.key: problem.text for problem in caught.value.problems}


def test_the_default_is_the_table_that_was_gathered():
    """Nothing is allowed or forbidden that the facts do not say."""
    table = load(ROOT / "config").statuses.default
    steps = {(before, after) for before, afters in table.following.items() for after in afters}
    assert steps == SEEN | READ | WITHDRAWN
    assert table.start == {1, 2}
    assert {status for status in STATUSES if table.is_final(status)} == {3, 10}


def test_a_province_changes_rows_for_some_procedures(directory):
    """A row replaces the default's row of that status; the others stay."""
    book = load(directory.path).statuses
    assert book.table_of("1.001").following[6] == {4, 7, 9}
    assert book.table_of("1.001").following[4] == book.default.following[4]
    assert book.table_of("2.001") == book.default


def test_the_first_table_that_matches_counts(directory):
    """As written, from the top."""
    directory.add("statuses.toml", '[[procedure]]\ncodes = ["1.00*"]\nstart = [4]\n')
    assert load(directory.path).statuses.table_of("1.001").start == {1, 2}


def test_a_province_changes_the_default_row_by_row(directory):
    """Only what differs is written down."""
    directory.write("statuses.toml", "start = [1]\nclosing = []\n[next]\n10 = [9]\n9 = [10, 3]\n")
    table = load(directory.path).statuses.default
    assert (table.start, table.closing, table.following[10]) == ({1}, frozenset(), {9})
    assert table.following[2] == {4, 5, 7, 9}


def test_names_every_fault_of_every_table_at_once(directory):
    """One round of corrections, not ten."""
    directory.write(
        "statuses.toml",
        'start = [1, 11]\nclosing = [0]\n[next]\n2 = [4, 4]\n5 = [5]\n8 = [77]\n"x" = [1]\n'
        '[[procedure]]\ncodes = ["1.*"]\nnext = { 4 = [4], 12 = [1] }\n'
        '[[procedure]]\ncodes = ["1.*", "2.*"]\nstrat = [1]\n',
    )
    assert faults(directory) == {"procedure[1].strat": "unknown key"}
    directory.change("statuses.toml", "strat", "start")
    assert faults(directory) == {
        "start": "11 is no national status",
        "closing": "0 is no national status",
        "next.x": "is no national status",
        "next.2": "4 is given 2 times",
        "next.5": "names itself",
        "next.8": "77 is no national status",
        "procedure[0].next.12": "is no national status",
        "procedure[0].next.4": "names itself",
        "procedure.codes": "'1.*' is given 2 times, and the first counts",
    }


@pytest.mark.parametrize(
    ("text", "key", "fault"),
    [
        ("start = []", "start", "is empty: no dossier could begin"),
        ("[next]\n4 = [2, 3, 5, 7, 8, 9]\n7 = [8]", "next.6", "nothing leads to this status"),
        ('[[procedure]]\ncodes = ["1*"]\nnext = { 2 = [3], 1 = [3] }', "procedure[0].next.4", "nothing leads"),
        ("[next]\n3 = [1]\n10 = [9]", "next.1", "a dossier that stands here can never end"),
    ],
)
def test_finds_what_leads_nowhere_and_what_nothing_leads_to(directory, text, key, fault):
    """A table is checked as a whole: a slip in one row shows in another."""
    directory.write("statuses.toml", text)
    assert faults(directory)[key].startswith(fault)


def test_a_faulty_table_is_no_second_fault_elsewhere(directory):
    """What reads the table while the file has faults reads the default."""
    directory.write("statuses.toml", "start = [0]")
    assert set(faults(directory)) == {"start"}


def test_a_systems_guard_overrides_the_gateways(directory):
    """One global mode, and each system's own."""
    directory.add("gateway.toml", '[statuses]\nguard = "hold"\n')
    directory.change("systems/land.toml", '"rest"', '"rest"\nstatus_guard = "off"')
    book = route_book(load(directory.path))
    assert book.systems[SystemId("land")].status_guard is GuardMode.OFF
    assert book.systems[SystemId("portal")].status_guard is GuardMode.HOLD
    assert book.statuses.table_of("1.001").following[6] == {4, 7, 9}
