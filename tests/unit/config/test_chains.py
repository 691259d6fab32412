"""Chained routes say what they begin, and never begin themselves again; every fault with its key and remedy."""

from datetime import date

import pytest

from gateway.config.book import route_book
from gateway.config.catalogue import unrouted
from gateway.config.loader import load
from gateway.core.errors import ConfigError
from gateway.core.routing import Begins

CHAIN = """
[[route]]
id = "residence"
on = "result.issued"
source = "land"
procedures = ["1.001"]
to = ["land"]
procedure = { code = "1.002", name = "Đăng ký thường trú" }
agency = { code = "H01.12", name = "Công an xã Mẫu" }
"""


def faults(directory):
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    return {problem.key: (problem.text, problem.remedy) for problem in caught.value.problems}


def test_a_chained_route_is_read_whole(directory):
    directory.add("routes.toml", CHAIN)
    route = route_book(load(directory.path)).routes[-1]
    assert route.kinds == ("result.issued",)
    assert route.begins == Begins(
        procedure="1.002", name="Đăng ký thường trú", agency="H01.12", agency_name="Công an xã Mẫu"
    )


def test_all_that_is_wrong_is_named_at_once(directory):
    wrong = '\n[[route]]\nid = "aa"\non = "result.issued"\nsource = "l*"\nkinds = ["result.issued"]\nto = ["lnd"]\n'
    portal = CHAIN.replace('source = "land"', 'source = "portal"').replace('"residence"', '"bb"')
    alone = '\n[[route]]\nid = "cc"\nto = ["land"]\nprocedure = { code = "1.9" }\nagency = { code = "H" }\n'
    directory.add("routes.toml", wrong + portal + alone)
    found = faults(directory)
    assert set(found) == {
        "route[2].to",
        "route[2].procedure",
        "route[2].kinds",
        "route[2].source",
        "route[3].source",
        "route[4].procedure",
        "route[4].agency",
    }
    assert found["route[3].source"][0] == "'portal' is a portal: it issues no results"
    assert found["route[4].procedure"][1] == 'add on = "result.issued", or write procedures = […]'


def test_only_results_trigger(directory):
    directory.add("routes.toml", CHAIN.replace("result.issued", "status.changed"))
    assert set(faults(directory)) == {"route[2].on"}


@pytest.mark.parametrize("procedures", ['["1.002"]', '["1.*"]', '["*"]'])
def test_a_chain_that_triggers_itself_is_refused(directory, procedures):
    """G4: it would begin dossiers for ever."""
    directory.add("routes.toml", CHAIN.replace('procedures = ["1.001"]', f"procedures = {procedures}"))
    text, remedy = faults(directory)["route[2].procedure"]
    assert text == "a chain that never ends: residence → residence"
    assert "procedures" in remedy


def test_a_circle_over_two_chains_is_named_once(directory):
    back = CHAIN.replace('"residence"', '"again"').replace("1.002", "1.00x").replace("1.001", "1.002")
    directory.add("routes.toml", CHAIN + back.replace("1.00x", "1.001"))
    found = faults(directory)
    assert found["route[3].procedure"][0] == "a chain that never ends: again → residence → again"
    assert len(found) == 1


def test_a_chain_of_three_that_ends_is_no_circle(directory):
    further = CHAIN.replace('"residence"', '"card"').replace("1.002", "1.003").replace("1.001", "1.002")
    directory.add("routes.toml", CHAIN + further)
    assert len(load(directory.path).routes) == 4


def test_a_service_that_only_a_chain_begins_is_routed(directory):
    """The catalogue's report knows it until the route ends."""
    directory.change(
        "routes.toml", 'id = "out"\nsource = "portal"', 'id = "out"\nsource = "portal"\nprocedures = ["9*"]'
    )
    chain = CHAIN.replace("1.001", "1.000").replace("1.002", "1.001")
    directory.add("routes.toml", chain + "valid_to = 2026-06-30\n")
    configuration = load(directory.path)
    assert unrouted(configuration, date(2026, 6, 30)) == ()
    assert len(unrouted(configuration, date(2026, 7, 1))) == 1
