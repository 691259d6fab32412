"""A partner's long outage, its rate and its hours, one bad lane, a portal that moved: on a virtual clock, end to end.

``SCALE=1`` (make scenarios) lets the outage last for 72 hours, else for 6.
"""

import asyncio
import os
from collections import Counter
from datetime import timedelta

import pytest

from gateway.core.breaker import Phase
from gateway.core.calendar import Calendar, Shift
from gateway.core.delivery import State
from gateway.core.rate import Rate
from gateway.core.terms import Terms
from gateway.core.window import Window
from gateway.testing.books import a_draft
from gateway.testing.clock import MONDAY_MORNING
from gateway.testing.simulation import scene
from gateway.testing.simulation.faults import Fault
from gateway.testing.simulation.people import read_feed, say
from gateway.testing.simulation.stage import Script, Stage
from gateway.testing.simulation.stores import memory

HOURS = 72 if os.environ.get("SCALE") == "1" else 6
HOUR = 3600.0
EXCHANGE = timedelta(seconds=30)
OFFICE = Calendar(
    shifts=(
        Shift(opens=timedelta(hours=7, minutes=30), closes=timedelta(hours=11, minutes=30)),
        Shift(opens=timedelta(hours=13, minutes=30), closes=timedelta(hours=17)),
    )
)
PER_MINUTE = 20
DOWN = {
    scene.CIVIL_STATUS: Fault.TIMEOUT_AFTER,
    scene.NOTARY: Fault.TIMEOUT_BEFORE,
    scene.LAND: Fault.TIMEOUT_BEFORE,
    scene.CRIMINAL_RECORD: Fault.TIMEOUT_BEFORE,
    scene.POLICE: Fault.CONNECTION_REFUSED,
}
HOLDING = (scene.CRIMINAL_RECORD, scene.POLICE)
OPEN_FOR_A_WHILE = 120  #: seconds after which what was sent before the breaker opened has ended


pytestmark = pytest.mark.usefixtures("quiet")


class Outing(Stage):
    """Dossiers come all the time, to every system."""

    number = 0

    def submit(self, *procedures: str) -> None:
        for procedure in procedures:
            self.number += 1
            self.spawn(self._submit(f"H01-{self.number}", procedure))

    async def _submit(self, code: str, procedure: str) -> None:
        await say(self, a_draft(code, text=code, dedup_key=code, procedure=procedure, agency=""))

    def states(self, *systems) -> Counter:
        return Counter(row.state for row in self.auditor.rows.values() if row.destination in systems)

    def has_drained(self) -> bool:
        resolving = [system for system in self.partners if system not in HOLDING]
        return self.is_all_said and set(self.states(*resolving)) == {State.DELIVERED}


class LongOutage(Outing):
    """All are down at once for days, each in its own way; nobody does anything about it."""

    held_when_open = -1

    async def play(self) -> None:
        self.partners[scene.CRIMINAL_RECORD].probed = True
        self.loop.begin(None, read_feed(self, self.partners[scene.TAX]))
        await self.up()
        self.submit(*scene.PROCEDURES)
        await asyncio.sleep(60)
        for system, fault in DOWN.items():
            self.partners[system].down = fault
        for _ in range(8):
            self.submit(*scene.PROCEDURES)
        gate = self.some_node().relay.weather.gate(scene.CRIMINAL_RECORD)
        assert await self.until(lambda: gate.breaker.phase is Phase.OPEN, within=HOUR, step=1)
        await asyncio.sleep(OPEN_FOR_A_WHILE)
        self.held_when_open = self.auditor.held
        for _ in range(HOURS):
            self.submit(*scene.PROCEDURES)
            await asyncio.sleep(HOUR)
        for system in DOWN:
            self.partners[system].down = None
        self.drained = await self.until(self.has_drained, within=48 * HOUR, step=60)


def long_outage() -> LongOutage:
    terms = {
        scene.CIVIL_STATUS: Terms(
            concurrency=4, exchange=EXCHANGE, rate=Rate(calls=PER_MINUTE, period=timedelta(minutes=1))
        ),
        scene.LAND: Terms(concurrency=4, exchange=EXCHANGE, window=Window(hours=OFFICE)),
    }
    with memory() as opener:
        stage = LongOutage(Script(seed=72, opener=opener, terms=terms, lease=timedelta(minutes=10)))
        for partner in stage.partners.values():
            partner.chaos = 0.0
        stage.run()
    return stage


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_long_outage_drains_by_itself_within_rate_and_hours():
    """G2, G4, G6, G11: nothing is lost or doubled, nobody is needed, and no HOLD partner adds a held one once open."""
    stage = long_outage()
    assert stage.drained
    assert stage.auditor.violations == []
    assert stage.auditor.held == stage.held_when_open == stage.auditor.expected > 0
    every = stage.states(*stage.partners)
    assert every[State.DEAD] == every[State.CANCELLED] == 0
    assert all(row.attempts == 0 for row in stage.auditor.rows.values())
    calls = stage.partners[scene.CIVIL_STATUS].calls
    assert len(calls) > HOURS + PER_MINUTE
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(calls, calls[PER_MINUTE:], strict=False))
    asked = [MONDAY_MORNING + timedelta(seconds=at) for at in stage.partners[scene.LAND].calls]
    assert len(asked) > HOURS
    assert all(OFFICE.is_open(moment) for moment in asked)
    print(  # noqa: T201 - the figures that `make scenarios` shows
        f"outage of {HOURS} hours: deliveries={every.total()} delivered={every[State.DELIVERED]}"
        f" held={stage.auditor.held}, when the breaker opened {stage.held_when_open}; above the rate 0;"
        f" calls outside hours 0 of {len(asked)}"
    )


class OneLane(Outing):
    """One dossier gets 403 for hours; the portal answers 404 for one."""

    async def play(self) -> None:
        ministry = self.partners[scene.CIVIL_STATUS]
        ministry.spoils = lambda delivery: Fault.UNAUTHORISED if self.is_bad(delivery) else None
        await self.up()
        self.submit("1.01")
        await asyncio.sleep(60)
        self.partners[scene.PORTAL].down = Fault.CLIENT_ERROR
        for _ in range(12):
            self.submit("1.01")
            await asyncio.sleep(HOUR / 12)
        self.partners[scene.PORTAL].down = None
        await asyncio.sleep(HOUR)
        self.others = self.states(scene.CIVIL_STATUS, scene.PORTAL)
        self.is_mended = True
        self.drained = await self.until(self.has_drained, within=2 * HOUR)

    is_mended = False

    def is_bad(self, delivery) -> bool:
        return delivery.message.codes[0].value == "H01-1" and not self.is_mended


def test_one_lanes_403_and_a_portals_hour_of_404_kill_no_dossier():
    """G2, G6: both wait, whoever is to blame; the other lanes go on meanwhile."""
    with memory() as opener:
        stage = OneLane(Script(seed=403, opener=opener))
        for partner in stage.partners.values():
            partner.chaos = 0.0
        stage.run()
    assert stage.auditor.violations == []
    assert stage.others == {State.DELAYED: 1, State.DELIVERED: stage.others[State.DELIVERED]}
    assert stage.others[State.DELIVERED] >= 24
    assert stage.drained
    assert stage.auditor.held == 0
