"""What stands before the packages: the first line that an operator runs, and the set-up that it names."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a copy of what is needed to begin, in which nothing was set up."""
    shutil.copy(_ROOT / "run_gateway.py", tmp_path)
    shutil.copy(_ROOT / "Makefile", tmp_path)
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__init__.py").touch()
    (tmp_path / "gateway" / "cli.py").write_text("import typer\n", encoding="utf-8")
    return tmp_path


def begun(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line by a Python that has no packages."""
    words = [sys.executable, "-S", str(root / "run_gateway.py")]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own


def environment(root: Path, python: Path) -> None:
    """Make an environment that looks whole, of this Python."""
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").touch()
    (root / ".venv" / "bin" / "python").symlink_to(python)


def test_what_was_not_set_up_says_how(root: Path):
    """In both languages."""
    done = begun(root)
    assert (done.returncode, done.stderr.count("make setup")) == (2, 2)


def test_an_environment_that_this_user_cannot_run_is_told(root: Path):
    """Set up by root with a Python of its own, or of one that is gone: `make setup` again would change nothing."""
    environment(root, root / "gone")
    done = begun(root)
    assert (done.returncode, "make setup" in done.stderr) == (2, False)
    assert f"This user cannot run {root}/.venv/bin/python" in done.stderr
    assert "rm -r .venv && make PYTHON=" in done.stderr


@pytest.mark.parametrize(("packages", "again"), [(True, False), (False, True)])
def test_an_environment_of_another_python_is_built_anew(root: Path, *, packages: bool, again: bool):
    """A new release of the system brings another: what it starts with has none of the packages."""
    python = root / "python"
    python.write_text(f"#!/bin/sh\n{'echo starts' if packages else 'case $2 in *pip*) exit 1;; esac; echo starts'}\n")
    python.chmod(0o755)
    environment(root, python)
    (root / "requirements").mkdir()
    for made in ("requirements/dev.txt", "pyproject.toml", ".venv/.packages", ".venv/.project"):
        (root / made).touch()
    plan = subprocess.run(
        ["make", "-n", "setup"],  # noqa: S607 - as an operator types it
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    ).stdout
    assert ("-m venv --clear" in plan) is again
