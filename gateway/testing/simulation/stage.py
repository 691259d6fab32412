"""Everything round one gateway: loop, clock, store, partners, and the supervisor that starts it again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from gateway.core.doubt import Declared
from gateway.core.errors import StoreError
from gateway.core.ids import SystemId
from gateway.core.routing import RouteBook
from gateway.core.terms import Terms
from gateway.testing.ids import FakeIds
from gateway.testing.simulation import scene
from gateway.testing.simulation.auditor import Auditor, Broken
from gateway.testing.simulation.clock import VirtualClock
from gateway.testing.simulation.controls import Control
from gateway.testing.simulation.loop import Deadlock, Process, VirtualLoop, who
from gateway.testing.simulation.node import Node, Surroundings, Unreachable
from gateway.testing.simulation.partners import Partner
from gateway.testing.simulation.store import Weather
from gateway.testing.simulation.stores import Opener

T = TypeVar("T")

CALM = Weather()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a world is like."""

    seed: int
    steps: int = 200  #: at least
    opener: Opener
    control: Control | None = None
    trace: Callable[[str], None] | None = None
    declared: Mapping[SystemId, Declared] = field(default_factory=lambda: scene.DECLARED)
    book: RouteBook = field(default_factory=scene.book)
    terms: Mapping[SystemId, Terms] = field(default_factory=dict[SystemId, Terms])
    lease: timedelta = timedelta(seconds=60)
    relays: int = 1  #: over the one store


class Stage:
    """One gateway, or several over one store, and the surroundings; ``run`` is its life, ``auditor`` has the result."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.dice = random.Random(script.seed)  # noqa: S311 - repeatable on purpose
        self.loop = VirtualLoop(random.Random(script.seed + 1_000_003))  # noqa: S311 - repeatable on purpose
        self.clock = VirtualClock(self.loop)
        self.auditor = Auditor(partners={}, time=self.loop.time, trace=self._trace if script.trace else None)
        self.partners = {
            system: Partner(id=system, declared=declared, loop=self.loop, dice=self.dice, notes=self.auditor)
            for system, declared in script.declared.items()
        }
        self.auditor.partners = self.partners
        ids = FakeIds(script.seed)
        self.store = script.opener(self.clock, ids, self._wake)
        self.auditor.is_over = self.store.is_over
        self.store.watcher, self.store.dice, self.store.weather = self.auditor, self.dice, CALM
        self.around = Surroundings(
            loop=self.loop,
            clock=self.clock,
            ids=ids,
            store=self.store,
            partners={s: p for s, p in self.partners.items() if not script.book.systems[s].feed},
            book=script.book,
            auditor=self.auditor,
            control=script.control,
            terms=script.terms,
            lease=script.lease,
        )
        self.nodes: dict[int, Node] = {}  #: that live, by their place
        self._incarnations = 0
        self._open = 0  #: what people still have to say
        self._ending = False

    @property
    def is_all_said(self) -> bool:
        """Whether nobody still has something to say."""
        return not self._open

    # --- What people do by

    async def call(self, what: Callable[[Node], Awaitable[T]]) -> T:
        """Call a gateway that lives now. Raises Unreachable, TimeoutError, and what the call raises."""
        node = self.some_node()
        if node is None:
            raise Unreachable
        return await node.call(what)

    def some_node(self) -> Node | None:
        """Return a gateway that lives, any of them; None where none does."""
        nodes = tuple(self.nodes.values())
        return nodes[0] if len(nodes) == 1 else self.dice.choice(nodes or (None,))

    def spawn(self, coro: Coroutine[Any, Any, None]) -> None:
        """Let this go on by itself; the seed does not end before it."""
        self._open += 1
        self.loop.begin(None, coro).add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._open -= 1
        error = task.exception()
        if error is not None:
            self.auditor.breaks(Broken.UNRULY, f"the simulation itself failed: {error!r}")

    async def up(self) -> None:
        """Wait until the gateway answers."""
        await self.until(lambda: any(node.is_up for node in self.nodes.values()), within=60, step=1)

    async def until(self, happened: Callable[[], bool], *, within: float, step: float = 15.0) -> bool:
        """Wait until it has happened; say whether it has within so many virtual seconds."""
        end = self.now() + within
        while not happened() and self.now() < end:  # noqa: ASYNC110 - in virtual time a look costs nothing
            await asyncio.sleep(step)
        return happened()

    def now(self) -> float:
        """Return virtual seconds."""
        return self.loop.time()

    # --- Life

    def run(self) -> Auditor:
        """Live through the seed, and return the books."""
        try:
            self.loop.run_until_complete(self._live(self.play()))
            self.auditor.close()
        except Deadlock as error:
            self.auditor.breaks(Broken.STUCK, str(error))
        finally:
            self.loop.bury()
            self.loop.close()
        for failure in self.loop.failures:
            self.auditor.breaks(Broken.UNRULY, f"nobody caught: {failure}")
        return self.auditor

    async def play(self) -> None:
        """What happens; the gateway is up from the beginning."""

    async def _live(self, playing: Coroutine[Any, Any, None]) -> None:
        supervisors = [self.loop.begin(None, self._supervise(place)) for place in range(self.script.relays)]
        await playing
        self._ending = True
        for node in self.nodes.values():
            node.stop()
        for supervisor in supervisors:
            await supervisor

    async def configure(self) -> None:
        """Let the gateways go on as ``around`` says now, one after the other, for ever; who starts anew begins so."""
        while True:
            await asyncio.sleep(self.dice.uniform(0.5, 5.0))
            for node in tuple(self.nodes.values()):
                if node.around is not self.around:
                    with suppress(Unreachable, TimeoutError, StoreError):
                        await node.call(partial(Node.turn, around=self.around))

    async def _supervise(self, place: int) -> None:
        """Start the gateway of this place again whenever it has ended."""
        before: Process | None = None
        while not self._ending:
            self._incarnations += 1
            process = Process(f"node-{self._incarnations}", place)
            self.auditor.step(f"{process.name} starts")
            node = self.nodes[place] = Node(self.around, process, before)
            await node.gone
            del self.nodes[place]
            before = process
            await asyncio.sleep(self.dice.uniform(0.1, 15.0))

    def _wake(self, systems: frozenset[SystemId]) -> None:
        for node in self.nodes.values():
            node.wakeups.wake(systems)

    def _trace(self, what: str) -> None:
        if self.script.trace is not None:
            self.script.trace(f"{self.loop.time():10.3f} {who():8} {what}")
