"""A clock that is set: what is measured in passed time stays as long as it was."""

from __future__ import annotations

from datetime import timedelta

from gateway.core.delivery import DoubtMark, State
from gateway.testing.books import a_draft
from gateway.testing.store_contract.world import LEASE, StoreCase, World, slots

_DAY = 86_400.0


class TimeContract(StoreCase):
    """What everybody relies on who counts the time since something was sent."""

    async def test_a_lease_lasts_as_long_as_it_was_given_for(self, world: World) -> None:
        """G11: a clock set forward takes nothing from a worker that is at work; one set back keeps nothing for ever."""
        await world.receive(a_draft())
        delivery = await world.claim_one()
        world.clock.jump(_DAY)
        assert await world.store.reclaim(slots(), limit=10) == ()
        world.clock.jump(-2 * _DAY)
        world.clock.advance(LEASE.total_seconds())
        (lost,) = await world.store.reclaim(slots(), limit=10)
        assert lost.id == delivery.id

    async def test_a_wait_is_as_long_as_it_was(self, world: World) -> None:
        """G2: a clock set back leaves nothing waiting for a day; one set forward ends no wait early."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, wait=timedelta(seconds=60))
        world.clock.jump(_DAY)
        assert await world.claim() == ()
        world.clock.jump(-2 * _DAY)
        world.clock.advance(60)
        assert len(await world.claim()) == 1

    async def test_a_doubt_is_as_old_as_it_was(self, world: World) -> None:
        """G4: since when it is in doubt, and when our side ended, move along with the clock."""
        await world.receive(a_draft())
        await world.settle(await world.claim_one(), State.DELAYED, doubt=DoubtMark.SET, wait=timedelta(seconds=60))
        world.clock.jump(-_DAY)
        world.clock.advance(60)
        delivery = await world.claim_one()
        assert delivery.in_doubt_since is not None
        assert delivery.closed_at is not None
        assert delivery.boot is not None
        assert world.clock.now() - delivery.in_doubt_since == timedelta(seconds=60)
        assert world.clock.now() - delivery.closed_at == timedelta(seconds=60)
        assert delivery.boot.now(world.clock.uptime()) == world.clock.now()

    async def test_moments_of_history_stay(self, world: World) -> None:
        """What has happened keeps the time that the clock showed then."""
        receipt = await world.receive(a_draft())
        await world.settle(await world.claim_one())
        before = await world.view(receipt.deliveries[0])
        world.clock.jump(_DAY)
        await world.receive(a_draft("H01-2"))
        assert await world.view(receipt.deliveries[0]) == before
