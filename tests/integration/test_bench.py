"""What the measurements are made of: copies of dossiers are what the gateway wrote; every line has a measure."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bench.config import write
from bench.millions import grow_postgres, grow_sqlite
from bench.millions.seed import MARK, PARTNER, READER, MarkedIds, partner_code, province_code, seed, slots
from gateway.app.machine import Machine
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.replay import Selection
from gateway.ports.store import Timeline
from gateway.stores.postgres import PostgresStore
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.testing.postgres import TUNING, database

NODE = NodeId("bench")
NOWHERE = "http://127.0.0.1:9"


def shape(timeline: Timeline) -> list[tuple[str, ...]]:
    """What a timeline tells, without its ids and times."""
    return [
        *((message.source, message.kind, str(len(message.payload.body))) for message in timeline.messages),
        *((one.destination, one.kind, one.state, str(one.lane_seq)) for one in timeline.deliveries),
        *((one.attempt.outcome,) for one in timeline.attempts),
    ]


@asynccontextmanager
async def in_a_file(folder: Path) -> AsyncGenerator[SqlStore]:
    """Four copies of a store's dossiers in a file."""
    few, many = folder / "few" / "gateway.db", folder / "many" / "gateway.db"
    many.parent.mkdir()
    ids, machine = MarkedIds(), Machine()
    async with SqliteStore(few, clock=machine.clock, ids=ids) as store:
        await seed(store, ids, write(folder, NOWHERE), 3)
    grow_sqlite.grow(few, many, 4)
    async with SqliteStore(many, clock=machine.clock, ids=machine.ids) as store:
        yield store


@asynccontextmanager
async def in_postgres(folder: Path) -> AsyncGenerator[SqlStore]:
    """The same in PostgreSQL."""
    ids, machine = MarkedIds(), Machine()
    async with database() as url:
        async with PostgresStore(url, clock=machine.clock, ids=ids, tuning=TUNING) as store:
            await seed(store, ids, write(folder, NOWHERE), 3)
        await grow_postgres.grow(url, 4)
        async with PostgresStore(url, clock=machine.clock, ids=machine.ids, tuning=TUNING) as store:
            yield store


@pytest.mark.parametrize("grown", [in_a_file, in_postgres])
async def test_a_copied_dossier_is_found_read_claimed_and_chosen_like_the_first(
    tmp_path: Path, grown: Callable[[Path], AbstractAsyncContextManager[SqlStore]]
) -> None:
    """The rows of a million dossiers are those of a thousand, under other ids and codes."""
    async with grown(tmp_path) as store:
        await store.join(NODE, config="bench")
        (first,) = await store.dossiers(province_code(1))
        (copy,) = await store.dossiers(partner_code(province_code(1)).replace(MARK, "00000003"))
        assert copy.codes[0].value == province_code(1).replace(MARK, "00000003")
        assert first.document
        assert copy.document == first.document.replace(MARK.encode(), b"00000003")
        assert shape(await store.timeline(copy.id)) == shape(await store.timeline(first.id))
        assert (await store.timeline(copy.id)).attempts
        assert not [one for one in (await store.timeline(copy.id)).messages if MARK.encode() in one.payload.body]
        pages = await store.read(READER, "", limit=100)
        assert len({item.cursor for item in pages.items}) == len({item.delivery.id for item in pages.items}) == 24
        assert len(await store.claim(slots(NODE, 100))) == 8  # two of three in each of four copies
        assert len((await store.choose(Selection(state=State.DEAD, system=PARTNER))).chosen) == 4
