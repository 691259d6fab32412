"""The gateway as a process, and the command line beside it: start, keys, submit, find, show, stop, start again."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.app.layout import Layout
from gateway.stores.lock import held

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = [sys.executable, "-c", "from gateway.cli import main; main()"]
CODE = "H52.12-260302-0001"
DOSSIER = {"dossier": {"code": CODE, "procedure": {"code": "1.001"}, "owner": {"name": {"whole": "Lò Thị Mẫu"}}}}

# How long a start takes is the machine's affair: what is waited for comes, its process ends, or the test's time does.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def write(config: Path, land: str) -> None:
    files = {
        "gateway.toml": '[server]\nport = 0\nshutdown = "3s"\n[store]\nreserve = 0\n',
        "routes.toml": (
            '[[route]]\nid = "out"\nsource = "portal"\nto = ["land", "tax"]\n\n'
            '[[route]]\nid = "back"\nsource = "tax"\nto = ["portal"]\n'
        ),
        "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
        "systems/tax.toml": 'id = "tax"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Thuế"\n',
        "systems/land.toml": (
            'id = "land"\nrole = "system"\nadapter = "webhook"\n[name]\nvi = "Đất đai"\n'
            f'[endpoint]\nsandbox = "{land}"\n[doubt."*"]\ndoubt = "resend"\n'
            '[secrets]\nsigning = "env:LAND_SECRET"\n[options]\nsecrets = ["signing"]\n'
        ),
    }
    for name, text in files.items():
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_text(text, encoding="utf-8")


class Machine:
    """One data folder, the process that serves from it, and a shell."""

    def __init__(self, folder: Path) -> None:
        self.config, self.data = folder / "config", folder / "data"
        self.port_file = folder / "port"
        self.places = ["--config", str(self.config), "--data", str(self.data)]
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "LAND_SECRET": "whsec_" + "A" * 43 + "="}
        self.process: subprocess.Popen[bytes] | None = None

    def serve(self, *extra: str) -> str:
        """Start; return the address."""
        self.port_file.unlink(missing_ok=True)
        command = [*GATEWAY, "serve", *self.places, "--port-file", str(self.port_file), *extra]
        with Path("/dev/full").open("wb") as full:  # it serves all the same
            self.process = subprocess.Popen(command, env=self.environment, stdout=full)  # noqa: S603 - our own program
        while not self.port_file.exists():
            assert self.process.poll() is None, "the gateway ended"
            time.sleep(0.02)
        return f"http://127.0.0.1:{self.port_file.read_text().strip()}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; return its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.process = None
        return status

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **environment}
        return subprocess.run(  # noqa: S603 - our own program
            [*GATEWAY, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    def json(self, *arguments: str, **environment: str) -> dict[str, object]:
        done = self.run(*arguments, "--json", **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def a_machine(folder: Path) -> Iterator[Machine]:
    with socket.socket() as nobody:  # bound, never listening: a partner that refuses every connection
        nobody.bind(("127.0.0.1", 0))
        write(folder / "config", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        found = Machine(folder)
        try:
            yield found
        finally:
            found.end()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with a_machine(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, str]]:
    """One that serves, and its address, for all tests that leave it serving."""
    with a_machine(tmp_path_factory.mktemp("serving")) as found:
        yield found, found.serve()


def submit(machine: Machine, tmp_path: Path, key: str, *extra: str) -> dict[str, object]:
    file = tmp_path / "dossier.json"
    file.write_text(json.dumps(DOSSIER), encoding="utf-8")
    return machine.json("submit", str(file), "--data", str(machine.data), *extra, GATEWAY_KEY=key)


def test_the_command_line_beside_a_serving_gateway(machine: Machine, tmp_path: Path):
    """Keys over /v1/ops, a dossier with a file, found by its code, its timeline, its log, an orderly end."""
    url = machine.serve()
    key = str(machine.json("keys", "new", "portal", *machine.places)["key"])
    paper = tmp_path / "Đơn đề nghị.pdf"
    paper.write_bytes(b"%PDF-1.4 sample")
    receipt = submit(machine, tmp_path, key, "--attach", str(paper))
    assert not receipt["duplicate"]
    assert len(receipt["deliveries"]) == 2
    assert status(f"{url}/v1/dossiers/{CODE}", key) == 200

    (found,) = machine.json("find", CODE, *machine.places)["items"]
    assert found["id"] == receipt["dossier_id"]
    story = machine.run("show", CODE, *machine.places).stdout
    assert "Nộp hồ sơ" in story
    assert "→ tax" in story
    assert "\x1b[" not in story
    timeline = machine.json("show", str(found["id"]), *machine.places)
    assert {item["destination"] for item in timeline["deliveries"]} >= {"land", "tax"}

    log = machine.run("tail", "--data", str(machine.data), "--no-follow", "--json", "--dossier", CODE).stdout
    assert {json.loads(line)["event"] for line in log.splitlines()} >= {"request"}
    assert "Lò Thị" not in (machine.data / "log" / "gateway.jsonl").read_text(encoding="utf-8")
    assert machine.stop() == 0
    assert not (machine.data / "gateway.url").exists()


def test_where_it_serves_is_told_to_people_or_to_programs(machine: Machine):
    told = []
    for words in ((), ("--json",)):
        command = [*GATEWAY, "serve", *machine.places, *words]
        with subprocess.Popen(command, env=machine.environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
            assert process.stdout is not None
            told.append(process.stdout.readline())
            process.terminate()
    assert told[0].startswith("gateway: http://127.0.0.1:")
    found = json.loads(told[1])
    assert found == {"url": found["url"], "docs": f"{found['url']}/docs", "wsdl": f"{found['url']}/soap/v1/events?wsdl"}


def test_a_gateway_that_began_while_a_command_did_is_waited_for(serving: tuple[Machine, str], tmp_path: Path):
    """The command has seen that nobody serves, and loads what opens the file; when it has, the file is a gateway's."""
    machine, url = serving
    layout = Layout(tmp_path / "beginning")
    layout.prepare()
    command = [*GATEWAY, "keys", "new", "land", "--config", str(machine.config), "--data", str(layout.root)]
    with subprocess.Popen(command, env=machine.environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        while "_sqlite3" not in Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8"):
            time.sleep(0.001)
        with held(layout.lock):
            layout.operator_key.write_bytes((machine.data / "operator.key").read_bytes())
            layout.announce(url)
            said, _ = process.communicate()
    assert process.returncode == 0
    assert said.startswith("gw_")


def test_a_killed_gateway_starts_again_with_everything_it_accepted(machine: Machine, tmp_path: Path):
    """G2, G11: no manual step after kill -9; the operator's key and the dossier are still there."""
    machine.serve()
    key = str(machine.json("keys", "new", "portal", *machine.places)["key"])
    receipt = submit(machine, tmp_path, key)
    machine.stop(signal.SIGKILL)
    (found,) = machine.json("find", CODE, *machine.places)["items"]
    assert found["id"] == receipt["dossier_id"]
    machine.serve()
    assert submit(machine, tmp_path, key)["message_id"] == receipt["message_id"]
    assert {item["id"] for item in machine.json("systems", *machine.places)["items"]} == {"portal", "land", "tax"}
    assert machine.stop(signal.SIGINT) == 0


def test_revoked_keys_and_systems_keys_do_not_open_the_operators_doors(serving: tuple[Machine, str], tmp_path: Path):
    """A key opens what it was made for, until it is revoked."""
    machine, url = serving
    made = machine.json("keys", "new", "portal", *machine.places)
    assert status(f"{url}/v1/ops/keys", str(made["key"])) == 403
    assert status(f"{url}/v1/ops/keys", (machine.data / "operator.key").read_text().strip()) == 200
    machine.json("keys", "revoke", str(made["id"]), *machine.places)
    assert status(f"{url}/v1/systems", str(made["key"])) == 401
    file = tmp_path / "dossier.json"
    file.write_text(json.dumps(DOSSIER))
    refused = machine.run("submit", str(file), "--data", str(machine.data), GATEWAY_KEY=str(made["key"]))
    assert refused.returncode == 1
    assert "key.invalid" in refused.stderr


@pytest.mark.parametrize(
    ("key", "status", "said"),
    [
        ("gw_x_" + "A" * 43, 1, "no live key of this gateway: put an operator's own there, or unset it"),
        (" ", 1, "no live key of this gateway"),
        ("portal's", 1, "the key of a system: put an operator's own there"),
        ("khoá", 2, "characters that no key has: copy the key anew"),
    ],
)
def test_a_wrong_key_of_a_person_is_told_by_the_variable_that_holds_it(
    serving: tuple[Machine, str], key: str, status: int, said: str
):
    """And what makes a right one. The door cannot know where a key comes from."""
    machine, _ = serving
    if key == "portal's":
        made = machine.json("keys", "new", "portal", *machine.places)
        key = str(made["key"])
    refused = machine.run("systems", *machine.places, GATEWAY_OPERATOR_KEY=key)
    assert (refused.returncode, refused.stdout) == (status, "")
    assert f"GATEWAY_OPERATOR_KEY holds {said}" in refused.stderr
    assert ("keys new --operator NAME" in refused.stderr) is (status == 1)


def test_the_machines_own_key_that_is_of_no_use_any_more_is_told_with_what_mends_it(machine: Machine):
    """Somebody has revoked it, or copied another folder's."""
    machine.serve()
    (machine.data / "operator.key").write_text("gw_x_" + "A" * 43)
    refused = machine.run("systems", *machine.places)
    assert refused.returncode == 1
    assert "operator.key holds no live key of this gateway: start the gateway again" in refused.stderr
    (machine.data / "operator.key").unlink()
    assert "operator.key is missing: start the gateway again" in machine.run("systems", *machine.places).stderr
    assert machine.stop() == 0
    machine.serve()
    assert machine.run("systems", *machine.places).returncode == 0


def test_what_is_not_there_is_told_with_the_address_of_the_gateway(serving: tuple[Machine, str]):
    """Beside a gateway that serves, what was asked is that one."""
    machine, url = serving
    refused = machine.run("judge", "nope", "--absent", "--reason", "X", *machine.places)
    assert f"the gateway at {url} has no delivery 'nope' (delivery.not_found)" in refused.stderr
    asked = machine.run("ask", "prtal", "enterprise", "tax_code=1", "--purpose", "X", *machine.places)
    assert (asked.returncode, "there is no system 'prtal'; did you mean 'portal'?" in asked.stderr) == (1, True)


def test_a_system_that_is_tried_and_does_not_answer_is_a_failure(serving: tuple[Machine, str]):
    """A script that tries until the ministry is back goes by the exit status."""
    machine, _ = serving
    done = machine.run("systems", "probe", "land", "--reason", "Bộ báo đã khắc phục", *machine.places)
    assert ("Không trả lời" in done.stdout, done.returncode) == (True, 1), done


def test_a_second_gateway_on_the_same_data_is_refused(serving: tuple[Machine, str]):
    """Two would relay twice: the second names the first."""
    machine, _ = serving
    second = machine.run("serve", *machine.places)
    assert second.returncode == 1
    assert "in use by process" in second.stderr


def test_a_second_signal_ends_a_gateway_whose_database_hangs(machine: Machine):
    """As fast as it says; what it leaves is what a crash leaves (G11)."""
    machine.serve("--set", "store.busy_timeout=60s")
    with closing(sqlite3.connect(machine.data / "gateway.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert machine.process is not None
        machine.process.send_signal(signal.SIGTERM)
        assert machine.stop(signal.SIGINT) == 1
    assert (machine.data / "log" / "gateway.jsonl").read_text(encoding="utf-8").count("end_cut_short") == 1


def test_a_worker_that_is_told_twice_to_end_has_its_time(machine: Machine):
    """G11: a service manager ends all of a service at once, and the process that started the worker tells it, too."""
    machine.serve("--set", "store.busy_timeout=60s", "--parent", str(os.getpid()))
    with closing(sqlite3.connect(machine.data / "gateway.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert machine.process is not None
        for seconds in (0.5, 2):
            machine.process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                machine.process.wait(seconds)
        other.execute("ROLLBACK")
    assert machine.process.wait() == 0
    assert "end_cut_short" not in (machine.data / "log" / "gateway.jsonl").read_text(encoding="utf-8")


def test_a_taken_port_is_one_clear_sentence(machine: Machine):
    """No traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = machine.run("serve", *machine.places, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.endswith("choose another --host or --port\n")
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_used_is_named_with_what_mends_it(machine: Machine):
    """Another port would help nobody; a link's disk may only not be mounted."""
    machine.data.symlink_to(machine.data.with_name("disk") / "data")
    done = machine.run("serve", *machine.places)
    assert f"cannot start: {machine.data}: File exists; have a folder there; where it is a link" in done.stderr
    machine.data.unlink()
    machine.data.mkdir(mode=0o700)
    (machine.data / "log").touch()
    done = machine.run("serve", *machine.places)
    assert done.returncode == 1
    assert f"cannot start: {machine.data / 'log'}: File exists; have a folder there" in done.stderr


def test_the_address_of_a_killed_gateway_does_not_outlive_the_next_start(machine: Machine):
    """Commands would call there while another starts, and be told that it does not answer."""
    machine.serve()
    machine.stop(signal.SIGKILL)
    assert (machine.data / "gateway.url").exists()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        machine.run("serve", *machine.places, "--port", str(taken.getsockname()[1]))
    assert not (machine.data / "gateway.url").exists()


@pytest.mark.parametrize("command", [("serve",), ("keys", "list")])
def test_a_damaged_database_is_told_with_what_mends_it(machine: Machine, command: tuple[str, ...]):
    """As what else somebody has to change first: before a port is opened, and no traceback."""
    machine.data.mkdir(mode=0o700)
    (machine.data / "gateway.db").write_bytes(b"Dear reader, " * 8192)
    done = machine.run(*command, *machine.places)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "gateway.db is damaged" in done.stderr
    assert "db restore FILE" in done.stderr


def test_the_operators_key_is_private(serving: tuple[Machine, str]):
    """Other users of the machine cannot read it, nor the data."""
    machine, _ = serving
    assert (machine.data / "operator.key").stat().st_mode & 0o077 == 0
    assert machine.data.stat().st_mode & 0o077 == 0
    assert (machine.data / "blobs").stat().st_mode & 0o077 == 0


def status(url: str, key: str) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310 - loopback
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
