"""Dossiers that systems have from before the gateway: known, spoken of, and never sent there again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gateway.core.acts import Target, Verb
from gateway.core.adoption import ADOPTED, Adoption, AdoptionList, Verdict, Weighed
from gateway.core.delivery import DoubtMark, State
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.judging import Decision
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Code, Exists, Receipt, SourceStatus
from gateway.core.reason import Why
from gateway.ports.attention import DueAsked
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_route, a_status
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World


def had(world: World, code: str = "H01-1", system: SystemId = CIVIL_STATUS, **changes: object) -> Adoption:
    """Return that a system has a dossier since an hour ago, in progress."""
    item = Adoption(
        row=2,
        codes=(Code("province", code), Code("national", f"G-{code}")),
        system=system,
        synced_at=world.clock.now() - timedelta(hours=1),
        status=SourceStatus(status=4),
        procedure="1.000894",
        agency="H01.12",
    )
    return replace(item, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


async def adopt(world: World, *items: Adoption, is_trial: bool = False) -> list[Verdict]:
    """Adopt these for the portal."""
    return [found.verdict for found in await weighed(world, *items, is_trial=is_trial)]


async def weighed(world: World, *items: Adoption, is_trial: bool = False) -> tuple[Weighed, ...]:
    """Adopt these for the portal, and return all that is said of each."""
    listed = AdoptionList(source=PORTAL, items=items, file_sha256="f" * 64)
    return await world.store.adopt(listed, by=by(), plan=world.plan, is_trial=is_trial)


class AdoptContract(StoreCase):
    """What a province relies on that moves over."""

    async def test_an_adopted_dossier_is_known_by_every_code_with_its_status(self, world: World) -> None:
        """G2: and nothing is sent, held or told for it."""
        item = had(world)
        assert await adopt(world, item) == [Verdict.NEW]
        (view,) = await world.store.dossiers("G-H01-1", scheme="national")
        assert (view.source, view.revision, view.procedure, view.agency) == (PORTAL, 0, "1.000894", "H01.12")
        assert view.codes == item.codes
        assert view.participants == {PORTAL, CIVIL_STATUS}
        (status,) = view.statuses
        assert (status.system, status.status.status, status.occurred_at) == (CIVIL_STATUS, 4, item.synced_at)
        told = await world.store.timeline(view.id)
        assert [(message.kind, message.source) for message in told.messages] == [(ADOPTED, GATEWAY)]
        assert told.deliveries == ()

    async def test_the_same_list_again_changes_nothing(self, world: World) -> None:
        """G7: no message, no act; what has moved on meanwhile stays as it is."""
        item = had(world)
        await adopt(world, item)
        await world.receive(a_status("H01-1", 9))
        kept = await self._all_of(world)
        assert await adopt(world, item) == [Verdict.SAME]
        assert await self._all_of(world) == kept

    async def _all_of(self, world: World) -> object:
        (view,) = await world.store.dossiers("H01-1")
        return view, await world.store.timeline(view.id), await world.store.acts()

    async def test_what_contradicts_our_books_is_reported_and_nothing_of_its_list_is_taken(self, world: World) -> None:
        """All or nothing, every line with its verdict."""
        item = had(world)
        await adopt(world, item, had(world, "H01-2"))
        others = (
            had(world, "H01-3"),
            replace(item, procedure="2.000001", status=SourceStatus(status=9)),
            replace(item, codes=(Code("province", "H01-1"), Code("province", "H01-2"))),
            replace(item, synced_at=world.clock.now() + timedelta(seconds=1)),
        )
        found = await weighed(world, *others)
        assert [one.verdict for one in found] == [Verdict.NEW, Verdict.DIFFERENT, Verdict.CODES, Verdict.DIFFERENT]
        assert [one.fields for one in found] == [(), ("procedure", "status"), (), ("synced_at",)]
        assert await world.store.dossiers("H01-3") == ()

    async def test_a_trial_says_what_would_be_and_writes_nothing(self, world: World) -> None:
        """A dossier at two systems begins once."""
        two = (had(world), had(world, system=LAND))
        assert await adopt(world, *two, is_trial=True) == [Verdict.NEW, Verdict.ADDED]
        assert await world.store.dossiers("H01-1") == ()
        assert await world.store.acts() == []
        assert await adopt(world, *two) == [Verdict.NEW, Verdict.ADDED]

    async def test_who_adopted_what_is_kept(self, world: World) -> None:
        """G10: the person, the list's digest, and what came of it; in the timeline, the person stands too."""
        await adopt(world, had(world), had(world, "H01-2", row=3))
        (act,) = await world.store.acts()
        assert (act.verb, act.target, act.by) == (Verb.ADOPT, Target.system(PORTAL), by())
        assert act.facts == {"file_sha256": "f" * 64, "rows": "2-3", "new": "2"}
        (view,) = await world.store.dossiers("H01-1")
        (message,) = (await world.store.timeline(view.id)).messages
        assert message.actor == by().actor

    async def test_its_system_may_speak_of_it_and_others_may_not(self, world: World) -> None:
        """G2: authority is as if it had been routed there."""
        await adopt(world, had(world))
        receipt = await world.receive(a_status("H01-1", 9))
        assert [(await world.view(one)).destination for one in receipt.deliveries] == [PORTAL]
        assert not isinstance((await world.accept(a_status("H01-1", 9, source=LAND)))[0], Receipt)

    async def test_its_status_is_guarded_against_the_one_adopted(self, world: World) -> None:
        """What was stated by the way before counts."""
        item = had(world)
        await adopt(world, item)
        receipt = await world.receive(a_status("H01-1", 2, occurred_at=item.synced_at - timedelta(hours=1)))
        assert receipt.anomalies == ("late",)

    async def test_it_is_not_submitted_again_where_it_is_had(self, world: World) -> None:
        """G4: the portal is told to amend; a system that has it not gets it, and only that one."""
        await adopt(world, had(world))
        (told,) = await world.accept(a_draft())
        assert told == Exists(code="H01-1", revision=0)
        world.use(a_book(routes=(a_route(CIVIL_STATUS, LAND),)))
        receipt = await world.receive(a_draft())
        assert [(await world.view(one)).destination for one in receipt.deliveries] == [LAND]
        assert [(warning.code, warning.detail) for warning in receipt.warnings] == [(Why.ADOPTED, CIVIL_STATUS)]

    async def test_nobody_waits_for_a_system_that_has_it_already(self, world: World) -> None:
        """G2: its route puts a system first that is not sent it any more."""
        await adopt(world, had(world))
        world.use(a_book(routes=(a_route(CIVIL_STATUS), a_route(LAND, after=(CIVIL_STATUS,)))))
        await world.receive(a_draft())
        assert (await world.claim_one(LAND)).kind == SUBMITTED

    async def test_it_is_amended_and_withdrawn_as_what_was_sent_before(self, world: World) -> None:
        """Model rules 5 and 7: nobody says that the system never had it."""
        await adopt(world, had(world))
        amended = await world.receive(a_draft(kind="dossier.amended", text="sửa"))
        asked = await world.receive(a_draft(kind="withdrawal.requested", text="rút", document=None, document_digest=""))
        assert amended.revision == 1
        assert await world.states(amended) + await world.states(asked) == [State.READY, State.WAITING]

    async def test_what_was_parked_for_its_code_is_matched(self, world: World) -> None:
        """G2: a status that came too early goes on to the portal."""
        await world.receive(a_status("H01-1", 9))
        await adopt(world, had(world))
        (view,) = await world.store.dossiers("H01-1")
        assert [status.status.status for status in view.statuses] == [9]
        assert [one.destination for one in await world.claim(PORTAL)] == [PORTAL]

    async def test_what_waits_to_be_sent_is_not_adopted_and_what_was_rehearsed_is(self, world: World) -> None:
        """G4: our own submission would be the second; after shadow mode there is none."""
        await world.receive(a_draft())
        assert await adopt(world, had(world)) == [Verdict.WAITING]
        delivery = await world.claim_one()
        await world.settle(delivery, State.CANCELLED)
        assert await adopt(world, had(world)) == [Verdict.ADDED]
        assert await adopt(world, had(world)) == [Verdict.SAME]

    async def test_what_may_have_arrived_is_adopted_once_that_is_known(self, world: World) -> None:
        """G2: a person had ended it in doubt; from here on it is with the system, and due there."""
        submitted = await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.HELD, doubt=DoubtMark.SET)
        await world.store.decide(submitted.deliveries[0], Decision.CANCELLED, by=by(), plan=world.plan)
        due_at = world.clock.now() + timedelta(days=3)
        assert await adopt(world, had(world, due_at=due_at)) == [Verdict.ADDED]
        assert await adopt(world, had(world, due_at=due_at)) == [Verdict.SAME]
        (item,) = (await world.store.due(DueAsked(limit=1))).items
        assert item.open_with == (CIVIL_STATUS,)

    async def test_a_later_status_of_the_way_before_is_taken(self, world: World) -> None:
        """After a roll-back the old way has moved on."""
        await adopt(world, had(world))
        later = had(world, synced_at=world.clock.now(), status=SourceStatus(status=9))
        assert await adopt(world, later) == [Verdict.ADDED]
        (view,) = await world.store.dossiers("H01-1")
        assert [status.status.status for status in view.statuses] == [9]

    async def test_a_list_of_its_system_finds_it_known(self, world: World) -> None:
        """A comparison of the books does not ask where the system has it from."""
        await adopt(world, had(world))
        _, unknown = await world.store.books(CIVIL_STATUS, {"H01-1", "X"})
        assert unknown == {"X"}
