"""G4: a partner that drops its replies: asked where it can be asked, held for a person where nothing is declared."""

import http.client
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.testing.ports import free_port
from tools.gateway_process import ROOT, Caller, Launch, new_key, serving
from tools.sample_dossier import sample_dossier

pytestmark = pytest.mark.timeout(240)

COUNT = 12
PARTNER = "business_registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ministry:
    """A simulated SOAP ministry in a process of its own."""

    port: int
    journal: Path

    def effects(self) -> list[str]:
        """Return the dossiers of the effects it has committed, in order."""
        return [line["dossier"] for line in self._lines() if line["what"] == "effect"]

    def count(self, what: str) -> int:
        """Return how many lines of this kind it has written."""
        return sum(line["what"] == what for line in self._lines())

    def _lines(self) -> list[dict[str, str]]:
        text = self.journal.read_text(encoding="utf-8") if self.journal.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@contextmanager
def _ministry(folder: Path, port: int, key: str, gateway: int, *, drop: float) -> Generator[Ministry]:
    journal = folder / "journal.jsonl"
    words = [sys.executable, "-m", "adapters.demo_soap.simulator", "--port", str(port), "--journal", str(journal)]
    words += ["--gateway", f"http://127.0.0.1:{gateway}", "--key", key, "--throttle", "0", "--drop", str(drop)]
    process = subprocess.Popen(words, cwd=ROOT)  # noqa: S603 - our own program
    try:
        yield Ministry(port=port, journal=journal)
    finally:
        process.terminate()
        process.wait()


def _config(folder: Path, port: int, *, declared: bool) -> Path:
    """Copy the province's files, with the ministry's address here and what it has declared, or not."""
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    path = config / "systems" / f"{PARTNER}.toml"
    text = path.read_text(encoding="utf-8").replace("http://127.0.0.1:9002/ws", f"http://127.0.0.1:{port}/ws")
    text = text.replace('quiet = "2s"', 'quiet = "300ms"')
    if not declared:
        text = re.sub(r'\[doubt\."\*"\]\n(?:\w.*\n)+', "", text)
        # a trial that is in doubt itself would pause the system; here is told what happens before that
        text += "\n[breaker]\nfailures = 1000\nsample = 1000\n"
    path.write_text(text, encoding="utf-8")
    return config


def _deliveries(port: int, operator: str) -> list[dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    path = f"/v1/ops/deliveries?system={PARTNER}&limit=1000"
    connection.request("GET", path, headers={"Authorization": f"Bearer {operator}"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["items"]


def _settled(port: int, operator: str, states: set[str]) -> list[dict[str, str]]:
    """Wait until every dossier's delivery is in one of these states; return them."""
    while True:
        found = [item for item in _deliveries(port, operator) if item["kind"] == "dossier.submitted"]
        if len(found) == COUNT and {item["state"] for item in found} <= states:
            return found
        time.sleep(0.05)


@contextmanager
def _played(folder: Path, *, declared: bool, drop: float) -> Generator[tuple[int, str, Ministry]]:
    """Run the gateway and the ministry, and hand over a few dossiers; yields port, operator's key, ministry."""
    place = free_port()
    launch = Launch(config=_config(folder, place, declared=declared), data=folder / "data")
    launch.data.mkdir()
    with serving(launch) as port:
        caller = Caller(port=port, key=new_key(launch, port, "portal"))
        with _ministry(folder, place, new_key(launch, port, PARTNER), port, drop=drop) as ministry:
            for number in range(COUNT):
                caller.submit(sample_dossier(f"H99.99-260101-{number + 100:04d}"))
            yield port, (launch.data / "operator.key").read_text().strip(), ministry


def test_a_partner_that_can_be_asked_gets_each_dossier_once(tmp_path: Path):
    """G4: LOOKUP: many replies are lost, before or after the dossier was taken; each is asked about, none doubled."""
    with _played(tmp_path, declared=True, drop=0.6) as (port, operator, ministry):
        _settled(port, operator, {"delivered"})
        assert sorted(ministry.effects()) == sorted(set(ministry.effects()))
        assert len(ministry.effects()) == COUNT
        assert ministry.count("dropped") > 0
        assert ministry.count("looked_up") >= ministry.count("dropped")


def test_doubt_about_a_partner_that_declares_nothing_is_held_for_a_person(tmp_path: Path):
    """G4: HOLD: what may have arrived is never sent again by itself."""
    with _played(tmp_path, declared=False, drop=0.6) as (port, operator, ministry):
        found = _settled(port, operator, {"delivered", "held"})
        held = [item for item in found if item["state"] == "held"]
        assert len(held) == ministry.count("dropped") > 0
        assert len(ministry.effects()) == len(set(ministry.effects()))
        assert ministry.count("looked_up") == 0
