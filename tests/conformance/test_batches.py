"""A store under many callers at once: what shares a transaction is kept apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from gateway.core.delivery import State
from gateway.core.errors import StoreUnavailable
from gateway.core.message import Receipt
from gateway.core.planning import Planner
from gateway.core.proposals import ALONE, TooMany
from gateway.core.reason import Reason, Why
from gateway.core.replay import ItemState, Left, Run, RunPlan, Selection, order
from gateway.ports.store import Accepted, Settled
from gateway.stores.postgres import PostgresStore
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import a_draft, a_planner, a_settlement, an_order
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.postgres import TUNING, database
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import slots

_MANY = 100  # more than one statement's rows


@pytest.fixture(params=["sqlite", "postgres"])
async def store(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[SqlStore]:
    if request.param == "sqlite":
        async with SqliteStore(tmp_path / "gateway.db", clock=FakeClock(), ids=FakeIds()) as opened:
            yield opened
    else:
        async with (
            database() as url,
            PostgresStore(url, clock=FakeClock(), ids=FakeIds(), tuning=TUNING) as opened_there,
        ):
            yield opened_there


@pytest.fixture
def plan() -> Planner:
    return a_planner(FakeIds())


async def test_many_accepted_at_once_are_all_there_and_all_claimed(store: SqlStore, plan: Planner) -> None:
    """G1: each receipt is for a message that is kept."""
    accepted = await asyncio.gather(*(store.accept([a_draft(f"H-{n}")], plan=plan) for n in range(_MANY)))
    receipts = [result for one in accepted for result in one.results if isinstance(result, Receipt)]
    kept = [await store.message(receipt.message_id) for receipt in receipts]
    assert [message.codes[0].value for message in kept if message] == [f"H-{n}" for n in range(_MANY)]
    claimed = await store.claim(slots(free=_MANY))
    assert sorted(one.message.id for one in claimed) == sorted(one.message_id for one in receipts)
    assert all(one.codes == {"province": one.message.codes[0].value} for one in claimed)
    assert all(one.dossier.document is not None for one in claimed)


async def test_one_dossier_submitted_many_times_at_once_is_kept_once(store: SqlStore, plan: Planner) -> None:
    """G7: of equal statements one is new, whoever shares its transaction."""
    accepted = await asyncio.gather(*(store.accept([a_draft("H-1")], plan=plan) for _ in range(_MANY)))
    receipts = [result for one in accepted for result in one.results if isinstance(result, Receipt)]
    assert len(receipts) == _MANY
    assert sum(not receipt.duplicate for receipt in receipts) == 1
    assert len({receipt.message_id for receipt in receipts}) == 1
    assert len(await store.find()) == 1


async def test_what_is_settled_at_once_is_counted_once_each(store: SqlStore, plan: Planner) -> None:
    """G2: every delivery ends in its own state, with its attempt beside it."""
    accepted = await asyncio.gather(
        *(store.accept([a_draft(f"H-{n}")], plan=plan, slots=slots(free=_MANY)) for n in range(_MANY))
    )
    leased = [delivery for one in accepted for delivery in one.leased]
    assert len(leased) == _MANY
    settled = await asyncio.gather(*(store.settle(a_settlement(one), plan=plan) for one in leased))
    assert set(settled) == {Settled.DONE}
    again = await asyncio.gather(*(store.settle(a_settlement(one), plan=plan) for one in leased))
    assert set(again) == {Settled.AGAIN}
    (counts,) = await store.counts()
    assert counts.by_state == {State.DELIVERED: _MANY}
    found = [await store.delivery(one.id) for one in leased]
    assert [len(one[1]) for one in found if one] == [1] * _MANY


@pytest.mark.parametrize("odd", ["", "\x1e", "a\x1fb", "\x1f", "\\N", "NULL", '"', "{}"])
async def test_every_word_is_kept_and_found_as_it_is(store: SqlStore, plan: Planner, odd: str) -> None:
    """G1, G7: no word is nothing, ends early, or is two."""
    drafts = [a_draft(f"H-{odd}-{n}", dedup_key=f"{n}{odd}", agency=odd) for n in range(3)]
    first = await asyncio.gather(*(store.accept([draft], plan=plan) for draft in drafts))
    again = await asyncio.gather(*(store.accept([draft], plan=plan) for draft in drafts))
    receipts = [one.results[0] for one in (*first, *again)]
    assert [isinstance(one, Receipt) and one.duplicate for one in receipts] == [False] * 3 + [True] * 3
    claimed = await store.claim(slots(free=3))
    reason = Reason(Why.REFUSED_BY_PARTNER, odd)
    await asyncio.gather(*(store.settle(a_settlement(one, State.DEAD, reason=reason), plan=plan) for one in claimed))
    assert [view.reason for view in await store.find(state=State.DEAD)] == [reason] * 3
    found = [await store.dossiers(draft.codes[0].value) for draft in drafts]
    assert [(view.agency, view.codes) for (view,) in found] == [(odd, draft.codes) for draft in drafts]


@pytest.mark.parametrize("place", ["codes", "dedup_key"])
async def test_a_word_that_cannot_be_written_down_fails_its_own_caller_alone(
    store: SqlStore, plan: Planner, place: str
) -> None:
    """G1, G6: a header's byte 255 is read as such; who shares the batch is answered, and the next one goes."""
    odd = "\udcff"
    wrong = a_draft(odd) if place == "codes" else a_draft("H-2", dedup_key=odd)
    calls = (store.accept([draft], plan=plan) for draft in (a_draft("H-1"), wrong, a_draft("H-3")))
    first, failed, last = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(failed, ValueError | StoreUnavailable)
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert store.is_alive
    assert len(await store.find()) == 2


async def test_a_refusal_is_written_down_whatever_its_words_are(store: SqlStore, plan: Planner) -> None:
    """G2: a partner whose words no database takes would be sent the same for ever."""
    await store.accept([a_draft("H-1")], plan=plan)
    (delivery,) = await store.claim(slots())
    reason = Reason(Why.REFUSED_BY_PARTNER, "L\u1ed7i\0 \udcff")
    assert await store.settle(a_settlement(delivery, State.DEAD, reason=reason), plan=plan) is Settled.DONE
    assert [view.reason for view in await store.find()] == [Reason(Why.REFUSED_BY_PARTNER, "Lỗi\ufffd \ufffd")]


async def test_replays_begun_at_once_do_not_share_a_delivery(store: SqlStore, plan: Planner) -> None:
    """G4: of several that chose the same, one has it, whoever shares its transaction."""
    await store.accept([a_draft("H-1")], plan=plan)
    (delivery,) = await store.claim(slots())
    await store.settle(a_settlement(delivery, State.DEAD), plan=plan)
    asked = order(await store.choose(Selection()), {}, RunPlan())
    runs = await asyncio.gather(*(store.begin_run(asked, by=by()) for _ in range(_MANY)))
    items = [(await store.run_items(run.id))[0] for run in runs]
    assert [item.state for item in items].count(ItemState.CHOSEN) == 1
    assert {item.why for item in items} == {None, Left.OTHER_RUN}


async def test_replays_begun_at_once_by_one_person_count_together(store: SqlStore) -> None:
    """Of several that are too many only together, as many begin as one person may, whoever shares its transaction."""
    half = ALONE // 2
    began = (store.begin_run(an_order(*range(first, first + half)), by=by()) for first in range(0, 5 * half, half))
    found = await asyncio.gather(*began, return_exceptions=True)
    assert [type(one) for one in found].count(Run) == 2
    assert [(one.asked, one.lately) for one in found if isinstance(one, TooMany)] == [(half, ALONE)] * 3
