"""Alerts: each cause is told once when it begins and once when it is over, however often it fails between."""

from datetime import timedelta

from structlog.testing import capture_logs

from gateway.core.delivery import State
from gateway.core.outcome import Blame, Retryable
from gateway.core.reason import Reason, Why
from gateway.testing.adapter import FakeAdapter, says
from gateway.testing.books import CIVIL_STATUS, LAND, a_book, a_draft, a_patience, a_route
from gateway.testing.relay_house import RelayHouse, UnsteadyStore
from gateway.testing.signals import until

AGAIN = says(Retryable(reason=Reason(Why.RETRY_BY_PARTNER), blame=Blame.SYSTEM))
FAILING = {"matter": "failing", "system": CIVIL_STATUS, "reason": "retry_by_partner"}
DAY = timedelta(days=1)
TOLD = {"attention_opened", "attention_resolved"}


def alerts(lines):
    return [line["event"] for line in lines if line["event"] in TOLD]


async def test_many_failures_are_one_alert_and_their_end_another():
    """G9: ids and codes only; the gauge follows what is seen."""
    ministry = FakeAdapter()
    ministry.script("H01-1", *[AGAIN] * 7)
    house = RelayHouse({CIVIL_STATUS: ministry}, a_book(routes=[a_route(CIVIL_STATUS)]))
    house.patience = a_patience(tries=3)
    with capture_logs() as lines:
        async with house.running():
            await house.accept(a_draft())

            async def is_failing() -> bool:
                return house.metrics.value("attention", **FAILING) == 1

            await until(is_failing, house.clock)
            await house.until(CIVIL_STATUS, State.DELIVERED)

            async def is_over() -> bool:
                return alerts(lines)[-1] == "attention_resolved"

            await until(is_over, house.clock)
    assert alerts(lines) == ["attention_opened", "attention_resolved"]
    opened = next(line for line in lines if line["event"] == "attention_opened")
    assert {name: opened[name] for name in (*FAILING, "number", "alert")} == {**FAILING, "number": 1, "alert": True}
    assert house.metrics.value("attention", **FAILING) == 0


async def test_a_restart_tells_nothing_again():
    """What was told is kept with what it is about."""
    house = RelayHouse({LAND: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    house.patience = a_patience()
    with capture_logs() as lines:
        await house.accept(a_draft(due_at=house.clock.now() - DAY))
        for node in ("node-1", "node-2"):
            async with house.running(node):

                async def is_counted() -> bool:
                    return house.metrics.value("attention", matter="overdue", system=LAND, reason="") == 1

                await until(is_counted, house.clock)
    assert alerts(lines) == ["attention_opened"]


async def test_another_configuration_is_watched_by_from_the_next_look_on():
    """G2: it may bring systems, hours and holidays: they would count for nobody who watches until the next start."""
    house = RelayHouse({LAND: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    house.patience = a_patience(tries=100)
    house.adapters[LAND].script("H01-1", *[AGAIN] * 7)
    await house.accept(a_draft(due_at=house.clock.now() - DAY))

    async def is_counted() -> bool:
        return house.metrics.value("attention", matter="overdue", system=LAND, reason="") == 1

    async def is_failing() -> bool:
        return house.metrics.value("attention", **(FAILING | {"system": LAND})) == 1

    async with house.running() as relay:
        await until(is_counted, house.clock)
        house.patience = a_patience(tries=3)
        relay.turn(house.config("node-1"), house.plan)
        await until(is_failing, house.clock)


async def test_a_store_that_is_away_postpones_the_look():
    house = RelayHouse({LAND: FakeAdapter()}, a_book(routes=[a_route(LAND)]))
    house.patience = a_patience()
    with capture_logs() as lines:
        await house.accept(a_draft(due_at=house.clock.now() - DAY))
        async with house.running():
            house.store.up = False

            async def is_postponed() -> bool:
                return any(line["event"] == "chore_postponed" for line in lines)

            await until(is_postponed, house.clock)
            house.store.up = True

            async def is_told() -> bool:
                return bool(alerts(lines))

            await until(is_told, house.clock)


class FaultyStore(UnsteadyStore):
    """A bug, or a row that nobody can read, in what is done beside the relay."""

    async def expire(self, **_terms):
        raise KeyError("bug")

    async def advance(self, **_terms):
        raise ValueError("bug")

    async def asked(self):
        raise ValueError("bug")

    async def fetches(self, **_terms):
        raise KeyError("bug")

    async def ask_about(self, _systems):
        raise ValueError("bug")

    async def take_probe(self, *_who, **_terms):
        raise ValueError("bug")


class FaultyHouse(RelayHouse):
    def _new_store(self, silence):
        return FaultyStore(clock=self.clock, ids=self.ids, notify=self.wakeups.wake, silence=silence)


async def test_a_fault_in_a_chore_is_told_and_ends_nothing_else():
    """G4: one row that cannot be read must not stop every delivery, now and at every start."""
    down = FakeAdapter()
    for number in range(5):
        down.script(f"H02-{number}", *[says(Retryable(reason=Reason(Why.CONNECTION_REFUSED)))] * 3)
    procedures = {LAND: "1.000001", CIVIL_STATUS: "1.000002"}
    book = a_book(routes=[a_route(system, procedures=(one,)) for system, one in procedures.items()])
    house = FaultyHouse({LAND: FakeAdapter(), CIVIL_STATUS: down}, book)
    with capture_logs() as lines:
        async with house.running():
            await house.accept(*(a_draft(f"H02-{number}", procedure=procedures[CIVIL_STATUS]) for number in range(5)))
            await until(lambda: _is_told(lines, "weather"), house.clock)
            await house.accept(a_draft(procedure=procedures[LAND]))
            await house.until(LAND, State.DELIVERED)
    told = {line["chore"]: line for line in lines if line["event"] == "chore_failed"}
    assert told.keys() == {"expire", "replay", "reconcile", "fetches", "rounds", "weather"}
    assert all(line["alert"] for line in told.values())
    assert "bug" not in str(told)


async def _is_told(lines, chore) -> bool:
    return any(line.get("chore") == chore for line in lines)


class BlindStore(UnsteadyStore):
    """A row of one system's weather that nobody can read."""

    async def take_probe(self, system, *who, **terms):
        if system == LAND:
            raise ValueError("bug")
        return await super().take_probe(system, *who, **terms)


class BlindHouse(RelayHouse):
    def _new_store(self, silence):
        return BlindStore(clock=self.clock, ids=self.ids, notify=self.wakeups.wake, silence=silence)


async def test_a_fault_over_one_systems_weather_keeps_no_other_from_being_tried_again():
    """G6: whoever is looked after behind it would wait for ever, though its partner is back."""
    down = {LAND: FakeAdapter(), CIVIL_STATUS: FakeAdapter()}
    for adapter in down.values():
        for number in range(5):
            adapter.script(f"H02-{number}", *[says(Retryable(reason=Reason(Why.CONNECTION_REFUSED)))] * 3)
    house = BlindHouse(down, a_book(routes=[a_route(LAND, CIVIL_STATUS)]))
    with capture_logs() as lines:
        async with house.running():
            await house.accept(*(a_draft(f"H02-{number}") for number in range(5)))
            await until(lambda: _is_told(lines, "weather"), house.clock)
            await house.until(CIVIL_STATUS, *[State.DELIVERED] * 5)
