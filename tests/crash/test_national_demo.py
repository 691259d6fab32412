"""The national demo: a portal behind the plug-in door, and the national portal with faults on, as processes."""

from pathlib import Path

import pytest

from gateway.cli.demo.national import NATIONAL
from gateway.cli.demo.processes import Stage
from gateway.cli.demo.run import play, playing

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(120)
def test_twenty_dossiers_pass_the_plug_in_door_and_reach_the_national_portal_once_in_order(tmp_path: Path):
    """G1, G2, G3: counted from what the two portals saw, outside the gateway."""
    stage = Stage(root=_ROOT, data=tmp_path / "demo", count=20, per_second=40, seed=1, cast=NATIONAL)
    with playing(stage):
        finished = play(stage, kills=0, limit=90, watch=lambda _report, _kills: None)
    assert finished.report.holds, finished.report.line()
    assert finished.report.dossiers == 20
    assert finished.report.results == 1
