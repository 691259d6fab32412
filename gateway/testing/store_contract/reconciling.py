"""Reconciliations: what our books say of a system's dossiers, and reports kept as they were found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.acts import Verb
from gateway.core.delivery import State
from gateway.core.judging import Decision
from gateway.core.message import SourceStatus
from gateway.core.reconcile import (
    Divergence,
    Divergent,
    Reconciliation,
    ReconciliationId,
    ReconciliationState,
    Repair,
    Report,
    Said,
    UnknownReconciliation,
    compared,
    target,
)
from gateway.testing.books import CIVIL_STATUS, LAND, TAX, a_book, a_draft, a_route, a_status
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import StoreCase, World

_FOUND = Divergent(divergence=Divergence.MISSING, repair=Repair.RESEND, code="A")


async def _settled(world: World, **states: State) -> None:
    """Submit dossiers of these codes, and let each delivery end so; READY ones are left alone."""
    for code in states:
        await world.receive(a_draft(code))
    for delivery in await world.claim(free=100):
        state = states[delivery.message.codes[0].value]
        if state is not State.READY:
            await world.settle(delivery, state)


class ReconcileContract(StoreCase):
    """What operators rely on when two books are compared."""

    async def test_our_books_say_how_each_submission_stands_and_what_the_system_last_said(self, world: World) -> None:
        """The newest first, as far as they are settled; with the delivery that asks about it."""
        await _settled(world, A=State.DELIVERED, B=State.DEAD, C=State.READY)
        await world.receive(a_status("A", 4))
        booked = await world.store.booked(CIVIL_STATUS, limit=10)
        entries = [item.entry for item in booked]
        assert [(entry.codes, entry.state) for entry in entries] == [(("B",), State.DEAD), (("A",), State.DELIVERED)]
        assert [entry.status for entry in entries] == [None, SourceStatus(status=4)]
        assert [item.delivery.id for item in booked] == [entry.delivery for entry in entries]
        assert len(await world.store.booked(CIVIL_STATUS, limit=1)) == 1
        assert await world.store.booked(LAND, limit=10) == ()

    async def test_a_named_dossier_is_booked_whatever_its_state(self, world: World) -> None:
        """Somebody asks about this one."""
        await _settled(world, A=State.DELIVERED, C=State.READY)
        (item,) = await world.store.booked(CIVIL_STATUS, ("C", "nobody"), limit=10)
        assert item.entry.codes == ("C",)

    async def test_a_named_dossier_is_booked_by_what_its_system_was_submitted(self, world: World) -> None:
        """G4: held against what another system was sent, or what was said later, it would be sent once more."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS), a_route(LAND, kinds=("dossier.submitted",))]))
        await world.receive(a_draft("A"))
        await world.settle(await world.claim_one(LAND), State.DEAD)
        await world.settle(await world.claim_one())
        await world.receive(a_draft("A", text="2", kind="dossier.amended"))
        found = [(await world.store.booked(system, ("A",), limit=10))[0] for system in (CIVIL_STATUS, LAND)]
        assert [item.entry.state for item in found] == [State.DELIVERED, State.DEAD]
        assert [item.delivery.destination for item in found] == [CIVIL_STATUS, LAND]
        assert (await world.store.books(TAX, {"A"}))[1] == {"A"}

    async def test_a_list_is_met_with_all_that_it_names_or_lacks(self, world: World) -> None:
        """And the codes that no dossier of this system has."""
        await _settled(world, A=State.DELIVERED, B=State.DELIVERED)
        entries, unknown = await world.store.books(CIVIL_STATUS, {"A", "X"})
        assert sorted(entry.codes for entry in entries) == [("A",), ("B",)]
        assert unknown == {"X"}

    async def test_what_is_asked_for_waits_for_the_relay_and_is_concluded_once(self, world: World) -> None:
        """G10: who asked and why is kept; a second report changes nothing."""
        asked = await world.store.ask(CIVIL_STATUS, ("A",), by=by())
        assert list(await world.store.asked()) == [asked]
        done = await world.store.conclude(asked.id, Report(compared=3, unanswered=1, findings=(_FOUND,)))
        assert (done.state, done.compared, done.unanswered) == (ReconciliationState.FINISHED, 3, 1)
        assert done.counts == {"missing": 1, "extra": 0, "different": 0}
        assert await world.store.conclude(asked.id, Report(compared=9)) == done
        assert await world.store.reconciliation(asked.id) == done
        assert list(await world.store.asked()) == []
        assert list(await world.store.divergences(asked.id)) == [(1, _FOUND)]
        (act,) = await world.store.acts(target(asked.id))
        assert (act.verb, act.by, act.facts) == (Verb.RECONCILE, by(), {"system": CIVIL_STATUS, "named": "1"})

    async def test_what_moved_while_the_system_was_asked_is_no_finding(self, world: World) -> None:
        """Nobody is sent to judge what has been settled meanwhile."""
        await _settled(world, A=State.DEAD)
        (item,) = await world.store.booked(CIVIL_STATUS, limit=10)
        found = compared(item.entry, Said(has=True))
        assert found is not None
        asked = await world.store.ask(CIVIL_STATUS)
        await world.store.decide(item.entry.delivery, Decision.DELIVERED, by=by(), plan=world.plan)
        done = await world.store.conclude(asked.id, Report(compared=1, findings=(found,)))
        assert done.counts["extra"] == 0
        assert list(await world.store.divergences(asked.id)) == []

    async def test_the_clock_asks_in_nobody_s_name(self, world: World) -> None:
        """Nobody did it: there is no act."""
        asked = await world.store.ask(CIVIL_STATUS)
        await world.store.conclude(asked.id, Report(compared=0, is_whole=False))
        assert (await world.store.reconciliation(asked.id)).state is ReconciliationState.BROKEN_OFF
        assert await world.store.acts() == []

    async def test_a_list_is_kept_with_its_facts(self, world: World) -> None:
        """Years later it can be shown which list said so."""
        asked = Reconciliation(
            id=ReconciliationId(""), system=LAND, by=None, asked_at=world.clock.now(), facts={"file_sha256": "f" * 64}
        )
        done = await world.store.keep_list(asked, Report(compared=2, findings=(_FOUND, _FOUND)), by=by())
        assert (done.by, done.facts, done.counts["missing"]) == (by(), {"file_sha256": "f" * 64}, 2)
        found = await world.store.divergences(done.id, behind=1, limit=5)
        assert [place for place, _ in found] == [2]
        (act,) = await world.store.acts(target(done.id))
        assert act.facts["file_sha256"] == "f" * 64

    async def test_reconciliations_are_read_newest_first_and_by_system(self, world: World) -> None:
        """What the clock did last is known by them."""
        made = [await world.store.ask(system) for system in (CIVIL_STATUS, LAND, CIVIL_STATUS)]
        assert list(await world.store.reconciliations()) == made[::-1]
        assert list(await world.store.reconciliations(CIVIL_STATUS, limit=1)) == [made[2]]
        with pytest.raises(UnknownReconciliation):
            await world.store.reconciliation(replace(made[0], id=ReconciliationId("x")).id)
