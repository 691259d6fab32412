"""Poison and slowness among thousands of dossiers delay nobody else: measured in virtual time, on the SQLite store.

``SCALE=1`` (make scenarios) takes 10,000 dossiers of five events and a backlog of 100,000, else a twentieth.
"""

import asyncio
import os
import statistics
from collections.abc import Callable
from dataclasses import replace
from time import process_time

import pytest

from gateway.core.delivery import State
from gateway.core.terms import Terms
from gateway.testing.books import a_draft
from gateway.testing.simulation import scene
from gateway.testing.simulation.faults import Fault
from gateway.testing.simulation.node import TIMEOUT
from gateway.testing.simulation.partners import business_key
from gateway.testing.simulation.people import say
from gateway.testing.simulation.stage import Script, Stage
from gateway.testing.simulation.stores import sqlite

SCALE = float(os.environ.get("SCALE", "0.05"))
DOSSIERS, EVENTS, BACKLOG = int(10_000 * SCALE), 5, int(100_000 * SCALE)
ONE_IN = 100  #: poisonous
PER_SECOND = 2.0  #: dossiers that are begun
SEATS = 16
SLACK = 1.10
CROWD, CROWDING = 800, 20  #: dossiers, and one in so many that is never answered


pytestmark = pytest.mark.usefixtures("quiet")


