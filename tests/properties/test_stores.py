"""Whatever is done in whatever order: SQLite and memory agree, and the guarantees hold."""

import asyncio
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.core.acts import Target, Verb
from gateway.core.adoption import Adoption, AdoptionList, Verdict
from gateway.core.delivery import FINAL, HEADS, STOPS, Delivery, DoubtMark, State
from gateway.core.handback import Wanted
from gateway.core.ids import OPERATORS, FileId, KeyId, SystemId
from gateway.core.judging import Decision, Undecidable
from gateway.core.kinds import WHOLE
from gateway.core.message import Blob, Code, Draft, PendingFile, Receipt
from gateway.core.proposals import TooMany, Wish
from gateway.core.reason import Reason, Why
from gateway.core.replay import ItemState, RunClosed, RunId, RunPlan, RunState, Selection, Steering, Tally, order
from gateway.core.retention import Rule
from gateway.core.statuses import GuardMode, StatusBook, StatusTable
from gateway.core.ways import Way
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
from gateway.testing.store_contract.acting import BINH, LAN, by
from gateway.testing.store_contract.world import LEASE, NODE

_TABLE = StatusTable(start=frozenset({2}), following={n: frozenset({n + 1}) for n in range(2, 9)})
_BOOK = replace(
    a_book(
        systems=[a_system(CIVIL_STATUS, status_guard=GuardMode.HOLD)],
        routes=[
            a_route(CIVIL_STATUS, CRIMINAL_RECORD, TAX),
            a_route(LAND, after=(CIVIL_STATUS,), expires=timedelta(minutes=1)),
        ],
    ),
    statuses=StatusBook(default=_TABLE),
)
_SYSTEMS = (CIVIL_STATUS, CRIMINAL_RECORD, LAND, PORTAL)
_CALM = 20  #: turns in which everything comes to rest, or never will
_BY_A_PERSON = {Reason(Why.RETRIED), Reason(Why.JUDGED)}
_CODES = st.sampled_from(["A", "B", "C"])
_WORDS = st.sampled_from(["", "x", "y"])
_DECISIONS = st.sampled_from(sorted(set(Decision) - {Decision.REPLACE}))
_REPLAYED = st.sampled_from([None, CIVIL_STATUS, CRIMINAL_RECORD])
_GIVEN = st.sampled_from([CIVIL_STATUS, CRIMINAL_RECORD, LAND, TAX])
_ENDS = st.sampled_from([State.DELIVERED, State.DELAYED, State.DEAD, State.HELD, State.READY, State.CANCELLED])


