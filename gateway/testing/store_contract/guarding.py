"""Statuses that come in any order, and those that cannot be true."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec

from gateway.core.acts import Target, Verb
from gateway.core.deadline import Turn
from gateway.core.delivery import State
from gateway.core.ids import SystemId
from gateway.core.judging import Decision
from gateway.core.message import Code, Draft, Receipt
from gateway.core.proposals import Wish
from gateway.core.reason import Why
from gateway.core.routing import Route, RouteBook
from gateway.core.statuses import GuardMode, StatusBook, StatusTable
from gateway.ports.store import StatusView
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_book, a_draft, a_route, a_status, a_system
from gateway.testing.store_contract.acting import BINH, by
from gateway.testing.store_contract.world import StoreCase, World

_TABLE = StatusTable(
    start=frozenset({1}),
    following={1: frozenset({2}), 2: frozenset({4}), 4: frozenset({9}), 9: frozenset({10})},
)
_NATIONAL = (Code("national", "N-1"),)


def guarded(mode: GuardMode, *to: SystemId) -> RouteBook:
    """Return a book whose ministry is guarded so, and whose words go to these systems, the portal by default."""
    back = Route(id="back-too", source=CIVIL_STATUS, to=to or (PORTAL,))
    systems = [a_system(CIVIL_STATUS, status_guard=mode)]
    book = a_book(systems=systems, routes=[a_route(CIVIL_STATUS), back])
    return replace(book, routes=book.routes[:2], statuses=StatusBook(default=_TABLE))


class GuardContract(StoreCase):
    """Model rules 3 and 19: what stands of a source is what happened last; what is odd is flagged or held."""

    async def test_what_happened_last_stands_whatever_came_last(self, world: World) -> None:
        """A call-back that overtook another is put right by its time."""
        receipt = await world.receive(a_draft())
        last = await world.receive(self._at(world, 9, minutes=-1))
        late = await world.receive(self._at(world, 4, minutes=-5))
        assert late.anomalies == ("late",)
        assert await world.states(late) == [State.WAITING]  # relayed all the same, in the order of its lane
        (view,) = await self._statuses(world, receipt)
        assert (view.status.status, view.message_id) == (9, last.message_id)

    async def test_at_the_same_time_what_was_accepted_later_stands(self, world: World) -> None:
        """A tie goes by the order accepted."""
        receipt = await world.receive(a_draft())
        at = world.clock.now() - timedelta(hours=1)
        for number in (4, 9):
            await world.receive(a_status(number=number, occurred_at=at))
        (view,) = await self._statuses(world, receipt)
        assert view.status.status == 9  # noqa: PLR2004 - the second of the two

    async def test_a_late_status_moves_no_due_date_and_stops_no_clock(self, world: World) -> None:
        """Model rule 3: only what stands counts for the citizen's day, in whatever order the words come."""
        receipt = await world.receive(a_draft())
        due = world.clock.now() + timedelta(days=9)
        await world.receive(replace(self._at(world, 9, minutes=-1), due_at=due))
        late = self._at(world, 5, minutes=-5)
        await world.receive(replace(late, due_at=due - timedelta(days=3), turn=Turn.AWAIT))
        view = await world.store.dossier(receipt.dossier_id)
        assert view is not None
        assert (view.term.due_at, view.term.paused_at) == (due, None)
        assert view.term.closed_at is not None

    async def test_each_source_has_a_status_of_its_own(self, world: World) -> None:
        """Model rule 3: what one states is not measured against what another stated."""
        world.use(replace(guarded(GuardMode.FLAG), routes=(a_route(CIVIL_STATUS, LAND), Route(id="b", to=(PORTAL,)))))
        receipt = await world.receive(a_draft())
        await world.receive(self._at(world, 2))
        other = await world.receive(a_status(number=2, source=LAND))
        assert other.anomalies == ()
        assert [view.system for view in await self._statuses(world, receipt)] == [CIVIL_STATUS, LAND]

    async def test_anomalies_are_kept_with_the_message(self, world: World) -> None:
        """Whoever reads the event later sees them."""
        world.use(guarded(GuardMode.FLAG))
        await world.receive(a_draft())
        receipt = await world.receive(a_status(number=9))
        assert receipt.anomalies == ("impossible_transition",)
        message = await world.store.message(receipt.message_id)
        assert message is not None
        assert message.anomalies == ("impossible_transition",)
        assert (await world.claim_one(PORTAL)).message.anomalies == ("impossible_transition",)

    async def test_a_receipt_repeated_says_the_same(self, world: World) -> None:
        """G7: the first receipt again, its anomalies too."""
        world.use(guarded(GuardMode.FLAG))
        await world.receive(a_draft())
        first, again = [await world.receive(a_status(number=9, dedup_key="k")) for _ in range(2)]
        assert (again.duplicate, again.anomalies) == (True, first.anomalies)

    async def test_what_was_parked_is_looked_at_when_it_is_matched(self, world: World) -> None:
        """Model rule 3: measured once its dossier is known; it stands from when it happened or came."""
        world.use(guarded(GuardMode.FLAG))
        receipt = await world.receive(a_draft())
        early = await world.receive(a_status(number=9, codes=_NATIONAL))
        world.clock.advance(10)
        await world.receive(a_status(number=2))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        message = await world.store.message(early.message_id)
        assert message is not None
        assert message.anomalies == ("late",)
        (view,) = await self._statuses(world, receipt)
        assert view.status.status == 2  # noqa: PLR2004 - said after the parked one

    async def test_a_held_status_waits_for_a_person(self, world: World) -> None:
        """Model rule 19: in mode hold the ministry's word is kept, and nobody is told it yet."""
        held = await self._held(world)
        view = await world.view(held.deliveries[0])
        assert view.reason is not None
        assert (view.state, view.reason.code) == (State.HELD, Why.IMPOSSIBLE_STATUS)
        assert not await world.claim(PORTAL)

    async def test_a_held_status_stops_nothing_else(self, world: World) -> None:
        """A result goes on behind it."""
        await self._held(world)
        result = await world.receive(a_status(kind="result.issued", status=None))
        assert await world.states(result) == [State.READY]

    async def test_a_person_lets_a_held_status_go(self, world: World) -> None:
        """It goes from its place in the lane."""
        held = await self._held(world)
        await world.store.decide(held.deliveries[0], Decision.RETRY, by=by(), plan=world.plan)
        assert (await world.claim_one(PORTAL)).id == held.deliveries[0]

    async def test_a_person_skips_a_held_status(self, world: World) -> None:
        """It ends, and the lane goes on."""
        held = await self._held(world)
        await world.store.decide(held.deliveries[0], Decision.SKIP, by=by(), plan=world.plan)
        assert await world.states(held) == [State.CANCELLED]

    async def test_a_held_status_for_a_feed_is_shown_once_it_is_let_go(self, world: World) -> None:
        """A reader of the feed is not told either, and then is."""
        world.use(guarded(GuardMode.HOLD, TAX))
        held = await self._held(world, use=False)
        assert not (await world.store.read(TAX, "", limit=10)).items
        await world.store.decide(held.deliveries[0], Decision.RETRY, by=by(), plan=world.plan)
        (item,) = (await world.store.read(TAX, "", limit=10)).items
        assert item.delivery.id == held.deliveries[0]

    async def test_what_a_reader_has_keeps_no_reason_of_what_stopped_it_before(self, world: World) -> None:
        """As after a delivery by a call: «taken: held, …» would tell an operator two opposite things."""
        world.use(guarded(GuardMode.HOLD, TAX))
        held = await self._held(world, use=False)
        await world.store.decide(held.deliveries[0], Decision.RETRY, by=by(), plan=world.plan)
        page = await world.store.read(TAX, "", limit=10)
        await world.store.acknowledge(TAX, page.next, plan=world.plan)
        (taken,) = await world.store.find(state=State.DELIVERED, destination=TAX)
        assert taken.reason is None

    async def test_the_source_hears_that_its_status_is_held(self, world: World) -> None:
        """Model rule 2: of every leg that does not lead back to the dossier's own source."""
        world.use(guarded(GuardMode.HOLD, LAND))
        await self._held(world, use=False)
        await world.settle(await world.claim_one())
        assert (await world.claim_one()).message.kind == "relay.held"

    async def test_a_corrected_status_stands_in_the_place_of_the_one_it_replaces(self, world: World) -> None:
        """What two people agreed to is what the source is taken to have said, and is not odd."""
        held = await self._held(world)
        parameters = msgspec.json.encode({"delivery": held.deliveries[0], "draft": a_status(number=2)})
        target = Target.delivery(held.deliveries[0])
        wish = Wish(verb=Verb.EDIT, target=target, parameters=parameters, dossier_id=held.dossier_id)
        proposal = await world.store.propose(wish, by=by())
        await world.store.approve(proposal.id, by=by(BINH), plan=world.plan)
        sent = await world.claim_one(PORTAL)
        assert sent.message.anomalies == ()
        (view,) = await self._statuses(world, held)
        assert (view.status.status, view.message_id) == (2, sent.message.id)

    async def _held(self, world: World, *, use: bool = True) -> Receipt:
        if use:
            world.use(guarded(GuardMode.HOLD))
        await world.receive(a_draft())
        return await world.receive(a_status(number=9))

    async def _statuses(self, world: World, receipt: Receipt) -> tuple[StatusView, ...]:
        view = await world.store.dossier(receipt.dossier_id)
        assert view is not None
        return view.statuses

    def _at(self, world: World, number: int, *, minutes: int = 0) -> Draft:
        return a_status(number=number, occurred_at=world.clock.now() + timedelta(minutes=minutes))
