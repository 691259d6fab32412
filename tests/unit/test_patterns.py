"""Patterns mean the same on every Python that the gateway runs on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: A group that is possessive or atomic: Python before 3.11.5 (Debian 12 has 3.11.2) misreads what is inside when it
#: has to go back (gh-106052). A character or a class may be possessive.
GROUP = re.compile(r"\)(?:[*+?]|\{[\d,]*\})\+|\(\?>")


@pytest.mark.parametrize("folder", ["gateway", "adapters"])
def test_no_pattern_has_a_group_that_early_pythons_misread(folder: str) -> None:
    """There a citizen's number passed for a harmless word of the log, and a file in a reply filled the memory (G9)."""
    lines = ((file, line) for file in (ROOT / folder).rglob("*.py") for line in file.read_text().splitlines())
    assert [f"{file}: {line}" for file, line in lines if GROUP.search(line)] == []
