"""What stands before one system: how many exchanges at once are this node's."""

from structlog.testing import capture_logs

from gateway.core.acts import By
from gateway.core.breaker import Phase
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.message import Actor, ActorKind
from gateway.core.outcome import Rejected
from gateway.core.reason import Reason, Why
from gateway.core.share import Share
from gateway.core.signs import Sign
from gateway.core.terms import Terms
from gateway.core.weather import Pause, Tally
from gateway.core.window import Window
from gateway.exchange.gate import Gate
from gateway.observability.metrics import MemoryMetrics
from gateway.testing.adapter import TIMED_OUT
from gateway.testing.books import CIVIL_STATUS, OFFICE
from gateway.testing.clock import MONDAY_MORNING, FakeClock
from gateway.testing.deliveries import a_delivery
from gateway.testing.ids import FakeIds


def test_seats_follow_the_terms_and_the_nodes_that_share_them():
    """A new configuration and another node count at once: more calls than the system allows would be made."""
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=MemoryMetrics())
    assert gate.seats == gate.free(0, 0) == 8
    gate.turn(Terms(concurrency=5), moved=False)
    assert gate.seats == gate.free(0, 0) == 5
    gate.shared(Share(place=1, nodes=2))
    assert gate.seats == gate.free(0, 0) == 2
    gate.turn(Terms(concurrency=2), moved=True)
    assert gate.seats == gate.free(0, 0) == 1


def test_a_breaker_that_was_open_before_the_start_shows_in_its_gauge():
    """Who alerts on it would take a partner for well that has been down since before the gateway was started anew."""
    metrics = MemoryMetrics()
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=metrics)
    gate.begin(Tally(phase=Phase.OPEN, opened=3, reason=Why.CONNECTION_REFUSED))
    gate.join()
    assert metrics.value("relay_breaker_open", system=CIVIL_STATUS) == 1
    gate.half_open()
    gate.stay_open()
    assert metrics.value("relay_breaker_open", system=CIVIL_STATUS) == 1
    gate.told(Tally())
    assert metrics.value("relay_breaker_open", system=CIVIL_STATUS) == 0


def test_an_episode_is_told_once_and_its_end_is_no_warning():
    """A pager that goes by the level would call somebody because all is well again."""
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=MemoryMetrics())
    gate.join()
    with capture_logs() as lines:
        for number in range(20):
            gate.learn(DeliveryId(f"d-{number}"), DossierId(f"h-{number}"), Sign.FAILED, Why.TIMEOUT)
        gate.told(Tally())
    assert [(line["event"], line["log_level"]) for line in lines if line.get("alert")] == [
        ("breaker_opened", "warning"),
        ("breaker_closed", "info"),
    ]


def test_a_window_shows_in_its_gauge_from_the_start_until_the_system_is_called_no_more():
    """An open one was not there before it had closed once, and a closed one stayed so for ever."""
    metrics, clock = MemoryMetrics(), FakeClock()
    terms = Terms(concurrency=8, window=Window(hours=OFFICE))
    gate = Gate(CIVIL_STATUS, terms, clock=clock, ids=FakeIds(), metrics=metrics)
    gate.join()
    assert metrics.value("relay_window_open", system=CIVIL_STATUS) == 1
    clock.advance(4 * 3600)
    gate.look()
    assert metrics.value("relay_window_open", system=CIVIL_STATUS) == 0
    gate.leave()
    assert metrics.value("relay_window_open", system=CIVIL_STATUS) == 1


def test_what_was_at_a_system_that_is_called_no_more_begins_no_episode():
    """Nobody would end it; once the system is called again, it is seen as before."""
    metrics = MemoryMetrics()
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=metrics)
    gate.leave()
    for number in range(20):
        gate.learn(DeliveryId(f"d-{number}"), DossierId(f"h-{number}"), Sign.FAILED, Why.TIMEOUT)
    assert gate.breaker.phase is Phase.OPEN
    assert metrics.value("relay_breaker_open", system=CIVIL_STATUS) == 0
    gate.begin(gate.tally)
    gate.join()
    assert metrics.value("relay_breaker_open", system=CIVIL_STATUS) == 1


async def test_only_the_doubt_of_the_one_that_was_to_find_out_is_the_trials():
    """Another may have been sent before the system fell silent: its doubt must not pause what is being tried."""
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=MemoryMetrics())
    gate.begin(Tally(phase=Phase.OPEN, opened=1, reason=Why.TIMEOUT))
    gate.half_open()
    trial, earlier = a_delivery(id=DeliveryId("d-1")), a_delivery(id=DeliveryId("d-2"))
    assert await gate.enter(trial.id)
    gate.record(earlier, TIMED_OUT)
    assert (gate.doubted, gate.breaker.phase) == ("", Phase.HALF_OPEN)
    gate.record(trial, TIMED_OUT)
    assert (gate.doubted, gate.breaker.phase) == (trial.kind, Phase.OPEN)


def test_who_waits_hears_at_once_that_a_system_refuses_all():
    """Whoever pauses it for all nodes would else look a second later."""
    terms, rung = Terms(concurrency=8, refusals=1), []
    gate = Gate(CIVIL_STATUS, terms, clock=FakeClock(), ids=FakeIds(), metrics=MemoryMetrics())
    gate.on_change = lambda: rung.append(gate.refuses_all)
    gate.record(a_delivery(), Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)))
    assert rung == [True]


def test_a_pause_and_its_end_are_told_once_each():
    """Who pauses it once more, for another reason, begins nothing."""
    gate = Gate(CIVIL_STATUS, Terms(concurrency=8), clock=FakeClock(), ids=FakeIds(), metrics=MemoryMetrics())
    lan = Actor(kind=ActorKind.OPERATOR, name="Lan")
    pauses = [
        Pause(system=CIVIL_STATUS, by=By(actor=lan, reason=why), since=MONDAY_MORNING)
        for why in ("Bảo trì", "Nâng cấp")
    ]
    with capture_logs() as lines:
        for pause in (None, *pauses, pauses[-1], None, None):
            gate.paused(pause)
    assert [line["event"] for line in lines] == ["system_paused", "system_resumed"]
