"""The demo's processes: the gateway and its partners, each on its own loopback port, with throw-away keys."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.at_desk import at_desk
from gateway.cli.demo.cast import PROVINCE, Cast, Player
from gateway.cli.desk import Desk
from gateway.config.loader import load
from gateway.config.settings import SystemConfig
from gateway.core.routing import Mode
from gateway.testing.ports import free_ports
from gateway.testing.sample_secrets import sample_secrets

_START_LIMIT = 30.0  #: seconds
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy, which the environment may name
JOURNALS = "journals"  #: the folder by which a run's files are told from anybody else's


class DemoError(Exception):
    """A process did not come up; the message says where to look."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where everything of one run is."""

    root: Path  #: the project: config/, adapters/, run_gateway.py
    data: Path
    count: int
    per_second: float
    seed: int
    cast: Cast = PROVINCE
    ports: dict[str, int] = field(default_factory=dict[str, int])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict[str, subprocess.Popen[bytes]])
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def url(self) -> str:
        """Return the gateway's address."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def journal(self, system: str) -> Path:
        """Return where a simulator writes what it saw."""
        return self.data / JOURNALS / f"{system}.jsonl"

    def start_gateway(self) -> None:
        """Start the gateway on its port and wait until it is ready."""
        arguments = ["serve", *self.places(), "--host", "127.0.0.1", "--port", str(self.ports["gateway"])]
        for item in self.settings():
            arguments += ["--set", item]
        self._start("gateway", [sys.executable, str(self.root / "run_gateway.py"), *arguments])
        self._await_ready()

    def settings(self) -> list[str]:
        """Return the ``--set`` of the gateway: it calls its players on this machine, and nobody else."""
        files = (self.root / "config" / "systems").glob("*.toml")
        others = sorted({file.stem for file in files} - set(self.cast.systems))
        played = [
            f"systems.{player.system}.endpoint.sandbox=http://127.0.0.1:{self.ports[player.system]}{player.path}"
            for player in self.cast.players
        ]
        return [
            *played,
            *(f"systems.{system}.mode=off" for system in others),
            *(setting.format(url=self.url) for setting in self.cast.settings),
        ]

    def prove_untouched(self) -> None:
        """Raise DemoError where the configuration is one at work: invented dossiers would go to real ministries.

        Also where it lacks what the demo plays. Raises ConfigError where it cannot be read.
        """
        found = load(self.root / "config")
        store = found.settings.store
        kept = {"postgres": store.postgres, "attachments": store.attachments, "s3.bucket": store.s3.bucket}
        own = [f"{name} is live" for name, system in found.systems.items() if system.mode is Mode.LIVE]
        own += [f"store.{key} is set" for key, value in kept.items() if value]
        for name in self.cast.systems:
            system = found.systems.get(name)
            if system is None:
                own.append(f"{name} is missing")
            elif system.reads_feed:
                own.append(f"{name} reads a feed")
            elif _has_login_server(system):
                own.append(f"{name} logs in elsewhere")
        if own:
            raise DemoError(
                f"{self.root / 'config'} is a province's own ({', '.join(own)}), and the demo plays with a copy of it: "
                "run the demo in another clone of the project, with the files as they come"
            )

    def freeze_gateway(self) -> None:
        """Stop the gateway where it is."""
        self.running["gateway"].send_signal(signal.SIGSTOP)

    def thaw_gateway(self) -> None:
        """Let it go on."""
        self.running["gateway"].send_signal(signal.SIGCONT)

    def kill_gateway(self) -> None:
        """End the gateway at once, as a power cut would."""
        process = self.running.pop("gateway")
        process.kill()
        process.wait()

    def places(self) -> list[str]:
        """Return the options that name configuration and data."""
        return ["--config", str(self.config), "--data", str(self.data / "gateway")]

    @property
    def config(self) -> Path:
        """Return the demo's own copy of the province's configuration: it may be changed while the demo runs."""
        return self.data / "config"

    def write_config(self) -> None:
        """Make the copy, with the routes of this demo where it has its own."""
        shutil.copytree(self.root / "config", self.config)
        if self.cast.routes:
            shutil.copyfile(Path(__file__).with_name(self.cast.routes), self.config / "routes.toml")

    def make_keys(self) -> None:
        """Make a key for each system, offline; raises Failed."""

        async def make(seat: Desk) -> dict[str, str]:
            return {system: (await seat.new_key(system, "system")).key or "" for system in self.cast.systems}

        self.keys = at_desk(self.config, self.data / "gateway", make, make=True)

    def start_simulators(self) -> None:
        """Start all partners."""
        for player in self.cast.players:
            module = f"adapters.{player.simulator}.simulator"
            self._start(player.system, [sys.executable, "-m", module, *self._simulator(player)])

    def _simulator(self, player: Player) -> list[str]:
        system = player.system
        return [
            *("--port", str(self.ports[system]), "--journal", str(self.journal(system))),
            *("--gateway", self.url, "--key", self.keys[system], "--seed", str(self.seed)),
            *(option.format_map(self._facts()) for option in player.options),
        ]

    def _facts(self) -> dict[str, object]:
        return {
            "services": self.config / "services.toml",
            "count": self.count,
            "per_second": self.per_second,
            "per_turn": max(1, self.count // 4),
            "push": max(1, self.count // 20),
        }

    def _start(self, name: str, command: list[str]) -> None:
        log = self.data / f"{name}.log"
        with log.open("ab") as output:
            self.running[name] = subprocess.Popen(  # noqa: S603 - our own programs
                command, stdout=output, stderr=subprocess.STDOUT, cwd=self.root, env=self.environment
            )

    def _await_ready(self) -> None:
        until = time.monotonic() + _START_LIMIT
        while time.monotonic() < until:
            if self.running["gateway"].poll() is not None:
                break
            if is_ready(self.url):
                return
            time.sleep(0.05)
        raise DemoError(f"the gateway did not start; see {self.data / 'gateway.log'}")

    def check_alive(self) -> None:
        """Raise DemoError where one of the processes has ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise DemoError(f"{name} ended with status {process.returncode}; see {self.data / (name + '.log')}")

    def memory(self) -> int:
        """Return the gateway's highest resident memory in bytes, 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.running['gateway'].pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0
        lines = [line.split() for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(lines[0][1]) * 1024 if lines else 0


def _has_login_server(system: SystemConfig) -> bool:
    """Whether it shows its credentials at an address of its own, which the demo's simulators do not stand for."""
    auth = system.options.get("auth")
    return isinstance(auth, dict) and "server" in auth


def is_ready(url: str) -> bool:
    """Whether the gateway answers that it is ready."""
    try:
        with _DIRECT.open(url + "/readyz", timeout=1) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def staged(stage: Stage) -> Generator[Stage]:
    """Make ports, secrets and keys; end every process at the end, gently first, also where we are told to end."""
    (stage.data / JOURNALS).mkdir(parents=True, exist_ok=True)
    stage.write_config()
    stage.ports = free_ports("gateway", *stage.cast.systems)
    stage.environment = {
        **os.environ,
        **sample_secrets(),
        "PYTHONPATH": str(stage.root),
    }
    with _told_to_end():
        try:
            yield stage
        finally:
            for process in stage.running.values():
                process.send_signal(signal.SIGTERM)
            for process in stage.running.values():
                _end(process)


@contextmanager
def _told_to_end() -> Generator[None]:
    """Take a closed terminal and a request to end as Ctrl-C: else the processes would outlive this one."""
    before = {one: signal.signal(one, signal.default_int_handler) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
