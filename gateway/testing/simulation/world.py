"""One seed: lets chaos reign over a stage, then lets everything come to rest."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from gateway.core.delivery import Delivery
from gateway.core.rate import Rate
from gateway.core.routing import Mode
from gateway.core.terms import Terms
from gateway.testing.simulation import scene
from gateway.testing.simulation.faults import Fault, Rehearsal, Trouble
from gateway.testing.simulation.loop import here
from gateway.testing.simulation.node import TERMS, Node, Surroundings
from gateway.testing.simulation.partners import Partner
from gateway.testing.simulation.people import Ministry, Operator, PortalPeople, is_settled, read_feed
from gateway.testing.simulation.stage import CALM, Script, Stage
from gateway.testing.simulation.store import Weather

_REST = 4 * 3600.0  #: virtual seconds within which everything must come to rest
_SHORT_REST = 1800.0  #: of a gateway that is broken on purpose
_SET_BY = (5.0, 1800.0, 86_400.0)  #: seconds, at most, that the wall clock is set by
_POISON = 11  #: one dossier in so many
_LACKING = 7
_DEADLY = 15
_MODES = (Mode.LIVE, Mode.SHADOW, Mode.SHADOW, Mode.OFF)
_MOVES = 0.5  #: chance, at each change, that a route goes over to shadow mode or back
_OVERTAKEN = 0.3  #: chance, of several gateways, that one stands still until another has ended it
_STAYS = 0.5  #: chance that what is in shadow mode stays there in calm
_SEATS = (1, 2, 4, 8)
_ATTEMPTS = (3, 6, 12)
_MINUTE = timedelta(minutes=1)
_RATES = (None, Rate(calls=20, period=_MINUTE), Rate(calls=4, period=_MINUTE), Rate(calls=6, period=_MINUTE, burst=3))
_CALLING_BACK = (scene.CIVIL_STATUS, scene.LAND, scene.CRIMINAL_RECORD)


class World(Stage):
    """A stage on which everything fails."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.portal = PortalPeople(self)
        self.operator = Operator(self, self.partners)
        self._as_ever = self.around
        self._versions = 0
        for system in _CALLING_BACK:
            ministry = Ministry(self, system)
            self.partners[system].replies, self.partners[system].on_effect = ministry.in_reply, ministry.heard
        for system in (scene.LAND, scene.CRIMINAL_RECORD):
            self.partners[system].spoils = _poison
        for system in scene.MINISTRIES:
            self.partners[system].troubles, self.partners[system].kills = _troublesome, self._die
        self.partners[scene.CRIMINAL_RECORD].probed = True

    async def play(self) -> None:
        """Let trouble strike and everything come to rest, until enough has happened."""
        self.loop.begin(None, read_feed(self, self.partners[scene.TAX]))
        self.loop.begin(None, self.operator.work())
        self.loop.begin(None, self.configure())
        while self.auditor.steps < self.script.steps:
            await self._chaos(self.auditor.steps + self.script.steps // 2)
            self._calm_down()
            await self._rest()

    async def _chaos(self, until: int) -> None:
        """Let people come and trouble strike for so many steps."""
        self._storm()
        self._change()
        for partner in self.partners.values():
            partner.chaos = 1.0
        chance = _OVERTAKEN if self.script.control is None else 1.0
        if self.script.relays > 1 and self.dice.random() < chance:
            self.loop.call_later(self.dice.uniform(1.0, 10.0), self._overtake)
        troubles = {
            self._kill: 3,
            self._end_in_order: 1,
            self._freeze: 2,
            self._jump: 3,
            self._outage: 2,
            self._storm: 1,
            self._pause: 2,
            self._change: 2,
        }
        while self.auditor.steps < until:
            for _ in range(self.dice.randint(1, 3)):
                self.portal.submit()
            await asyncio.sleep(self.dice.uniform(1.0, 20.0))
            self.dice.choices(tuple(troubles), tuple(troubles.values()))[0]()
            await asyncio.sleep(self.dice.uniform(1.0, 20.0))

    def _calm_down(self) -> None:
        self.auditor.step("calm")
        self.store.weather, self.around = CALM, self._in_calm()
        for partner in self.partners.values():
            partner.chaos, partner.down = 0.0, None
        for node in self.nodes.values():
            self.loop.thaw(node.process)

    def _in_calm(self) -> Surroundings:
        """Return what holds in calm: all as ever, or what was moved to shadow mode stays there."""
        if self.dice.random() < _STAYS:
            return replace(self._as_ever, book=scene.switched_on(self.around.book), version=f"{self.around.version}-on")
        return self._as_ever

    async def _rest(self) -> None:
        """Give everything the time to come to rest."""
        within = _REST if self.script.control is None else _SHORT_REST
        await self.until(self._is_at_rest, within=within)

    def _is_at_rest(self) -> bool:
        return self.is_all_said and all(is_settled(row) for row in self.auditor.rows.values())

    # --- Trouble

    def _storm(self) -> None:
        """Change how the store behaves."""
        rough = self.dice.choice((0.0, 0.5, 1.0, 3.0))
        self.store.weather = Weather(before=0.01 * rough, after=0.01 * rough, stalls=0.001 * rough, full=0.005 * rough)

    def _kill(self) -> None:
        node = self.some_node()
        if node is not None:
            self.auditor.trouble(Trouble.DEATH)
            node.kill()

    def _die(self) -> None:
        """Kill whoever is at work."""
        self.auditor.trouble(Trouble.DEATH)
        self.nodes[here()].kill()

    def _end_in_order(self) -> None:
        node = self.some_node()
        if node is not None:
            self.auditor.trouble(Trouble.ORDERLY_END)
            node.stop()

    def _freeze(self) -> None:
        node = self.some_node()
        if node is not None and not node.process.frozen:
            self.auditor.trouble(Trouble.FREEZE)
            self.loop.freeze(node.process)
            self.loop.call_later(self.dice.uniform(1.0, 90.0), self.loop.thaw, node.process)

    def _overtake(self) -> None:
        """Freeze one gateway so long that whoever starts in another's place holds it for dead."""
        one = self.some_node()
        if one is None or one.process.frozen:
            return
        self.auditor.trouble(Trouble.FREEZE)
        self.loop.freeze(one.process)
        self.loop.call_later(self.dice.uniform(40.0, 80.0), self.loop.thaw, one.process)
        for other in [node for node in self.nodes.values() if node is not one]:
            self.loop.call_later(self.dice.uniform(15.0, 30.0), self._lose, other)

    def _lose(self, node: Node) -> None:
        if not node.gone.done():
            self.auditor.trouble(Trouble.DEATH)
            node.kill()

    def _jump(self) -> None:
        seconds = self.dice.uniform(-1.0, 1.0) * self.dice.choice(_SET_BY)
        self.auditor.trouble(Trouble.CLOCK_FORWARD if seconds > 0 else Trouble.CLOCK_BACK)
        self.clock.jump(seconds)

    def _outage(self) -> None:
        partner = self.partners[self.dice.choice(tuple(self.partners))]
        if partner.down is None:
            self.auditor.trouble(Trouble.OUTAGE)
            partner.down = self.dice.choice((Fault.CONNECTION_REFUSED, Fault.TIMEOUT_BEFORE, Fault.UNAVAILABLE))
            self.loop.call_later(self.dice.uniform(10.0, 150.0), self._recover, partner)

    def _pause(self) -> None:
        self.auditor.trouble(Trouble.PERSON_PAUSES)
        self.spawn(self.operator.pause(self.dice.choice(tuple(self.around.partners))))

    def _change(self) -> None:
        """Let a person say otherwise how a system is called, whether it is, and how patient the gateway is."""
        dice, book = self.dice, self.around.book
        connected = replace(book.systems[dice.choice(scene.MINISTRIES)], mode=dice.choice(_MODES))
        moved = dice.choice(scene.MOVED) if dice.random() < _MOVES else ()
        self._versions += 1
        self.auditor.trouble(Trouble.CONFIGURED)
        self.around = replace(
            self.around,
            version=f"config-{self._versions}",
            book=scene.turned(book, connected, moved),
            terms={one: self._terms() for one in scene.MINISTRIES},
            policy=replace(self.around.policy, max_attempts=dice.choice(_ATTEMPTS)),
        )

    def _terms(self) -> Terms:
        return replace(TERMS, concurrency=self.dice.choice(_SEATS), rate=self.dice.choice(_RATES))

    def _recover(self, partner: Partner) -> None:
        partner.down = None


def _poison(delivery: Delivery) -> Fault | None:
    """Refuse some dossiers, whenever they are sent."""
    return Fault.REFUSAL if _remainder(delivery, _POISON) == 0 else None


def _troublesome(delivery: Delivery) -> Rehearsal | None:
    """Lack in some dossiers what would be sent of them, and let others kill who rehearses them, whenever they are."""
    if _remainder(delivery, _DEADLY) == 0 and delivery.in_doubt_since is None:
        return Rehearsal.DEADLY
    return Rehearsal.UNRENDERABLE if _remainder(delivery, _LACKING) == 0 else None


def _remainder(delivery: Delivery, parts: int) -> int:
    return sum(delivery.message.codes[0].value.encode()) % parts
