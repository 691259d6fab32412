"""A gateway that may open no more files: nobody is dropped without a word, and it goes on once it may again."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "gateway.toml": "[server]\nport = 0\n[store]\nreserve = 0\n",
    "routes.toml": '[[route]]\nid = "out"\nsource = "portal"\nto = ["tax"]\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/tax.toml": 'id = "tax"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Thuế"\n',
}
ALLOWED = 200

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]


class Gateway:
    """One process that may open a few files."""

    def __init__(self, folder: Path) -> None:
        for name, text in FILES.items():
            (folder / "config" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "config" / name).write_text(text, encoding="utf-8")
        self.data, port = folder / "data", folder / "port"
        places = ["--config", str(folder / "config"), "--data", str(self.data), "--port-file", str(port)]
        command = ["sh", "-c", f'ulimit -n {ALLOWED} && exec "$@"', "sh", sys.executable]
        command += ["-c", "from gateway.cli import main; main()", "serve", *places]
        self.process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S603 - our own program
        while not port.exists():
            assert self.process.poll() is None, "the gateway ended"
            time.sleep(0.02)
        self.port = int(port.read_text(encoding="ascii"))
        self.key = ""

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that it serves."""
        found = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        found.connect()
        return found

    def call(self, over: http.client.HTTPConnection, path: str, body: bytes, kind: str = "application/json") -> int:
        """Call it over a connection that stays; return the status."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        over.request("POST", path, body, headers)
        reply = over.getresponse()
        self.told = reply.read()
        return reply.status

    def begin(self, over: http.client.HTTPConnection) -> None:
        """Have a key of the portal's."""
        self.key = (self.data / "operator.key").read_text(encoding="ascii").strip()
        assert self.call(over, "/v1/ops/keys", b'{"name": "portal", "role": "system"}') == 201
        self.key = json.loads(self.told)["key"]

    def open_files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def log(self, event: str) -> list[dict[str, object]]:
        lines = (self.data / "log" / "gateway.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == event]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    found = Gateway(tmp_path)
    try:
        yield found
    finally:
        found.process.send_signal(signal.SIGTERM)
        found.process.wait(timeout=30)


def upload(gateway: Gateway, over: http.client.HTTPConnection) -> int:
    return gateway.call(over, "/v1/files", b"%PDF-1.4 sample", "application/pdf")


def test_more_callers_than_files_are_told_to_come_again_and_those_within_are_served(gateway: Gateway):
    """G1: the system would drop them, with no line of a log; who is served finds a file for what it uploads."""
    with ExitStack() as stack:
        within = stack.enter_context(closing(gateway.connect()))
        gateway.begin(within)
        for _ in range(ALLOWED // 4):
            last = stack.enter_context(socket.create_connection(("127.0.0.1", gateway.port)))
        assert last.recv(12) == b"HTTP/1.1 503"
        assert upload(gateway, within) == 201
    (limited,) = gateway.log("connections_limited")
    (full,) = gateway.log("connections_full")
    assert limited["most"] == full["most"] == (ALLOWED - 128) // 2


def test_a_first_upload_that_finds_no_file_breaks_none_that_comes_after(gateway: Gateway):
    """G11: what keeps files would be begun with it, once for all; uploads were dropped until the next start."""
    with closing(gateway.connect()) as over:
        gateway.begin(over)
        before = resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (gateway.open_files(), before[1]))
        assert upload(gateway, over) == 503
        assert json.loads(gateway.told)["code"] == "files.unavailable"
        resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, before)
        assert upload(gateway, over) == 201
