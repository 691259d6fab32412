"""``db restore`` killed (SIGKILL) before each of its steps, as a real process."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import groupby
from pathlib import Path

import pytest

from gateway.testing.books import a_draft

from .books import Shell, called, stop


def killed(begin: Path, data: Path, *command: str) -> list[str]:
    """Return the steps before which the command was killed, each leaving its own copy of the data folder."""
    given = [sys.executable, "-m", "tests.unit.cli.killed", str(begin), str(data), *command]
    done = subprocess.run(given, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    *steps, last = done.stdout.splitlines()
    assert last == "0 ", done.stderr
    return [step.removeprefix("-9 ") for step in steps]


def stands(shell: Shell, database: Path) -> str:
    """Return what a data folder is: as it was, closed until the same was run again, or put back and marked."""
    result = shell.run("held", "list", "--json")
    if result.exception:
        assert "db restore FILE again" in str(result.exception)
        return "closed"
    held = {(one["code"], one["reason"]["code"]) for one in json.loads(result.stdout)["items"]}
    if held == {("A", "restored")}:
        return "restored"
    assert held == {("A", "timeout"), ("B", "timeout")}
    return "before" if is_whole(database) else "cut"


def is_whole(database: Path) -> bool:
    """Whether what stood in the log only is there."""
    with closing(sqlite3.connect(database)) as there:
        return there.execute("SELECT 1 FROM meta WHERE name = 'only'").fetchone() is not None


@pytest.mark.timeout(150)
def test_a_kill_leaves_all_as_it_was_or_the_same_again_ends_it(config: Path, data: Path, tmp_path: Path):
    """G4, G11: nobody ever opens a copy that is not marked, and what was there is kept whole, with its log."""
    shell, copy, trial = Shell(called(config), data), tmp_path / "copy.db", tmp_path / "try"
    stop(config, data, a_draft("A"))
    shell.run("db", "backup", str(copy))
    stop(config, data, a_draft("B"))
    (data / "gateway.mark").write_text("{}")
    again = "db", "restore", str(copy), "--reason", "Hỏng đĩa"
    with closing(sqlite3.connect(data / "gateway.db", isolation_level=None)) as writer:
        writer.execute("INSERT INTO meta (name, value) VALUES ('only', 'in the log')")
        steps = killed(data, trial, *again, *Shell(config, trial).places)
    assert {"rename gateway.db-wal", "rename gateway.db", "rename gateway.mark", "remove gateway.restoring"} <= {*steps}
    found: list[str] = []
    for number, step in enumerate(steps, start=1):
        left = Path(f"{trial}-{number}")
        there = Shell(config, left)
        found.append(stands(there, left / "gateway.db"))
        if found[-1] == "closed":
            assert there.run(*again).exit_code == 0, step
            assert stands(there, left / "gateway.db") == "restored", step
        if found[-1] != "before":
            (aside,) = left.glob("gateway.db.before-*[0-9]")
            assert is_whole(aside), step
    assert [one for one, _ in groupby(found)] == ["before", "closed", "restored"]
