"""An earlier copy of the database is put back: what partners have by now, and what they are sent."""

import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.errors import CursorExpired
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Absent, Delivered
from gateway.core.reason import Why
from gateway.core.restoring import Restoring
from gateway.relay.sweeper import Sweeper
from gateway.stores.sqlite import SqliteStore
from gateway.testing.adapter import FakeAdapter, LookingAdapter, code_of
from gateway.testing.books import CIVIL_STATUS, CRIMINAL_RECORD, LAND, PORTAL, TAX, a_book, a_draft, a_route
from gateway.testing.relay_house import RelayHouse

CALLED = (CIVIL_STATUS, LAND, CRIMINAL_RECORD)
BY = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan"), reason="Hỏng đĩa, đặt lại bản sao đêm qua")


class Registry(LookingAdapter):
    """Finds a dossier by its code, whatever id it came under."""

    async def lookup(self, delivery, *, deadline):
        await super().lookup(delivery, deadline=deadline)
        has = any(code_of(item) == code_of(delivery) for item in self.effects)
        return Delivered(codes={}) if has else Absent()


class HouseOnFile(RelayHouse):
    """A relay over a file in the place of which another can be put."""

    def __init__(self, path: Path, *given, **named):
        self.path = path
        super().__init__(*given, **named)

    def _new_store(self, silence):
        del silence
        return SqliteStore(self.path, clock=self.clock, ids=self.ids, notify=self.wakeups.wake)

    def copy(self) -> Path:
        copy = self.path.with_name("copy.db")
        with closing(sqlite3.connect(self.path)) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
        return copy

    async def put_back(self, copy: Path) -> None:
        """Put a copy in the place of the database and say so, while nobody serves it."""
        await self.store.close()
        swap(copy, self.path)
        self.store = self._new_store(None)
        await self.store.open()
        await self.store.restored(Restoring(systems=CALLED), by=BY)

    def effects(self, system) -> Counter[str]:
        return Counter(map(code_of, self.adapters[system].effects))

    async def stands(self, system) -> dict[str, tuple[State, Why | None]]:
        found = await self.store.find(destination=system)
        return {view.code: (view.state, view.reason and view.reason.code) for view in found}


def swap(copy: Path, path: Path) -> None:
    """Put a file in the place of a database; the log beside that would be applied to what comes."""
    for beside in ("-wal", "-shm"):
        Path(f"{path}{beside}").unlink(missing_ok=True)
    copy.replace(path)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[HouseOnFile]:
    """One ministry deduplicates, one can be asked, one has promised nothing; and the tax office reads."""
    adapters = {PORTAL: FakeAdapter(), CIVIL_STATUS: FakeAdapter(deduplicates=True)}
    adapters |= {LAND: Registry(), CRIMINAL_RECORD: FakeAdapter()}
    house = HouseOnFile(tmp_path / "gateway.db", adapters, a_book(routes=[a_route(*CALLED, TAX)]))
    await house.store.open()
    yield house
    await house.store.close()


async def test_nothing_is_applied_twice_though_the_books_know_nothing_of_it(house: HouseOnFile):
    """G4: what left after the copy was made is asked about, sent under the same id, or held, as each has declared."""
    async with house.running("node-1"):
        await house.accept(a_draft("A"))
        for system in CALLED:
            await house.until(system, State.DELIVERED)
    await house.accept(a_draft("B"))
    copy = house.copy()
    async with house.running("node-2"):
        await house.accept(a_draft("GONE"))
        for system in CALLED:
            await house.until(system, *[State.DELIVERED] * 3)
    read = (await house.store.read(TAX, "", limit=10)).next
    await house.store.acknowledge(TAX, read, plan=house.plan)

    house.clock.advance(3600)
    await house.put_back(copy)
    async with house.running("node-3"):
        await house.accept(a_draft("GONE"), a_draft("NEW"))  # the portal hands over again what is gone
        house.clock.advance(3600)
        assert [len(house.adapters[system].sent) for system in CALLED] == [3, 3, 3]
        for system in CALLED:
            await house.store.resume(system, by=BY)
        await house.until(LAND, *[State.DELIVERED] * 4)
        assert house.effects(LAND) == Counter({"A": 1, "B": 1, "GONE": 1, "NEW": 1})
        await house.until(CIVIL_STATUS, State.HELD, State.HELD, State.DELIVERED, State.DELIVERED)
        await house.until(CRIMINAL_RECORD, State.HELD, State.HELD, State.HELD, State.DELIVERED)
        assert house.effects(CIVIL_STATUS) == house.effects(CRIMINAL_RECORD) == Counter({"A": 1, "B": 1, "GONE": 1})
        assert [len(house.adapters[system].sent) for system in CALLED] == [4, 4, 3]
        assert (await house.stands(CRIMINAL_RECORD))["B"] == (State.HELD, Why.RESTORED)
        assert (await house.stands(CIVIL_STATUS))["GONE"] == (State.HELD, Why.RESTORED)


async def test_a_reader_gets_all_that_is_there_and_acknowledges_nothing_unseen(house: HouseOnFile):
    """G2: it had read far beyond the copy; what is new since would be taken for acknowledged."""
    await house.accept(a_draft("A"))
    copy = house.copy()
    await house.accept(a_draft("GONE"))
    place = (await house.store.read(TAX, "", limit=10)).next
    await house.put_back(copy)
    await house.accept(a_draft("NEW"))
    with pytest.raises(CursorExpired) as expired:
        await house.store.acknowledge(TAX, place, plan=house.plan)
    page = await house.store.read(TAX, expired.value.earliest, limit=10)
    assert [code_of(item.delivery) for item in page.items] == ["A", "NEW"]


async def test_no_file_of_what_is_gone_is_removed_for_a_month(house: HouseOnFile):
    """G2: it may have been the wrong copy, or the portal hands over again what is gone by the ids of its uploads."""
    copy = house.copy()
    gone = house.blobs.hold(b"gone", name="tờ khai.pdf")
    await house.accept(a_draft("GONE", blobs=(gone,)))
    await house.put_back(copy)
    sweeper = Sweeper(house.store, house.blobs, house.clock)
    for days, left in ((29, {gone.key}), (1, set[str]())):
        house.clock.advance(timedelta(days=days).total_seconds())
        for _ in range(2):
            await sweeper.sweep()
        assert set(house.blobs.objects) == left
