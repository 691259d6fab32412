"""Whatever is done in whatever order: SQLite and memory agree, and the guarantees hold."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.core.delivery import FINAL, HEADS, Delivery, DoubtMark, State
from gateway.core.ids import OPERATORS, SystemId
from gateway.core.judging import Decision, Undecidable
from gateway.core.message import Code, Draft, Receipt
from gateway.core.proposals import TooMany
from gateway.core.reason import Reason, Why
from gateway.core.replay import ItemState, RunClosed, RunId, RunPlan, RunState, Selection, Steering, Tally, order
from gateway.core.retention import Rule
from gateway.core.statuses import GuardMode, StatusBook, StatusTable
from gateway.ports.store import DeliveryView, Settlement, Slots, StatusView, Store
from gateway.stores.memory import MemoryStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning
from gateway.testing.books import (
    CIVIL_STATUS,
    CRIMINAL_RECORD,
    LAND,
    PORTAL,
    TAX,
    a_book,
    a_draft,
    a_planner,
    a_route,
    a_settlement,
    a_status,
    a_system,
)
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.new_files import new_file
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import LEASE, NODE

_TABLE = StatusTable(start=frozenset({2}), following={n: frozenset({n + 1}) for n in range(2, 9)})
_BOOK = replace(
    a_book(
        systems=[a_system(CIVIL_STATUS, status_guard=GuardMode.HOLD)],
        routes=[a_route(CIVIL_STATUS, CRIMINAL_RECORD, TAX), a_route(LAND, after=(CIVIL_STATUS,))],
    ),
    statuses=StatusBook(default=_TABLE),
)
_SYSTEMS = (CIVIL_STATUS, CRIMINAL_RECORD, LAND, PORTAL)
_CODES = st.sampled_from(["A", "B", "C"])
_WORDS = st.sampled_from(["", "x", "y"])
_DECISIONS = st.sampled_from(sorted(set(Decision) - {Decision.REPLACE}))
_REPLAYED = st.sampled_from([None, CIVIL_STATUS, CRIMINAL_RECORD])
_ENDS = st.sampled_from([State.DELIVERED, State.DELAYED, State.DEAD, State.HELD, State.READY, State.CANCELLED])


class _Side:
    """One store with a clock and ids of its own, so that both sides see the same."""

    def __init__(self, make: Callable[[FakeClock, FakeIds], Any]) -> None:
        self.clock, self.ids = FakeClock(), FakeIds()
        self.store = make(self.clock, self.ids)
        self.plan = a_planner(self.ids, _BOOK)
        self.leased: list[Delivery] = []
        self.ended: list[Settlement] = []
        self.requested: dict[RunId, int] = {}


class Stores(RuleBasedStateMachine):
    """The same acts on both stores."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "gateway.db"
        tuning = Tuning(synchronous="OFF")
        self.sqlite = _Side(lambda clock, ids: SqliteStore(new_file(path), clock=clock, ids=ids, tuning=tuning))
        self.memory = _Side(lambda clock, ids: MemoryStore(clock=clock, ids=ids))

    @initialize()
    def opened(self) -> None:
        self.loop.run_until_complete(self.sqlite.store.open())

    def teardown(self) -> None:
        self.loop.run_until_complete(self.sqlite.store.close())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.folder.cleanup()

    def both(self, act: Callable[[_Side], Awaitable[Any]]) -> Any:
        """Do it to both, and see that they answer the same."""
        one = self.loop.run_until_complete(_awaited(act(self.sqlite)))
        two = self.loop.run_until_complete(_awaited(act(self.memory)))
        return one, two

    def accept(self, *drafts: Draft, room: int = 0) -> None:
        async def act(side: _Side) -> list[str]:
            slots = _slots(room) if room else None
            accepted = await side.store.accept(drafts, plan=side.plan, slots=slots)
            side.leased.extend(accepted.leased)
            return [_answer(result) for result in accepted.results]

        one, two = self.both(act)
        assert one == two

    @rule(code=_CODES, word=_WORDS, room=st.integers(0, 2), key=st.sampled_from([None, "k1", "k2"]))
    def submit(self, code: str, word: str, room: int, key: str | None) -> None:
        self.accept(a_draft(code, text=word, dedup_key=key), room=room)

    @rule(code=_CODES, word=_WORDS)
    def amend(self, code: str, word: str) -> None:
        self.accept(a_draft(code, text=word, kind="dossier.amended"))

    @rule(code=_CODES, word=_WORDS, proved=st.booleans())
    def note(self, code: str, word: str, *, proved: bool) -> None:
        """Some come in calls that may be made once only."""
        proof = f"{code}/{word}" if proved else None
        self.accept(a_draft(code, text=word, kind="progress.recorded", document=None, proof=proof))

    @rule(code=_CODES)
    def withdraw(self, code: str) -> None:
        self.accept(a_draft(code, text="w", kind="withdrawal.requested", document=None))

    @rule(code=_CODES, number=st.integers(2, 9), national=st.booleans(), age=st.none() | st.integers(0, 60))
    def report(self, code: str, number: int, *, national: bool, age: int | None) -> None:
        """Some say when it happened, and not in the order in which it did."""
        scheme = "national" if national else "province"
        at = None if age is None else self.memory.clock.now() - timedelta(seconds=age)
        self.accept(a_status(number=number, codes=(Code(scheme, code),), occurred_at=at))

    @rule(code=_CODES, age=st.sampled_from([0, 20, 60]))
    def finish(self, code: str, age: int) -> None:
        """The portal itself says that it is over, all goes well for a while, and what is older than this is erased."""
        self.accept(a_draft(code), a_status(code, 9, source=PORTAL))

        async def act(side: _Side) -> int:
            taken = 0
            await side.store.acknowledge(TAX, (await side.store.read(TAX, "", limit=100)).next, plan=side.plan)
            while some := [*side.leased, *await side.store.claim(_slots(5))]:
                for delivery in some:
                    await side.store.settle(a_settlement(delivery, State.DELIVERED), plan=side.plan)
                taken += len(some)
                side.leased.clear()
            return taken

        one, two = self.both(act)
        assert one == two
        self.pass_time(40)
        self.erase(Rule(term=timedelta(seconds=age)))

    @rule(free=st.integers(1, 5))
    def claim(self, free: int) -> None:
        async def act(side: _Side) -> list[tuple[str, int, str]]:
            claimed = await side.store.claim(_slots(free))
            side.leased.extend(claimed)
            return [_shown(delivery) for delivery in claimed]

        one, two = self.both(act)
        assert one == two

    @rule(pick=st.integers(0, 9), to=_ENDS, doubt=st.sampled_from(DoubtMark), reply=st.booleans(), code=_CODES)
    def settle(self, pick: int, to: State, doubt: DoubtMark, *, reply: bool, code: str) -> None:
        async def act(side: _Side) -> str:
            if not side.leased:
                return "nothing"
            delivery = side.leased.pop(pick % len(side.leased))
            codes = {"national": code} if to is State.DELIVERED else {}
            then = (a_status(None, 5, source=delivery.destination),) if reply else ()
            made = a_settlement(delivery, to, then=then, doubt=doubt, codes=codes, wait=timedelta(seconds=20))
            side.ended.append(made)
            return str(await side.store.settle(made, plan=side.plan))

        one, two = self.both(act)
        assert one == two

    @rule(pick=st.integers(0, 9))
    def settle_again(self, pick: int) -> None:
        async def act(side: _Side) -> str:
            if not side.ended:
                return "nothing"
            return str(await side.store.settle(side.ended[pick % len(side.ended)], plan=side.plan))

        one, two = self.both(act)
        assert one == two

    @rule(pick=st.integers(0, 9))
    def release(self, pick: int) -> None:
        async def act(side: _Side) -> None:
            if side.leased:
                await side.store.release([_lease(side.leased[pick % len(side.leased)])])

        self.both(act)

    @rule(seconds=st.integers(1, 40))
    def pass_time(self, seconds: int) -> None:
        for side in (self.sqlite, self.memory):
            side.clock.advance(seconds)

    @rule()
    def reclaim(self) -> None:
        async def act(side: _Side) -> list[tuple[str, int, str]]:
            taken = await side.store.reclaim(_slots(5), limit=3)
            side.leased.extend(taken)
            return sorted(_shown(delivery) for delivery in taken)

        one, two = self.both(act)
        assert one == two

    @rule(part=st.integers(1, 3))
    def read_feed(self, part: int) -> None:
        async def act(side: _Side) -> list[str]:
            page = await side.store.read(TAX, "", limit=part)
            await side.store.acknowledge(TAX, page.next, plan=side.plan)
            return [item.cursor.rpartition(".")[2] for item in page.items]

        one, two = self.both(act)
        assert one == two

    @rule(pick=st.integers(0, 9), decision=_DECISIONS)
    def judge(self, pick: int, decision: Decision) -> None:
        """A person decides about something, whether it fits or not."""

        async def act(side: _Side) -> str:
            views = await side.store.find(limit=10_000)
            if not views:
                return "nothing"
            delivery = views[pick % len(views)].id
            try:
                await side.store.decide(delivery, decision, by=by(), plan=side.plan)
            except (Undecidable, TooMany) as refused:
                return str(refused)
            return "done"

        one, two = self.both(act)
        assert one == two

    @rule(steps=st.lists(st.integers(1, 3), min_size=1, max_size=2), rate=st.integers(1, 4), system=_REPLAYED)
    def replay(self, steps: list[int], rate: int, system: SystemId | None) -> None:
        plan = RunPlan(steps=tuple(steps), rate=rate, stop_at=1)

        async def act(side: _Side) -> list[str]:
            choice = await side.store.choose(Selection(system=system))
            if choice.chosen:
                try:
                    run = await side.store.begin_run(order(choice, {}, plan), by=by())
                except TooMany as refused:
                    return [str(refused)]
                side.requested[run.id] = len(choice.chosen)
            return [str(item.state) for item in choice.chosen] + [str(item.why) for item in choice.left_out]

        one, two = self.both(act)
        assert one == two

    @rule()
    def go_on(self) -> None:
        async def act(side: _Side) -> list[str]:
            return [str(state) for state in (await side.store.advance(plan=side.plan)).values()]

        one, two = self.both(act)
        assert one == two

    def erase(self, age: Rule) -> None:
        """Erase what ended so long ago: by whatever way it came there, nothing of it was open."""

        async def act(side: _Side) -> list[tuple[int, int]]:
            found = await side.store.survey(age, after=None, limit=10)
            gone = {dossier for case in found.ripe for dossier in case.dossiers}
            for view in await side.store.find(limit=10_000):
                is_unmatched = view.destination == OPERATORS and view.reason == Reason(Why.UNMATCHED)  # parked
                is_done = view.state in FINAL and view.in_doubt_since is None
                assert view.dossier_id not in gone or is_done or is_unmatched
            done = await side.store.erase([case.root for case in found.ripe], rule=age)
            assert {erasure.dossier for erasure in done} == gone
            return [(erasure.messages, erasure.deliveries) for erasure in done]

        one, two = self.both(act)
        assert one == two

    @rule(pick=st.integers(0, 9), steering=st.sampled_from(Steering))
    def steer(self, pick: int, steering: Steering) -> None:
        async def act(side: _Side) -> str:
            runs = await side.store.runs()
            if not runs:
                return "nothing"
            try:
                return str((await side.store.steer_run(runs[pick % len(runs)][0].id, steering, by=by())).state)
            except RunClosed:
                return "closed"

        one, two = self.both(act)
        assert one == two

    @invariant()
    def every_item_of_a_replay_is_counted(self) -> None:
        """G2: requested is chosen, sent, done, failed and skipped, exactly; and done means delivered."""

        async def act(side: _Side) -> list[Tally]:
            runs = await side.store.runs()
            assert {run.id: tally.requested for run, tally in runs} == side.requested
            for run, tally in runs:
                assert run.state is not RunState.FINISHED or not tally.chosen + tally.sent
                for item in await side.store.run_items(run.id, state=ItemState.DONE):
                    found = await side.store.delivery(item.delivery)
                    assert found is None or found[0].state is State.DELIVERED  # None: erased since
            return [tally for _, tally in runs]

        one, two = self.both(act)
        assert one == two

    @invariant()
    def the_stores_agree(self) -> None:
        async def act(side: _Side) -> tuple[list[tuple[object, ...]], dict[str, object], list[object]]:
            views = await side.store.find(limit=10_000)
            counts = {count.system: (dict(count.by_state), count.in_doubt) for count in await side.store.counts()}
            dossiers = [await side.store.dossiers(code, scheme="province") for code in "ABC"]
            stands = [(one.statuses, one.term, one.revision) for found in dossiers for one in found]
            return [_row(view) for view in views], dict(counts), [_without_ids(*one) for one in stands]

        one, two = self.both(act)
        assert one == two

    @invariant()
    def one_of_a_lane_is_on_the_move(self) -> None:
        """G3."""
        heads = Counter((v.destination, v.dossier_id) for v in self._views() if v.state in HEADS)
        assert all(number == 1 for number in heads.values())

    @invariant()
    def nothing_is_stuck(self) -> None:
        """G2: no lane waits for nothing."""
        assert self.loop.run_until_complete(self.sqlite.store.repair()) == 0

    @invariant()
    def what_moves_has_nothing_before_it(self) -> None:
        """G3: in the order accepted."""
        views = [view for view in self._views() if view.destination in _SYSTEMS]
        for head in (view for view in views if view.state in HEADS):
            before = [v for v in views if _same_lane(v, head) and v.lane_seq < head.lane_seq]
            assert all(v.state in FINAL or not v.blocks for v in before)

    def _views(self) -> list[DeliveryView]:
        return list(self.loop.run_until_complete(self.sqlite.store.find(limit=10_000)))


