"""The attention list: what needs a person is found, grouped by cause, and each cause told once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gateway.core.acts import By, Target, Verb
from gateway.core.attention import Allowance, Cause, Entry, Matter, Turned, by_urgency
from gateway.core.delivery import State
from gateway.core.ids import OPERATORS, FileId, KeyId
from gateway.core.message import Actor, ActorKind, PendingFile, Receipt
from gateway.core.proposals import Wish
from gateway.core.reason import Reason, Why
from gateway.testing.books import (
    CIVIL_STATUS,
    LAND,
    PORTAL,
    TAX,
    USUAL,
    a_book,
    a_draft,
    a_patience,
    a_route,
    a_status,
    a_system,
)
from gateway.testing.store_contract.world import StoreCase, World

CALM = timedelta(minutes=10)
HOUR = 3600
LAN = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("key-lan")), reason="Theo danh sách của bộ")


_PAPER = PendingFile(file_id=FileId("f-1"), url="https://portal.example/1")


async def _miss(world: World, receipt: Receipt, why: Why) -> None:
    again_in = timedelta(seconds=4)
    await world.store.miss(receipt.message_id, _PAPER.file_id, Reason(why), again_in=again_in, plan=world.plan)


async def _look(world: World, **changes: object) -> Mapping[Cause, Entry]:
    found = by_urgency(await world.store.attention(a_patience(**changes).bounds))
    return {entry.cause: entry for entry in found}


async def _fail(world: World, times: int) -> None:
    for _ in range(times):
        await world.settle(
            await world.claim_one(), State.DELAYED, reason=Reason(Why.TIMEOUT), wait=timedelta(seconds=1)
        )
        world.clock.advance(2)


class WatchContract(StoreCase):
    """What every store finds, whatever else there is."""

    async def test_what_goes_by_itself_needs_nobody(self, world: World) -> None:
        """Fresh, on its way, delivered."""
        await world.accept(a_draft("A"), a_draft("B"), a_draft("C"))
        await world.settle((await world.claim())[0])
        assert await _look(world) == {}

    async def test_held_and_dead_are_found_by_system_and_reason(self, world: World) -> None:
        """G2: what stopped stays visible, once for its cause, with whom it concerns."""
        ends = [(State.HELD, Why.TIMEOUT), (State.HELD, Why.TIMEOUT), (State.HELD, Why.RESET)]
        ends.append((State.DEAD, Why.REFUSED_BY_PARTNER))
        await world.accept(*(a_draft(f"H01-{number}") for number in range(len(ends))))
        world.clock.advance(30)
        for delivery, (state, why) in zip(await world.claim(), ends, strict=True):
            await world.settle(delivery, state, reason=Reason(why))
            world.clock.advance(60)
        found = await _look(world)
        assert {(cause.matter, cause.system, cause.why): entry.number for cause, entry in found.items()} == {
            (Matter.HELD, CIVIL_STATUS, "timeout"): 2,
            (Matter.HELD, CIVIL_STATUS, "reset"): 1,
            (Matter.DEAD, CIVIL_STATUS, "refused_by_partner"): 1,
        }
        entry = found[Cause(matter=Matter.HELD, system=CIVIL_STATUS, why="timeout")]
        assert entry.since == world.clock.now() - timedelta(seconds=240)
        assert [example.code for example in entry.examples] == ["H01-0", "H01-1"]

    async def test_what_nobody_can_place_is_found_with_the_operators(self, world: World) -> None:
        await world.receive(a_status("H01-unknown"))
        ((cause, entry),) = (await _look(world)).items()
        assert cause == Cause(matter=Matter.HELD, system=OPERATORS, why="unmatched")
        assert entry.examples[0].code == "H01-unknown"

    async def test_what_was_tried_in_vain_so_often_is_found_whatever_it_does_now(self, world: World) -> None:
        """Delayed, ready or leased: a cause does not flicker with the state of the moment."""
        await world.receive(a_draft())
        await _fail(world, 2)
        assert await _look(world, tries=3) == {}
        await _fail(world, 1)
        failing = Cause(matter=Matter.FAILING, system=CIVIL_STATUS, why="timeout")
        assert set(await _look(world, tries=3)) == {failing}
        delivery = await world.claim_one()
        assert set(await _look(world, tries=3)) == {failing}
        await world.settle(delivery)
        assert await _look(world, tries=3) == {}

    async def test_what_is_late_is_found_once_its_working_time_is_over(self, world: World) -> None:
        """Not before; the system's own allowance counts; what waits behind it in its lane is not told apart."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND, TAX)]))
        await world.accept(a_draft(), a_draft(text="2", kind="dossier.amended"))
        slow = {**USUAL, LAND: Allowance(delivery=timedelta(hours=8))}
        world.clock.advance(3.5 * HOUR)
        assert await _look(world, systems=slow) == {}
        world.clock.advance(3 * HOUR)  # of which two lie in the midday break
        found = await _look(world, systems=slow)
        assert {(cause.system, cause.why) for cause in found} == {(CIVIL_STATUS, "unsent"), (TAX, "unread")}
        assert found[Cause(matter=Matter.LATE, system=CIVIL_STATUS, why="unsent")].number == 1

    async def test_what_waits_for_a_system_that_has_no_file_any_more_is_found_at_once(self, world: World) -> None:
        """G2: nobody sends it, and among the systems nobody sees it; a reason of its last try tells it not apart."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.accept(a_draft("A"))
        await world.settle(await world.claim_one(), State.DELAYED, reason=Reason(Why.TIMEOUT))
        await world.accept(a_draft("B"))
        assert await _look(world, systems={LAND: USUAL[LAND]}) == {}
        world.clock.advance(HOUR)
        found = await _look(world, systems={LAND: USUAL[LAND]})
        assert [(cause.key, entry.number) for cause, entry in found.items()] == [("late/civil_status/gone", 2)]

    async def test_what_waits_for_files_too_long_is_found_with_who_named_them(self, world: World) -> None:
        await world.receive(a_draft(pending=(_PAPER,)))
        world.clock.advance(HOUR - 1)
        assert await _look(world) == {}
        world.clock.advance(1)
        assert set(await _look(world)) == {Cause(matter=Matter.FILES, system=PORTAL)}

    async def test_what_waits_for_a_file_that_cannot_come_is_found_at_once(self, world: World) -> None:
        """G2: by the reason, until it is another; what may come by itself is given its time."""
        receipts = [await world.receive(a_draft(code, pending=(_PAPER,))) for code in ("A", "B", "C")]
        for receipt, why in zip(receipts, (Why.FILE_NOT_THERE, Why.FILE_NOT_THERE, Why.FILE_MISSING), strict=True):
            await _miss(world, receipt, why)
        gone = Cause(matter=Matter.FILES, system=PORTAL, why="file_not_there")
        ((cause, entry),) = (await _look(world)).items()
        assert (cause, entry.number, [one.code for one in entry.examples]) == (gone, 2, ["A", "B"])
        world.clock.advance(HOUR)
        late = Cause(matter=Matter.FILES, system=PORTAL)
        assert {cause: entry.number for cause, entry in (await _look(world)).items()} == {gone: 2, late: 1}
        await _miss(world, receipts[0], Why.FILE_DIFFERS)
        await _miss(world, receipts[1], Why.FILE_MISSING)
        differs = Cause(matter=Matter.FILES, system=PORTAL, why="file_differs")
        assert {cause: entry.number for cause, entry in (await _look(world)).items()} == {differs: 1, late: 2}

    async def test_silence_is_found_where_a_word_is_expected(self, world: World) -> None:
        """G2: taken is not answered. From its taking on, until the system says anything but a code."""
        world.use(a_book(systems=[a_system(CIVIL_STATUS, expects_status=True)], routes=[a_route(CIVIL_STATUS, LAND)]))
        word = Allowance(delivery=timedelta(days=9), first_status=timedelta(hours=1))
        allowed = {**USUAL, CIVIL_STATUS: word, LAND: word}
        await world.receive(a_draft())
        world.clock.advance(2 * HOUR)
        assert await _look(world, systems=allowed) == {}
        for delivery in await world.claim(CIVIL_STATUS, LAND):
            await world.settle(delivery)
        assert await _look(world, systems=allowed) == {}
        await world.receive(a_status(kind="reference.assigned", status=None, digest="code"))
        world.clock.advance(1.5 * HOUR)
        assert set(await _look(world, systems=allowed)) == {Cause(matter=Matter.SILENT, system=CIVIL_STATUS)}
        await world.receive(a_status())
        assert await _look(world, systems=allowed) == {}

    async def test_a_status_before_the_settlement_leaves_no_silence(self, world: World) -> None:
        """A system may speak before we know that it has taken the dossier."""
        world.use(a_book(systems=[a_system(CIVIL_STATUS, expects_status=True)]))
        await world.receive(a_draft())
        delivery = await world.claim_one()
        await world.receive(a_status())
        await world.settle(delivery)
        world.clock.advance(100 * HOUR)
        allowed = {CIVIL_STATUS: Allowance(delivery=timedelta(days=99), first_status=timedelta(hours=1))}
        assert not [cause for cause in await _look(world, systems=allowed) if cause.matter is Matter.SILENT]

    async def test_due_dates_are_found_with_who_has_not_ended_the_dossier(self, world: World) -> None:
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        for code, days in (("late", -1), ("near", 1), ("far", 20)):
            await world.receive(a_draft(code, due_at=world.clock.now() + timedelta(days=days)))
        await world.receive(a_status("late", number=9, source=LAND))
        found = await _look(world)
        assert {(cause.matter, cause.system) for cause in found} == {
            (Matter.OVERDUE, CIVIL_STATUS),
            (Matter.SOON, CIVIL_STATUS),
            (Matter.SOON, LAND),
        }

    async def test_a_proposal_that_waits_is_found_by_what_it_would_do(self, world: World) -> None:
        wish = Wish(verb=Verb.SETTLE, target=Target.system(LAND), parameters=b"{}")
        made = await world.store.propose(wish, by=LAN)
        world.clock.advance(60)
        later = await world.store.propose(wish, by=LAN)
        ((cause, entry),) = (await _look(world)).items()
        assert cause == Cause(matter=Matter.PROPOSAL, system=OPERATORS, why="settle")
        assert (entry.number, entry.since) == (2, made.made_at)
        assert [one.proposal_id for one in entry.examples] == [made.id, later.id]
        for one in (made, later):
            await world.store.reject(one.id, by=LAN)
        assert await _look(world) == {}

    async def test_failures_again_and_again_are_one_episode(self, world: World) -> None:
        """One begins, one ends; what comes back before it is over has never ended."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS)]))
        await world.receive(a_draft())
        opened = resolved = 0
        for _ in range(70):
            await _fail(world, 1)
            turned = await self._follow(world)
            opened, resolved = opened + len(turned.opened), resolved + len(turned.resolved)
        assert (opened, resolved) == (1, 0)
        await world.settle(await world.claim_one())
        assert (await self._follow(world)).resolved == ()
        world.clock.advance(CALM.total_seconds())
        (episode,) = (await self._follow(world)).resolved
        assert (episode.cause.matter, episode.peak) == (Matter.FAILING, 1)
        assert await self._follow(world) == Turned()

    async def test_what_comes_back_within_the_calm_is_the_same_episode(self, world: World) -> None:
        entry = Entry(cause=Cause(matter=Matter.DEAD, system=LAND, why="expired"), number=3, since=world.clock.now())
        assert len((await world.store.follow((entry,), calm=CALM)).opened) == 1
        assert len((await world.store.follow((), calm=CALM)).kept) == 1
        world.clock.advance(CALM.total_seconds() - 1)
        assert not (await world.store.follow((entry,), calm=CALM)).opened
        world.clock.advance(CALM.total_seconds())
        assert not (await world.store.follow((), calm=CALM)).resolved

    async def _follow(self, world: World) -> Turned:
        return await world.store.follow(by_urgency(await world.store.attention(a_patience().bounds)), calm=CALM)
