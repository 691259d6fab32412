"""The tutorial does what it says: this reads its blocks and does exactly that, while the demo relays dossiers."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.testing.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "tutorials" / "add-two-ministries.md"
DEMO = ROOT / "var" / "demo"
BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`\n\n)?^```(?P<kind>console demo|console|toml add|toml)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
PORTS = ("19101", "19102")
QUARTER = 15 * 60.0  #: seconds that the page promises
OF_THE_DEMO = ("driver_licence", "business_registry")
CODES = {f"H99.99-260101-{number}" for number in (1009, 1010, 1011, 1012)}


@dataclass(frozen=True)
class Step:
    """One block of the page."""

    kind: str
    text: str
    file: str


def steps() -> list[Step]:
    """Return the page's blocks, with ports that are free here in the place of the two that it names."""
    page, ports = PAGE.read_text(encoding="utf-8"), free_ports(*PORTS)
    assert all(named in page for named in PORTS)
    page = re.sub("|".join(PORTS), lambda named: str(ports[named[0]]), page)
    found = BLOCK.finditer(page)
    return [Step(match["kind"], match["text"], match["file"] or "") for match in found]


def commands(text: str) -> list[str]:
    return [line.removeprefix("$ ") for line in text.splitlines()]


class Terminal:
    """A shell that keeps its variables and its jobs from block to block, as the reader's does."""

    def __init__(self) -> None:
        self._shell = subprocess.Popen(
            ["/bin/bash", "--noprofile", "--norc"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"},
        )

    def run(self, command: str) -> str:
        """Run one command to its end; what it said where it succeeds."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{command}\ns=$?; echo; echo __end__ $s\n")
        self._shell.stdin.flush()
        said: list[str] = []
        for line in self._shell.stdout:
            if line.startswith("__end__ "):
                assert line.split()[1] == "0", f"{command}\n{''.join(said)}"
                return "".join(said)
            said.append(line)
        raise AssertionError(f"the shell ended at: {command}")

    def close(self) -> None:
        os.killpg(self._shell.pid, signal.SIGTERM)
        with self._shell:
            self._shell.wait(20)


@contextmanager
def demo(step: Step) -> Generator[subprocess.Popen[bytes]]:
    """Do what the first terminal does, until the gateway serves; end it with Ctrl-C."""
    (command,) = commands(step.text)
    shutil.rmtree(DEMO, ignore_errors=True)  # as the demo does itself: nothing of an earlier one is taken for this one
    program, *words = command.split()
    assert program == "./run_gateway.py"
    words = [sys.executable, str(ROOT / "run_gateway.py"), *words]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own page's words
    try:
        until(lambda: bool(lines("portal", "sent")) or process.poll() is not None, 120)
        assert process.poll() is None
        yield process
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def until(holds: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.2)


def lines(system: str, what: str) -> list[dict[str, Any]]:
    journal = DEMO / "journals" / f"{system}.jsonl"
    text = journal.read_text(encoding="utf-8") if journal.exists() else ""
    whole = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [line for line in whole if line["what"] == what]


def is_relayed() -> bool:
    return all(lines(system, "effect") for system in OF_THE_DEMO)


def is_finished() -> bool:
    return all({line["dossier"] for line in lines(system, "finished")} >= CODES for system in ("land", "tax"))


def done(terminal: Terminal, step: Step) -> str:
    """Do what one block says."""
    if step.kind == "console":
        return "".join(terminal.run(command) for command in commands(step.text))
    path = ROOT / step.file
    before = path.read_text(encoding="utf-8") if step.kind == "toml add" else ""
    assert step.kind == "toml add" or path.exists() or "news_in" in step.file or "tra_cuu" in step.file
    path.write_text(f"{before}\n{step.text}" if before else step.text, encoding="utf-8")
    return ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_ministries_are_added_while_the_demo_runs_and_no_delivery_fails():
    """G2, G3, G4: no restart, nothing lost, nothing doubled, in the promised time."""
    first, *rest = steps()
    last = next(number for number, step in enumerate(rest) if "dead list" in step.text)
    with demo(first) as playing:
        terminal, began = Terminal(), time.monotonic()
        gateway = (DEMO / "gateway" / "gateway.lock").read_text(encoding="ascii")
        try:
            for step in rest[:last]:
                done(terminal, step)
            until(is_finished, 120)
            until(is_relayed, 120)  # one of them is down at first, perhaps for longer than all this took
            told = done(terminal, rest[last])
            stopped = [json.loads(terminal.run(f"./run_gateway.py {what} list --json")) for what in ("dead", "held")]
            history = json.loads(terminal.run("./run_gateway.py config history --json"))["items"]
        finally:
            terminal.close()
        assert time.monotonic() - began < QUARTER
        assert playing.poll() is None
        assert (DEMO / "gateway" / "gateway.lock").read_text(encoding="ascii") == gateway
    assert [found["items"] for found in stopped] == [[], []]
    assert "land" in told
    for system in ("land", "tax"):
        effects = Counter(line["dossier"] for line in lines(system, "effect"))
        assert effects == dict.fromkeys(CODES, 1)
        assert not lines(system, "refused")
    summaries = {line["dossier"]: line["summary"] for line in lines("land", "request")}
    assert summaries["H99.99-260101-1011"].startswith("Thủ tục mẫu")
    assert not summaries["H99.99-260101-1009"].startswith("Thủ tục mẫu")
    for system in OF_THE_DEMO:
        effects = Counter((line["dossier"], line["event"], line["kind"]) for line in lines(system, "effect"))
        assert set(effects.values()) == {1}
    assert [act["actor"] for act in history] == ["local", "local", "gateway"]
