"""What a third party is told of the format is what is written."""

import re
from pathlib import Path

import pytest

from gateway.core.chain import FORMAT
from gateway.core.record import SHAPES, RecordType

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "evidence-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", RecordType)
def test_every_record_is_described_with_its_fields(kind: RecordType) -> None:
    """G10: open and sealed ones apart."""
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]
    fields = row.split(" | ")[2]
    assert tuple(re.findall(r"\*`(\w+)`\*", fields)) == SHAPES[kind].sealed
    assert tuple(re.findall(r"(?<!\*)`(\w+)`", fields)) == SHAPES[kind].open


def test_the_format_is_named() -> None:
    assert FORMAT in PAGE
