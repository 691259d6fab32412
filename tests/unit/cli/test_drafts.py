"""Files that are whole or not there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.drafts import draft_of

ROOT = Path(__file__).parents[3]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_place_whole(tmp_path: Path):
    place = tmp_path / "evidence.jsonl"
    place.write_bytes(b"before")
    with draft_of(place) as target:
        target.write(b"after")
        assert place.read_bytes() == b"before"
    assert place.read_bytes() == b"after"
    assert names(tmp_path) == ["evidence.jsonl"]


def test_what_breaks_off_changes_nothing(tmp_path: Path):
    with pytest.raises(TypeError), draft_of(tmp_path / "evidence.jsonl") as target:
        target.writelines((b"half", None))  # type: ignore[list-item]  # what breaks it
    assert names(tmp_path) == []


def test_two_that_write_one_file_at_once_do_not_disturb_each_other(tmp_path: Path):
    """Whoever ends last has its place."""
    place = tmp_path / "evidence.jsonl"
    with draft_of(place) as first:
        first.write(b"first")
        with draft_of(place) as second:
            second.write(b"second")
        assert place.read_bytes() == b"second"
    assert place.read_bytes() == b"first"
    assert names(tmp_path) == ["evidence.jsonl"]


KILLED = """
import os, signal, sys
from pathlib import Path
from gateway.cli.drafts import draft_of
with draft_of(Path(sys.argv[1])) as target:
    target.write(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_one_left_goes_with_the_next_of_the_same_place(tmp_path: Path):
    """A name may hold what means something else in a pattern."""
    places = [tmp_path / name for name in ("[1].jsonl", "1.jsonl")]
    for place in places:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", KILLED, str(place)]
        assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL  # noqa: S603
    assert len(names(tmp_path)) == 2
    with draft_of(places[0]) as target:
        target.write(b"whole")
    assert [name.partition(".jsonl")[0] for name in names(tmp_path)] == [".1", "[1]"]
