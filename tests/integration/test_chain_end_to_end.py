"""A birth's result begins residence and a health insurance card: the shipped files, the simulators, lost replies."""

import http.client
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway.testing.ports import free_port
from tools.gateway_process import ROOT, Caller, Launch, new_key, serving
from tools.sample_dossier import sample_dossier

STEPS = {"residence": 9006, "health_insurance": 9007}
PLAIN, SUPPLEMENTED, PAID, DROPPED = (f"H99.99-260101-{number}" for number in (9001, 9005, 9006, 9504))
_JSON = {"Content-Type": "application/json"}


def _config(folder: Path, ports: Mapping[str, int]) -> Path:
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    for system, port in ports.items():
        path = config / "systems" / f"{system}.toml"
        text = path.read_text(encoding="utf-8").replace(f":{STEPS[system]}", f":{port}")
        path.write_text(text.replace('quiet = "2s"', 'quiet = "300ms"'), encoding="utf-8")
    return config


@contextmanager
def _simulated(folder: Path, system: str, port: int, gateway: int, key: str) -> Generator[Path]:
    journal = folder / f"{system}.jsonl"
    words = [sys.executable, "-m", f"adapters.{system}.simulator", "--port", str(port), "--journal", str(journal)]
    words += ["--gateway", f"http://127.0.0.1:{gateway}", "--key", key]
    process = subprocess.Popen(words, cwd=ROOT)  # noqa: S603 - our own program
    try:
        yield journal
    finally:
        process.terminate()
        process.wait()


def _lines(journal: Path, what: str) -> list[dict[str, Any]]:
    text = journal.read_text(encoding="utf-8") if journal.exists() else ""
    whole = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
    return [line for line in whole if line["what"] == what]


def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.05)


def _state(caller: Caller, kind: str, code: str, data: Mapping[str, object], scheme: str = "province") -> None:
    event = {"kind": kind, "dossier": {"scheme": scheme, "code": code}, "data": data}
    caller.post("/v1/events", json.dumps(event).encode(), _JSON)


def _get(caller: Caller, code: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", caller.port, timeout=10)
    connection.request("GET", f"/v1/dossiers/{quote(code, safe='')}", headers={"Authorization": f"Bearer {caller.key}"})
    answer = connection.getresponse()
    assert answer.status == 200
    found = json.loads(answer.read())
    connection.close()
    return dict(found)


@pytest.mark.timeout(240)
def test_each_step_has_one_effect_and_ends_though_replies_are_lost(tmp_path: Path):
    """G4: supplements, fees and dropped replies of the steps; each effect once, counted by the simulators."""
    ports = {system: free_port() for system in STEPS}
    launch = Launch(config=_config(tmp_path, ports), data=tmp_path / "data")
    launch.data.mkdir()
    with ExitStack() as stack:
        port = stack.enter_context(serving(launch))
        keys = {system: new_key(launch, port, system) for system in ("portal", "civil_status", *STEPS)}
        journals = [
            stack.enter_context(_simulated(tmp_path, system, ports[system], port, keys[system])) for system in STEPS
        ]
        portal, civil_status = Caller(port=port, key=keys["portal"]), Caller(port=port, key=keys["civil_status"])
        births = (PLAIN, SUPPLEMENTED, PAID, DROPPED)
        for code in births:
            document = sample_dossier(code)["dossier"] | {"procedure": {"code": "2.002621"}}
            portal.submit({"dossier": document})
            for _ in range(2):
                _state(civil_status, "result.issued", code, {"id": f"KS-{code}", "name": "Giấy khai sinh"})
        for journal, asked, answer in (
            (journal, *pair)
            for journal in journals
            for pair in (("supplement.requested", "supplement.submitted"), ("fee.requested", "fee.paid"))
        ):
            _until(lambda j=journal, kind=asked: any(line["kind"] == kind for line in _lines(j, "issued")))
            (code,) = {line["dossier"] for line in _lines(journal, "issued") if line["kind"] == asked}
            data = {"code": "LP01", "amount": 20000, "name": "Lệ phí mẫu"} if answer == "fee.paid" else {}
            _state(portal, answer, code, data, scheme="chain")
        for system, journal in zip(STEPS, journals, strict=True):
            _until(lambda j=journal: len(_lines(j, "finished")) == len(births))
            effects = Counter((line["dossier"], line["kind"]) for line in _lines(journal, "effect"))
            wanted = [(f"{code}/{system}", "dossier.submitted") for code in births]
            wanted += [
                (f"{SUPPLEMENTED}/{system}", "supplement.submitted"),
                (f"{PAID}/{system}", "fee.paid"),
            ]
            assert effects == Counter(wanted)
            assert [line["dossier"] for line in _lines(journal, "dropped")] == [f"{DROPPED}/{system}"]
            assert not _lines(journal, "refused")
        found = _get(portal, PLAIN)
        assert [item["step"] for item in found["followers"]] == list(STEPS)
        assert {status["status"] for item in found["followers"] for status in item["statuses"]} == {9}
        assert _get(portal, f"{PLAIN}/residence")["follows"]["id"] == found["id"]
        assert not _get(civil_status, PLAIN).get("followers")  # a ministry sees its own part
