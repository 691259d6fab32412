"""What does not let a system go from the configuration."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.core.delivery import State
from gateway.core.errors import ConfigError
from gateway.core.ids import SystemId
from gateway.core.replay import RunPlan, Selection, Steering, order
from gateway.ops.configuring import Configurer
from gateway.ports.configurations import Change
from gateway.stores.memory import MemoryStore
from gateway.testing.books import CIVIL_STATUS, LAND, a_draft, a_planner
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.world import World


class Removal:
    """Files that lack a system."""

    version = "1"

    def __init__(self, system: SystemId) -> None:
        self.change = Change(before="1", after="2", removed=(system,))

    @asynccontextmanager
    async def prepared(self, version: str | None = None) -> AsyncIterator["Removal"]:
        assert version is None
        yield self

    async def keep(self) -> None:
        raise NotImplementedError

    def commit(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("to", "selection"),
    [
        (State.DEAD, Selection()),
        (State.DEAD, Selection(system=CIVIL_STATUS)),
        (State.DELIVERED, Selection(system=CIVIL_STATUS, names=("H01-1",), amend=True)),
    ],
)
async def test_a_system_does_not_go_while_a_replay_has_something_to_send_to_it(to: State, selection: Selection):
    """G2: nothing of it is open, and once released it would be ready for nobody."""
    clock, ids = FakeClock(), FakeIds()
    async with MemoryStore(clock=clock, ids=ids) as store:
        world = World(store, clock, ids, a_planner(ids))
        await world.receive(a_draft("H01-1"))
        await world.settle(await world.claim_one(), to)
        configurer, other = (Configurer(store=store, live=Removal(system)) for system in (CIVIL_STATUS, LAND))
        run = await store.begin_run(order(await store.choose(selection), selection.words(), RunPlan()), by=by())
        with pytest.raises(ConfigError, match="a replay has 1 deliveries"):
            await configurer.review()
        assert (await other.review()).removed == (LAND,)
        await store.steer_run(run.id, Steering.CANCEL, by=by())
        assert (await configurer.review()).removed == (CIVIL_STATUS,)
