"""One seed: builds its world, lets chaos reign, then lets everything come to rest, and closes the books."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.core.delivery import Delivery
from gateway.core.ids import SystemId
from gateway.testing.ids import FakeIds
from gateway.testing.simulation import scene
from gateway.testing.simulation.auditor import Auditor, Broken
from gateway.testing.simulation.clock import VirtualClock
from gateway.testing.simulation.controls import Control
from gateway.testing.simulation.faults import Trouble
from gateway.testing.simulation.loop import Deadlock, VirtualLoop
from gateway.testing.simulation.node import Node, Surroundings, Unreachable
from gateway.testing.simulation.partners import Partner
from gateway.testing.simulation.people import Ministry, Operator, PortalPeople, is_settled, read_feed
from gateway.testing.simulation.store import Weather
from gateway.testing.simulation.stores import Opener

T = TypeVar("T")

_REST = 4 * 3600.0  #: virtual seconds within which everything must come to rest
_SHORT_REST = 1800.0  #: of a gateway that is broken on purpose
_CALM = Weather()
_NEAR, _FAR = 5.0, 7200.0  #: seconds that the wall clock is set by
_CALLING_BACK = (scene.CIVIL_STATUS, scene.LAND, scene.CRIMINAL_RECORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a seed is like."""

    seed: int
    steps: int = 200  #: at least
    opener: Opener
    control: Control | None = None
    trace: Callable[[str], None] | None = None