class _Side:
    """One store with a clock and ids of its own, so that both sides see the same."""

    def __init__(self, make: Callable[[FakeClock, FakeIds], Any]) -> None:
        self.clock, self.ids = FakeClock(), FakeIds()
        self.store = make(self.clock, self.ids)
        self.plan = a_planner(self.ids, _BOOK)
        self.people = itertools.count()
        self.feeds = {TAX}  #: who reads by now
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
        try:
            if sys.exception() is None:  # nothing has failed yet
                self.calm()
        finally:
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
            slots = _slots(room, side) if room else None
            accepted = await side.store.accept(drafts, plan=side.plan, slots=slots)
            side.leased.extend(accepted.leased)
            return [_answer(result) for result in accepted.results]

        one, two = self.both(act)
        assert one == two

    @rule(code=_CODES, word=_WORDS, room=st.integers(0, 2), key=st.sampled_from([None, "k1", "k2"]))
    def submit(self, code: str, word: str, room: int, key: str | None) -> None:
        self.accept(a_draft(code, text=word, dedup_key=key), room=room)

    @rule(code=_CODES, word=_WORDS, file=st.none() | st.integers(0, 3))
    def amend(self, code: str, word: str, file: int | None) -> None:
        """Some with a file that is still to come."""
        pending = () if file is None else (PendingFile(file_id=FileId(f"{code}{file}"), url="https://portal.example/"),)
        self.accept(a_draft(code, text=f"{word}{file}", kind="dossier.amended", pending=pending))

    @rule(pick=st.integers(0, 9), why=st.none() | st.sampled_from([Why.FILE_NOT_THERE, Why.TIMEOUT]))
    def fetch(self, pick: int, why: Why | None) -> None:
        """A file comes, or cannot be had."""

        async def act(side: _Side) -> int:
            fetches = await side.store.fetches(limit=100)
            for message, file in fetches[pick % len(fetches) :][:1] if fetches else ():
                if why is None:
                    await side.store.attach(message, file.file_id, _blob(file.file_id))
                else:
                    wait = timedelta(seconds=2)
                    await side.store.miss(message, file.file_id, Reason(why), again_in=wait, plan=side.plan)
            return len(fetches)

        one, two = self.both(act)
        assert one == two

    @rule(code=_CODES, system=_GIVEN)
    def adopt(self, code: str, system: SystemId) -> None:
        """A system turns out to have a dossier from before the gateway."""

        async def act(side: _Side) -> list[Verdict]:
            item = Adoption(row=1, codes=(Code("province", code),), system=system, synced_at=side.clock.now())
            listed = AdoptionList(source=PORTAL, items=(item,), file_sha256="0" * 64)
            return [found.verdict for found in await side.store.adopt(listed, by=by(), plan=side.plan)]

        one, two = self.both(act)
        assert one == two

    @rule(system=_GIVEN)
    def hand_back(self, system: SystemId) -> None:
        """The way before takes over again what was never sent."""

        async def act(side: _Side) -> list[tuple[str, int, bool]]:
            wanted = Wanted(system=system, since=side.clock.now() - timedelta(seconds=60))
            done = await side.store.hand_back(wanted, rehearsed=_is_rehearsed, by=by(), plan=side.plan)
            return [(str(item.handing), len(item.kinds), item.is_done) for item in done.items]

        one, two = self.both(act)
        assert one == two

    @rule()
    def turn(self) -> None:
        """Criminal records reads a feed from now on, or is called again: what was leased is lost."""

        async def act(side: _Side) -> int:
            side.feeds ^= {CRIMINAL_RECORD}
            system = a_system(CRIMINAL_RECORD, feed=CRIMINAL_RECORD in side.feeds)
            side.plan = a_planner(side.ids, replace(_BOOK, systems={**_BOOK.systems, CRIMINAL_RECORD: system}))
            return int(await side.store.serve({CRIMINAL_RECORD: Way(feed=system.feed)}, limit=100))

        one, two = self.both(act)
        assert one == two

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
            while some := [*side.leased, *await side.store.claim(_slots(5, side))]:
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
            claimed = await side.store.claim(_slots(free, side))
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
            taken = await side.store.reclaim(_slots(5, side), limit=3)
            side.leased.extend(taken)
            return sorted(_shown(delivery) for delivery in taken)

        one, two = self.both(act)
        assert one == two

    @rule(part=st.integers(1, 3), system=st.sampled_from([TAX, CRIMINAL_RECORD]))
    def read_feed(self, part: int, system: SystemId) -> None:
        async def act(side: _Side) -> list[str]:
            return await _read(side, system, part)

        one, two = self.both(act)
        assert one == two

    @rule()
    def expire(self) -> None:
        async def act(side: _Side) -> int:
            return int(await side.store.expire(plan=side.plan, limit=10))

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

    @rule(pick=st.integers(0, 9))
    def edit(self, pick: int) -> None:
        """Two people put something in the place of what was refused."""

        async def act(side: _Side) -> str:
            stopped = [view for view in await side.store.find(limit=10_000) if view.state in STOPS]
            if not stopped:
                return "nothing"
            (row,) = await side.store.whole([stopped[pick % len(stopped)].id])
            proposal = await side.store.propose(_edit(row), by=by())
            try:
                await side.store.approve(proposal.id, by=by(BINH), plan=side.plan)
            except Undecidable as refused:
                await side.store.reject(proposal.id, by=by(BINH))
                return str(refused)
            return "done"

        one, two = self.both(act)
        assert one == two

    @rule(
        steps=st.lists(st.integers(1, 3), min_size=1, max_size=2),
        rate=st.integers(1, 4),
        system=_REPLAYED,
        amend=st.booleans(),
    )
    def replay(self, steps: list[int], rate: int, system: SystemId | None, *, amend: bool) -> None:
        """What has stopped, or what one system has, once more."""
        plan = RunPlan(steps=tuple(steps), rate=rate, stop_at=1)
        selection = Selection(system=system)
        if amend:
            selection = Selection(system=system or CRIMINAL_RECORD, amend=True, names=("A", "B", "C"))

        async def act(side: _Side) -> list[str]:
            choice = await side.store.choose(selection)
            if choice.chosen:
                try:
                    run = await side.store.begin_run(order(choice, selection.words(), plan), by=by())
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
            side.ended = [one for one in side.ended if await side.store.delivery(one.lease.delivery_id)]
            side.leased = [one for one in side.leased if await side.store.delivery(one.id)]
            return sorted((erasure.messages, erasure.deliveries) for erasure in done)

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

    def calm(self) -> None:
        """G2: where everybody answers and nobody interferes, nothing stays open but what waits for the operators."""

        async def act(side: _Side) -> None:
            for run, _ in await side.store.runs():
                if run.state in {RunState.PAUSED, RunState.STOPPED}:
                    await side.store.steer_run(run.id, Steering.RESUME, by=by())
            for _ in range(_CALM):
                if not await _one_more_turn(side):
                    return
            left = [_row(view) for view in await side.store.find(limit=10_000) if _is_open(view)]
            raise AssertionError(left)

        self.both(act)

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
        """G3: in the order accepted, but for what a person sends again."""
        views = [view for view in self._views() if view.destination in _SYSTEMS]
        for head in (view for view in views if view.state in HEADS and view.reason not in _BY_A_PERSON):
            before = [v for v in views if _same_lane(v, head) and v.lane_seq < head.lane_seq]
            assert all(v.state in FINAL or not v.blocks for v in before)

    def _views(self) -> list[DeliveryView]:
        return list(self.loop.run_until_complete(self.sqlite.store.find(limit=10_000)))


