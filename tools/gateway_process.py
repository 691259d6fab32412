"""A gateway in a process of its own, reached only through its public doors: command line and HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from gateway.testing.sample_secrets import sample_secrets

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "run_gateway.py"
START_WITHIN = 60.0  #: seconds; strace makes the start several times slower
STOP_WITHIN = 30.0  #: seconds

SAMPLE_SECRETS = sample_secrets()  #: for what config/ names, the same for all of one run


class GatewayFailed(Exception):
    """The gateway did not start, or answered otherwise than it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to start it: its folders, the command to put before it, and its settings."""

    config: Path
    data: Path
    before: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Sequence[str] = ()  #: "store.synchronous=OFF"
    workers: int = 1

    @property
    def folders(self) -> list[str]:
        """The options that every command of the gateway takes."""
        return ["--config", str(self.config), "--data", str(self.data)]


def new_key(launch: Launch, port: int, system: str) -> str:
    """Have the gateway that serves at this port make a system's key, as an operator does. Raises GatewayFailed."""
    operator = Caller(port=port, key=(launch.data / "operator.key").read_text(encoding="ascii").strip())
    asked = json.dumps({"name": system, "role": "system"}).encode()
    return str(operator.post("/v1/ops/keys", asked, {"Content-Type": "application/json"})["key"])


@contextmanager
def serving(launch: Launch) -> Generator[int]:
    """Run ``serve`` on a free port of loopback, yield the port, stop it. Raises GatewayFailed with its last words."""
    port_file = launch.data / "port"
    log = launch.data / "serve.log"
    options = [part for setting in launch.settings for part in ("--set", setting)]
    command = [*launch.before, sys.executable, str(PROGRAM), "serve", *launch.folders]
    command += ["--port", "0", "--port-file", str(port_file), *options]
    command += ["--workers", str(launch.workers)] if launch.workers > 1 else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what stands before the gateway (strace) must end together with it
            env={**os.environ, **SAMPLE_SECRETS, **launch.environment},
        )
        try:
            yield _wait_for_port(process, port_file, log)
        finally:
            _stop(process)


def _wait_for_port(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> int:
    ends = time.monotonic() + START_WITHIN
    while time.monotonic() < ends:
        if port_file.exists() and (text := port_file.read_text().strip()):
            return int(text)
        if process.poll() is not None:
            break
        time.sleep(0.05)
    message = f"the gateway did not start:\n{log.read_text(errors='replace')[-2000:]}"
    raise GatewayFailed(message)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the gateway and what was put before it, gently first."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A system that calls the gateway with its key, each time on a connection of its own."""

    port: int
    key: str

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """Post a body and return the JSON of a 2xx answer. Raises GatewayFailed with any other."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Authorization": f"Bearer {self.key}", "Connection": "close", **headers}
        try:
            connection.request("POST", path, body, sent)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if not 200 <= answer.status < 300:  # noqa: PLR2004 -- the bounds of success in RFC 9110
            message = f"POST {path}: {answer.status} {text[:1000].decode(errors='replace')}"
            raise GatewayFailed(message)
        return dict(json.loads(text))

    def upload(self, content: bytes, name: str) -> dict[str, Any]:
        """Send a file and return its receipt."""
        headers = {"Content-Type": "application/pdf", "X-File-Name": name}
        return self.post("/v1/files", content, headers)

    def submit(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Send a dossier and return its receipt."""
        body = json.dumps(document, ensure_ascii=False).encode()
        return self.post("/v1/dossiers", body, {"Content-Type": "application/json"})
