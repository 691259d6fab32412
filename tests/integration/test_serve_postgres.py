"""Gateways as processes over one PostgreSQL database: they share everything, and outlive one another."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import asyncpg
import pytest

from gateway.app.layout import Layout
from gateway.app.run import longest_end
from gateway.app.workers import Workers
from gateway.config.loader import load
from gateway.core.errors import StoreUnavailable
from gateway.stores.postgres.connection import LOCK
from gateway.stores.s3 import Bucket
from gateway.testing.postgres import empty_database
from gateway.testing.s3 import complete_in, empty_bucket

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = [sys.executable, "-c", "from gateway.cli import main; main()"]

# How long a start takes is the machine's affair: what is waited for comes, its process ends, or the test's time does.
pytestmark = pytest.mark.timeout(240)

FILES = {
    "gateway.toml": '[server]\nport = 0\nshutdown = "3s"\n[store]\npostgres = "env:GATEWAY_POSTGRES"\nreserve = 0\n'
    'attachments = "../attachments"\n',
    "routes.toml": '[[route]]\nid = "out"\nsource = "portal"\nto = ["tax"]\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/tax.toml": 'id = "tax"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Thuế"\n',
}


class Node:
    """One gateway: its data folder and its process."""

    def __init__(self, folder: Path, name: str, address: str) -> None:
        self.data = folder / name
        self.places = ["--config", str(folder / "config"), "--data", str(self.data)]
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_POSTGRES": address}
        self.process: subprocess.Popen[bytes] | None = None

    def serve(self, *extra: str, said: Path = Path("/dev/full")) -> str:
        """Start; return the address. What it says goes to a full disk, where no other place is named."""
        file = self.data.with_suffix(".port")
        file.unlink(missing_ok=True)
        command = [*GATEWAY, "serve", *self.places, "--port-file", str(file), *extra]
        with said.open("wb") as out:  # full or not, it serves all the same
            self.process = subprocess.Popen(command, env=self.environment, stdout=out)  # noqa: S603 - our own program
        while not file.exists():
            assert self.process.poll() is None, "the gateway ended"
            time.sleep(0.05)
        return f"http://127.0.0.1:{file.read_text().strip()}"

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own program
            [*GATEWAY, *arguments, *self.places], env=self.environment, capture_output=True, text=True, check=False
        )

    def json(self, *arguments: str) -> dict[str, object]:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def write_files(directory: Path) -> None:
    for name, text in FILES.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    write_files(tmp_path / "config")
    with empty_database() as address:
        one, two = Node(tmp_path, "one", address), Node(tmp_path, "two", address)
        try:
            yield one, two
        finally:
            one.end(signal.SIGKILL)
            two.end(signal.SIGKILL)


def fetched(url: str, key: str, body: object = None) -> bytes:
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    kind = "application/pdf" if isinstance(body, bytes) else "application/json"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310 - loopback
        return reply.read()


def call(url: str, key: str, body: object = None) -> dict[str, object]:
    return json.loads(fetched(url, key, body))


def dossier(code: str, **more: object) -> dict[str, object]:
    owner = {"name": {"whole": "Lò Thị Mẫu"}}
    return {"dossier": {"code": code, "procedure": {"code": "1.001"}, "owner": owner, **more}}


def events(url: str, key: str) -> list[dict[str, Any]]:
    items = call(f"{url}/v1/events?limit=50", key)["items"]
    assert isinstance(items, list)
    return [item["event"] for item in items]


def codes(url: str, key: str) -> list[str]:
    return [event["dossier"]["code"] for event in events(url, key)]


async def living(node: Node) -> int:
    """Return how many gateways the database takes for alive."""
    connection = await asyncpg.connect(node.environment["GATEWAY_POSTGRES"])
    try:
        return int(await connection.fetchval("SELECT count(*) FROM node WHERE ended_at IS NULL"))
    finally:
        await connection.close()


def in_bucket(node: Node, bucket: Bucket) -> list[str]:
    """Tell a gateway's process the keys; return what it is started with to keep its files there."""
    node.environment |= {"SAMPLE_ACCESS": bucket.access_key.reveal(), "SAMPLE_SECRET": bucket.secret_key.reveal()}
    values = {
        "store.attachments": "",
        "store.s3.bucket": bucket.name,
        "store.s3.endpoint": bucket.endpoint,
        "store.s3.access_key": "env:SAMPLE_ACCESS",
        "store.s3.secret_key": "env:SAMPLE_SECRET",
    }
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


