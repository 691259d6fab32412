"""Break each guarantee on purpose: the test that holds it must fail. ``python -m tools.breaks [--only G3] [--write]``.

The working tree is copied once. Each break of ``breaks.toml`` changes one place of the copy, and its test runs there:
it must pass before the change and fail after it. With ``--write`` nothing is broken; the table in
docs/explanation/guarantees.md is written anew. Exit status 1 where a break goes unnoticed, or its text is gone.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from py_compile import PycInvalidationMode

import msgspec

ROOT = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("breaks.toml")
PAGE = ROOT / "docs" / "explanation" / "guarantees.md"
BEGIN, END = "<!-- breaks: begin -->\n", "<!-- breaks: end -->\n"
LONGEST_TEST = 180  #: seconds
_FAILED = 1  #: pytest's status where tests failed; 2 and more are its own troubles
_COUNT = re.compile(r"(\d+) (passed|failed|error)s?\b")


class Break(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place to spoil, and the test that must notice."""

    guarantee: str
    what: str  #: what goes wrong then, in one line
    file: str
    old: str  #: stands exactly once in the file
    new: str
    test: str  #: pytest's node id


class _List(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    breaks: tuple[Break, ...] = msgspec.field(name="break")


class BreakUnusable(Exception):
    """The list does not fit the code any more; the message names the entry and what to do."""


def read_list(path: Path = LIST) -> tuple[Break, ...]:
    """Return the breaks in the order listed. Raises msgspec.ValidationError."""
    return msgspec.toml.decode(path.read_bytes(), type=_List).breaks


def spoiled(item: Break, text: str) -> str:
    """Return the file's text with the break in it. Raises BreakUnusable where its place is not found exactly once."""
    found = text.count(item.old)
    if found != 1:
        message = f"{item.file}: the text of «{item.what}» stands there {found} times, not once: correct {LIST.name}"
        raise BreakUnusable(message)
    return text.replace(item.old, item.new)


def table(items: Iterable[Break]) -> str:
    """Return the Markdown table that the page carries."""
    lines = ["| guarantee | broken on purpose | where | noticed by |", "| --- | --- | --- | --- |"]
    lines += [f"| {item.guarantee} | {item.what} | `{item.file}` | {_shown(item.test)} |" for item in items]
    return "".join(f"{line}\n" for line in lines)


def _shown(test: str) -> str:
    file, *_, name = test.partition("[")[0].split("::")
    return f"`{name}` ({file.removeprefix('tests/')})"


def with_table(page: str, items: Iterable[Break]) -> str:
    """Return the page with its table written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(items)}\n{END}{after}"


@contextmanager
def copied_tree() -> Generator[Path]:
    """Copy what git knows, or would add, to a folder that is removed afterwards; compiled, by what the text is.

    Git itself is not asked: what was unpacked from an archive is no repository.
    """
    with tempfile.TemporaryDirectory(prefix="breaks-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=_ignored)
        compileall.compile_dir(tree, quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
        yield tree


def _ignored(folder: str, names: list[str]) -> set[str]:
    """Return which names of a folder git leaves out; a pattern with a slash before it is one of the topmost folder."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [".git", *(line.strip("/") for line in lines if not line.startswith("/") or Path(folder) == ROOT)]
    return {name for name in names if any(fnmatch(name, pattern) for pattern in patterns)}


def run_test(tree: Path, test: str) -> tuple[int, Counter[str], str]:
    """Run one test in a copy; return pytest's status, its counts by word, and what it printed."""
    options = ["-q", "--no-header", "--tb=line", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", *options, test]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_TEST
        )
    except subprocess.TimeoutExpired:
        return -1, Counter(), f"{test} took longer than {LONGEST_TEST} s"
    lines = done.stdout.strip().splitlines() or [""]
    counts = Counter({word: int(number) for number, word in _COUNT.findall(lines[-1])})
    return done.returncode, counts, done.stdout + done.stderr


def passes(tree: Path, test: str) -> bool:
    """Tell whether a test runs and passes in the unbroken copy; print what it said if not."""
    status, counts, output = run_test(tree, test)
    sound = status == 0 and counts["passed"] > 0
    if not sound:
        print(output[-2000:], file=sys.stderr)
    return sound


def notices(tree: Path, item: Break) -> bool:
    """Tell whether the test fails, as a test and not for want of a start, while the break is in the copy."""
    place = tree / item.file
    whole = place.read_text("utf-8")
    place.write_text(spoiled(item, whole), "utf-8")
    try:
        status, counts, output = run_test(tree, item.test)
    finally:
        place.write_text(whole, "utf-8")
    noticed = status == _FAILED and counts["failed"] > 0 and not counts["error"]
    if not noticed:
        print(output[-2000:], file=sys.stderr)
    return noticed


def try_all(tree: Path, items: Sequence[Break]) -> int:
    """Try each break, one line each; return how many went unnoticed or could not be tried."""
    sound: dict[str, bool] = {}
    amiss = 0
    for item in items:
        if item.test not in sound:
            sound[item.test] = passes(tree, item.test)
        verdict = _try(tree, item) if sound[item.test] else "cannot be tried: without the break it does not pass:"
        amiss += verdict != "noticed by"
        print(f"break: {item.guarantee} {item.what} … {verdict} {item.test}", flush=True)
    return amiss


def _try(tree: Path, item: Break) -> str:
    try:
        return "noticed by" if notices(tree, item) else "NOT NOTICED by"
    except BreakUnusable as error:
        print(error, file=sys.stderr)
        return "cannot be tried, its text is gone:"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the breaks, or write the table; 0 where all were noticed."""
    parser = argparse.ArgumentParser(prog="python -m tools.breaks", description=__doc__)
    parser.add_argument("--only", metavar="G", help="only the breaks of this guarantee, such as G3")
    parser.add_argument("--write", action="store_true", help=f"write the table in {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args(arguments)
    items = [item for item in read_list() if asked.only in {None, item.guarantee}]
    if asked.write:
        PAGE.write_text(with_table(PAGE.read_text("utf-8"), read_list()), "utf-8")
        return 0
    with copied_tree() as tree:
        amiss = try_all(tree, items)
    print(f"breaks: tried={len(items)} noticed={len(items) - amiss}")
    return 1 if amiss or not items else 0


if __name__ == "__main__":
    sys.exit(main())
