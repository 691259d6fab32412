"""Erasing by age: nothing that is open, never half a case, and nothing that is repeated later is taken for new."""

# ruff: noqa: PLR2004 - in a test the number is the point

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from gateway.core.acts import ERASED_WORDS, Target, Verb
from gateway.core.adoption import Verdict
from gateway.core.delivery import State
from gateway.core.ids import DossierId, FileId, SystemId
from gateway.core.judging import Decision
from gateway.core.message import Blob, Code, Conflict, PendingFile, Receipt, Refused
from gateway.core.proposals import Wish
from gateway.core.reason import Reason, Why
from gateway.core.record import SHAPES, RecordType
from gateway.core.retention import Erased, Erasure, Kept, Rule, Survey
from gateway.relay.kept import Keeping
from gateway.testing.books import (
    CIVIL_STATUS,
    HEALTH_INSURANCE,
    LAND,
    PORTAL,
    RESIDENCE,
    TAX,
    a_birth,
    a_blob,
    a_book,
    a_chain,
    a_chain_book,
    a_draft,
    a_result,
    a_route,
    a_status,
)
from gateway.testing.evidence import proof_of
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.adopting import adopt, had
from gateway.testing.store_contract.world import StoreCase, World

DAY = 86_400.0
YEAR = Rule(term=timedelta(days=365))
_SYSTEMS = (CIVIL_STATUS, LAND, RESIDENCE, HEALTH_INSURANCE, PORTAL)
_DONE = Refused(Reason(Why.ERASED))


async def deliver(world: World) -> None:
    """Let all that can be sent be taken."""
    while claimed := await world.claim(*_SYSTEMS):
        for delivery in claimed:
            await world.settle(delivery)


async def end(
    world: World, code: str = "A", *, key: str | None = None, blobs: tuple[Blob, ...] = (), number: int = 9
) -> Receipt:
    """Let a dossier come, be taken and be finished, or ended by another status."""
    receipt = await world.receive(a_draft(code, dedup_key=key, blobs=blobs))
    await deliver(world)
    await world.receive(a_status(code, number))
    await deliver(world)
    return receipt


async def erase(world: World, *roots: DossierId) -> Sequence[Erasure]:
    """Erase what may go of these cases, or of all that a survey finds."""
    found = roots or [case.root for case in (await look(world)).ripe]
    return await world.store.erase(found, rule=YEAR)


async def look(world: World) -> Survey:
    """Look at all that ended a year ago."""
    return await world.store.survey(YEAR, after=None, limit=100)


async def _what_keeps(world: World, receipt: Receipt) -> set[Kept]:
    """Return what keeps a dossier two years later, and see that nobody can erase it all the same."""
    world.clock.advance(730 * DAY)
    assert await erase(world, receipt.dossier_id) == ()
    assert (await world.store.timeline(receipt.dossier_id)).messages
    return set((await look(world)).kept)