def _without_ids(statuses: Sequence[StatusView], *rest: object) -> object:
    return [(item.system, item.status, item.occurred_at, item.accepted_at) for item in statuses], *rest


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _slots(free: int, side: _Side) -> Slots:
    hold = {CRIMINAL_RECORD: {"dossier.submitted", "dossier.amended"}}
    called = [system for system in _SYSTEMS if system not in side.feeds]
    return Slots(node=NODE, config="c", lease_for=LEASE, free=dict.fromkeys(called, free), hold_kinds=hold)


def _lease(delivery: Delivery) -> Any:
    return delivery.lease


def _edit(refused: Delivery) -> Wish:
    """Return that this is to be corrected."""
    said = refused.message
    draft = a_draft(None, text="edited", kind=said.kind, codes=said.codes, source=said.source)
    if said.kind not in WHOLE:
        draft = replace(draft, document=None, document_digest="")
    return Wish(
        verb=Verb.EDIT,
        target=Target.delivery(refused.id),
        parameters=msgspec.json.encode({"delivery": refused.id, "draft": draft}),
        dossier_id=said.dossier_id,
    )


async def _read(side: _Side, system: SystemId, limit: int) -> list[str]:
    """Read a page of a feed and acknowledge it; return its numbers."""
    page = await side.store.read(system, "", limit=limit)
    await side.store.acknowledge(system, page.next, plan=side.plan)
    return [item.cursor.rpartition(".")[2] for item in page.items]


async def _one_more_turn(side: _Side) -> bool:
    """Let all be taken that can be, and a person decide about what has stopped; say whether something is still open."""
    side.clock.advance(61)
    side.leased.clear()
    for message, file in await side.store.fetches(limit=100):
        await side.store.attach(message, file.file_id, _blob(file.file_id))
    for delivery in [*await side.store.reclaim(_slots(50, side), limit=50), *await side.store.claim(_slots(50, side))]:
        await side.store.settle(a_settlement(delivery), plan=side.plan)
    for system in sorted(side.feeds):
        await _read(side, system, 100)
    await side.store.advance(plan=side.plan)
    left = [view for view in await side.store.find(limit=10_000) if _is_open(view)]
    for view in left:
        somebody = replace(LAN, name=f"n{next(side.people)}", key_id=KeyId(""))  # one alone may not judge so many
        with suppress(Undecidable):
            decision = Decision.DELIVERED if view.in_doubt_since else Decision.SKIP
            await side.store.decide(view.id, decision, by=by(somebody), plan=side.plan)
    return bool(left)


def _is_rehearsed(_system: SystemId, _route: str) -> bool:
    return True


def _is_open(view: DeliveryView) -> bool:
    return view.state not in FINAL and view.destination != OPERATORS


def _blob(file: FileId) -> Blob:
    return Blob(key=file, sha256="0" * 64, size=3, content_type="application/pdf", name="a.pdf", file_id=file)


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
    max_examples=settings().max_examples * 3 // 10,  # HYPOTHESIS_PROFILE=explore: 300, and others each time
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
