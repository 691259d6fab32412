"""Due dates: what is stated of them is kept, and nothing else moves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.deadline import Turn
from gateway.core.delivery import State
from gateway.core.ids import DossierId
from gateway.core.message import Code, Draft, SourceStatus
from gateway.ports.attention import DueAsked, DueView
from gateway.ports.store import DossierView
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_book, a_draft, a_route, a_status
from gateway.testing.clock import MONDAY_MORNING
from gateway.testing.store_contract.adopting import adopt, had
from gateway.testing.store_contract.world import StoreCase, World

DAY = timedelta(days=1)
DUE = MONDAY_MORNING + 10 * DAY


async def _see(world: World) -> DossierView:
    (found,) = await world.store.dossiers("H01-1")
    return found


async def _due(world: World, **asked: object) -> list[DueView]:
    page = await world.store.due(DueAsked(limit=100, **asked))  # type: ignore[arg-type]  # fields by name
    return list(page.items)


def _said(kind: str, **changes: object) -> Draft:
    """Return what the ministry says of the due date."""
    said = a_draft(
        text=f"{kind} {sorted(changes)}",
        source=CIVIL_STATUS,
        operation="rest.events",
        kind=kind,
        document=None,
        document_digest="",
        procedure="",
        agency="",
    )
    return replace(said, **changes)  # type: ignore[arg-type]  # fields by name, checked when the test runs


def _put_right(kind: str) -> Draft:
    """Return what the portal puts a refused dossier right with."""
    return a_draft(text="again", kind=kind)


class PromiseContract(StoreCase):
    """What every store keeps of due dates."""

    async def test_a_due_date_is_kept_and_moves_only_by_word(self, world: World) -> None:
        """The gateway never computes it: without a new one the last one stands."""
        await world.receive(a_draft(due_at=DUE))
        await world.receive(_said("deadline.changed", due_at=DUE + DAY))
        await world.receive(a_status(number=4))
        assert (await _see(world)).term.due_at == DUE + DAY
        await world.receive(a_draft(text="2", kind="dossier.amended"))
        assert (await _see(world)).term.due_at == DUE + DAY
        await world.receive(a_draft(text="3", kind="dossier.amended", due_at=DUE + 2 * DAY))
        assert (await _see(world)).term.due_at == DUE + 2 * DAY

    async def test_a_pause_begins_and_ends_by_word(self, world: World) -> None:
        """Not counted since the first of two pauses, until both have ended."""
        await world.receive(a_draft(due_at=DUE))
        world.clock.advance(3600)
        since = world.clock.now()
        await world.receive(_said("supplement.requested", turn=Turn.AWAIT))
        world.clock.advance(3600)
        await world.receive(_said("deadline.changed", turn=Turn.PAUSE))
        assert (await _see(world)).term.paused_at == since
        await world.receive(_said("supplement.closed", turn=Turn.GO_ON))
        assert (await _see(world)).term.paused_at == since
        await world.receive(_said("deadline.changed", turn=Turn.RESUME, due_at=DUE + DAY))
        term = (await _see(world)).term
        assert (term.paused_at, term.due_at) == (None, DUE + DAY)

    async def test_a_pause_is_not_before_the_dossier_nor_in_the_future(self, world: World) -> None:
        await world.receive(a_draft(due_at=DUE))
        world.clock.advance(3600)
        await world.receive(_said("deadline.changed", turn=Turn.PAUSE, occurred_at=MONDAY_MORNING - 900 * DAY))
        assert (await _see(world)).term.paused_at == MONDAY_MORNING
        await world.receive(_said("deadline.changed", turn=Turn.RESUME))
        await world.receive(_said("deadline.changed", turn=Turn.PAUSE, occurred_at=DUE, due_at=DUE))
        assert (await _see(world)).term.paused_at == world.clock.now()

    async def test_a_pause_survives_while_its_message_is_parked(self, world: World) -> None:
        """What is said before the code is bound counts once it is."""
        early = _said("supplement.requested", turn=Turn.AWAIT)
        await world.receive(early)
        world.clock.advance(60)
        await world.receive(a_draft(due_at=DUE))
        assert (await _see(world)).term.holds == {f"supplement:{CIVIL_STATUS}"}

    @pytest.mark.parametrize("number", [3, 8, 9, 10])
    async def test_a_dossier_ends_when_all_who_process_it_have_ended_it(self, world: World, number: int) -> None:
        world.use(a_book(routes=[a_route(CIVIL_STATUS, LAND)]))
        await world.receive(a_draft(due_at=DUE))
        await world.receive(a_status(number=number))
        assert [view.open_with for view in await _due(world)] == [(LAND,)]
        await world.receive(a_status(number=9, source=LAND))
        assert (await _see(world)).term.closed_at == world.clock.now()
        assert await _due(world) == []

    async def test_a_dossier_that_goes_on_after_all_is_due_again(self, world: World) -> None:
        await world.receive(a_draft(due_at=DUE))
        await world.receive(a_status(number=9))
        await world.receive(a_status(number=4))
        assert [view.id for view in await _due(world)] == [(await _see(world)).id]

    @pytest.mark.parametrize("kind", ["dossier.amended", "supplement.submitted"])
    async def test_what_was_refused_and_put_right_is_due_again(self, world: World, kind: str) -> None:
        """G2: from when it is put right, under who has it again and is silent, until that one's next word."""
        await world.receive(a_draft(due_at=DUE))
        await world.settle(await world.claim_one())
        await world.receive(a_status(number=3))
        assert await _due(world) == []
        world.clock.advance(60)
        await world.receive(_put_right(kind))
        assert [view.open_with for view in await _due(world)] == [(CIVIL_STATUS,)]
        world.clock.advance(60)
        await world.receive(a_status(number=8))
        assert await _due(world) == [], "said before it was taken, but not before it was given"
        world.clock.advance(60)
        await world.settle(await world.claim_one())
        assert [view.open_with for view in await _due(world)] == [(CIVIL_STATUS,)], "what it had not seen when it spoke"
        world.clock.advance(60)
        await world.receive(a_status(number=3))
        assert await _due(world) == []

    async def test_what_never_reaches_the_system_puts_nothing_right(self, world: World) -> None:
        """Cancelled, it leaves the refusal as the last word."""
        await world.receive(a_draft(due_at=DUE))
        await world.settle(await world.claim_one())
        await world.receive(a_status(number=3))
        world.clock.advance(60)
        await world.receive(_put_right("dossier.amended"))
        await world.settle(await world.claim_one(), State.CANCELLED)
        assert await _due(world) == []

    async def test_an_amendment_of_what_is_finished_is_not_due_again(self, world: World) -> None:
        """Portals state the whole dossier once more after its result; nobody answers to that."""
        await world.receive(a_draft(due_at=DUE))
        await world.settle(await world.claim_one())
        await world.receive(a_status(number=9))
        world.clock.advance(60)
        await world.receive(_put_right("dossier.amended"))
        await world.settle(await world.claim_one())
        assert await _due(world) == []

    async def test_what_another_system_has_too_is_due_under_it(self, world: World) -> None:
        """It was made known after the first system's last word, and has not ended it."""
        await world.receive(a_draft("A", due_at=DUE))
        await world.receive(a_status("A", number=9))
        await adopt(world, had(world, "A", LAND, codes=(Code("province", "A"),), status=None))
        assert [view.open_with for view in await _due(world)] == [(LAND,)]

    async def test_its_source_ends_it_for_all(self, world: World) -> None:
        await world.receive(a_draft(due_at=DUE))
        ended = a_status(number=10, source=PORTAL, status=SourceStatus(status=10))
        await world.receive(ended)
        assert await _due(world) == []

    async def test_due_dates_come_by_the_page_the_earliest_first(self, world: World) -> None:
        """Equal ones are told apart; no tests, none without a due date, none that is paused."""
        for number, days in enumerate((3, 1, 1, 2)):
            await world.receive(a_draft(f"H01-{number}", due_at=MONDAY_MORNING + days * DAY))
        await world.receive(a_draft("H01-none"))
        await world.receive(a_draft("H01-paused", due_at=DUE))
        await world.receive(a_draft("H01-paused", text="p", kind="deadline.changed", document=None, turn=Turn.PAUSE))
        seen: list[str] = []
        after: tuple[object, DossierId] | None = None
        while True:
            page = await world.store.due(DueAsked(limit=1, after=after))  # type: ignore[arg-type]  # as it was given
            seen += [view.codes[0].value for view in page.items]
            after = page.next
            if after is None:
                break
        assert seen[2:] == ["H01-3", "H01-0"]
        assert set(seen[:2]) == {"H01-1", "H01-2"}
        assert [view.codes[0].value for view in await _due(world, paused=True)] == ["H01-paused"]
        assert len(await _due(world, before=MONDAY_MORNING + 2 * DAY)) == 2  # noqa: PLR2004 - the two of day one

    async def test_due_dates_of_one_system(self, world: World) -> None:
        await world.receive(a_draft(due_at=DUE))
        assert len(await _due(world, system=CIVIL_STATUS)) == 1
        assert await _due(world, system=TAX) == []
