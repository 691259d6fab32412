"""What is right for now and will not stay so is told by a gateway that is never started again, too."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
from structlog.testing import capture_logs

from gateway.app.reminders import Reminders
from gateway.config.loader import load
from gateway.config.settings import Tls
from gateway.testing.certificates import certified
from gateway.testing.clock import FakeClock
from gateway.testing.secrets import FakeSecrets
from gateway.testing.secured import NOON

DAY = 86_400
CERTIFICATE = certified("one", ends=NOON + timedelta(days=31))[1].decode()


def showing(certificate: str, clock: FakeClock) -> Reminders:
    base = load(Path(__file__).parents[3] / "config")
    system = msgspec.structs.replace(base.systems["civil_status"], tls=Tls(identity="env:IDENTITY"), secrets={})
    configuration = msgspec.structs.replace(base, systems={"civil_status": system})
    return Reminders(configuration=configuration, secrets=FakeSecrets({"env:IDENTITY": certificate}), clock=clock)


def test_a_certificate_that_has_ended_is_told_as_soon_as_it_is_in_force():
    """Whoever put last year's in the place of the one that ends hears of it today, not when a day is over."""
    reminders = showing(CERTIFICATE, FakeClock(NOON + timedelta(days=32)))
    with capture_logs() as lines:
        reminders.turn(reminders.configuration)
    assert [line["over"] for line in lines if line["event"] == "certificate_ends"] == [True]


async def test_a_certificate_that_ends_is_told_once_a_day_from_thirty_days_before():
    clock = FakeClock(NOON)
    reminders = showing(CERTIFICATE, clock)
    told = []
    with capture_logs() as lines:
        running = asyncio.create_task(reminders.run())
        await asyncio.sleep(0)
        for _ in range(33):
            await asyncio.sleep(0)  # it has said what there is, and sleeps
            told.append([(line["over"], line["alert"]) for line in lines if line["event"] == "certificate_ends"])
            lines.clear()
            clock.advance(DAY)
        running.cancel()
    ends, is_over = [(False, False)], [(True, True)]
    assert told == [[]] * 2 + [ends] * 30 + [is_over]
