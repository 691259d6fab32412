"""Where the strace program comes from: the search path, else Debian's package, unpacked without root."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REMEDY = "install strace (apt-get install strace) and run this again"


class StraceUnavailable(Exception):
    """strace is neither installed nor could it be fetched, or it may not trace here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strace:
    """A strace that works here, and the environment it needs itself; the traced program does not get it."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    def command(self, options: Sequence[str]) -> list[str]:
        """Begin a command line; the traced program and its arguments follow."""
        hidden = [part for name in self.environment for part in ("-E", name)]
        return [str(self.program), *hidden, *options]


def find_strace(folder: Path) -> Strace:
    """Return a working strace, fetched below ``folder`` if need be. Raises StraceUnavailable with the remedy."""
    installed = shutil.which("strace")
    strace = Strace(program=Path(installed)) if installed else _fetched(folder)
    trial = strace.command(["-f", "-o", os.devnull, "true"])
    done = subprocess.run(trial, env={**os.environ, **strace.environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        message = (
            f"strace may not trace here ({done.stderr.strip()}): allow ptrace in this container and run this again"
        )
        raise StraceUnavailable(message)
    return strace


def _fetched(folder: Path) -> Strace:
    program = folder / "root" / "usr" / "bin" / "strace"
    if not program.exists():
        _fetch(folder)
    libraries = {str(found.parent) for found in (folder / "root" / "usr" / "lib").rglob("libunwind*.so*")}
    return Strace(program=program, environment={"LD_LIBRARY_PATH": ":".join(sorted(libraries))} if libraries else {})


def _fetch(folder: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        message = f"strace is not installed and this is not a Debian system: {REMEDY}"
        raise StraceUnavailable(message)
    debs = folder / "debs"
    for made in (debs, folder / "state" / "lists" / "partial", folder / "cache" / "archives" / "partial"):
        made.mkdir(parents=True, exist_ok=True)
    _apt(folder, "update", cwd=debs)
    _unpack(folder, "strace")
    for library in _unwinders(debs):
        _unpack(folder, library)


def _unpack(folder: Path, package: str) -> None:
    _apt(folder, "download", package, cwd=folder / "debs")
    for deb in (folder / "debs").glob(f"{package}_*.deb"):
        _run(["dpkg-deb", "-x", str(deb), str(folder / "root")], cwd=folder)


def _unwinders(debs: Path) -> list[str]:
    """Name the libraries that strace needs and a bare system lacks."""
    deb = next(debs.glob("strace_*.deb"))
    depends = _run(["dpkg-deb", "-f", str(deb), "Depends"], cwd=debs)
    names = [part.split()[0] for part in depends.split(",") if part.strip()]
    return [name for name in names if name.startswith("libunwind")]


def _apt(folder: Path, *words: str, cwd: Path) -> None:
    """Run apt-get on lists and a cache of our own, so that it needs neither root nor an earlier update."""
    options = {
        "Dir::State": folder / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "1",
    }
    flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    _run(["apt-get", "--quiet", "--quiet", *flags, *words], cwd=cwd)


def _run(command: Sequence[str], *, cwd: Path) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True, timeout=180)
    except subprocess.SubprocessError as error:
        said = getattr(error, "stderr", None) or str(error)
        message = f"strace is not installed and could not be fetched ({str(said).strip()[-300:]}): {REMEDY}"
        raise StraceUnavailable(message) from error
    return done.stdout
