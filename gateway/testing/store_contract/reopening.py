"""Erasing by age: what had ended and goes on again is open, however long ago it first ended."""

from __future__ import annotations

from gateway.core.message import Code
from gateway.testing.books import LAND, a_draft, a_status
from gateway.testing.store_contract.adopting import adopt, had
from gateway.testing.store_contract.retaining import deliver, end, erase, look
from gateway.testing.store_contract.world import StoreCase, World

_DAY = 86_400.0


class ReopenContract(StoreCase):
    """What a province relies on whose ministries take up again what they had refused."""

    async def test_what_was_refused_and_put_right_since_has_not_ended(self, world: World) -> None:
        """G2: the system has it again and has said nothing since; only its next word ends it."""
        receipt = await end(world, number=3)
        world.clock.advance(_DAY)
        await world.receive(a_draft("A", text="again", kind="dossier.amended"))
        await deliver(world)
        world.clock.advance(730 * _DAY)
        assert ((await look(world)).ripe, (await look(world)).kept) == ((), {})
        assert await erase(world, receipt.dossier_id) == ()
        await world.receive(a_status("A", 9))
        await deliver(world)
        world.clock.advance(366 * _DAY)
        assert len(await erase(world)) == 1

    async def test_an_amendment_of_what_is_finished_opens_nothing(self, world: World) -> None:
        """Portals state the whole dossier once more after its result; nobody answers to that."""
        await end(world)
        world.clock.advance(_DAY)
        await world.receive(a_draft("A", text="again", kind="dossier.amended"))
        await deliver(world)
        world.clock.advance(366 * _DAY)
        assert len(await erase(world)) == 1

    async def test_what_another_system_has_and_has_not_ended_stays(self, world: World) -> None:
        """G2: it was made known after the first system's last word."""
        receipt = await end(world)
        item = had(world, "A", LAND, codes=(Code("province", "A"),), status=None)
        await adopt(world, item)
        world.clock.advance(730 * _DAY)
        assert ((await look(world)).ripe, (await look(world)).kept) == ((), {})
        assert await erase(world, receipt.dossier_id) == ()