class Load(Stage):
    """Dossiers come evenly; how long each event waits from its receipt to its effect is measured."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.accepted: dict[str, float] = {}
        self.waits: dict[str, float] = {}  #: by business key
        for partner in self.partners.values():
            partner.chaos = 0.0
        self.partners[scene.CIVIL_STATUS].on_effect = self.arrived

    def arrived(self, delivery) -> None:
        key = business_key(delivery)
        self.waits[key] = self.now() - self.accepted[key]

    async def tell(self, number: int, procedure: str, events: int) -> None:
        code = f"H01-{number}"
        for event in range(events):
            kind = "dossier.amended" if event else "dossier.submitted"
            text = f"{code}.{event}"
            draft = a_draft(code, text=text, dedup_key=text, kind=kind, procedure=procedure, agency="")
            self.accepted[draft.payload.body.decode()] = self.now()
            await say(self, draft)
            await asyncio.sleep(self.dice.uniform(1.0, 20.0))

    async def come(self, dossiers: int, events: int) -> None:
        for number in range(dossiers):
            self.spawn(self.tell(number, "1.01", events))
            await asyncio.sleep(1 / PER_SECOND)
        assert await self.until(lambda: self.is_all_said, within=3600)

    def part(self, is_bad: Callable[[str], bool]) -> None:
        """Keep the waits of the healthy lanes, and how many events of the bad ones took effect all the same."""
        self.healthy = {key: wait for key, wait in self.waits.items() if not is_bad(key)}
        self.bad_taken = len(self.waits) - len(self.healthy)

    def has_drained(self) -> bool:
        return all(row.state is State.DELIVERED for row in self.auditor.rows.values())


class Poisoned(Load):
    """One dossier in a hundred is poison: half of that is swallowed and never answered, half is an error."""

    poisonous = True

    async def play(self) -> None:
        self.partners[scene.CIVIL_STATUS].spoils = self.spoilt
        await self.up()
        await self.come(DOSSIERS, EVENTS)
        await asyncio.sleep(60)
        self.part(is_poison)
        self.poisonous = False
        assert await self.until(self.has_drained, within=4 * 3600, step=60)

    def spoilt(self, delivery) -> Fault | None:
        if not self.poisonous or not is_poison(business_key(delivery)):
            return None
        return Fault.TIMEOUT_BEFORE if number_of(business_key(delivery)) % (2 * ONE_IN) else Fault.UNAVAILABLE


class Unpoisoned(Poisoned):
    """The same without poison."""

    poisonous = False


def number_of(key: str) -> int:
    return int(key.split('"H01-')[1].split('"', maxsplit=1)[0])


def is_poison(key: str) -> bool:
    return number_of(key) % ONE_IN == 0


class Crowded(Load):
    """More than twice as many lanes as there are seats wait half a minute at every try, and are never answered."""

    async def play(self) -> None:
        self.partners[scene.CIVIL_STATUS].spoils = self.spoilt
        self.poisonous = True
        await self.up()
        await self.come(CROWD, 1)
        self.part(is_crowding)
        self.poisonous = False
        assert await self.until(self.has_drained, within=4 * 3600, step=60)

    def spoilt(self, delivery) -> Fault | None:
        return Fault.TIMEOUT_BEFORE if self.poisonous and is_crowding(business_key(delivery)) else None


def is_crowding(key: str) -> bool:
    return number_of(key) % CROWDING == 0


class Slow(Load):
    """Another system has a backlog and takes half a minute for each."""

    backlog = BACKLOG

    async def play(self) -> None:
        self.partners[scene.NOTARY].spoils = lambda _delivery: Fault.SLOW
        await self.up()
        for number in range(self.backlog):
            text = f"H02-{number}"
            await say(self, a_draft(text, text=text, dedup_key=text, procedure="1.02", agency=""))
        await self.come(int(1000 * SCALE) + 50, 2)
        await asyncio.sleep(60)
        self.healthy = dict(self.waits)
        self.waiting = sum(row.state is not State.DELIVERED for row in self.auditor.rows.values())


class Unslowed(Slow):
    """The same without a backlog."""

    backlog = 0


def lived(kind: type[Load]) -> Load:
    terms = {scene.CIVIL_STATUS: Terms(concurrency=SEATS, exchange=TIMEOUT)}
    declared = {system: scene.DECLARED[system] for system in (scene.PORTAL, scene.CIVIL_STATUS, scene.NOTARY)}
    with sqlite() as opener:
        stage = kind(Script(seed=10, opener=opener, terms=terms, book=silent(), declared=declared))
        stage.run()
    return stage


def silent():
    """The routes, and a portal that wants no news of the relay: it is not what is measured."""
    book = scene.book()
    systems = {name: replace(system, tell_relay=False) for name, system in book.systems.items()}
    return replace(book, systems=systems)


def middle_and_tail(stage: Load) -> tuple[float, float]:
    cuts = statistics.quantiles(stage.healthy.values(), n=100)
    return cuts[49], cuts[98]


def compare(what: str, bad: Load, good: Load) -> None:
    """No more than a tenth longer, in the middle and at the tail; say how long it was."""
    (median, tail), (usual, usual_tail) = middle_and_tail(bad), middle_and_tail(good)
    print(  # noqa: T201 - the figures that `make scenarios` shows
        f"{what}: healthy events={len(bad.healthy)} wait median {median:.3f} s, alone {usual:.3f} s;"
        f" p99 {tail:.3f} s, alone {usual_tail:.3f} s; {process_time():.0f} s of processor time so far"
    )
    assert median <= usual * SLACK
    assert tail <= usual_tail * SLACK


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_one_per_cent_of_poison_delays_no_healthy_lane():
    """G3, G6: nothing out of order, and the median and the 99th percentile of the others' waits as without it."""
    with_poison, without = lived(Poisoned), lived(Unpoisoned)
    assert with_poison.auditor.violations == without.auditor.violations == []
    assert len(with_poison.healthy) == (DOSSIERS - DOSSIERS // ONE_IN) * EVENTS
    assert (with_poison.bad_taken, without.bad_taken) == (0, DOSSIERS // ONE_IN * EVENTS)
    compare(f"{DOSSIERS} dossiers, one in {ONE_IN} poison, out of order 0", with_poison, without)


def test_however_many_lanes_time_out_again_half_of_the_seats_are_for_others():
    """G6: lanes that time out at every try take no seat of what comes first."""
    crowded = lived(Crowded)
    assert crowded.auditor.violations == []
    assert len(crowded.healthy) == CROWD - CROWD // CROWDING
    assert crowded.bad_taken == 0
    assert max(crowded.healthy.values()) < 1.0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_slow_systems_backlog_slows_no_other():
    """G6: a hundred thousand that wait for one system are nothing to another."""
    slow, alone = lived(Slow), lived(Unslowed)
    assert slow.waiting > BACKLOG / 2
    assert [violation for violation in slow.auditor.violations if violation.broken != "stuck"] == []
    assert len(slow.healthy) == len(alone.healthy)
    compare(f"{slow.waiting} of a backlog of {BACKLOG} still wait for another system", slow, alone)
