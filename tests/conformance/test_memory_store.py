"""The memory store keeps the contract."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from gateway.core.errors import StoreFull
from gateway.ports.store import Store
from gateway.stores.memory import MemoryStore
from gateway.testing.books import CIVIL_STATUS, a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    """Every behaviour of every store."""

    def open_store(self, _folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
        return MemoryStore(clock=clock, ids=ids)


async def test_a_full_store_accepts_nothing_new() -> None:
    """Simulations fill a disk that they do not have."""
    ids = FakeIds()
    store = MemoryStore(clock=FakeClock(), ids=ids, capacity=1)
    await store.accept([a_draft("A")], plan=a_planner(ids))
    with pytest.raises(StoreFull):
        await store.accept([a_draft("B")], plan=a_planner(ids))


async def test_who_has_something_new_is_woken() -> None:
    """A hint, once per call."""
    woken: list[frozenset[str]] = []
    ids = FakeIds()
    store = MemoryStore(clock=FakeClock(), ids=ids, notify=woken.append)
    await store.accept([a_draft("A"), a_draft("B")], plan=a_planner(ids))
    assert woken == [{CIVIL_STATUS}]
