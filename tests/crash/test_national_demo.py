"""The national demo: a portal behind the plug-in door, and all whom it reaches with faults on, as processes."""

from pathlib import Path

import pytest

from gateway.cli.at_desk import at_desk
from gateway.cli.demo.national import NATIONAL, STEPS
from gateway.cli.demo.processes import Stage
from gateway.cli.demo.run import play, playing
from gateway.cli.desk import Desk
from gateway.ingress.attention_bodies import AttentionBody

BEGUN, ANSWERED = 4, 2  #: of twenty dossiers so many have steps; of these ask so many for something
_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(180)
def test_twenty_dossiers_pass_the_plug_in_door_and_have_each_effect_once_in_order(tmp_path: Path):
    """G1, G2, G3: counted from what portal and partners saw, outside the gateway; nothing is left for people."""
    stage = Stage(root=_ROOT, data=tmp_path / "demo", count=20, per_second=40, seed=1, cast=NATIONAL)
    with playing(stage):
        finished = play(stage, kills=0, limit=150, watch=lambda _report, _kills: None)
    report = finished.report
    assert report.holds, (report.line(), report.complaints())
    assert report.dossiers == 20
    expected = {row.system: row.expected for row in report.rows}
    assert set(expected) == set(NATIONAL.systems)
    assert min(expected.values()) > 0
    assert [expected[step] for step in STEPS] == [BEGUN + ANSWERED] * len(STEPS)
    assert report.results == report.results_got > BEGUN * len(STEPS)
    assert at_desk(stage.config, stage.data / "gateway", _attention).total == 0


async def _attention(desk: Desk) -> AttentionBody:
    return await desk.attention("", "0", 1)