class RetainContract(StoreCase):
    """What a province relies on that keeps nothing longer than it must."""

    async def test_what_ended_before_the_term_goes_and_leaves_a_mark(self, world: World) -> None:
        """Of all that was said, sent and answered nothing is left but that it was there, and under which codes."""
        await world.store.register(FileId("f-1"), a_blob("f-1"), owner=PORTAL)
        receipt = await end(world, blobs=(a_blob("f-1"),))
        world.clock.advance(366 * DAY)
        (case,) = (await look(world)).ripe
        assert (case.dossiers, case.messages, case.files, case.bytes) == ((receipt.dossier_id,), 2, 1, 3)
        (erasure,) = await erase(world)
        assert (erasure.dossier, erasure.rule, erasure.messages) == (receipt.dossier_id, "dossiers 365d", 2)
        (view,) = await world.store.dossiers("A")
        assert view.erased == Erased(at=world.clock.now(), rule="dossiers 365d")
        assert view.codes == (Code("province", "A"),)
        assert view.participants == {PORTAL, CIVIL_STATUS}
        assert (view.document, view.statuses, view.term.due_at) == (None, (), None)
        left = await world.store.timeline(receipt.dossier_id)
        assert (left.messages, left.deliveries, left.attempts) == ((), (), ())
        assert await world.store.message(receipt.message_id) is None
        assert await world.store.file(FileId("f-1"), caller=None) is None
        assert await world.store.is_kept(["f-1"]) == set()
        assert await world.store.find() == ()
        assert [count for count in await world.store.counts() if any(count.by_state.values())] == []

    async def test_what_has_not_ended_stays_however_old_it_is(self, world: World) -> None:
        """G2: whether it is finished, the systems say; neither its age nor a delivery does."""
        receipt = await world.receive(a_draft("A"))
        await deliver(world)
        await world.receive(a_status("A", 4))
        await deliver(world)
        assert await _what_keeps(world, receipt) == set()

    async def test_what_is_ended_and_then_given_to_nobody_goes(self, world: World) -> None:
        """G6: its system had it by another way; what was still to be sent there, a person has called off."""
        receipt = await world.receive(a_draft("A"))
        await world.receive(a_status("A", 9))
        await world.store.decide(receipt.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        await deliver(world)
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [receipt.dossier_id]

    async def test_what_is_younger_than_the_term_stays(self, world: World) -> None:
        """The term begins with the last that was said or done, not with the end."""
        receipt = await end(world)
        world.clock.advance(300 * DAY)
        await world.receive(a_draft("A", text="n", kind="progress.recorded", document=None))
        await deliver(world)
        world.clock.advance(100 * DAY)
        assert await erase(world, receipt.dossier_id) == ()
        assert (await look(world)).kept == {Kept.RECENT: 1}
        world.clock.advance(266 * DAY)
        assert len(await erase(world)) == 1

    async def test_what_stopped_or_waits_stays(self, world: World) -> None:
        """G2: held, dead, in doubt, not sent yet: a person must see it, and decide."""
        receipt = await end(world)
        for text, state in (("h", State.HELD), ("d", State.DEAD)):
            await world.receive(a_draft("A", text=text, kind="progress.recorded", document=None))
            await world.settle(await world.claim_one(), state)
        assert await _what_keeps(world, receipt) == {Kept.UNDECIDED}

    async def test_what_nobody_has_read_of_the_feed_stays(self, world: World) -> None:
        """G2: a reader that comes back after years finds all of it."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, TAX)]))
        receipt = await world.receive(a_draft("A"))
        await world.receive(a_status("A", 9, source=PORTAL))
        await deliver(world)
        assert await _what_keeps(world, receipt) == {Kept.UNDECIDED}
        await world.store.acknowledge(TAX, (await world.store.read(TAX, "", limit=10)).next, plan=world.plan)
        await deliver(world)
        world.clock.advance(366 * DAY)
        assert len(await erase(world)) == 1

    async def test_what_waits_for_a_file_or_for_a_second_person_stays(self, world: World) -> None:
        """A file that may come, a proposal that may be agreed to."""
        receipt = await end(world, "A")
        file = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
        note = a_draft("A", text="n", kind="progress.recorded", document=None, pending=(file,))
        await world.receive(note)
        other = await end(world, "B")
        wish = Wish(
            verb=Verb.EDIT,
            target=Target.delivery(other.deliveries[0]),
            parameters=b"{}",
            facts={},
            dossier_id=other.dossier_id,
            lifetime=timedelta(days=1000),
        )
        proposal = await world.store.propose(wish, by=by())
        assert await _what_keeps(world, receipt) == {Kept.UNDECIDED, Kept.PROPOSED}
        await world.store.reject(proposal.id, by=by())
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [other.dossier_id]
        assert await world.store.proposal(proposal.id) is None

    async def test_a_file_that_nobody_waits_for_goes_with_what_has_ended(self, world: World) -> None:
        """G6: what may follow from the dossier would be sent with it; now nothing will."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS, kinds=("dossier.submitted",))]))
        await world.receive(a_draft("A"))
        await deliver(world)
        file = PendingFile(file_id=FileId("f-1"), url="https://portal.example/f-1")
        amended = await world.receive(a_draft("A", text="2", kind="dossier.amended", pending=(file,)))
        assert (amended.deliveries, amended.files_pending) == ((), True)
        await world.receive(a_status("A", 9))
        await deliver(world)
        assert await world.store.fetches(limit=9) == [(amended.message_id, file)]
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [amended.dossier_id]
        assert await world.store.fetches(limit=9) == []
        await world.store.attach(amended.message_id, file.file_id, a_blob("f-1"))
        assert await world.store.is_kept(["f-1"]) == set()

    async def test_what_a_system_is_asked_about_stays(self, world: World) -> None:
        """The portal has closed it; the system that has it has not, and is asked again and again."""
        await world.store.ask_about([CIVIL_STATUS])
        receipt = await world.receive(a_draft("A"))
        await deliver(world)
        await world.receive(a_status("A", 9, source=PORTAL))
        await deliver(world)
        assert await _what_keeps(world, receipt) == {Kept.ASKED}

    async def test_nothing_goes_from_under_a_comparison(self, world: World) -> None:
        """What is being compared is still there when the answer comes; other systems' dossiers do not wait for it."""
        receipt = await end(world)
        await world.store.ask(LAND)
        asked = await world.store.ask(CIVIL_STATUS)
        assert await _what_keeps(world, receipt) == {Kept.COMPARED}
        assert asked in await world.store.asked()

    async def test_a_repetition_is_answered_with_the_first_receipt(self, world: World) -> None:
        """G7: by the same key the same answer, and other content is no more accepted than before; nothing is sent."""
        first = await end(world, key="k-1")
        world.clock.advance(366 * DAY)
        await erase(world)
        again, other = await world.accept(a_draft("A", dedup_key="k-1"), a_draft("A", text="other", dedup_key="k-1"))
        assert again == replace(first, deliveries=(), duplicate=True, warnings=(Reason(Why.ERASED),))
        assert other == Conflict(first.message_id)
        assert await world.store.find() == ()

    async def test_what_is_said_later_is_refused_and_never_begins_a_dossier(self, world: World) -> None:
        """G7: a late word of a system, the portal's own number again; a stranger learns no more than before."""
        await end(world)
        world.clock.advance(366 * DAY)
        await erase(world)
        late, new, amended, stranger = await world.accept(
            a_status("A", 10),
            a_draft("A"),
            a_draft("A", text="n", kind="dossier.amended", if_match=7),
            a_status("A", 10, source=LAND),
        )
        assert [late, new, amended] == [_DONE] * 3
        assert stranger == Refused(Reason(Why.NOT_AUTHORISED))
        assert await adopt(world, had(world, "A", codes=(Code("province", "A"),))) == [Verdict.DIFFERENT]
        assert len(await world.store.dossiers("A")) == 1
        assert await world.store.find() == ()

    async def test_what_a_poll_brings_later_is_kept_for_a_person_and_goes_in_its_turn(self, world: World) -> None:
        """G2: who is only asked cannot be told that we refuse; it revives nothing, and has an age of its own."""
        receipt = await end(world)
        world.clock.advance(366 * DAY)
        await erase(world)
        polled = Keeping(plan=world.plan, new_id=world.ids.new)
        (kept,) = (await world.store.accept([a_status("A", 10)], plan=polled)).results
        assert isinstance(kept, Receipt)
        assert (kept.dossier_id, await world.states(kept)) == (receipt.dossier_id, [State.HELD])
        (view,) = await world.store.dossiers("A")
        assert view.erased == Erased(at=None, rule="dossiers 365d")
        assert view.participants == {PORTAL, CIVIL_STATUS}
        assert await world.accept(a_status("A", 10)) == (_DONE,)
        assert await _what_keeps(world, receipt) == {Kept.UNDECIDED}
        await world.store.decide(kept.deliveries[0], Decision.SKIP, by=by(), plan=world.plan)
        assert await erase(world) == ()
        world.clock.advance(366 * DAY)
        (erasure,) = await erase(world)
        assert (erasure.dossier, erasure.messages) == (receipt.dossier_id, 1)
        (view,) = await world.store.dossiers("A")
        assert view.erased == Erased(at=world.clock.now(), rule="dossiers 365d")
        assert view.participants == {PORTAL, CIVIL_STATUS}
        assert await world.accept(a_status("A", 10)) == (_DONE,)

    async def test_a_case_goes_whole_or_not_at_all(self, world: World) -> None:
        """G2: a step of a chain is a dossier of its own, and shares the files of the first."""
        world.use(a_chain_book(chains=[a_chain(RESIDENCE, "1.004222")]))
        birth = await world.receive(a_birth("H01-1", blobs=(a_blob("f-1"),)))
        await deliver(world)
        await world.receive(a_result())
        await world.receive(a_status("H01-1", 9))
        await deliver(world)
        assert await _what_keeps(world, birth) == {Kept.OPEN}
        step = a_status(None, 9, source=RESIDENCE, codes=(Code("chain", "H01-1/residence"),))
        await world.receive(step)
        await deliver(world)
        world.clock.advance(366 * DAY)
        (case,) = (await look(world)).ripe
        assert case.root == birth.dossier_id
        assert await world.store.is_kept(["f-1"]) == {"f-1"}
        erased = await erase(world)
        assert [erasure.dossier for erasure in erased] == list(case.dossiers)
        assert len(erased) == 2
        assert await world.store.is_kept(["f-1"]) == set()
        assert await world.accept(step) == (_DONE,)
        polled = Keeping(plan=world.plan, new_id=world.ids.new)
        (kept,) = (await world.store.accept([step], plan=polled)).results
        assert isinstance(kept, Receipt)
        await world.store.decide(kept.deliveries[0], Decision.SKIP, by=by(), plan=world.plan)
        world.clock.advance(366 * DAY)
        assert [erasure.dossier for erasure in await erase(world)] == [kept.dossier_id]

    async def test_a_file_that_another_dossier_has_stays(self, world: World) -> None:
        """The same upload, named by two dossiers."""
        await world.store.register(FileId("f-1"), a_blob("f-1"), owner=PORTAL)
        await end(world, "A", blobs=(a_blob("f-1"),))
        await world.receive(a_draft("B", blobs=(a_blob("f-1"),)))
        world.clock.advance(366 * DAY)
        assert len(await erase(world)) == 1
        assert await world.store.file(FileId("f-1"), caller=PORTAL) is not None

    async def test_each_erasure_is_a_record_and_the_chain_stays_whole(self, world: World) -> None:
        """G10: what was recorded of the dossier is still proved; its records name it and hold nothing personal."""
        receipt = await end(world)
        before = (await proof_of(world.store)).records
        world.clock.advance(366 * DAY)
        await erase(world)
        proof = await proof_of(world.store)
        assert proof.records[: len(before)] == before
        (record,) = proof.of(RecordType.ERASED)
        assert set(record) == {"type", "at", *SHAPES[RecordType.ERASED].open}
        assert record["dossier"] == record["case"] == receipt.dossier_id
        assert (record["rule"], record["messages"], record["deliveries"]) == ("dossiers 365d", 2, 2)

    async def test_who_did_what_stays_without_the_words_in_which_they_said_why(self, world: World) -> None:
        """G10: a reason may name people. That somebody acted stays, and so does the proof which words these were."""
        receipt = await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(), State.HELD)
        await world.store.decide(receipt.deliveries[0], Decision.DELIVERED, by=by(), plan=world.plan)
        paused = await world.store.record_act(Verb.PAUSE, Target.system(LAND), by=by())
        await world.receive(a_status("A", 9))
        await deliver(world)
        (_, act) = await world.store.acts()
        before = (await proof_of(world.store)).records
        world.clock.advance(366 * DAY)
        assert len(await erase(world)) == 1
        assert await world.store.acts() == [paused, replace(act, by=by(reason=ERASED_WORDS))]
        assert (await proof_of(world.store)).records[: len(before)] == before

    async def test_a_system_that_still_has_it_is_not_told_that_we_know_nothing(self, world: World) -> None:
        """A comparison by the system's own list: an erased dossier is no finding."""
        await end(world)
        world.clock.advance(366 * DAY)
        await erase(world)
        _, unknown = await world.store.books(CIVIL_STATUS, ["A", "Z"])
        assert unknown == {"Z"}

    async def test_a_survey_goes_on_where_it_left_off(self, world: World) -> None:
        """What stays at the front keeps nobody from what is behind it, and erasing twice is erasing once."""
        for code in ("A", "B", "C"):
            await end(world, code)
            world.clock.advance(1)
        await world.receive(a_draft("A", text="n", kind="progress.recorded", document=None))
        world.clock.advance(366 * DAY)
        first = await world.store.survey(YEAR, after=None, limit=2)
        assert (first.kept, len(first.ripe)) == ({Kept.UNDECIDED: 1}, 1)
        rest = await world.store.survey(YEAR, after=first.next, limit=2)
        assert (len(rest.ripe), rest.next) == (1, None)
        roots = [case.root for case in (*first.ripe, *rest.ripe)]
        assert len(await erase(world, *roots, *roots)) == 2
        assert (await look(world)).ripe == ()

    async def test_what_is_accepted_after_an_erasure_goes_its_way(self, world: World) -> None:
        """G3: other dossiers' lanes, feeds and order are as if nothing had been."""
        await end(world, "A")
        await world.receive(a_draft("B"))
        world.clock.advance(366 * DAY)
        await erase(world)
        await world.receive(a_draft("B", text="2", kind="dossier.amended"))
        assert [await _kind(world, CIVIL_STATUS) for _ in range(2)] == ["dossier.submitted", "dossier.amended"]


async def _kind(world: World, system: SystemId) -> str:
    delivery = await world.claim_one(system)
    await world.settle(delivery)
    return delivery.message.kind
