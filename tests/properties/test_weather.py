"""Whatever happens in whatever order: one probe at a time, and never above the rate."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.breaker import Breaker, BreakerPolicy, Phase
from gateway.core.calendar import Calendar, Shift
from gateway.core.ids import DeliveryId, DossierId
from gateway.core.rate import Bucket, Rate
from gateway.core.reason import Why
from gateway.core.window import Window

POLICY = BreakerPolicy(failures=3, lanes=2, sample=6, first_open=timedelta(seconds=10))
EVENTS = st.tuples(st.sampled_from(["begin", "fail", "answer", "drop", "wait", "heard"]), st.integers(0, 9))


class Caller:
    """Begins what the breaker admits, and tells it how it ended."""

    def __init__(self) -> None:
        self.breaker = Breaker(policy=POLICY)
        self.now = 0.0
        self.in_hand: dict[int, Phase] = {}

    def do(self, event, number):
        getattr(self, event)(number)
        if self.breaker.is_ripe(self.now):
            self.breaker = self.breaker.half_opened()

    def begin(self, number):
        allowed = self.breaker.allows(4) > len(self.in_hand)
        if allowed and number not in self.in_hand and self.breaker.admits(DeliveryId(str(number))):
            self.in_hand[number] = self.breaker.phase
            self.breaker = self.breaker.taken(DeliveryId(str(number)))

    def fail(self, number):
        if self.in_hand.pop(number, None):
            delivery, lane = DeliveryId(str(number)), DossierId(str(number))
            self.breaker = self.breaker.failed(delivery, lane, Why.TIMEOUT, now=self.now, jitter=0.5)

    def answer(self, number):
        if self.in_hand.pop(number, None):
            self.breaker = self.breaker.answered(DossierId(str(number)), 4)

    def drop(self, number):
        if self.in_hand.pop(number, None):
            self.breaker = self.breaker.given_back(DeliveryId(str(number)))

    def wait(self, number):
        self.now += number

    def heard(self, _number):
        self.breaker = self.breaker.heard(self.now)


@given(st.lists(EVENTS, max_size=200))
def test_the_breaker_never_lets_two_find_out(events):
    """Half open, at most one delivery is on its way; open, none is begun."""
    caller = Caller()
    for event, number in events:
        before = set(caller.in_hand)
        phase = caller.breaker.phase
        caller.do(event, number)
        begun = set(caller.in_hand) - before
        assert not (begun and phase is Phase.OPEN)
        if caller.breaker.phase is Phase.HALF_OPEN:
            assert sum(since is Phase.HALF_OPEN for since in caller.in_hand.values()) <= 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=300))
def test_one_lane_alone_never_opens_it(waits):
    """G6: however often, and however slowly, one dossier fails."""
    breaker, now = Breaker(policy=POLICY), 0.0
    for wait in waits:
        now += wait
        breaker = breaker.failed(DeliveryId("one"), DossierId("one"), Why.TIMEOUT, now=now, jitter=0.0)
    assert breaker.phase is Phase.CLOSED


@given(
    calls=st.integers(1, 50),
    period=st.floats(0.5, 100),
    burst=st.integers(1, 10),
    steps=st.lists(st.floats(0, 20), max_size=200),
    share=st.sampled_from([1.0, 0.5, 0.125]),
)
def test_the_rate_is_exceeded_in_no_stretch_of_time(calls, period, burst, steps, share):
    """At most the burst, and what is earned meanwhile."""
    rate = Rate(calls=calls, period=timedelta(seconds=period), burst=burst)
    bucket, now, made = Bucket(rate=rate), 0.0, []
    for step in steps:
        now += step
        while (after := bucket.take(now, share)) is not None:
            bucket = after
            made.append(now)
    for first, start in enumerate(made):
        for number, end in enumerate(made[first:], start=1):
            assert number <= burst + (end - start) / rate.interval + 1e-6


@given(calls=st.integers(1, 20), period=st.floats(1, 60), wait=st.floats(0, 3))
def test_who_waits_as_long_as_told_is_let_through(calls, period, wait):
    """Weather: and who does not is not."""
    rate = Rate(calls=calls, period=timedelta(seconds=period))
    bucket = Bucket(rate=rate, at=5.0)
    assert bucket.take(5.0) is None
    now = 5.0 + bucket.wait(5.0)
    after = bucket.take(now)
    assert after is not None
    assert after.take(now + min(wait, 0.9) * rate.interval) is None


HOURS = st.lists(st.integers(0, 96), min_size=2, max_size=8, unique=True).map(sorted)
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 3, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001


@given(quarters=HOURS, days=DAYS, moment=MOMENTS, minutes=st.integers(1, 180))
def test_what_a_window_admits_ends_inside_it(quarters, days, moment, minutes):
    """Zero calls inside a closed window: not the beginning, and not the end of one either."""
    pairs = zip(quarters[::2], quarters[1::2], strict=False)
    shifts = tuple(Shift(opens=timedelta(minutes=15 * a), closes=timedelta(minutes=15 * b)) for a, b in pairs)
    window = Window(hours=Calendar(shifts=shifts, weekdays=days))
    length = timedelta(minutes=minutes)
    if window.admits(moment, length):
        inside = (moment + length * part / 16 for part in range(16))
        assert all(window.is_open(one) for one in inside)
    opens_at = window.opens_at(moment)
    assert window.is_open(moment if opens_at is None else opens_at)


def test_midnight_is_no_closing_where_the_night_goes_on():
    """22:00 to 05:00 is written as two stretches, and is one window."""
    night = (
        Shift(opens=timedelta(0), closes=timedelta(hours=5)),
        Shift(opens=timedelta(hours=22), closes=timedelta(hours=24)),
    )
    window = Window(hours=Calendar(shifts=night, weekdays=frozenset(range(7))))
    almost_midnight = datetime(2026, 3, 2, 16, 59, tzinfo=UTC)
    assert window.admits(almost_midnight, timedelta(minutes=30))
    assert window.closes_at(almost_midnight) == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    assert window.opens_at(datetime(2026, 3, 2, 22, 0, tzinfo=UTC)) == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def test_a_window_that_never_closes_says_so():
    """All day, every day."""
    day = Shift(opens=timedelta(0), closes=timedelta(hours=24))
    for window in (Window(), Window(hours=Calendar(shifts=(day,), weekdays=frozenset(range(7))))):
        moment = datetime(2026, 3, 2, tzinfo=UTC)
        assert window.admits(moment, timedelta(hours=30))
        assert (window.opens_at(moment), window.closes_at(moment)) == (None, None)
