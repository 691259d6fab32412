"""Many at once: every caller is answered, and memory stays bounded."""

from pathlib import Path

import pytest

from bench.memory import burst
from bench.run import Run


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_500_uploads_and_500_large_dossiers_at_once_stay_within_300_mb(tmp_path: Path):
    """Bodies take of a room that is bounded; who finds none waits, or is told to come again."""
    (line,) = burst(Run(folder=tmp_path, requests=0, rounds=0))
    assert line.holds, line