@pytest.mark.slow
def test_what_one_gateway_accepts_the_other_hands_out_and_keeps_when_it_dies(pair: tuple[Node, Node]) -> None:
    """G1, G2, G11: keys, dossiers, files and feeds are the cluster's; a killed gateway takes nothing with it."""
    one, two = pair
    portal = str(one.json("keys", "new", "portal")["key"])  # while none serves
    bucket, paper = empty_bucket(), os.urandom(1_500_000)
    first, second = one.serve(*in_bucket(one, bucket)), two.serve(*in_bucket(two, bucket))
    tax = new_key(first, (one.data / "operator.key").read_text().strip(), "tax")
    file = call(f"{first}/v1/files", portal, paper)
    call(f"{first}/v1/dossiers", portal, dossier("H52.12-260302-0001", files=[{"id": file["id"]}]))
    one.end(signal.SIGKILL)
    ((arrived,),) = (event["data"]["files"] for event in events(second, tax))
    assert fetched(f"{second}/v1/files/{arrived['id']}", tax) == paper
    assert len(complete_in(bucket.name)) == 1  # what each had tried at its start is gone again
    call(f"{second}/v1/dossiers", portal, dossier("H52.12-260302-0002"))
    assert codes(second, tax) == ["H52.12-260302-0001", "H52.12-260302-0002"]
    again = one.serve(*in_bucket(one, bucket))
    assert asyncio.run(living(one)) == 2, "who comes back does not wait for its own lease"
    (found,) = one.json("find", "H52.12-260302-0002")["items"]  # type: ignore[misc]
    assert found["codes"]
    assert codes(again, tax) == ["H52.12-260302-0001", "H52.12-260302-0002"]
    one.end()
    two.end()


@pytest.mark.slow
def test_a_gateway_that_still_serves_is_named_so_that_it_can_be_found(pair: tuple[Node, Node]) -> None:
    """Whoever puts a copy back stops all of them first: an id alone stands on no machine's door."""
    one, two = pair
    one.serve()
    refused = two.run("db", "restored", "--reason", "Hỏng đĩa")
    mark = json.loads((one.data / "gateway.mark").read_text(encoding="utf-8"))
    assert (refused.returncode, mark["node"] in refused.stderr, "gateway.mark" in refused.stderr) == (2, True, True)
    one.end()


LAND = 'id = "land"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Đất đai"\n'
ROUTES = '[[route]]\nid = "out"\nsource = "portal"\nto = ["tax", "land"]\n'


def new_key(url: str, operator: str, name: str) -> str:
    """Make a system's key; a gateway that does not know the system yet is asked again."""
    while True:
        try:
            return str(call(f"{url}/v1/ops/keys", operator, {"name": name, "role": "system"})["key"])
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.2)


def add_land_files(folder: Path) -> None:
    (folder / "config" / "systems" / "land.toml").write_text(LAND, encoding="utf-8")
    (folder / "config" / "routes.toml").write_text(ROUTES, encoding="utf-8")


def add_land(url: str, operator: str, folder: Path) -> str:
    """Add a system, let it hold at whichever gateway answers; return the system's key."""
    add_land_files(folder)
    change = f"{url}/v1/ops/configuration/change"
    version = call(change, operator)["after"]
    call(change, operator, {"version": version, "reason": "nối hệ thống đất đai"})
    return new_key(url, operator, "land")


def until_all_know(url: str, key: str) -> None:
    """Ask, each time over a connection of its own, until a row of answers says that no gateway is behind."""
    row = 0
    while row < 12:
        try:
            call(f"{url}/v1/events?limit=1", key)
            row += 1
        except urllib.error.HTTPError as error:
            error.close()
            row = 0
            time.sleep(0.2)


@pytest.mark.slow
def test_what_somebody_lets_hold_at_one_gateway_the_others_follow(pair: tuple[Node, Node], tmp_path: Path) -> None:
    """G4: one act, one configuration; nothing that is handed over meanwhile is refused or goes nowhere."""
    one, two = pair
    first, second = one.serve(), two.serve("--set", "logs.keep=3", "--set", "store.busy_timeout=4s")
    operator = (one.data / "operator.key").read_text().strip()
    portal, tax = (new_key(first, operator, name) for name in ("portal", "tax"))
    for number, url in enumerate((first, second)):
        call(f"{url}/v1/dossiers", portal, dossier(f"H52.12-260302-000{number}"))
    land = add_land(first, operator, tmp_path)
    until_all_know(second, land)
    call(f"{second}/v1/dossiers", portal, dossier("H52.12-260302-0007"))
    assert codes(first, land) == codes(second, land) == ["H52.12-260302-0007"]
    assert len(codes(second, tax)) == 3
    history = one.json("config", "history")["items"]
    assert isinstance(history, list)
    assert [str(act["actor"]).partition(".")[0] for act in history] == ["local", "gateway"]
    one.end()
    two.end()


