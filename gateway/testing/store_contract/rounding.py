"""Rounds of questions: what a system that is asked has open."""

from __future__ import annotations

import pytest

from gateway.core.delivery import State
from gateway.core.message import SourceStatus
from gateway.testing.books import CIVIL_STATUS, LAND, a_draft, a_status
from gateway.testing.store_contract.adopting import adopt, had
from gateway.testing.store_contract.world import StoreCase, World

_BIRTH = frozenset({"1.001193"})


async def _taken(world: World, *codes: str) -> None:
    """Submit dossiers of these codes, and let each be taken."""
    for code in codes:
        await world.receive(a_draft(code, procedure="1.001193"))
    for delivery in await world.claim(free=100):
        await world.settle(delivery)


async def _open(world: World) -> list[str]:
    found = await world.store.open_dossiers(CIVIL_STATUS, _BIRTH, after="", limit=100)
    return [dossier.codes["province"] for dossier in found]


class RoundContract(StoreCase):
    """What the poller relies on when a system is asked how its dossiers stand."""

    async def test_a_dossier_is_asked_about_from_its_delivery_until_it_is_finished(self, world: World) -> None:
        """Whatever is neither taken nor open is nobody's question."""
        await world.store.ask_about([CIVIL_STATUS])
        await world.receive(a_draft("A", procedure="1.001193"))
        assert await _open(world) == []
        await world.settle(await world.claim_one())
        await world.receive(a_status("A", 4))
        assert await _open(world) == ["A"]
        await world.receive(a_status("A", 9))
        assert await _open(world) == []

    async def test_what_was_not_taken_is_not_asked_about(self, world: World) -> None:
        """A refused delivery leaves no question."""
        await world.store.ask_about([CIVIL_STATUS])
        await world.receive(a_draft("A", procedure="1.001193"))
        await world.settle(await world.claim_one(), State.DEAD)
        assert await _open(world) == []

    async def test_a_round_comes_to_each_by_its_turn(self, world: World) -> None:
        """Model rule 3: each dossier of the procedures is handed out once a round, however small the pages are."""
        await world.store.ask_about([CIVIL_STATUS])
        await _taken(world, "A", "B", "C")
        await world.receive(a_draft("D", procedure="2.000635"))
        await world.settle(await world.claim_one())
        first = await world.store.open_dossiers(CIVIL_STATUS, _BIRTH, after="", limit=2)
        rest = await world.store.open_dossiers(CIVIL_STATUS, _BIRTH, after=first[-1].id, limit=2)
        assert sorted(one.codes["province"] for one in (*first, *rest)) == ["A", "B", "C"]
        assert [len(first), len(rest)] == [2, 1]

    async def test_a_system_that_begins_to_be_asked_is_asked_about_what_it_took_before(self, world: World) -> None:
        """And one that is asked no more keeps nothing in hand."""
        await _taken(world, "A", "B")
        await world.receive(a_status("B", 3))
        assert await _open(world) == []
        await world.store.ask_about([CIVIL_STATUS, LAND])
        await world.store.ask_about([CIVIL_STATUS])
        assert await _open(world) == ["A"]
        await world.store.ask_about([])
        assert await _open(world) == []

    async def test_a_system_that_is_asked_anew_is_asked_about_what_it_took_meanwhile(self, world: World) -> None:
        """Also where who was asked is read anew between: after a start, or because something was undone."""
        await world.store.ask_about([CIVIL_STATUS, LAND])
        await world.store.ask_about([LAND])
        await _taken(world, "A")
        world.poison("status.changed")
        with pytest.raises(RuntimeError, match="poison"):
            await world.accept(a_status("A", 4))
        await world.store.ask_about([CIVIL_STATUS, LAND])
        assert await _open(world) == ["A"]

    async def test_what_was_adopted_is_asked_about_like_what_was_taken(self, world: World) -> None:
        """Whether it was adopted before the system began to be asked, or after."""
        await adopt(world, had(world, "A", procedure="1.001193"))
        await world.store.ask_about([CIVIL_STATUS])
        await adopt(world, had(world, "B", procedure="1.001193"))
        done = SourceStatus(status=9)
        await adopt(world, had(world, "C", procedure="1.001193", status=done), had(world, "L", system=LAND))
        assert await _open(world) == ["A", "B"]
