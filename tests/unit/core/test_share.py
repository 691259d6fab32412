"""What a system allows all nodes together is shared out, whole and not more."""

from datetime import timedelta

import pytest

from gateway.core.breaker import Phase
from gateway.core.ids import NodeId
from gateway.core.share import Share
from gateway.core.weather import Tally
from gateway.testing.clock import MONDAY_MORNING

ONE, TWO = NodeId("node-1"), NodeId("node-2")
LATER = MONDAY_MORNING + timedelta(minutes=1)


@pytest.mark.parametrize("nodes", [1, 2, 3, 7])
@pytest.mark.parametrize("concurrency", [1, 2, 5, 16])
def test_the_seats_of_all_nodes_are_those_of_the_system(nodes, concurrency):
    """Never one more at once, and none unused."""
    living = [NodeId(f"node-{number}") for number in range(nodes)]
    shares = [Share.among(node, living) for node in living]
    assert sum(share.seats(concurrency) for share in shares) == concurrency
    assert sum(share.rate for share in shares) == pytest.approx(1)


def test_a_node_alone_has_everything():
    """As one that the store does not count yet."""
    assert Share.among(ONE, [ONE]) == Share.among(ONE, [TWO]) == Share()


@pytest.mark.parametrize(
    ("tally", "kept", "replaces"),
    [
        (Tally(phase=Phase.OPEN, since=MONDAY_MORNING), Tally(), True),
        (Tally(answered_at=LATER), Tally(failed_at=MONDAY_MORNING), True),
        (Tally(answered_at=LATER), Tally(phase=Phase.OPEN, since=MONDAY_MORNING), False),
        (Tally(since=MONDAY_MORNING), Tally(phase=Phase.OPEN, since=LATER), False),
        (Tally(since=LATER), Tally(phase=Phase.OPEN, since=MONDAY_MORNING), True),
    ],
)
def test_only_who_has_seen_it_close_says_that_another_nodes_breaker_has(tally, kept, replaces):
    """A node that never had trouble does not speak for one that has."""
    assert tally.may_replace(kept) is replaces
