"""``bench``: passes its options on, prints what is measured, and says what is missing."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from gateway.cli.failures import Failed

MEASURING = """
import sys
print("# ext4; 4 KB durable in 1.20 ms")
print("options", *sys.argv[1:])
print("durable_intake 0.81 >=0.75 ratio 0.79..0.83 (900/s of 1100/s)")
print("whole_path 0.5 >=0.65 ratio 0.4..0.6   BELOW GOAL")
sys.exit(1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose bench measures nothing."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").touch()
    (tmp_path / "bench" / "__main__.py").write_text(MEASURING)
    return tmp_path


def bench(project: Path, *options: str) -> Result:
    return CliRunner().invoke(command_line("bench"), ["bench", "--project", str(project), *options])


def test_prints_the_lines_and_ends_as_the_measurements_end(project: Path):
    result = bench(project, "--only", "intake", "--requests", "5", "--rounds", "2")
    assert result.exit_code == 1
    assert "options --only intake --requests 5 --rounds 2\n" in result.output
    assert "whole_path 0.5 >=0.65 ratio 0.4..0.6   BELOW GOAL\n" in result.output


def test_json_says_which_goal_is_missed(project: Path):
    found = json.loads(bench(project, "--json").stdout)
    assert [(one["name"], one["value"], one["holds"]) for one in found["measures"]] == [
        ("durable_intake", 0.81, True),
        ("whole_path", 0.5, False),
    ]
    assert found["measures"][0]["spread"] == "0.79..0.83 (900/s of 1100/s)"
    assert found["notes"] == ["ext4; 4 KB durable in 1.20 ms", "options"]


def test_without_the_bench_folder_it_says_what_to_do(tmp_path: Path):
    result = bench(tmp_path)
    assert isinstance(result.exception, Failed)
    assert "clone the project" in str(result.exception)
