"""G10 on disk: the chain goes on over restarts, kills and commits that fail."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.core.ids import NodeId
from gateway.core.message import Draft, Receipt
from gateway.core.record import RecordType
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.evidence import proof_of
from gateway.testing.ids import FakeIds

_KILLED = """
import asyncio, sys
from pathlib import Path
from gateway.app.clock import SystemClock
from gateway.app.ids import RandomIds
from gateway.core.ids import NodeId
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import a_draft, a_planner

async def main():
    ids = RandomIds()
    plan = a_planner(ids)
    async with SqliteStore(Path(sys.argv[1]), clock=SystemClock(), ids=ids) as store:
        await store.join(NodeId(ids.new()), config="config-1")
        for number in range(10_000):
            drafts = [[a_draft(f"{sys.argv[2]}-{number}-{item}")] for item in range(8)]
            done = await asyncio.gather(*(store.accept(draft, plan=plan) for draft in drafts))
            print(*(one.results[0].message_id for one in done), flush=True)

asyncio.run(main())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def _open(path: Path, ids: FakeIds) -> SqliteStore:
    return SqliteStore(path, clock=FakeClock(), ids=ids)


async def test_each_start_goes_on_where_the_last_one_ended(path: Path) -> None:
    """G10: also where a command writes to the file before any gateway has joined."""
    ids = FakeIds()
    plan = a_planner(ids)
    for start in range(3):
        async with _open(path, ids) as store:
            await store.accept([a_draft(f"before-{start}")], plan=plan)
            await store.join(NodeId(f"node-{start}"), config="config-1")
            await store.accept([a_draft(f"after-{start}")], plan=plan)
    async with _open(path, ids) as store:
        proof = await proof_of(store)
    assert [chain.node for chain in proof.report.chains][1::2] == ["node-0", "node-1", "node-2"]
    assert len(proof.of(RecordType.ACCEPTED)) == 6


async def _killed(path: Path, run: int) -> list[str]:
    """Run a process that accepts, kill it, and return the messages whose receipts it had given."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, str(path), str(run), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(3 + run)]
    os.kill(process.pid, signal.SIGKILL)
    rest = await process.stdout.read()
    await process.wait()
    whole = [*lines, *(line for line in rest.splitlines(keepends=True) if line.endswith(b"\n"))]
    return [message.decode() for line in whole for message in line.split()]


@pytest.mark.slow
async def test_the_chain_is_whole_after_every_kill(path: Path) -> None:
    """G10, G11: what got a receipt is in the chain, and the next incarnation names its head."""
    promised: list[str] = []
    for run in range(3):
        promised += await _killed(path, run)
    async with _open(path, FakeIds()) as store:
        await store.join(NodeId("last"), config="config-1")
        proof = await proof_of(store)
    accepted = [record["message"] for record in proof.of(RecordType.ACCEPTED)]
    assert set(promised) <= set(accepted)
    assert len(accepted) == len(set(accepted))
    assert len(proof.report.chains) == 4


async def test_what_fails_beside_others_leaves_no_gap(path: Path) -> None:
    """G10: of those that share a transaction, one that fails takes only its own records with it."""
    ids = FakeIds()
    plan = a_planner(ids)

    def failing(draft: Draft, known: object) -> object:
        if draft.codes[0].value == "bad":
            raise ZeroDivisionError
        return plan(draft, known)  # type: ignore[arg-type]

    async with _open(path, ids) as store:
        codes = [*map(str, range(20)), "bad", *map(str, range(20, 40)), "bad", "40"]
        done = await asyncio.gather(
            *(store.accept([a_draft(code)], plan=failing) for code in codes),  # type: ignore[arg-type]
            return_exceptions=True,
        )
        assert sum(isinstance(one, ZeroDivisionError) for one in done) == 2
        proof = await proof_of(store)
    assert len(proof.of(RecordType.ACCEPTED)) == 41
    assert len(proof.report.chains) == 1


async def test_a_commit_that_fails_leaves_no_gap_and_the_incarnation_goes_on(path: Path) -> None:
    """G10: the same chain, although the connection was lost."""
    ids = FakeIds()
    plan = a_planner(ids)
    async with _open(path, ids) as store:
        await store.join(NodeId("node-1"), config="config-1")
        await store.accept([a_draft("A")], plan=plan)
        with sqlite3.connect(path) as other:
            other.execute("CREATE TRIGGER broken BEFORE INSERT ON evidence BEGIN SELECT RAISE(FAIL, 'no'); END")
        other.close()
        with pytest.raises(StoreUnavailable):
            await store.accept([a_draft("B")], plan=plan)
        with sqlite3.connect(path) as other:
            other.execute("DROP TRIGGER broken")
        other.close()
        (again,) = (await store.accept([a_draft("B")], plan=plan)).results
        assert isinstance(again, Receipt)
        assert not again.duplicate
        proof = await proof_of(store)
    assert [chain.node for chain in proof.report.chains] == ["node-1"]
    assert len(proof.of(RecordType.ACCEPTED)) == 2


async def test_a_row_changed_in_the_database_is_found(path: Path) -> None:
    """G10: by whoever has the export, without the database."""
    ids = FakeIds()
    async with _open(path, ids) as store:
        for code in "ABC":
            await store.accept([a_draft(code)], plan=a_planner(ids))
    with sqlite3.connect(path) as other:
        changed = """CAST(replace(CAST(record AS TEXT), '"revision":1', '"revision":2') AS BLOB)"""
        other.execute(f"UPDATE evidence SET record = {changed} WHERE number = 3")  # noqa: S608 - words of this test
    other.close()
    async with _open(path, ids) as store:
        with pytest.raises(AssertionError, match=r"Flaw\.LINK.*number=3"):
            await proof_of(store)
