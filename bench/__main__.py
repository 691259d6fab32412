"""Measure: ``name value goal unit spread``, one line each; ratios within this run, fsync, logs and keys on."""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.config import write
from bench.load import dossier, post, press
from bench.log_event import micros_per_event
from bench.place import NotADisk, check_disk, median_ms, sync_times
from tools.gateway_process import ROOT, Launch, new_key, serving

_UPLOAD = 100_000_000
_AT_ONCE = 500  #: requests of a burst


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measured value beside its goal."""

    name: str
    value: float
    goal: str
    unit: str
    spread: str
    holds: bool

    def __str__(self) -> str:
        """Return the line as printed."""
        mark = "" if self.holds else "   BELOW GOAL"
        return f"{self.name} {self.value:.3g} {self.goal} {self.unit} {self.spread}{mark}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the measurements."""

    folder: Path
    requests: int
    rounds: int

    def intake(self) -> Sequence[Line]:
        """Durable intake against the same doors over an inbox that keeps nothing."""
        with _peer("sink", self.folder) as sink:
            config = write(self.folder, f"http://127.0.0.1:{sink}")
            launch = Launch(config=config, data=_fresh(self.folder / "intake"))
            bare = _fresh(self.folder / "storeless")
            key = new_key(launch, "portal")
            with serving(launch) as port, _peer("storeless", self.folder, "--config", config, "--data", bare) as other:
                other_key = (bare / "key").read_text(encoding="utf-8")
                pairs = [
                    (self._press(port, key, "1.2001"), self._press(other, other_key, "1.2001"))
                    for _ in range(self.rounds + 1)
                ]
        return (_ratio("durable_intake", pairs[1:], goal=0.75),)

    def evidence(self) -> Sequence[Line]:
        """What the chain of evidence takes of durable intake: the same doors and store with it and without."""
        config = write(self.folder, "http://127.0.0.1:9")
        with self._doors("proved", config) as (proved, key), self._doors("unproved", config) as (unproved, other_key):
            pairs = [
                (self._press(proved, key, "1.2001"), self._press(unproved, other_key, "1.2001"))
                for _ in range(self.rounds + 1)
            ]
        costs = [1 - with_it / without for with_it, without in pairs[1:]]
        value = statistics.median(costs)
        spread = f"{min(costs):.2f}..{max(costs):.2f}"
        line = Line(name="evidence_cost", value=value, goal="<=0.1", unit="ratio", spread=spread, holds=value <= 0.1)  # noqa: PLR2004 - the goal
        return (line,)

    @contextmanager
    def _doors(self, name: str, config: Path) -> Generator[tuple[int, str]]:
        """Run a peer that is the gateway's own doors; yields its port and the portal's key."""
        data = _fresh(self.folder / name)
        with _peer(name, self.folder, "--config", config, "--data", data) as port:
            yield port, (data / "key").read_text(encoding="utf-8")

    def whole_path(self) -> Sequence[Line]:
        """Accept durably, send, record durably; against two proxies that keep nothing (docs/adr/0012)."""
        with _peer("sink", self.folder) as sink:
            target = f"http://127.0.0.1:{sink}"
            config = write(self.folder, target)
            launch = Launch(config=config, data=_fresh(self.folder / "path"))
            key = new_key(launch, "portal")
            with serving(launch) as port, self._proxies(config, f"{target}/in") as (careful, other_key, bare):
                rounds = [
                    (
                        self._relay(launch, port, key, number * self.requests),
                        self._press(careful, other_key, "1.1001"),
                        self._press(bare, other_key, "1.1001"),
                    )
                    for number in range(1, self.rounds + 2)
                ]
        return (
            _ratio("whole_path", [(ours, careful) for ours, careful, _ in rounds[1:]], goal=0.65),
            _ratio("whole_path_bare", [(ours, bare) for ours, _, bare in rounds[1:]], goal=None),
        )

    @contextmanager
    def _proxies(self, config: Path, target: str) -> Generator[tuple[int, str, int]]:
        """Run both proxies; yields the careful one's port and key, and the bare one's port."""
        data = _fresh(self.folder / "careful")
        options = ("--config", config, "--data", data, "--target", target)
        with _peer("careful", self.folder, *options) as careful, _peer("bare", self.folder, "--target", target) as bare:
            yield careful, (data / "key").read_text(encoding="utf-8"), bare

    def _relay(self, launch: Launch, port: int, key: str, delivered: int) -> float:
        """Send one round and wait until so many are delivered in all; return dossiers per second."""
        operator = (launch.data / "operator.key").read_text(encoding="utf-8").strip()
        started = time.perf_counter()
        self._press(port, key, "1.1001")
        _await_delivered(launch, port, operator, delivered)
        return self.requests / (time.perf_counter() - started)

    def _press(self, port: int, key: str, procedure: str) -> float:
        """Send one round and return its rate; raises RuntimeError where one request failed."""
        run = secrets.token_hex(4)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{port}/v1/dossiers"
        made = [post(url, dossier(number, run, procedure=procedure), headers) for number in range(self.requests)]
        load = asyncio.run(press("127.0.0.1", port, made))
        if load.failed:
            raise RuntimeError(f"{load.failed} of {self.requests} requests failed")
        return load.rate

    def uploads(self) -> Sequence[Line]:
        """How much the gateway grows by while files of 100 MB come in."""
        launch = Launch(config=write(self.folder, "http://127.0.0.1:9"), data=_fresh(self.folder / "uploads"))
        key = new_key(launch, "portal")
        with serving(launch) as port:
            _upload(port, key, 1_000_000)
            process = _process_of(port)
            before = _memory(process, "VmRSS")
            grown: list[float] = []
            for _ in range(3):
                _upload(port, key, _UPLOAD)
                grown.append((_memory(process, "VmHWM") - before) / 1e6)
        worst = max(grown)
        spread = f"{min(grown):.1f}..{worst:.1f}"
        line = Line(name="upload_growth", value=worst, goal="<=16", unit="MB", spread=spread, holds=worst <= 16)  # noqa: PLR2004 - the goal
        return (line,)

    def burst(self) -> Sequence[Line]:
        """How much the gateway grows by while 500 files, then 500 dossiers, of 100 KB come in at once."""
        launch = Launch(config=write(self.folder, "http://127.0.0.1:9"), data=_fresh(self.folder / "burst"))
        headers = {"Authorization": f"Bearer {new_key(launch, 'portal')}", "Content-Type": "application/json"}
        with serving(launch) as port:
            process = _process_of(port)
            before = _memory(process, "VmRSS")
            files = [post("/v1/files", secrets.token_bytes(100_000), headers) for _ in range(_AT_ONCE)]
            large = [dossier(number, "burst", procedure="1.2001", sentences=1200) for number in range(_AT_ONCE)]
            for made in (files, [post("/v1/dossiers", body, headers) for body in large]):
                load = asyncio.run(press("127.0.0.1", port, made, connections=_AT_ONCE))
                if load.failed:
                    raise RuntimeError(f"{load.failed} of {_AT_ONCE} requests failed")
            grown = (_memory(process, "VmHWM") - before) / 1e6
        line = Line(name="burst_growth", value=grown, goal="<=300", unit="MB", spread="1 run", holds=grown <= 300)  # noqa: PLR2004 - the goal
        return (line,)

    def log(self) -> Sequence[Line]:
        """What one event of the log costs."""
        found = micros_per_event(_fresh(self.folder / "log"), self.rounds)
        value = statistics.median(found)
        spread = f"{min(found):.1f}..{max(found):.1f}"
        holds = value <= 10  # noqa: PLR2004 - the goal
        return (Line(name="log_event", value=value, goal="<=10", unit="us", spread=spread, holds=holds),)


