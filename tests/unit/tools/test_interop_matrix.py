"""What `make interop` prints."""

from tools.interop.__main__ import cases, report, run
from tools.interop.cases import Case, Feature, Result, Way, matrix
from tools.interop.peer import PeerFailed
from tools.interop.peers import peers

ONE = Case(peer="a", way=Way.CALLS_US, feature=Feature.V11, version="1.1")


class Broken:
    """A peer that cannot be installed."""

    name = "broken"
    stack = "nothing"
    calls = {Feature.V11: ("1.1",), Feature.SECURITY: ("1.1",), Feature.FAULT: ("1.1",)}  # noqa: RUF012 - as peers have it
    serves = {Feature.V12: ("1.2",)}  # noqa: RUF012 - as peers have it
    absent = {Feature.MTOM: "it has none"}  # noqa: RUF012 - as peers have it
    proves = {Way.CALLS_US: ("username", "signature")}  # noqa: RUF012 - as peers have it

    def install(self):
        raise PeerFailed("no packages")


def test_the_matrix_counts_what_went_well_and_shows_what_a_stack_lacks():
    """A dash is no failure."""
    other = Case(peer="a", way=Way.CALLS_US, feature=Feature.FAULT, version="1.2", detail="x")
    table = matrix(["a"], [Result(case=ONE), Result(case=ONE, problem="p"), Result(case=other)]).splitlines()
    assert table[2] == "| a | calls us | 1/2 | — | 1/1 | — | — |"
    assert table[3] == "| a | is called | — | — | — | — | — |"


def test_a_peer_that_cannot_be_started_has_failed_in_every_case(capsys, tmp_path):
    """Nothing is skipped."""
    peer = Broken()
    results = run(peer, None, tmp_path / "file", None)
    assert len(results) == 5
    assert report([peer], results) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "interop: peers=1 cases=5 failed=5 skipped=0"


def test_without_a_failure_the_last_line_says_so(capsys):
    """It is what a script looks for; no case at all is no success."""
    assert report([], [Result(case=ONE)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "interop: peers=0 cases=1 failed=0 skipped=0"
    assert report([], []) == 1


def test_every_peer_says_why_it_lacks_a_feature():
    """A dash is explained, or the feature is tried in at least one direction."""
    assert [peer.name for peer in peers()] == ["node-soap", "php-soap", "suds", "jax-ws"]
    for peer in peers():
        assert cases(peer, Way.CALLS_US)
        for feature in Feature:
            assert feature in peer.absent or feature in peer.calls
