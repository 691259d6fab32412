"""A route in shadow mode, and which of several routes to a system counts."""

import pytest

from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.core.errors import ConfigError
from gateway.core.ids import SystemId

ONE = '[[route]]\nid = "one_unit"\nsource = "portal"\nto = ["land"]\nagencies = ["H01.12"]\n'
ALL = '[[route]]\nid = "all"\nsource = "portal"\nto = ["land"]\n'
SHADOW = 'mode = "shadow"\n'


def problems(directory):
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    return [(problem.key, problem.text) for problem in caught.value.problems]


def test_one_unit_is_cut_over_while_the_others_are_rehearsed(directory):
    directory.write("routes.toml", ONE + ALL + SHADOW)
    book = route_book(load(directory.path))
    assert book.shadow_routes == {"all"}
    assert {route.id: route.shadow for route in book.routes} == {"one_unit": False, "all": True}
    assert SystemId("land") not in book.shadows


@pytest.mark.parametrize("routes", [ALL + SHADOW + ONE, ALL + ONE + SHADOW])
def test_a_route_that_is_never_looked_at_is_refused(directory, routes):
    """Else nobody would send what it takes, or both would."""
    directory.write("routes.toml", routes)
    assert problems(directory) == [
        ("route[1].mode", "is never looked at for 'land': route 'all' before it takes the same")
    ]


@pytest.mark.parametrize(
    "earlier",
    [
        ALL + SHADOW + "valid_to = 2026-01-01\n",
        ALL.replace("portal", "land") + SHADOW,
        ALL + SHADOW + 'kinds = ["dossier.*"]\n',
    ],
)
def test_one_that_may_be_looked_at_is_not(directory, earlier):
    directory.write("routes.toml", earlier + ONE)
    assert route_book(load(directory.path)).shadow_routes == {"all"}


def test_a_reader_of_the_feed_is_not_rehearsed(directory):
    """It would be shown the events."""
    directory.write("routes.toml", ALL + '[[route]]\nid = "back"\nto = ["portal"]\n' + SHADOW)
    assert problems(directory) == [("route[1].mode", "'portal' reads the feed and cannot be rehearsed")]


SUBMITS = ONE + 'kinds = ["dossier.submitted"]\n'
PARTED = "'land' is sent the submissions by route 'one_unit', and this one amends them"


@pytest.mark.parametrize(("first", "second"), [(SHADOW, ""), ("", SHADOW)])
@pytest.mark.parametrize(
    "amends",
    ["", 'kinds = ["dossier.*"]\n', 'agencies = ["H01.*"]\n', 'procedures = ["1.*", "2.*"]\nvalid_from = 2027-01-01\n'],
)
def test_a_dossier_is_not_submitted_in_one_mode_and_amended_in_the_other(directory, first, second, amends):
    """G2: an amendment may take its submission's place: what was to be sent would be rehearsed, and be lost."""
    directory.write("routes.toml", SUBMITS + first + ALL + second + amends)
    assert problems(directory) == [("route[1].mode", PARTED)]


def test_nor_where_what_amends_it_stands_first(directory):
    directory.write("routes.toml", ONE + 'kinds = ["dossier.amended"]\n' + SHADOW + ALL)
    assert problems(directory) == [("route[0].mode", PARTED.replace("one_unit", "all"))]


@pytest.mark.parametrize(
    "all_others",
    [
        ALL + 'agencies = ["H01.13"]\n',
        ALL.replace("portal", "land"),
        ALL + 'kinds = ["fee.paid", "supplement.submitted"]\n',
        ONE.replace("one_unit", "amends") + ALL,
        ALL + "valid_to = 2025-12-31\n",
    ],
)
def test_what_no_dossier_meets_parts_none(directory, all_others):
    """Other units, sources, kinds or days; or an earlier route of the submissions' own mode amends them."""
    directory.write("routes.toml", SUBMITS + "valid_from = 2026-01-01\n" + all_others + SHADOW)
    assert route_book(load(directory.path)).shadow_routes == {"all"}


def test_a_system_that_is_rehearsed_whole_has_one_mode(directory):
    directory.change("systems/land.toml", 'adapter = "rest"', 'adapter = "rest"\nmode = "shadow"')
    directory.write("routes.toml", SUBMITS + ALL + SHADOW)
    assert route_book(load(directory.path)).shadows == {SystemId("land")}


def test_a_system_that_is_switched_off_is_sent_neither(directory):
    directory.change("systems/land.toml", 'adapter = "rest"', 'adapter = "rest"\nmode = "off"')
    directory.write("routes.toml", SUBMITS + ALL + SHADOW)
    assert route_book(load(directory.path)).shadow_routes == {"all"}


def test_it_is_no_second_fault_of_a_system_that_cannot_be_read(directory):
    """Its mode is not known: it may be rehearsed whole."""
    directory.add("systems/land.toml", "[half")
    directory.write("routes.toml", SUBMITS + ALL + SHADOW)
    assert [text.partition(":")[0] for _, text in problems(directory)] == ["is not TOML"]


def test_of_many_procedures_and_units_the_first_are_looked_at_in_every_process(directory):
    """Else `check` would find nothing, and the gateway that starts after it would be refused, or the reverse."""
    procedures, agencies = [f"1.{number}" for number in range(40)], [f"H01.{number}" for number in range(40)]
    amends = f'kinds = ["dossier.amended"]\nprocedures = {procedures[1:]}\n'
    others = f'kinds = ["dossier.amended"]\nagencies = {agencies[1:]}\n'
    each = f"procedures = {procedures}\nagencies = {agencies}\n"
    live = ALL.replace("all", "one") + amends + ALL.replace("all", "two") + others
    submits = ALL.replace("all", "three") + 'kinds = ["dossier.submitted"]\n' + each
    directory.write("routes.toml", live + submits + ALL + SHADOW + each)
    assert problems(directory) == [("route[3].mode", PARTED.replace("one_unit", "three"))]
