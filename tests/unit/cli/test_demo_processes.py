"""What the demo starts ends with it, however it is told to end."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.cli.demo.processes import DemoError, Stage, is_ready, staged
from gateway.cli.demo.run import playing
from gateway.stores.lock import held

ROOT = Path(__file__).resolve().parents[3]


BUCKET = """\
bucket = "gateway"
endpoint = "https://objects.internal"
access_key = "env:GATEWAY_S3_ACCESS_KEY"
secret_key = "env:GATEWAY_S3_SECRET_KEY"
"""


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def a_stage(root: Path, *, data: Path) -> Stage:
    return Stage(root=root, data=data, count=1, per_second=1, seed=1)


def told(stage: Stage, ending: signal.Signals) -> None:
    """Start a process, and be told to end."""
    with staged(stage):
        stage.running["gateway"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        os.kill(os.getpid(), ending)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_no_process_outlives_the_demo(tmp_path: Path, ending: signal.Signals):
    """A closed terminal, or a service manager, ends it as Ctrl-C does."""
    stage = Stage(root=ROOT, data=tmp_path, count=1, per_second=1, seed=1)
    before = signal.getsignal(ending)
    with pytest.raises(KeyboardInterrupt):
        told(stage, ending)
    assert stage.running["gateway"].poll() == -signal.SIGTERM
    assert signal.getsignal(ending) == before


def test_a_gateway_on_this_machine_is_asked_past_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    """Nothing of the demo leaves the machine; where a proxy is named, it waited for a gateway that had begun."""
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        assert is_ready(f"http://127.0.0.1:{server.server_port}")
        answering.join()


def test_a_second_demo_leaves_the_folder_of_one_that_runs_alone(tmp_path: Path):
    """`demo --keep` is on in another terminal: its files would be taken from under it."""
    for folder in ("journals", "gateway"):
        (tmp_path / folder).mkdir()
    with (
        held(tmp_path / "gateway" / "gateway.lock"),
        pytest.raises(DemoError, match="another demo runs in"),
        playing(Stage(root=ROOT, data=tmp_path, count=1, per_second=1, seed=1)),
    ):
        pass
    assert (tmp_path / "journals").is_dir()


def test_a_folder_that_is_no_demos_is_not_emptied(tmp_path: Path):
    """`demo --data data` is a slip that must not cost what a gateway has accepted."""
    kept = tmp_path / "gateway.db"
    kept.write_bytes(b"accepted")
    with (
        pytest.raises(DemoError, match="holds other things"),
        playing(Stage(root=ROOT, data=tmp_path, count=1, per_second=1, seed=1)),
    ):
        pass
    assert kept.read_bytes() == b"accepted"


@pytest.mark.parametrize(
    ("file", "written", "instead", "named"),
    [
        ("systems/driver_licence.toml", 'mode = "sandbox"', 'mode = "live"', "driver_licence is live"),
        (
            "systems/driver_licence.toml",
            "[options.auth]",
            '[options.auth.server]\nsandbox = "https://sso-test.ministry.example"\n[options.auth]',
            "driver_licence logs in elsewhere",
        ),
        ("systems/portal.toml", 'adapter = "webhook"', 'adapter = "feed"', "portal reads a feed"),
        ("gateway.toml", "[links]", '[store]\npostgres = "env:GATEWAY_POSTGRES"\n[links]', "store.postgres"),
        ("gateway.toml", "[links]", '[store]\nattachments = "/srv/attachments"\n[links]', "store.attachments"),
        ("gateway.toml", "[links]", f"[store.s3]\n{BUCKET}\n[links]", "store.s3.bucket"),
    ],
)
def test_a_configuration_that_is_at_work_is_not_played_with(
    tmp_path: Path, file: str, written: str, instead: str, named: str
):
    """Invented dossiers reached real ministries where `make demo` was said in the folder of the gateway that serves."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    changed = tmp_path / "config" / file
    text = changed.read_text(encoding="utf-8")
    assert written in text
    served = text.replace(written, instead, 1).replace("[endpoint]", '[endpoint]\nlive = "https://ministry.example"')
    changed.write_text(served, encoding="utf-8")
    with pytest.raises(DemoError, match=named), playing(a_stage(tmp_path, data=tmp_path / "demo")):
        pass
    assert not (tmp_path / "demo").exists()


def test_a_system_that_is_played_has_to_be_there(tmp_path: Path):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "systems" / "driver_licence.toml").unlink()
    for file, named in (("routes.toml", "driver_licence"), ("services.toml", "driver_licence")):
        place = tmp_path / "config" / file
        place.write_text(place.read_text(encoding="utf-8").replace(named, "civil_status"), encoding="utf-8")
    with pytest.raises(DemoError, match="driver_licence is missing"):
        a_stage(tmp_path, data=tmp_path / "demo").prove_untouched()


def test_whom_the_demo_does_not_play_nobody_calls(tmp_path: Path):
    """The address of a ministry's tests lies in its file, too; what is played is called on this machine only."""
    stage = a_stage(ROOT, data=tmp_path)
    with staged(stage):
        sets = dict(one.split("=", 1) for one in stage.settings())
    for file in (ROOT / "config" / "systems").glob("*.toml"):
        if file.stem in stage.cast.systems:
            assert sets[f"systems.{file.stem}.endpoint.sandbox"].startswith("http://127.0.0.1:")
        else:
            assert sets[f"systems.{file.stem}.mode"] == "off"
