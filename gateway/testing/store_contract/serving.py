"""A system that is called today and reads the feed tomorrow, or the reverse: nothing is lost, all keeps its order."""

from __future__ import annotations

from gateway.core.delivery import DoubtMark, State, Step
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.ids import NodeId, SystemId
from gateway.core.message import Receipt
from gateway.core.reason import Why
from gateway.core.ways import Way
from gateway.testing.books import CIVIL_STATUS, TAX, a_book, a_draft, a_route
from gateway.testing.store_contract.world import StoreCase, World

_ALL = 100
_LANES = 2  #: of what ``_submitted`` makes


def _way(*, feed: bool, doubt: Doubt = Doubt.RESEND) -> Way:
    return Way(feed=feed, declarations=Declarations(by_kind={"*": Declared(doubt=doubt)}))


async def _turn(world: World, system: SystemId, *, feed: bool, doubt: Doubt = Doubt.RESEND) -> int:
    """Begin an incarnation under which the system is served so."""
    await world.store.join(NodeId(f"{system}-{feed}-{world.ids.new()}"), config="config-2")
    return await world.store.serve({system: _way(feed=feed, doubt=doubt)}, limit=_ALL)


async def _submitted(world: World, system: SystemId) -> list[Receipt]:
    """Return two dossiers, each submitted and then amended twice."""
    world.use(a_book(routes=[a_route(system)]))
    receipts: list[Receipt] = []
    for code in ("H01-1", "H01-2"):
        receipts.append(await world.receive(a_draft(code)))
        receipts += [await world.receive(a_draft(code, text=text, kind="dossier.amended")) for text in "ab"]
    return receipts


class ServeContract(StoreCase):
    """What a change of a system's file does to what is on its way."""

    async def test_what_was_in_the_feed_is_claimed_in_lane_order(self, world: World) -> None:
        """G2, G3: from the feed to calls."""
        receipts = await _submitted(world, TAX)
        page = await world.store.read(TAX, "", limit=_ALL)
        await world.store.acknowledge(TAX, page.items[0].cursor, plan=world.plan)
        assert await _turn(world, TAX, feed=False) == _LANES
        sent: list[str] = []
        while claimed := await world.claim(TAX):
            sent += [delivery.message.id for delivery in claimed]
            for delivery in claimed:
                await world.settle(delivery)
        order = [receipt.message_id for receipt in receipts]
        assert sorted(sent) == sorted(order[1:])
        assert [message for message in sent if message in order[:3]] == order[1:3]
        assert [message for message in sent if message in order[3:]] == order[3:]

    async def test_what_is_called_now_is_in_no_feed(self, world: World) -> None:
        """G4: two readers of one delivery would be two effects."""
        await _submitted(world, TAX)
        page = await world.store.read(TAX, "", limit=_ALL)
        await _turn(world, TAX, feed=False)
        assert (await world.store.read(TAX, "", limit=_ALL)).items == []
        assert await world.store.acknowledge(TAX, page.next, plan=world.plan) == 0

    async def test_what_was_to_be_called_is_shown_in_lane_order(self, world: World) -> None:
        """G2, G3: from calls to the feed; what waits for its time waits no more."""
        receipts = await _submitted(world, CIVIL_STATUS)
        first, _ = await world.claim()
        await world.settle(first, State.DELAYED)
        assert await _turn(world, CIVIL_STATUS, feed=True) == _LANES
        assert await world.claim() == ()
        page = await world.store.read(CIVIL_STATUS, "", limit=_ALL)
        shown = [item.delivery.message.id for item in page.items]
        assert shown == [receipt.message_id for receipt in receipts]
        assert await world.store.acknowledge(CIVIL_STATUS, page.next, plan=world.plan) == len(receipts)

    async def test_nothing_turns_twice(self, world: World) -> None:
        """A start under the same file changes nothing."""
        await _submitted(world, CIVIL_STATUS)
        assert await _turn(world, CIVIL_STATUS, feed=False) == 0
        assert await _turn(world, CIVIL_STATUS, feed=True) == _LANES
        page = await world.store.read(CIVIL_STATUS, "", limit=_ALL)
        assert await _turn(world, CIVIL_STATUS, feed=True) == 0
        assert [item.cursor for item in (await world.store.read(CIVIL_STATUS, "", limit=_ALL)).items] == [
            item.cursor for item in page.items
        ]

    async def test_there_and_back_a_reader_skips_nothing(self, world: World) -> None:
        """G2: an old cursor acknowledges nothing that it has not shown."""
        await _submitted(world, TAX)
        page = await world.store.read(TAX, "", limit=_ALL)
        await _turn(world, TAX, feed=False)
        await _turn(world, TAX, feed=True)
        assert await world.store.acknowledge(TAX, page.next, plan=world.plan) == 0
        again = await world.store.read(TAX, page.next, limit=_ALL)
        assert [item.delivery.id for item in again.items] == [item.delivery.id for item in page.items]

    async def test_what_a_lost_worker_had_begun_is_shown_to_one_who_recognises_it(self, world: World) -> None:
        """G4, G11: it has the same id in the feed as in the call."""
        receipt = await world.receive(a_draft())
        await world.claim_one()
        await _turn(world, CIVIL_STATUS, feed=True)
        (item,) = (await world.store.read(CIVIL_STATUS, "", limit=_ALL)).items
        assert item.delivery.id == receipt.deliveries[0]
        assert item.delivery.in_doubt_since is not None

    async def test_what_is_in_doubt_at_one_who_could_be_asked_is_held(self, world: World) -> None:
        """G4: nobody can ask it any more, and it would not recognise the event."""
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, doubt=DoubtMark.SET, step=Step.LOOKUP)
        await _turn(world, CIVIL_STATUS, feed=True, doubt=Doubt.LOOKUP)
        view = await world.view(receipt.deliveries[0])
        assert (view.state, view.reason and view.reason.code) == (State.HELD, Why.LOOKUP_MISSING)
        assert (await world.store.read(CIVIL_STATUS, "", limit=_ALL)).items == []

    async def test_what_a_person_must_decide_stays_so(self, world: World) -> None:
        """A held head stops its lane, whichever way it is served."""
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        await world.receive(a_draft(text="new", kind="dossier.amended"))
        await _turn(world, CIVIL_STATUS, feed=True)
        assert await world.states(receipt) == [State.HELD]
        assert (await world.store.read(CIVIL_STATUS, "", limit=_ALL)).items == []