def on_plug_in(url: str, body: dict[str, str]) -> dict[str, str]:
    """Say something at the portal's plug-in door; return what it answered."""
    data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/dvcqg/portal/mapi/g", data=data, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310 - loopback
        return json.load(reply)


@pytest.mark.slow
def test_a_login_at_one_gateways_plug_in_door_counts_at_every_other(pair: tuple[Node, Node]) -> None:
    """G11: a balancer leads the calls of one session to whichever gateway; a session of another province's is none."""
    one, two = pair
    keyed = ("--set", 'links.keys=["env:SAMPLE_LINK_KEY"]')
    one.environment["SAMPLE_LINK_KEY"] = two.environment["SAMPLE_LINK_KEY"] = "sample-only-" * 3
    portal = str(one.json("keys", "new", "portal")["key"])
    first, second = one.serve(*keyed), two.serve(*keyed)
    login = on_plug_in(first, {"username": "portal", "password": portal})
    asks = {"service": "LayDanhSachTTHC", "session": login["session"]}
    assert on_plug_in(second, asks)["error_code"] == "0"
    two.end()
    two.environment["SAMPLE_LINK_KEY"] = "another-one-" * 3
    assert on_plug_in(two.serve(*keyed), asks)["error_code"] == "-1"
    one.end()
    two.end()


@pytest.mark.slow
def test_of_two_who_change_it_at_once_the_second_is_refused(pair: tuple[Node, Node], tmp_path: Path) -> None:
    """G8: what they have not seen is not undone without a word; upon what holds, they go on."""
    one, two = pair
    other = tmp_path / "other"
    write_files(other / "config")
    two.places[1] = str(other / "config")
    first, second = one.serve(), two.serve()
    operator, its = ((node.data / "operator.key").read_text().strip() for node in (one, two))
    renamed = FILES["systems/tax.toml"].replace("Thuế", "Thuế tỉnh")
    (other / "config" / "systems" / "tax.toml").write_text(renamed, encoding="utf-8")
    change = f"{second}/v1/ops/configuration/change"
    asked = {"version": call(change, its)["after"], "reason": "đổi tên hệ thống thuế"}
    add_land(first, operator, tmp_path)
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(change, its, asked)
    with refused.value as answer:
        assert (answer.status, json.loads(answer.read())["code"]) == (409, "configuration.overtaken")
    history = one.json("config", "history")["items"]
    assert isinstance(history, list)
    assert len(history) == 2, "the start, and what the first one let hold"
    (tmp_path / "config" / "systems" / "tax.toml").write_text(renamed, encoding="utf-8")
    change = f"{first}/v1/ops/configuration/change"
    call(change, operator, {**asked, "version": call(change, operator)["after"]})
    one.end()
    two.end()


@pytest.mark.slow
def test_a_database_that_cannot_be_reached_is_one_clear_sentence(pair: tuple[Node, Node], tmp_path: Path) -> None:
    """Exit status 1, no traceback, no password."""
    one, _ = pair
    one.environment["GATEWAY_POSTGRES"] = f"postgresql://gateway:hidden@/gateway?host={tmp_path}"
    done = subprocess.run(  # noqa: S603 - our own program
        [*GATEWAY, "serve", *one.places], env=one.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "the database cannot be opened" in done.stderr
    assert "hidden" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_workers_share_a_port_follow_one_another_and_are_replaced(pair: tuple[Node, Node], tmp_path: Path) -> None:
    """G1, G4, G11: what is accepted is there, and `config apply` reaches all, whichever worker answers.

    Who is killed comes back with what was let hold, though the directory has been edited since, and not well. The end
    of all is one signal.
    """
    one, _ = pair
    url = one.serve("--workers", "2")
    while len(list(one.data.glob("worker-*.port"))) < 2:  # who begins later has what is in force then
        time.sleep(0.05)
    operator = (one.data / "operator.key").read_text().strip()
    land = add_land(url, operator, tmp_path)
    until_all_know(url, land)
    (tmp_path / "config" / "routes.toml").write_text("[[route]\nhalf an edit", encoding="utf-8")
    call(f"{url}/v1/dossiers", new_key(url, operator, "portal"), dossier("H52.12-260302-0001"))
    place = one.data / "worker-1.port"
    place.unlink()
    worker, first = (int((folder / "gateway.lock").read_text()) for folder in (one.data / "worker-1", one.data))
    assert os.getpgid(worker) != os.getpgid(first), "a terminal's Ctrl-C would be its first signal, and be cut short"
    os.kill(worker, signal.SIGKILL)
    while not place.exists():  # it is replaced
        time.sleep(0.05)
    assert '"event":"worker_ended","worker":1' in (one.data / "log" / "gateway.jsonl").read_text()
    until_all_know(url, land)
    assert codes(url, land) == ["H52.12-260302-0001"]
    history = call(f"{url}/v1/ops/acts?target_kind=configuration&target=gateway", operator)["items"]
    assert isinstance(history, list)
    assert len(history) == 2, "who comes back changes nothing for the others"
    one.end()


@pytest.mark.slow
def test_workers_say_once_where_they_serve(pair: tuple[Node, Node], tmp_path: Path) -> None:
    """Whoever reads the address from there would take each line for one more gateway."""
    one, _ = pair
    url = one.serve("--workers", "2", said=tmp_path / "said")
    while len(list(one.data.glob("worker-*.port"))) < 2:
        time.sleep(0.05)
    one.end()
    assert (tmp_path / "said").read_text().count("gateway: ") == (tmp_path / "said").read_text().count(url + " ") == 1


@pytest.mark.slow
def test_a_second_signal_cuts_the_end_of_all_workers_short(pair: tuple[Node, Node]) -> None:
    """G11: as of one gateway; they are in no group of the terminal, whose second Ctrl-C reaches none of them."""
    one, _ = pair
    one.serve("--workers", "2")
    while len(list(one.data.glob("worker-*.port"))) < 2:
        time.sleep(0.05)
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(one.environment["GATEWAY_POSTGRES"]))
        runner.run(connection.execute(f"SELECT pg_advisory_lock({LOCK})"))
        assert one.process is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            one.process.send_signal(number)
        assert one.process.wait() == 1
        runner.run(connection.close())
    logs = [(one.data / f"worker-{number}" / "log" / "gateway.jsonl").read_text("utf-8") for number in (1, 2)]
    assert [log.count("end_cut_short") for log in logs] == [1, 1]


