"""G11: a short round of `make crash`."""

from pathlib import Path

import pytest

from tests.crash.matrix import run, troubles

SHORT = (
    "accept.written",
    "accept.committed",
    "claim.committed",
    "begin.written",
    "begin.committed",
    "settle.written",
    "settle.answered",
    "reclaim.committed",
    "send.criminal_record.bytes_out",
    "send.business_registry.bytes_out",
    "send.driver_licence.reply_read",
    "random",
)


@pytest.mark.timeout(170)
def test_kills_at_the_boundaries_that_matter_lose_double_and_reorder_nothing(tmp_path: Path):
    """G1, G2, G3, G4, G11: counted from the partners' books; held is exactly what was begun where nobody promises."""
    findings = run(SHORT, data=tmp_path / "crash", side_by_side=2, limit=120, seed=1)
    assert troubles(findings, recovery=None) == []
    assert findings.kills.total() == len(SHORT)
    assert findings.held >= 1
