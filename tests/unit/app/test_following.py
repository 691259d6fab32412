"""Following a change that was made at another gateway: once the files are here, whole or not at all, and told once."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from gateway.app.following import Follower
from gateway.core.acts import Act, ActId, By, Target, Verb
from gateway.core.errors import ConfigError, Problem, StoreUnavailable
from gateway.core.message import Actor, ActorKind
from gateway.ports.configurations import Change, ConfigurationMoved
from gateway.stores.sql.columns import DAMAGED


def an_act(number: int, after: str) -> Act:
    return Act(
        id=ActId(f"a{number}"),
        at=datetime(2026, 3, 2, tzinfo=UTC),
        by=By(actor=Actor(kind=ActorKind.OPERATOR, name="mai"), reason="đổi tuyến"),
        verb=Verb.CONFIGURE,
        target=Target.configuration(),
        facts={"before": "v1", "after": after},
    )


@dataclass
class Acts:
    """The last act of a shared database."""

    last: Act | None = None
    fails: bool = False
    looks: int = 0

    async def record_act(self, *_: object, **__: object) -> Act:
        raise AssertionError("what is followed is on record already")

    async def acts(self, *_: object, **__: object) -> Sequence[Act]:
        self.looks += 1
        if self.fails:
            raise StoreUnavailable("gone")
        return [self.last] if self.last else []


@dataclass
class Files:
    """A directory, and what holds."""

    holds: str = "v1"
    here: str = "v1"
    fault: Problem | None = None
    kept: list[str] = field(default_factory=list)
    prepared_times: int = 0

    @property
    def version(self) -> str:
        return self.holds

    @asynccontextmanager
    async def prepared(self, version: str | None = None) -> AsyncGenerator["Prepared"]:
        self.prepared_times += 1
        if self.here != version:
            raise ConfigurationMoved(self.here)
        if self.fault:
            raise ConfigError(self.fault)
        yield Prepared(self)


@dataclass
class Prepared:
    """What the directory holds."""

    files: Files

    @property
    def change(self) -> Change:
        return Change(before=self.files.holds, after=self.files.here)

    async def keep(self) -> None:
        self.files.kept.append(self.files.here)

    def commit(self) -> None:
        assert self.files.kept[-1] == self.files.here, "kept before it holds"
        self.files.holds = self.files.here


class Enough(Exception):
    """The clock has gone on as far as the test wants."""


@dataclass
class Steps:
    """A clock that does the test's next step whenever somebody waits."""

    steps: Sequence[Callable[[], object]]
    waited: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) > len(self.steps):
            raise Enough
        self.steps[len(self.waited) - 1]()


def follow(acts: Acts, files: Files, *steps: Callable[[], object]) -> list[float]:
    """Look once, and again after each step; return the waits."""
    clock = Steps(steps)
    with pytest.raises(Enough):
        asyncio.run(Follower(store=acts, live=files, clock=clock).run())  # type: ignore[arg-type]
    return clock.waited


def test_a_change_is_followed_once() -> None:
    """G4, G8: kept, then in force; afterwards nothing is read again until the next act."""
    acts, files = Acts(), Files()

    def change() -> None:
        acts.last, files.here = an_act(1, "v2"), "v2"

    follow(acts, files, change, lambda: None, lambda: None)
    assert (files.holds, files.kept, files.prepared_times, acts.looks) == ("v2", ["v2"], 1, 4)


def test_files_that_are_not_here_yet_are_waited_for_and_told_of_once() -> None:
    """What is not that version never holds; slower looks; and once the files are here they hold."""
    acts, files = Acts(last=an_act(1, "v2")), Files(here="v1")

    def arrive() -> None:
        files.here = "v2"

    with capture_logs() as lines:
        waits = follow(acts, files, lambda: None, arrive, lambda: None)
    (told,) = [line for line in lines if line["event"] == "configuration_not_followed"]
    assert (told["wanted"], told["holds"], told["found"], told["alert"]) == ("v2", "v1", "v1", True)
    assert waits[0] == waits[1] > waits[2]
    assert files.holds == "v2"


def test_files_that_are_wrong_here_are_refused_and_what_held_goes_on() -> None:
    """A secret that this machine lacks: named by file and key, nothing swapped."""
    problem = Problem(file="systems/land.toml", key="secrets.key", text="is not here", remedy="put it there")
    acts, files = Acts(last=an_act(1, "v2")), Files(here="v2", fault=problem)
    with capture_logs() as lines:
        follow(acts, files, lambda: None)
    (told,) = lines
    assert told["problems"] == ["systems/land.toml secrets.key"]
    assert (files.holds, files.kept) == ("v1", [])


def test_an_edit_on_top_of_what_holds_already_is_nobodys_alarm() -> None:
    """A worker that came back with what holds, while the directory has been edited since."""
    acts, files = Acts(last=an_act(1, "v2")), Files(holds="v2", here="v3")
    with capture_logs() as lines:
        waits = follow(acts, files, lambda: None)
    assert (lines, files.holds, files.prepared_times) == ([], "v2", 1)
    assert waits[0] == waits[1]


def test_a_change_that_nobody_can_read_any_more_does_not_end_it() -> None:
    """A row that the disk has damaged: told, and the next change is followed."""
    acts, files = Acts(last=replace(an_act(1, "v2"), facts=dict(DAMAGED))), Files(here="v2")

    def change() -> None:
        acts.last = an_act(2, "v2")

    with capture_logs() as lines:
        follow(acts, files, change, lambda: None)
    assert [(line["event"], line["alert"]) for line in lines] == [("configuration_not_followed", True)]
    assert files.holds == "v2"


def test_a_database_that_is_away_does_not_end_it() -> None:
    """It looks again, and says so once each."""
    acts, files = Acts(last=an_act(1, "v2"), fails=True), Files(here="v2")

    def back() -> None:
        acts.fails = False

    with capture_logs() as lines:
        follow(acts, files, lambda: None, back, lambda: None)
    assert files.holds == "v2"
    assert [line["event"] for line in lines] == ["configuration_unseen", "configuration_seen_again"]
