"""A disk that really is full: a gateway on a small file system of its own, filled and freed while it serves.

Where this machine gives no namespace with a file system of one's own, the limit on the size of files stands in for it.
"""

import http.client
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.evidence.verify import verify
from gateway.stores.sqlite import SqliteStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = [sys.executable, "-c", "from gateway.cli import main; main()"]
MB = 1 << 20
FILES = {
    "gateway.toml": f"[server]\nport = 0\n[store]\nreserve = {8 * MB}\n",
    "routes.toml": (
        '[[route]]\nid = "out"\nsource = "portal"\nto = ["land"]\n\n'
        '[[route]]\nid = "back"\nsource = "land"\nto = ["portal"]\n'
    ),
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/land.toml": 'id = "land"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Đất đai"\n',
}
ON_TMPFS = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=48m none "$0" && exec "$@"']


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-Urm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603 - fixed words


def write(config: Path) -> None:
    for name, text in FILES.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_text(text, encoding="utf-8")


class Gateway:
    """One process, its disk, and callers who note what they are told."""

    def __init__(self, folder: Path, *, before: list[str]) -> None:
        self.disk, self.port_file = folder / "disk", folder / "port"
        self.disk.mkdir()
        write(folder / "config")
        places = ["--config", str(folder / "config"), "--data", str(self.disk / "data")]
        command = [*GATEWAY, "serve", *places, "--port-file", str(self.port_file)]
        command = [*before, str(self.disk), *command] if before else command
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (folder / "out").open("wb") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)  # noqa: S603 - our own program
        self.seen = Path(f"/proc/{self.process.pid}/root{self.disk}") if before else self.disk
        self.statuses: list[int] = []
        self.accepted: list[str] = []
        self.number = 0

    def start(self) -> None:
        self.until(self.port_file.exists, within=30)
        self.port = int(self.port_file.read_text(encoding="ascii"))
        operator = (self.seen / "data" / "operator.key").read_text(encoding="ascii").strip()
        self.keys = {"operator": operator}
        for name in ("portal", "land"):
            self.keys[name] = self.call("POST", "/v1/ops/keys", {"name": name, "role": "system"}, who="operator")[1][
                "key"
            ]

    def call(self, method: str, path: str, body: object = None, *, who: str = "portal", raw: Any = None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.keys[who]}"} if who else {}
        if body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, path, raw, headers)
            reply = connection.getresponse()
            status, text = reply.status, reply.read()
        finally:
            connection.close()
        self.statuses.append(status)
        if status in {429, 503}:
            assert int(reply.headers["Retry-After"]) > 0
        return status, json.loads(text) if text.startswith(b"{") and b"\n" not in text else text

    def submit(self, filler: int = 0) -> str:
        """Hand a new dossier over; return its refusal's code, empty where it was accepted."""
        self.number += 1
        code = f"H-{self.number}"
        dossier = {"code": code, "procedure": {"code": "1.001"}, "owner": {"name": {"whole": "Lò Thị Mẫu"}}}
        form = {"schema": "s", "version": "1", "media_type": "text/plain", "data": "x" * filler}
        status, answer = self.call("POST", "/v1/dossiers", {"dossier": {**dossier, "form": form}})
        if status == 202:
            self.accepted.append(code)
        return "" if status == 202 else answer["code"]

    def state(self, number: int) -> int:
        """State a new status of the first dossier, as the ministry; return the HTTP status."""
        event = {"kind": "status.changed", "dossier": {"code": self.accepted[0]}, "data": {"status": number}}
        return self.call("POST", "/v1/events", event, who="land")[0]

    def until(self, holds: Callable[[], object], *, within: float = 15) -> None:
        end = time.monotonic() + within
        while not holds():
            assert self.process.poll() is None, "the gateway ended"
            assert time.monotonic() < end, "it did not come to that"
            time.sleep(0.05)

    def leave(self, size: int) -> None:
        """Fill the disk until so many bytes are left."""
        with (self.seen / "filler").open("ab", buffering=0) as file:
            while (missing := shutil.disk_usage(self.seen).free - size) > 0:
                try:
                    file.write(bytes(min(missing, MB)))
                except OSError:
                    return

    def free(self) -> None:
        (self.seen / "filler").unlink()

    def log(self) -> list[dict[str, Any]]:
        lines = (self.seen / "data" / "log" / "gateway.jsonl").read_bytes().splitlines()
        return [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]

    def is_sound(self) -> bool:
        """Whether everything that got a receipt is there, whole, and provably so."""
        found = [self.call("GET", f"/v1/dossiers/{code}")[0] for code in self.accepted]
        _, file = self.call("GET", "/v1/ops/evidence", who="operator")
        return set(found) == {200} and verify(io.BytesIO(file)).bad is None

    def blobs(self) -> list[Path]:
        return [path for path in (self.seen / "data" / "blobs").rglob("*") if path.is_file()]