def _without_ids(statuses: Sequence[StatusView], *rest: object) -> object:
    return [(item.system, item.status, item.occurred_at, item.accepted_at) for item in statuses], *rest


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _slots(free: int) -> Slots:
    hold = {CRIMINAL_RECORD: {"dossier.submitted", "dossier.amended"}}
    return Slots(node=NODE, config="c", lease_for=LEASE, free=dict.fromkeys(_SYSTEMS, free), hold_kinds=hold)


def _lease(delivery: Delivery) -> Any:
    return delivery.lease


def _same_lane(one: DeliveryView, other: DeliveryView) -> bool:
    return (one.destination, one.dossier_id) == (other.destination, other.dossier_id)


def _answer(result: object) -> str:
    if isinstance(result, Receipt):
        counted = f"{result.duplicate} {result.matched} {result.revision} {len(result.deliveries)}"
        return " ".join((counted, *result.anomalies))
    return type(result).__name__


def _shown(delivery: Delivery) -> tuple[str, int, str]:
    return delivery.destination, delivery.lane_seq, delivery.message.kind


def _row(view: DeliveryView) -> tuple[object, ...]:
    return (
        view.destination,
        view.kind,
        view.lane_seq,
        view.state,
        view.step,
        view.tries,
        view.attempts,
        view.in_doubt_since,
        view.due_at,
        view.reason and view.reason.code,
    )


def _keeps_the_port(store: MemoryStore | SqliteStore) -> Store:
    """Let the type checker compare the drivers with their port."""
    return store


TestStores = Stores.TestCase
TestStores.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
