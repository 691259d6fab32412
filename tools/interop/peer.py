"""A foreign stack as the matrix sees it: it installs what it needs, calls, and is called."""

import json
import os
import shutil
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tools.gateway_process import ROOT
from tools.interop.cases import Case, Feature, Way
from tools.interop.keys import USER, Keys

SOURCES = ROOT / "interop"
WSDL = SOURCES / "wsdl" / "register.wsdl"
TOOLS = ROOT / ".tools" / "interop"  #: what is installed or compiled here
_CALL_WITHIN = 90.0  #: seconds: a Java machine starts, on a busy computer
_START_WITHIN = 60.0
_INSTALL_WITHIN = 900.0


class PeerFailed(Exception):
    """A peer could not be installed or started, or did not answer as its programs do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a peer's client is told to do."""

    url: str
    key: str
    version: str
    dossier: str
    event: str
    text: str
    file: Path
    feature: Feature
    keys: Keys
    detail: str = ""

    def words(self) -> dict[str, Any]:
        """Return it as the clients read it."""
        return {
            "url": self.url,
            "key": self.key,
            "version": self.version,
            "dossier": self.dossier,
            "event": self.event,
            "text": self.text,
            "file": str(self.file),
            "mtom": self.feature is Feature.MTOM,
            "security": self.detail if self.feature is Feature.SECURITY else "",
            "user": USER,
            "password": self.keys.password,
            "keys": str(self.keys.folder),
        }


class Peer(ABC):
    """One stack."""

    name: ClassVar[str]
    stack: ClassVar[str]  #: its name and version, for the report
    calls: ClassVar[Mapping[Feature, Sequence[str]]]  #: what its client can, in which versions of SOAP
    serves: ClassVar[Mapping[Feature, Sequence[str]]]  #: what its server can; empty where it has no server
    absent: ClassVar[Mapping[Feature, str]]  #: why it cannot do the rest
    proves: ClassVar[Mapping[Way, Sequence[str]]]  #: which kinds of WS-Security it can: "username", "signature"

    @abstractmethod
    def install(self) -> None:
        """Make ready; raises PeerFailed."""

    @abstractmethod
    def call(self, asked: Asked) -> dict[str, Any]:
        """Run its client once and return what it printed; raises PeerFailed."""

    @abstractmethod
    def serving(self, keys: Keys) -> AbstractContextManager["Served"]:
        """Run its server; raises PeerFailed."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    address: str
    by_path: bool = False  #: each version of SOAP, and MTOM, has a path of its own

    def url(self, case: Case) -> str:
        """Return where this is served."""
        more = "mtom" if case.feature is Feature.MTOM else case.detail
        return f"{self.address}/{case.version.replace('.', '')}{more}" if self.by_path else self.address


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a peer: nothing between it and loopback."""
    return {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost", **more}


def packages(*names: str) -> None:
    """Install Debian packages that are missing; raises PeerFailed with the command where we are not root."""
    missing = [name for name in names if not _installed(name)]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        message = f"Debian packages are missing; as root: {' '.join(command)}"
        raise PeerFailed(message)
    quiet = environment(DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "update", "--quiet"], env=quiet)
    run(command, env=quiet)


def _installed(name: str) -> bool:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", name]
    if shutil.which("dpkg-query") is None:
        return False
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout == "installed"


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Run a command to its end and return what it printed; raises PeerFailed with its last words."""
    try:
        done = subprocess.run(
            command,
            env=env or environment(),
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_WITHIN,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{command[0]}: {error}"
        raise PeerFailed(message) from error
    if done.returncode:
        message = f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip()[-600:]}"
        raise PeerFailed(message)
    return done.stdout


def spoken(command: Sequence[str], words: str, *, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a client with what it is told on its standard input; return the JSON of its last line."""
    try:
        done = subprocess.run(
            command,
            input=words,
            env=env or environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_CALL_WITHIN,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerFailed(str(error)) from error
    lines = done.stdout.strip().splitlines()
    try:
        return dict(json.loads(lines[-1]))
    except (IndexError, ValueError) as error:
        message = f"the client printed no JSON: {(done.stderr or done.stdout).strip()[-600:]}"
        raise PeerFailed(message) from error


@contextmanager
def listening(command: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None) -> Generator[str]:
    """Run a server that prints "listening PORT"; yield its address, and end it. Raises PeerFailed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, env=env or environment(), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            yield f"http://127.0.0.1:{_port(process, log)}"
        finally:
            end(process)


def _port(process: "subprocess.Popen[str]", log: Path) -> int:
    """Read the first line; a server that says nothing at all is ended, which ends the reading."""
    watch = threading.Timer(_START_WITHIN, process.kill)
    watch.start()
    try:
        line = process.stdout.readline() if process.stdout else ""
    finally:
        watch.cancel()
    word, _, port = line.strip().partition(" ")
    if word != "listening" or not port.isdigit():
        message = f"the server did not start: {log.read_text(errors='replace').strip()[-600:]}"
        raise PeerFailed(message)
    return int(port)


def end(process: "subprocess.Popen[Any]") -> None:
    """End a process that was started here, gently first."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
