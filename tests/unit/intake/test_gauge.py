"""What intake looks at: fresh enough, told once, and never the end of the gateway."""

import asyncio
import errno
import os
from collections.abc import Mapping

import pytest
from structlog.testing import capture_logs

from gateway.core.errors import StoreError, StoreFull, StoreUnavailable
from gateway.core.ids import SystemId
from gateway.core.pressure import Limits, Trouble, Urgency
from gateway.intake.gauge import Gauge
from gateway.observability.metrics import MemoryMetrics
from gateway.stores.space import LocalSpace
from gateway.testing.clock import FakeClock
from gateway.testing.space import FakeSpace

LAND = SystemId("land")


class Books:
    """A store of which only the backlogs are asked."""

    def __init__(self) -> None:
        self.counts: dict[SystemId, int] = {}
        self.fails: StoreError | OSError | None = None
        self.trouble: Trouble | None = None
        self.files_failure = ""
        self.asked = 0

    async def backlogs(self) -> Mapping[SystemId, int]:
        self.asked += 1
        if self.fails:
            raise self.fails
        return dict(self.counts)


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def space() -> FakeSpace:
    return FakeSpace(10_000)


@pytest.fixture
def gauge(books: Books, space: FakeSpace) -> Gauge:
    limits = Limits(reserve=1000, backlogs={LAND: 10})
    clock, metrics = FakeClock(), MemoryMetrics()
    return Gauge(
        store=books, space=space, files_failure=lambda: books.files_failure, limits=limits, clock=clock, metrics=metrics
    )


async def test_a_stretch_of_pressure_is_told_once_when_it_begins_and_once_when_it_ends(
    gauge: Gauge, books: Books, space: FakeSpace
):
    with capture_logs() as lines:
        for free, count in ((10_000, 0), (900, 0), (100, 15), (100, 20), (10_000, 0), (10_000, 0)):
            space.bytes, books.counts = free, {LAND: count}
            await gauge.look()
    assert [(line["event"], line["what"]) for line in lines] == [
        ("pressure_begun", "space"),
        ("pressure_begun", "backlog"),
        ("pressure_ended", "space"),
        ("pressure_ended", "backlog"),
    ]
    assert all(line["alert"] for line in lines)
    assert (lines[0]["free"], lines[0]["reserve"]) == (900, 1000)
    assert lines[1]["system"] == LAND
    assert (lines[1]["waiting"], lines[1]["limit"]) == (15, 10)


async def test_files_that_fail_are_told_and_refuse_no_dossier(gauge: Gauge, books: Books):
    with capture_logs() as lines:
        for books.files_failure in ("no answer", "403 AccessDenied", ""):
            await gauge.look()
            assert gauge.now().is_calm
            shown = int(bool(books.files_failure))
            assert f'pressure_refuses{{system="",what="files"}} {shown}' in gauge.metrics.render()
    assert [(line["event"], line["what"], line["alert"], line["error"]) for line in lines] == [
        ("pressure_begun", "files", True, "no answer"),
        ("pressure_ended", "files", True, ""),
    ]


async def test_the_metrics_say_how_much_waits_and_what_is_refused(gauge: Gauge, books: Books, space: FakeSpace):
    space.bytes, books.counts = 700, {LAND: 12}
    await gauge.look()
    rendered = gauge.metrics.render()
    assert "# TYPE pressure_waiting gauge" in rendered
    for line in (
        "pressure_disk_free_bytes 700",
        'pressure_waiting{system="land"} 12',
        'pressure_refuses{system="",what="space"} 2',
        'pressure_refuses{system="land",what="backlog"} 1',
    ):
        assert line in rendered


async def test_a_system_that_refused_and_is_configured_no_more_ends_no_look(
    gauge: Gauge, books: Books, space: FakeSpace
):
    """G2: who looks no more would let the disk fill up to the last byte; what is told of the system ends."""
    books.counts = {LAND: 12}
    await gauge.look()
    gauge.limits = Limits(reserve=1000)
    watching = asyncio.create_task(gauge.run())
    await _asked(gauge, books, 2)
    space.bytes = 100
    await _asked(gauge, books, 3)
    assert gauge.strain.refuses(Urgency.CLAIM)
    watching.cancel()
    assert 'pressure_refuses{system="land",what="backlog"} 0' in gauge.metrics.render()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (StoreUnavailable("away"), "StoreUnavailable"),
        (StoreFull("no room for what is sorted"), "StoreFull"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "OSError EIO"),
    ],
)
async def test_what_cannot_be_seen_stays_as_it_was_and_is_looked_at_again(
    gauge: Gauge, books: Books, space: FakeSpace, fault: StoreError | OSError, error: str
):
    """G11: a store that is away for a while, or has no room, ends nothing; nor does a disk that fails."""
    space.bytes = 100
    await gauge.look()
    books.fails = fault
    with capture_logs() as lines:
        watching = asyncio.create_task(gauge.run())
        await _asked(gauge, books, 3)
        assert gauge.strain.refuses(Urgency.CLAIM)
        books.fails, space.bytes, books.trouble = None, 10_000, Trouble.FULL
        await _asked(gauge, books, 3)
        assert gauge.strain.is_calm  # the database refuses by itself
        assert gauge.strain.trouble is Trouble.FULL
        watching.cancel()
    events = [line["event"] for line in lines]
    assert events == ["pressure_unseen", "pressure_ended", "pressure_seen_again"]
    assert lines[0]["error"] == error


async def _asked(gauge: Gauge, books: Books, times: int) -> None:
    """Let time pass until it has looked so many times more."""
    until = books.asked + times
    for _ in range(100):
        if books.asked >= until:
            return
        gauge.clock.advance(1)
        await asyncio.sleep(0)
    raise AssertionError("it looks no more")


async def test_the_ballast_is_held_while_there_is_room_and_let_go_when_there_is_none(gauge: Gauge, space: FakeSpace):
    """G2: settlements need it then."""
    held = []
    for space.bytes in (10_000, 600, 249, 600, 1400, 1500):
        await gauge.look()
        held.append(space.holds)
    assert held == [True, True, False, False, False, True]


async def test_the_ballast_takes_real_space_and_gives_it_back(tmp_path):
    """Allocated, not only long; held twice is held once."""
    space = LocalSpace(tmp_path / "ballast", ballast=1 << 20)
    await space.let_go()
    assert not (tmp_path / "ballast").exists()
    for _ in range(2):
        await space.set_aside()
        assert (tmp_path / "ballast").stat().st_blocks * 512 >= 1 << 20
    await space.let_go()
    assert (tmp_path / "ballast").stat().st_blocks == 0
    assert await space.free() > 0


async def test_a_disk_without_room_for_the_ballast_is_left_as_it_is(tmp_path):
    space = LocalSpace(tmp_path / "ballast", ballast=1 << 60)
    await space.set_aside()
    assert (tmp_path / "ballast").stat().st_size == 0
