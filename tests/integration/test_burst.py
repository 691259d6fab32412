"""Many at once: every caller is answered, and memory stays bounded."""

from pathlib import Path

import pytest

from bench.__main__ import Bench


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_500_uploads_and_500_large_dossiers_at_once_stay_within_300_mb(tmp_path: Path):
    """Bodies take of a room that is bounded; who finds none waits, or is told to come again."""
    (line,) = Bench(folder=tmp_path, requests=0, rounds=0).burst()
    assert line.holds, line