def test_the_database_is_brought_up_to_date_before_a_worker_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step may take longer than a worker is given to start, and than one waits for another that takes it."""
    write_files(tmp_path / "config")
    monkeypatch.setenv("GATEWAY_POSTGRES", f"postgresql://gateway@/gateway?host={tmp_path}")
    configuration = load(tmp_path / "config", overrides={})
    workers = Workers(count=2, configuration=configuration, layout=Layout(tmp_path / "data"), options=())
    with pytest.raises(StoreUnavailable, match="the database cannot be opened"):
        workers.run(lambda _: None)
    assert not list((tmp_path / "data").glob("worker-*"))


@pytest.mark.parametrize(
    ("stays", "shares", "refused"),
    [(True, "false", "in use"), (True, "true", "the database"), (False, "false", "the database")],
)
def test_workers_share_their_port_with_others_only_where_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stays: bool, shares: str, refused: str
) -> None:
    """G1: a second install would be given half of what is for the first. Who is about to let go is waited for."""
    write_files(tmp_path / "config")
    monkeypatch.setenv("GATEWAY_POSTGRES", f"postgresql://gateway@/gateway?host={tmp_path}")
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        place = {"server.port": str(other.getsockname()[1]), "server.reuse_port": shares}
        configuration = load(tmp_path / "config", overrides=place)
        workers = Workers(count=2, configuration=configuration, layout=Layout(tmp_path / "data"), options=())
        if not stays:
            Timer(0.2, other.close).start()
        with pytest.raises((OSError, StoreUnavailable), match=refused):
            workers.run(lambda _: None)


def test_an_address_that_is_not_this_machines_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who has the port may be about to let go of it."""
    write_files(tmp_path / "config")
    monkeypatch.setenv("GATEWAY_POSTGRES", f"postgresql://gateway@/gateway?host={tmp_path}")
    configuration = load(tmp_path / "config", overrides={"server.host": "203.0.113.1"})
    workers = Workers(count=2, configuration=configuration, layout=Layout(tmp_path / "data"), options=())
    began = time.monotonic()
    with pytest.raises(OSError, match="assign"):
        workers.run(lambda _: None)
    assert time.monotonic() < began + 2


def test_a_worker_is_given_longer_to_end_than_its_orderly_end_may_take(tmp_path: Path) -> None:
    """G11: first requests may finish, then deliveries; cut off before that, what is on its way would be in doubt."""
    write_files(tmp_path / "config")
    configuration = load(tmp_path / "config", overrides={"server.shutdown": "20s"})
    workers = Workers(count=2, configuration=configuration, layout=Layout(tmp_path / "data"), options=())
    assert workers.patience > longest_end(configuration.settings.server) > 2 * 20


@pytest.mark.slow
def test_workers_are_refused_over_the_embedded_database(pair: tuple[Node, Node]) -> None:
    """One gateway, one file: it says so, and what to do."""
    one, _ = pair
    command = [*GATEWAY, "serve", *one.places, "--workers", "2", "--set", "store.postgres="]
    done = subprocess.run(command, env=one.environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert done.returncode == 2
    assert "store.postgres" in done.stderr
    assert "--workers" in done.stderr