class World:
    """Everything round one gateway. ``run`` is its life; ``auditor`` has the result."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.dice = random.Random(script.seed)  # noqa: S311 - repeatable on purpose
        self.loop = VirtualLoop(random.Random(script.seed + 1_000_003))  # noqa: S311 - repeatable on purpose
        self.clock = VirtualClock(self.loop)
        self.auditor = Auditor(partners={}, time=self.loop.time, trace=self._trace if script.trace else None)
        self.partners = {system: self._partner(system) for system in scene.DECLARED}
        self.auditor.partners = self.partners
        ids = FakeIds(script.seed)
        self.store = script.opener(self.clock, ids, self._wake)
        self.store.watcher, self.store.dice, self.store.weather = self.auditor, self.dice, _CALM
        self.around = Surroundings(
            loop=self.loop,
            clock=self.clock,
            ids=ids,
            store=self.store,
            partners={s: p for s, p in self.partners.items() if s != scene.TAX},
            book=scene.book(),
            auditor=self.auditor,
            control=script.control,
        )
        self.node: Node | None = None
        self.portal = PortalPeople(self)
        self._incarnations = 0
        self._open = 0  #: what people still have to say
        self._ending = False
        #: A wall clock that is set by hours breaks what partners promise in minutes: then they promise less.
        self._is_far = script.seed % 4 == 0
        if self._is_far:
            self.partners[scene.LAND].prompt = True
            self.partners[scene.NOTARY].forgets = False

    # --- Town

    async def call(self, what: Callable[[Node], Awaitable[T]]) -> T:
        """Call the gateway that is up now."""
        if self.node is None:
            raise Unreachable
        return await self.node.call(what)

    def spawn(self, coro: Coroutine[Any, Any, None]) -> None:
        """Let this go on by itself; the seed does not end before it."""
        self._open += 1
        self.loop.begin(None, coro).add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._open -= 1
        error = task.exception()
        if error is not None:
            self.auditor.breaks(Broken.UNRULY, f"the simulation itself failed: {error!r}")

    def now(self) -> float:
        """Return virtual seconds."""
        return self.loop.time()

    # --- Life

    def run(self) -> Auditor:
        """Live through the seed, and return the books."""
        try:
            self.loop.run_until_complete(self._live())
        except Deadlock as error:
            self.auditor.breaks(Broken.STUCK, str(error))
        for failure in self.loop.failures:
            self.auditor.breaks(Broken.UNRULY, f"nobody caught: {failure}")
        self.auditor.close()
        self.loop.bury()
        self.loop.close()
        return self.auditor

    async def _live(self) -> None:
        supervisor = self.loop.begin(None, self._supervise())
        self.loop.begin(None, read_feed(self, self.partners[scene.TAX]))
        operator = Operator(self, self.partners)
        self.loop.begin(None, operator.work())
        while self.auditor.steps < self.script.steps:
            await self._chaos(self.auditor.steps + self.script.steps // 2)
            self._calm_down()
            await self._rest()
        self._ending = True
        if self.node is not None:
            self.node.stop()
        await supervisor

    async def _supervise(self) -> None:
        """Start the gateway again whenever it has ended."""
        while not self._ending:
            self._incarnations += 1
            name = f"node-{self._incarnations}"
            self.auditor.step(f"{name} starts")
            self.node = Node(self.around, name, f"config-{self._incarnations}")
            await self.node.gone
            self.node = None
            await asyncio.sleep(self.dice.uniform(0.1, 15.0))

    async def _chaos(self, until: int) -> None:
        """Let people come and trouble strike for so many steps."""
        self._storm()
        for partner in self.partners.values():
            partner.chaos = 1.0
        troubles = (self._kill, self._end_in_order, self._freeze, self._jump, self._outage, self._storm)
        while self.auditor.steps < until:
            for _ in range(self.dice.randint(1, 3)):
                self.portal.submit()
            await asyncio.sleep(self.dice.uniform(1.0, 20.0))
            self.dice.choices(troubles, (4, 1, 1, 2, 2, 1))[0]()
            await asyncio.sleep(self.dice.uniform(1.0, 20.0))

    def _calm_down(self) -> None:
        self.auditor.step("calm")
        self.store.weather = _CALM
        for partner in self.partners.values():
            partner.chaos, partner.down = 0.0, False
        if self.node is not None:
            self.loop.thaw(self.node.process)

    async def _rest(self) -> None:
        """Give everything the time to come to rest."""
        end = self.now() + (_REST if self.script.control is None else _SHORT_REST)
        while self.now() < end:
            await asyncio.sleep(15)
            if not self._open and all(is_settled(row) for row in self.auditor.rows.values()):
                return

    # --- Trouble

    def _storm(self) -> None:
        """Change how the store behaves."""
        rough = self.dice.choice((0.0, 0.5, 1.0, 3.0))
        self.store.weather = Weather(before=0.01 * rough, after=0.01 * rough, stalls=0.001 * rough, full=0.005 * rough)

    def _kill(self) -> None:
        if self.node is not None:
            self.auditor.trouble(Trouble.DEATH)
            self.node.kill()

    def _end_in_order(self) -> None:
        if self.node is not None:
            self.auditor.trouble(Trouble.ORDERLY_END)
            self.node.stop()

    def _freeze(self) -> None:
        if self.node is not None and not self.node.process.frozen:
            self.auditor.trouble(Trouble.FREEZE)
            self.loop.freeze(self.node.process)
            self.loop.call_later(self.dice.uniform(1.0, 150.0), self.loop.thaw, self.node.process)

    def _jump(self) -> None:
        seconds = self.dice.uniform(-1.0, 1.0) * (_FAR if self._is_far else _NEAR)
        self.auditor.trouble(Trouble.CLOCK_FORWARD if seconds > 0 else Trouble.CLOCK_BACK)
        self.clock.jump(seconds)

    def _outage(self) -> None:
        partner = self.partners[self.dice.choice(tuple(self.partners))]
        if not partner.down:
            self.auditor.trouble(Trouble.OUTAGE)
            partner.down = True
            self.loop.call_later(self.dice.uniform(10.0, 300.0), self._recover, partner)

    def _recover(self, partner: Partner) -> None:
        partner.down = False

    # --- Parts

    def _partner(self, system: SystemId) -> Partner:
        ministry = Ministry(self, system) if system in _CALLING_BACK else None
        partner = Partner(
            id=system,
            declared=scene.DECLARED[system],
            loop=self.loop,
            dice=self.dice,
            notes=self.auditor,
        )
        if system in {scene.LAND, scene.CRIMINAL_RECORD}:
            partner.poison = _is_poison
        if ministry is not None:
            partner.replies, partner.on_effect = ministry.in_reply, ministry.heard
        return partner

    def _wake(self, systems: frozenset[SystemId]) -> None:
        if self.node is not None:
            self.node.wakeups.wake(systems)

    def _trace(self, what: str) -> None:
        process = self.loop.whose()
        if self.script.trace is not None:
            self.script.trace(f"{self.loop.time():10.3f} {process:8} {what}")


def _is_poison(delivery: Delivery) -> bool:
    """Whether a partner refuses this, whenever it is sent."""
    code = delivery.message.codes[0].value
    return delivery.message.kind != "relay" and sum(code.encode()) % 11 == 0
