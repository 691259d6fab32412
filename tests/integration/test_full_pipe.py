"""A start that fails while nobody reads what it says."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.integration.test_called_off_start import FILES, ROOT

POSTGRES = 'postgres = "env:GATEWAY_POSTGRES"\n'
NOBODY_THERE = "postgresql://gateway@127.0.0.1:9/gateway"


@contextmanager
def full_pipe() -> Generator[int]:
    """Yield the end for writing of a pipe that takes nothing more, and whose reader is still there."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    try:
        yield writing
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "stream", "spoilt", "status"),
    [
        ((), "stderr", "nonsense = 1\n", 2),
        (("--json",), "stdout", "nonsense = 1\n", 2),
        ((), "stderr", POSTGRES, 1),
        (("--port-file", "/"), "stderr", POSTGRES, 2),
        (("--workers", "2"), "stderr", "", 2),
    ],
    ids=["configuration", "json", "database", "options", "workers"],
)
def test_a_start_that_fails_ends_with_its_status_though_nobody_reads_why(
    tmp_path: Path, more: tuple[str, ...], stream: str, spoilt: str, status: int
):
    """G11: a service manager that waits for its end would never start it again."""
    for name, text in FILES.items():
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text.replace(POSTGRES, spoilt), encoding="utf-8")
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "serve", *more]
    command += ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_POSTGRES": NOBODY_THERE}
    with full_pipe() as pipe:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: pipe}
        ended = subprocess.run(command, env=environment, check=False, timeout=25, **streams)  # noqa: S603 - our own
    assert ended.returncode == status
