"""G11: a short round of `make crash`, and that its page names every boundary there is."""

from pathlib import Path

import pytest

from tests.crash.boundaries import UNREACHED, everything
from tests.crash.matrix import run, troubles
from tests.crash.page import PAGE, Published

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


@pytest.mark.timeout(600)
def test_kills_at_the_boundaries_that_matter_lose_double_and_reorder_nothing(tmp_path: Path):
    """G1, G2, G3, G4, G11: counted from the partners' books; held is exactly what was begun where nobody promises."""
    findings = run(SHORT, data=tmp_path / "crash", side_by_side=2, limit=400, seed=1)
    assert troubles(findings) == []
    assert findings.missed == []
    assert findings.kills.total() == len(SHORT)
    assert findings.held >= 1


def test_the_published_evidence_names_every_boundary_that_there_is():
    """G11: a new method of the store asks for kills at its boundaries."""
    text = PAGE.read_text(encoding="utf-8")
    published = Published.read(text)
    unnamed = [name for name in everything() if name not in published.kills]
    assert not unnamed, "run `python -m tests.crash.matrix --missing --page`"
    assert all(f"| `{method}` |" in text for method in UNREACHED)


def test_a_page_says_again_what_was_read_from_it():
    """A run that only meets what came since changes nothing else."""
    text = PAGE.read_text(encoding="utf-8")
    assert Published.read(text).page() == text