def running(folder: Path, before: list[str]) -> Iterator[Gateway]:
    gateway = Gateway(folder, before=before)
    try:
        gateway.start()
        yield gateway
    finally:
        gateway.process.send_signal(signal.SIGTERM)
        gateway.process.wait(timeout=30)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway on a disk of 48 MB."""
    if not may_mount():
        pytest.skip("this machine gives no file system of one's own without root")
    yield from running(tmp_path, ON_TMPFS)


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway whose files can be kept from growing."""
    yield from running(tmp_path, [])


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_disk_that_fills_up_refuses_in_order_and_recovers_by_itself(small: Gateway):
    """G1, G2, G11: new dossiers first, call-backs last; what was accepted can be read and ended on a full disk."""
    assert small.submit() == ""
    small.leave(7 * MB)
    small.until(lambda: small.submit() == "store.full")
    assert small.state(4) == 202
    assert small.call("POST", "/v1/files", raw=b"x" * 100)[1]["code"] == "store.full"
    small.leave(0)
    small.until(lambda: small.state(5) == 503)
    small.until(lambda: small.call("GET", "/v1/events", who="land")[0] == 200)
    _, page = small.call("GET", "/v1/events", who="land")
    small.until(lambda: small.call("GET", f"/v1/events?after={page['next']}", who="land")[0] == 200)
    assert small.call("GET", "/livez", who="")[0] == 200
    assert small.call("GET", "/readyz", who="")[1]["pressure"] == ["space"]
    small.free()
    small.until(lambda: small.submit() == "")
    small.until(lambda: small.state(6) == 202)
    assert small.is_sound()
    assert 500 not in small.statuses
    told = [line["event"] for line in small.log() if line["event"].startswith("pressure_") and line["what"] == "space"]
    assert told == ["pressure_begun", "pressure_ended"]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_an_upload_that_fills_the_disk_ends_cleanly(small: Gateway):
    """G1: 503, nothing of it is kept, and the next one fits."""

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield bytes(MB)

    assert small.submit() == ""
    status, answer = small.call("POST", "/v1/files", raw=b"%PDF" + bytes(MB))
    assert status == 201
    try:
        refused, _ = small.call("POST", "/v1/files", raw=endless())
        assert refused == 503
    except (BrokenPipeError, ConnectionResetError):
        pass  # it was told so while it still sent
    small.until(lambda: len(small.blobs()) == 1)
    small.until(lambda: small.submit() == "")
    assert small.call("GET", f"/v1/files/{answer['id']}")[0] == 200
    assert small.is_sound()
    assert 500 not in small.statuses


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_accepting_until_the_disk_is_full_promises_only_what_is_kept(small: Gateway):
    """G1: the write-ahead log, a checkpoint and the log's lines all meet the end of the disk."""
    small.leave(14 * MB)
    while small.submit(filler=200_000) == "":
        assert len(small.accepted) < 500
    small.leave(0)
    refusals = {small.submit(filler=200_000) for _ in range(5)}
    assert refusals <= {"store.full", "store.unavailable"}
    small.free()
    small.until(lambda: small.submit() == "")
    assert small.is_sound()
    assert 500 not in small.statuses


