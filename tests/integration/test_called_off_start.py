"""A start that waits for the database: somebody calls it off meanwhile, or edits its files."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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


async def while_it_waits(
    command: list[str], address: str, then: Callable[[subprocess.Popen[bytes]], None], said: int | None = None
) -> tuple[int, float]:
    """Start, do something once it waits for its turn at the schema; return its status, and after what time it ended."""
    other = await asyncpg.connect(address)
    try:
        await other.execute(f"SELECT pg_advisory_lock({MIGRATION})")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_POSTGRES": address}
        with subprocess.Popen(command, env=environment, stderr=said) as process:  # noqa: ASYNC220, S603 - our own program
            while not await other.fetchval(WAITED_FOR):
                assert process.poll() is None, "the gateway ended"
                await asyncio.sleep(0.02)
            then(process)
            began = time.monotonic()
            if said is not None:
                await other.execute(f"SELECT pg_advisory_unlock({MIGRATION})")
            status = await asyncio.to_thread(process.wait)
            return status, time.monotonic() - began
    finally:
        await other.close()


def prepared(folder: Path, *more: str) -> list[str]:
    """Write a configuration; return the command that serves by it."""
    for name, text in FILES.items():
        (folder / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "config" / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "serve", *more]
    return [*command, "--config", str(folder / "config"), "--data", str(folder / "data")]


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("more", [(), ("--workers", "2")])
def test_a_start_that_waits_for_the_schema_ends_when_it_is_told_to(tmp_path: Path, more: tuple[str, ...]) -> None:
    """G11: it has begun nothing, and a step of another gateway may last for an hour."""
    command = prepared(tmp_path, *more)
    with empty_database() as address:
        status, took = asyncio.run(while_it_waits(command, address, lambda it: it.send_signal(signal.SIGTERM)))
    assert status == 0
    assert took < 5
    assert '"event":"stopped"' in (tmp_path / "data" / "log" / "gateway.jsonl").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_all_workers_begin_by_what_the_first_has_read(tmp_path: Path) -> None:
    """G8: files that are edited while they begin would give each another version, and say so once for each."""
    command = prepared(tmp_path, "--workers", "3")

    def edit(_process: object) -> None:
        (tmp_path / "config" / "routes.toml").write_text("[[route]\nhalf an edit", encoding="utf-8")

    with empty_database() as address, (tmp_path / "said").open("w") as said:
        status, _ = asyncio.run(while_it_waits(command, address, edit, said.fileno()))
    assert status == 1
    assert (tmp_path / "said").read_text("utf-8").count("nothing was started") == 1