def demo_memory() -> Sequence[Line]:
    """The gateway's highest resident memory in the demo."""
    command = [sys.executable, str(ROOT / "run_gateway.py"), "demo", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    found = json.loads(done.stdout.splitlines()[-1])
    used = found["memory"] / 1e6
    holds = used <= 150 and done.returncode == 0  # noqa: PLR2004 - the goal
    return (Line(name="demo_memory", value=used, goal="<=150", unit="MB", spread="1 run", holds=holds),)


def _ratio(name: str, pairs: list[tuple[float, float]], *, goal: float | None) -> Line:
    """Return the median of the rounds' ratios; without a goal it is told and not judged."""
    ratios = [ours / other for ours, other in pairs]
    value = statistics.median(ratios)
    rates = f"{statistics.median(p[0] for p in pairs):.0f}/s of {statistics.median(p[1] for p in pairs):.0f}/s"
    spread = f"{min(ratios):.2f}..{max(ratios):.2f} ({rates})"
    told = "-" if goal is None else f">={goal}"
    return Line(name=name, value=value, goal=told, unit="ratio", spread=spread, holds=goal is None or value >= goal)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def _peer(name: str, folder: Path, *options: object) -> Generator[int]:
    """Run one of ``bench.peers`` while the context lasts; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "bench.peers", name, "--port", str(port), *map(str, options)]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
        try:
            _await_port(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in _patiently(20):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise RuntimeError(f"{process.args!r} did not start")


def _patiently(seconds: float) -> Iterator[None]:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(0.02)


def _await_delivered(launch: Launch, port: int, operator: str, count: int) -> None:
    """Wait until the gateway's own books say that so many deliveries are done; raises RuntimeError with its errors."""
    for _ in _patiently(120):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/v1/systems", headers={"Authorization": f"Bearer {operator}"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        done = [item["by_state"].get("delivered", 0) for item in answer["items"] if item["id"] == "partner"]
        if done and done[0] >= count:
            return
    raise RuntimeError(f"the deliveries did not end; the gateway's last errors: {_last_errors(launch)}")


def _last_errors(launch: Launch) -> str:
    """Return the last lines of the gateway's log that tell of an error."""
    lines = (launch.data / "log" / "gateway.jsonl").read_text(encoding="utf-8").splitlines()
    return "; ".join([line for line in lines if '"level":"error"' in line][-3:]) or "none"


def _upload(port: int, key: str, size: int) -> None:
    def chunks() -> Iterator[bytes]:
        chunk = bytes(1 << 16)
        left = size
        while left > 0:
            yield chunk[: min(left, len(chunk))]
            left -= len(chunk)

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/pdf", "X-File-Name": "sample.pdf"}
    connection.request("POST", "/v1/files", chunks(), {**headers, "Content-Length": str(size)})
    reply = connection.getresponse()
    answer = reply.read()
    connection.close()
    if reply.status != http.client.CREATED:
        raise RuntimeError(f"an upload was answered with {reply.status}: {answer[:300]!r}")


def _process_of(port: int) -> int:
    """Return the process that listens on a port, found by its command line's port file."""
    for path in Path("/proc").glob("[0-9]*/net/../cmdline"):
        words = path.read_bytes().split(b"\0")
        if b"serve" in words and b"--port-file" in words:
            file = Path(words[words.index(b"--port-file") + 1].decode())
            if file.exists() and file.read_text(encoding="utf-8").strip() == str(port):
                return int(path.parts[2])
    raise RuntimeError(f"no gateway listens on port {port}")


def _memory(process: int, field: str) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field + ":"))


def main() -> int:
    """Measure everything; 0 only if every goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench", help="on a disk; emptied first")
    parser.add_argument("--requests", type=int, default=3000, help="dossiers in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("intake", "evidence", "whole_path", "uploads", "burst", "log", "demo"))
    asked = parser.parse_args()
    bench = Bench(folder=_fresh(asked.folder), requests=asked.requests, rounds=asked.rounds)
    try:
        kind = check_disk(asked.folder)
    except NotADisk as problem:
        print(f"bench: {problem}")
        return 2
    times = sync_times(asked.folder)
    print(f"# {kind}; 4 KB durable in {median_ms(times):.2f} ms (worst {max(times) * 1000:.1f} ms)")
    ways: dict[str, Callable[[], Sequence[Line]]] = {
        "intake": bench.intake,
        "evidence": bench.evidence,
        "whole_path": bench.whole_path,
        "uploads": bench.uploads,
        "burst": bench.burst,
        "log": bench.log,
        "demo": demo_memory,
    }
    lines = [_told(line) for name, way in ways.items() if asked.only in (None, name) for line in way()]
    return 0 if all(line.holds for line in lines) else 1


def _told(line: Line) -> Line:
    print(line, flush=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
