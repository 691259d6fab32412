"""G11: a short round of `make crash STORE=postgres`."""

from pathlib import Path

import pytest

from tests.crash.cluster import DIED, SHARED_LANES, STOPPED, TAKEN_OVER, UNANSWERED, Cluster
from tests.crash.matrix import run, troubles


@pytest.mark.timeout(300)
def test_two_gateways_over_a_server_that_dies_lose_double_and_reorder_nothing(tmp_path: Path):
    """G1, G2, G3, G4, G11: one of them stands still longer than its lease, and an answer to a COMMIT is lost."""
    trials = ("stop send.driver_licence.before_first_byte", "server", "commit")
    findings = run(trials, data=tmp_path / "crash", side_by_side=1, limit=200, seed=1, living=Cluster)
    assert troubles(findings) == []
    happened = (STOPPED, TAKEN_OVER, DIED, UNANSWERED, SHARED_LANES)
    assert [name for name in happened if not findings.befell[name]] == []
