"""Parked messages by age: what nobody ever bound goes, and what may still be bound, or is looked at, does not."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.delivery import State
from gateway.core.ids import FileId
from gateway.core.judging import Decision
from gateway.core.message import Code, Conflict, PendingFile, Receipt
from gateway.core.reason import Reason, Why
from gateway.core.record import RecordType
from gateway.core.retention import Kept
from gateway.testing.books import LAND, a_blob, a_draft, a_status
from gateway.testing.evidence import proof_of
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.retaining import DAY, YEAR, deliver, end, erase, look
from gateway.testing.store_contract.world import StoreCase, World

_N = (Code("national", "N-1"),)


async def _what_stays(world: World, receipt: Receipt) -> set[Kept]:
    """Return what keeps things two years later, and see that nobody can erase this message all the same."""
    world.clock.advance(730 * DAY)
    assert receipt.dossier_id not in {erasure.dossier for erasure in await erase(world, receipt.dossier_id)}
    assert await world.store.message(receipt.message_id) is not None
    return set((await look(world)).kept)


class OutwaitContract(StoreCase):
    """What is said of a dossier that never comes holds people's data, too."""

    async def test_what_nobody_bound_for_the_term_goes_and_leaves_its_receipt(self, world: World) -> None:
        """G7: by the same key the same answer, and other content is no more accepted than before."""
        said = a_status(codes=_N, dedup_key="s-1", blobs=(a_blob("f-1"),))
        first = await world.receive(said)
        world.clock.advance(364 * DAY)
        assert (await look(world)).ripe == ()
        world.clock.advance(2 * DAY)
        (case,) = (await look(world)).ripe
        assert (case.parked, case.dossiers, case.messages, case.files) == (True, (first.dossier_id,), 1, 1)
        (erasure,) = await erase(world)
        assert (erasure.parked, erasure.dossier, erasure.messages) == (True, first.dossier_id, 1)
        assert await world.store.message(first.message_id) is None
        assert await world.store.is_kept(["f-1"]) == set()
        assert await world.store.find() == ()
        assert [count for count in await world.store.counts() if any(count.by_state.values())] == []
        again, other = await world.accept(said, replace(said, digest="other"))
        assert again == replace(first, deliveries=(), duplicate=True, warnings=(Reason(Why.ERASED),))
        assert other == Conflict(first.message_id)
        assert (await look(world)).ripe == ()

    async def test_its_code_is_free_afterwards(self, world: World) -> None:
        """G1: its dossier may come all the same, and goes its way; what is said of it is matched as ever."""
        await world.receive(a_status(codes=_N))
        world.clock.advance(366 * DAY)
        assert len(await erase(world)) == 1
        late = await world.receive(a_status(number=5, codes=_N))
        assert not late.matched
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        message = await world.store.message(late.message_id)
        (dossier,) = await world.store.dossiers("N-1")
        assert message is not None
        assert message.dossier_id == dossier.id

    async def test_its_records_stay_and_one_says_that_it_went(self, world: World) -> None:
        """G10: the chain is as whole as before."""
        receipt = await world.receive(a_status(codes=_N))
        before = (await proof_of(world.store)).records
        world.clock.advance(366 * DAY)
        await erase(world)
        proof = await proof_of(world.store)
        assert proof.records[: len(before)] == before
        (record,) = proof.of(RecordType.ERASED)
        (accepted,) = proof.of(RecordType.ACCEPTED)
        assert accepted["parked"] is True
        assert record["dossier"] == record["case"] == accepted["dossier"] == receipt.dossier_id
        assert (record["rule"], record["messages"], record["deliveries"]) == ("dossiers 365d", 1, 1)

    async def test_what_was_bound_stays_with_its_dossier(self, world: World) -> None:
        """G2: it is a message like all others of a dossier that nobody has ended."""
        receipt = await world.receive(a_status(codes=_N))
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        await deliver(world)
        assert await _what_stays(world, receipt) == set()

    async def test_what_a_person_looks_at_or_a_file_is_fetched_for_stays(self, world: World) -> None:
        """G2: what failed when its code was bound is held for another reason; a decision begins the term anew."""
        file = PendingFile(file_id=FileId("f-2"), url="https://ministry.example/f-2")
        await world.receive(a_status("Z", source=LAND, pending=(file,)))
        receipt = await world.receive(a_status("H01-1"))
        world.poison("status.changed")
        await world.receive(a_draft("H01-1"))
        await deliver(world)
        assert await _what_stays(world, receipt) == {Kept.UNDECIDED, Kept.FILES}
        await world.store.decide(receipt.deliveries[0], Decision.SKIP, by=by(), plan=world.plan)
        assert await erase(world) == ()
        assert (await look(world)).kept == {Kept.RECENT: 1, Kept.FILES: 1}
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [receipt.dossier_id]

    async def test_it_stays_while_what_its_source_was_sent_before_is_undecided(self, world: World) -> None:
        """G2: the ministry has taken it, its answer was lost, and this is what it says of it, by its own code."""
        await world.receive(a_draft())
        stuck = await world.claim_one()
        await world.settle(stuck, State.HELD)
        receipt = await world.receive(a_status(codes=_N))
        other = await world.receive(a_status(codes=(Code("national", "N-2"),), source=LAND))
        world.clock.advance(366 * DAY)
        await world.receive(a_draft("later"))
        assert [erasure.dossier for erasure in await erase(world)] == [other.dossier_id]
        assert await _what_stays(world, receipt) == {Kept.AWAITED}
        await world.store.decide(stuck.id, Decision.SKIP, by=by(), plan=world.plan)
        assert [erasure.dossier for erasure in await erase(world)] == [receipt.dossier_id]

    async def test_what_its_dossier_did_not_take_is_never_its_and_goes_by_its_own_age(self, world: World) -> None:
        """G2: a stranger's word stays until a person has decided, what was said twice until it is old."""
        stranger = await world.receive(a_status("H01-1", source=LAND, dedup_key="s-1"))
        twice = await world.receive(a_status(codes=_N))
        await world.receive(a_draft("H01-1"))
        await world.receive(a_status("H01-1"))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        again = await world.receive(a_status("H01-1", source=LAND, dedup_key="s-1"))
        assert (again.message_id, again.matched) == (stranger.message_id, False)
        assert [await world.states(receipt) for receipt in (stranger, twice)] == [[State.HELD], [State.CANCELLED]]
        await deliver(world)
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [twice.dossier_id]
        assert await _what_stays(world, stranger) == {Kept.UNDECIDED}
        await world.store.decide(stranger.deliveries[0], Decision.SKIP, by=by(), plan=world.plan)
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [stranger.dossier_id]

    async def test_a_survey_goes_through_both_in_the_order_of_their_age(self, world: World) -> None:
        """Page by page, each once."""
        for number in range(2):
            await world.receive(a_status(codes=(Code("national", f"N-{number}"),)))
            world.clock.advance(1)
            await end(world, f"A-{number}")
            world.clock.advance(1)
        world.clock.advance(366 * DAY)
        seen: list[bool] = []
        page = await world.store.survey(YEAR, after=None, limit=1)
        while page.next is not None:
            seen += [case.parked for case in page.ripe]
            page = await world.store.survey(YEAR, after=page.next, limit=1)
        assert seen == [True, False, True, False]
