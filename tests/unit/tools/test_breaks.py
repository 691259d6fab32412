"""The list of breaks fits the code, the tests and the page; a break that nobody notices is told."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tools.breaks import PAGE, ROOT, Break, BreakUnusable, copied_tree, read_list, spoiled, try_all, with_table

BREAKS = read_list()
TESTING = ROOT / "gateway" / "testing"
CONTRACTS = (*sorted((TESTING / "store_contract").glob("*.py")), TESTING / "blob_contract.py")
HELD = {"G1", "G2", "G3", "G4", "G5", "G7", "G9", "G11"}

CODE = "def double(number):\n    return number * 2\n"
TEST = """
from code_of_tree import double

def test_doubles():
    assert double(3) == 6

def test_sleeps():
    assert double
"""


@cache
def docstrings(place: Path) -> dict[str, str]:
    """Return the docstrings of a file's functions by name; the first of a name counts."""
    functions = (
        node
        for node in ast.walk(ast.parse(place.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    found: dict[str, str] = {}
    for node in functions:
        found.setdefault(node.name, ast.get_docstring(node) or "")
    return found


def docstring(test: str) -> str:
    """Return a test's docstring; a contract's tests stand with the contract."""
    file, *_, name = test.partition("[")[0].split("::")
    return next((docstrings(place)[name] for place in (ROOT / file, *CONTRACTS) if name in docstrings(place)), "")


def test_every_guarantee_that_is_held_has_a_break():
    assert {item.guarantee for item in BREAKS} >= HELD
    assert len({(item.file, item.new, item.old) for item in BREAKS}) == len(BREAKS)


@pytest.mark.parametrize("item", BREAKS, ids=lambda item: f"{item.guarantee} {item.what}")
def test_every_break_finds_its_place_and_a_test_that_names_its_guarantee(item: Break):
    """`make breaks` proves that the test notices."""
    text = (ROOT / item.file).read_text("utf-8")
    ast.parse(spoiled(item, text))
    assert item.guarantee in docstring(item.test).partition(":")[0].split(", "), item.test


def test_no_break_names_what_is_not_there(tmp_path: Path):
    """Any test fails of a NameError: that would prove nothing."""
    for number, item in enumerate(BREAKS):
        place = ROOT / item.file
        (tmp_path / f"{number}-{place.name}").write_text(spoiled(item, place.read_text("utf-8")), "utf-8")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--ignore-noqa", "--select", "F821", tmp_path]
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout


def test_the_page_carries_the_table_of_the_list():
    """After a change of the list: python -m tools.breaks --write."""
    page = PAGE.read_text("utf-8")
    assert with_table(page, BREAKS) == page


def a_break(old: str, test: str = "test_doubles") -> Break:
    return Break(
        guarantee="G0",
        what="it trebles",
        file="code_of_tree.py",
        old=old,
        new="number * 3",
        test=f"test_tree.py::{test}",
    )


@pytest.mark.parametrize("text", ["", "number * 2, number * 2"])
def test_a_place_that_is_gone_or_no_longer_one_is_told(text: str):
    with pytest.raises(BreakUnusable, match=r"code_of_tree\.py"):
        spoiled(a_break("number * 2"), text)


@pytest.mark.slow
def test_only_a_test_that_fails_has_noticed(tmp_path: Path, capfd, monkeypatch: pytest.MonkeyPatch):
    """A test that cannot start proves nothing."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # pytest starts six times here: without any it is quicker
    told = {
        "… noticed by": a_break("number * 2"),
        "… NOT NOTICED by": a_break("number * 2", "test_sleeps"),
        "its text is gone": a_break("number * 5"),
        "NOT NOTICED by": a_break("def double(number):", "test_sleeps"),
        "does not pass": a_break("number * 2", "test_that_nobody_wrote"),
    }
    (tmp_path / "code_of_tree.py").write_text(CODE)
    (tmp_path / "test_tree.py").write_text(TEST)
    assert try_all(tmp_path, list(told.values())) == len(told) - 1
    for line, words in zip(capfd.readouterr().out.splitlines(), told, strict=True):
        assert words in line
    assert (tmp_path / "code_of_tree.py").read_text() == CODE


def limit_in(tree: Path) -> str:
    program = "from tools.breaks import LONGEST_TEST; print(LONGEST_TEST)"
    around = {**os.environ, "PYTHONPATH": str(tree)}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=tree, env=around, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603 - our own


@pytest.mark.slow
def test_what_was_compiled_before_never_stands_for_what_is_broken():
    """Gateways that a test starts keep what they compile; a break may be as long, and of the same second."""
    with copied_tree() as tree:
        place = tree / "tools" / "breaks.py"
        assert limit_in(tree) == "180"
        then = place.stat().st_mtime_ns
        place.write_text(place.read_text("utf-8").replace("LONGEST_TEST = 180", "LONGEST_TEST = 181"), "utf-8")
        os.utime(place, ns=(then, then))
        assert limit_in(tree) == "181"
