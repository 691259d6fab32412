"""Whatever order one source's statuses come in, the same one stands, and the dossier is known to be the same."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.message import Code, Draft, Receipt, SourceStatus
from gateway.ports.store import DossierView, Store
from gateway.stores.memory import MemoryStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning
from gateway.testing.books import a_draft, a_planner, a_status
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file

_NATIONAL = (Code("national", "N-1"),)


def _memory(_folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
    return MemoryStore(clock=clock, ids=ids)


def _sqlite(folder: Path, clock: FakeClock, ids: FakeIds) -> AbstractAsyncContextManager[Store]:
    return SqliteStore(new_file(folder / "gateway.db"), clock=clock, ids=ids, tuning=Tuning(synchronous="OFF"))


@st.composite
def _said(draw: st.DrawFn) -> tuple[list[Draft], list[Draft]]:
    """Draw one source's statuses with distinct times, in the order they happened and in one they may come in.

    Some name the dossier by a code that is bound last: they are parked until then.
    """
    start = FakeClock().now() - timedelta(days=2)
    ages = sorted(draw(st.sets(st.integers(0, 1000), min_size=2, max_size=7)))
    said = [draw(_status(start + timedelta(minutes=age))) for age in ages]
    return said, draw(st.permutations(said))


@st.composite
def _status(draw: st.DrawFn, at: datetime) -> Draft:
    number = draw(st.one_of(st.none(), st.integers(1, 10)))
    status = SourceStatus(status=number, code="77" if number is None else "", text=draw(st.sampled_from(["", "x"])))
    codes = draw(st.sampled_from([(Code("province", "H01-1"),), _NATIONAL]))
    return a_status(status=status, codes=codes, text=f"{at} {status}", digest=f"{at} {status}", occurred_at=at)


@pytest.mark.parametrize("open_store", [_memory, _sqlite], ids=["memory", "sqlite"])
@settings(deadline=None, max_examples=60)
@given(said=_said(), gaps=st.lists(st.integers(0, 90), min_size=7, max_size=7))
def test_permutations_of_one_sources_statuses_converge(
    open_store: Callable[..., Any], said: tuple[list[Draft], list[Draft]], gaps: list[int]
) -> None:
    """Model rule 3: the one that happened last stands, and every one is relayed, in the order it came."""
    happened, came = said
    one, told = asyncio.run(_after(open_store, happened, gaps))
    other, told_too = asyncio.run(_after(open_store, came, gaps))
    assert _known(one) == _known(other)
    assert one.statuses[0].occurred_at == happened[-1].occurred_at
    assert sorted(told) == sorted(told_too) == sorted(draft.digest for draft in happened)


async def _after(
    open_store: Callable[..., Any], drafts: Sequence[Draft], gaps: Sequence[int]
) -> tuple[DossierView, list[str]]:
    """Return what is known after these words in this order, and what the portal is sent."""
    clock, ids = FakeClock(), FakeIds()
    plan = a_planner(ids)
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder), clock, ids) as store:
            (first,) = (await store.accept([a_draft()], plan=plan)).results
            assert isinstance(first, Receipt)
            for draft, gap in zip(drafts, gaps, strict=False):
                clock.advance(gap)
                await store.accept([draft], plan=plan)
            bound = a_status(kind="reference.assigned", status=None, codes=(Code("province", "H01-1"), *_NATIONAL))
            await store.accept([bound], plan=plan)
            timeline = await store.timeline(first.dossier_id)
            sent = {delivery.message_id for delivery in timeline.deliveries if delivery.destination == "portal"}
            statuses = [item for item in timeline.messages if item.kind == "status.changed" and item.id in sent]
            view = await store.dossier(first.dossier_id)
            assert view is not None
            return view, [item.digest for item in statuses]


def _known(view: DossierView) -> object:
    """Return what is the same for everybody who asks; ids and times of acceptance are each run's own."""
    statuses = [(item.system, item.status, item.occurred_at) for item in view.statuses]
    return statuses, set(view.codes), view.revision, view.document, view.procedure, view.agency
