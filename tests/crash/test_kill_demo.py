"""G11: kill -9 at any moment; after a restart without any manual step everything accepted is where it belongs."""

from pathlib import Path

import pytest

from tests.crash.kill_demo import run


@pytest.mark.timeout(150)
def test_two_kills_in_the_demo_lose_double_and_reorder_nothing(tmp_path: Path):
    """G1, G2, G3, G11: counted from what the partners saw, outside the gateway."""
    finished = run(kills=2, count=48, data=tmp_path / "demo")
    assert finished.kills.done == 2
    assert finished.report.holds, (finished.report.line(), finished.report.complaints())
