"""One run of the measurements: where it works, how much it sends, and the processes it starts."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import dossier, post, press
from gateway.testing.ports import free_port
from tools.gateway_process import ROOT, Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What every measurement is given."""

    folder: Path  #: on a disk
    requests: int  #: dossiers in each round
    rounds: int  #: that count, after one that does not

    def fresh(self, name: str) -> Path:
        """Return an empty folder of this name."""
        return fresh(self.folder / name)

    def press(self, port: int, key: str, procedure: str) -> float:
        """Send one round and return its rate; raises RuntimeError where one request failed."""
        run = secrets.token_hex(4)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{port}/v1/dossiers"
        made = [post(url, dossier(number, run, procedure=procedure), headers) for number in range(self.requests)]
        load = asyncio.run(press("127.0.0.1", port, made))
        if load.failed:
            raise RuntimeError(f"{load.failed} of {self.requests} requests failed")
        return load.rate

    @contextmanager
    def peer(self, name: str, *options: object) -> Generator[int]:
        """Run one of ``bench.peers`` while the context lasts; yields its port."""
        port = free_port()
        command = [sys.executable, "-m", "bench.peers", name, "--port", str(port), *map(str, options)]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
            try:
                await_port(port, process)
                yield port
            finally:
                process.terminate()
                process.wait()


def fresh(folder: Path) -> Path:
    """Make it an empty folder and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def patiently(seconds: float) -> Iterator[None]:
    """Yield every 20 ms for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(0.02)


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once somebody listens there; raises RuntimeError where the process ends or does not begin to."""
    for _ in patiently(20):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise RuntimeError(f"{process.args!r} did not start")


def await_delivered(launch: Launch, port: int, count: int) -> None:
    """Wait until the gateway's own books say that so many deliveries are done; raises RuntimeError with its errors."""
    operator = (launch.data / "operator.key").read_text(encoding="utf-8").strip()
    for _ in patiently(120):
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