#: Serves until it is called off, fills the disk, and starts there once more, as another configuration.
TWICE = """
import os, subprocess, sys, time
places = ["--config", sys.argv[1], "--data", "data"]
command = [sys.executable, "-c", "from gateway.cli import main; main()"]
first = subprocess.Popen([*command, "serve", *places, "--port-file", "port"])
while not os.path.exists("port"):
    assert first.poll() is None
    time.sleep(0.05)
first.terminate()
assert first.wait() == 0
with open("filler", "ab", buffering=0) as file:
    for size in (1 << 20, 1):
        try:
            while file.write(bytes(size)):
                pass
        except OSError:
            continue
for left in (0, 48 << 10):
    os.truncate("filler", os.path.getsize("filler") - left)
    done = subprocess.run([*command, "serve", *places, "--set", "server.port=1024"], capture_output=True, text=True)
    print(done.returncode, (done.stderr or done.stdout).splitlines()[-1])
"""


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_what_cannot_start_on_a_full_disk_says_so(tmp_path: Path):
    """SQLite speaks of an error of the disk; nobody is sent to look at a port, or for a broken disk."""
    if not may_mount():
        pytest.skip("this machine gives no file system of one's own without root")
    write(tmp_path / "config")
    (tmp_path / "disk").mkdir()
    within = ["sh", "-c", 'cd "$0" && exec "$@"', str(tmp_path / "disk")]
    done = subprocess.run(  # noqa: S603 - our own program
        [*ON_TMPFS, str(tmp_path / "disk"), *within, sys.executable, "-c", TWICE, str(tmp_path / "config")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    *_, full, nearly = done.stdout.splitlines()
    assert full.startswith("1 ✗ data/gateway.db cannot be opened: "), done.stdout
    assert full.endswith("; its disk is full (0 bytes are free): make room")
    assert nearly == (
        "1 ✗ the gateway cannot start: the disk is full: nothing of this was kept; make room, and start it again"
    )


#: A file system of which a few files take all that there may be, and what is to run there.
FEW_FILES = """
mount -t tmpfs -o size=4m,nr_inodes=16 none "$0" && cd "$0" && touch gateway.db gateway.lock
number=0; while (: > "$number") 2>/dev/null; do number=$((number + 1)); done; exec "$@"
"""
OPENS = """
import asyncio, pathlib
from gateway.stores.sqlite import SqliteStore
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
asyncio.run(SqliteStore(pathlib.Path("gateway.db"), clock=FakeClock(), ids=FakeIds()).open())
"""


def within(script: str, folder: Path, *command: str) -> str:
    """Run a command where a script mounts its file system; return what it says."""
    if not may_mount():
        pytest.skip("this machine gives no file system of one's own without root")
    folder.mkdir()
    done = subprocess.run(  # noqa: S603 - our own program
        ["unshare", "-Urm", "sh", "-c", script, str(folder), *command],  # noqa: S607 - util-linux's, wherever it is
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def test_a_disk_that_takes_no_more_files_is_told_as_that(tmp_path: Path):
    """Room is left on it, and SQLite says no more than that it cannot open the file."""
    said = within(FEW_FILES, tmp_path / "disk", sys.executable, "-c", OPENS)
    assert "unable to open database file; its disk takes no more files (df -i): remove some" in said


@pytest.mark.slow
async def test_a_copy_that_finds_no_room_says_on_which_disk(tmp_path: Path):
    """Two have to do with it; the one with the database is well."""
    (tmp_path / "gateway.toml").write_text(FILES["gateway.toml"], encoding="utf-8")
    async with SqliteStore(tmp_path / "data" / "gateway.db", clock=FakeClock(), ids=FakeIds()):
        pass
    small, target = 'mount -t tmpfs -o size=256k none "$0" && exec "$@"', tmp_path / "disk" / "copy.db"
    places = ["--config", str(tmp_path), "--data", str(tmp_path / "data")]
    said = within(small, target.parent, *GATEWAY, "db", "backup", str(target), *places)
    assert said == f"✗ no copy was made: {target.parent}: No space left on device\n"


@pytest.mark.slow
async def test_of_a_disk_that_has_become_read_only_a_copy_can_be_made(tmp_path: Path):
    """The system lets one that fails be nothing else. The log that SQLite would begin to read it is not needed."""
    write(tmp_path / "config")
    async with SqliteStore(tmp_path / "gateway.db", clock=FakeClock(), ids=FakeIds()):
        pass
    failing = 'mount -t tmpfs none "$0" && cp "$0"/../gateway.db "$0" && mount -o remount,ro "$0" && exec "$@"'
    copy, config = tmp_path / "copy.db", ("--config", str(tmp_path / "config"))
    disk, other = tmp_path / "disk", tmp_path / "other"
    said = within(failing, disk, *GATEWAY, "db", "backup", str(copy), *config, "--data", str(disk))
    assert (said, copy.read_bytes()[:15]) == ("", b"SQLite format 3")
    said = within(failing, other, *GATEWAY, "serve", *config, "--data", str(other))
    assert "Read-only file system; let it take changes, or replace the disk" in said


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_file_that_cannot_grow_refuses_cleanly_and_recovers_by_itself(limited: Gateway):
    """G1, G11: writes fail in the middle of a commit; no 500, nothing half accepted, no restart."""
    assert limited.submit() == ""
    pid = limited.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    limited.until(lambda: limited.submit(filler=200_000) in {"store.full", "store.unavailable"})
    assert limited.call("POST", "/v1/files", raw=bytes(200_000))[0] == 503
    assert limited.call("GET", "/livez", who="")[0] == 200
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    limited.until(lambda: limited.submit() == "")
    assert limited.call("POST", "/v1/files", raw=bytes(200_000))[0] == 201
    assert len(limited.blobs()) == 1
    assert limited.is_sound()
    assert 500 not in limited.statuses
