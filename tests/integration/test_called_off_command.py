"""A command that somebody calls off while it waits for the database."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from gateway.stores.postgres.connection import MIGRATION
from gateway.testing.postgres import empty_database
from tests.integration.test_called_off_start import FILES, ROOT, WAITED_FOR

# Whether anybody waits for a table that one has.
WAITED_FOR_A_TABLE = "SELECT count(*) FROM pg_locks WHERE locktype = 'relation' AND NOT granted"


async def called_off(command: list[str], address: str, *, ready: bool) -> tuple[int, float]:
    """Ask, and press Ctrl-C once the command waits: for its turn at the schema, or, where it is ready, for a table."""
    waits = WAITED_FOR_A_TABLE if ready else WAITED_FOR
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_POSTGRES": address}
    if ready:
        subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: ASYNC221, S603 - our own
    other = await asyncpg.connect(address)
    try:
        await other.execute("BEGIN; LOCK TABLE delivery" if ready else f"SELECT pg_advisory_lock({MIGRATION})")
        with subprocess.Popen(command, env=environment) as process:  # noqa: ASYNC220, S603 - our own program
            while not await other.fetchval(waits):
                assert process.poll() is None, "the command ended"
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGINT)
            began = time.monotonic()
            status = await asyncio.to_thread(process.wait)
            return status, time.monotonic() - began
    finally:
        await other.close()


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("ready", [False, True])
@pytest.mark.parametrize("words", [("systems",), ("db", "restored", "--reason", "bản sao mẫu")])
def test_a_command_that_waits_for_the_database_ends_at_ctrl_c(tmp_path: Path, words: tuple[str, ...], *, ready: bool):
    """G11: it was asked to, and whoever waits for it waits for nothing."""
    for name, text in FILES.items():
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from gateway.cli import main; main()", *words]
    command += ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    with empty_database() as address:
        status, took = asyncio.run(called_off(command, address, ready=ready))
    assert status == 128 + signal.SIGINT
    assert took < 5
