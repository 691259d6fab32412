"""A start that somebody calls off while it waits for the database."""

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

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "gateway.toml": '[server]\nport = 0\n[store]\npostgres = "env:GATEWAY_POSTGRES"\nreserve = 0\n',
    "routes.toml": '[[route]]\nid = "out"\nsource = "portal"\nto = ["tax"]\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/tax.toml": 'id = "tax"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Thuế"\n',
}
# Whether anybody waits for a lock that one has.
WAITED_FOR = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def called_off(command: list[str], address: str) -> tuple[int, float]:
    """Start, say that it shall end once it waits for its turn at the schema; return its status, after what time."""
    other = await asyncpg.connect(address)
    try:
        await other.execute(f"SELECT pg_advisory_lock({MIGRATION})")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_POSTGRES": address}
        with subprocess.Popen(command, env=environment) as process:  # noqa: ASYNC220, S603 - our own program
            while not await other.fetchval(WAITED_FOR):
                assert process.poll() is None, "the gateway ended"
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            status = await asyncio.to_thread(process.wait)
            return status, time.monotonic() - began
    finally:
        await other.close()


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("more", [(), ("--workers", "2")])
def test_a_start_that_waits_for_the_schema_ends_when_it_is_told_to(tmp_path: Path, more: tuple[str, ...]) -> None:
    """G11: it has begun nothing, and a step of another gateway may last for an hour."""
    for name, text in FILES.items():
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "serve", *more]
    command += ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    with empty_database() as address:
        status, took = asyncio.run(called_off(command, address))
    assert status == 0
    assert took < 5
    assert '"event":"stopped"' in (tmp_path / "data" / "log" / "gateway.jsonl").read_text("utf-8")
