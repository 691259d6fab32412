"""Running the demo: watch the journals, kill the gateway if asked to, count at the end."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.demo.processes import JOURNALS, DemoError, Stage, staged
from gateway.cli.demo.tally import PORTAL, Books, Line, Report, tally
from gateway.core.errors import StoreUnavailable
from gateway.stores.lock import held

_LOOK = 0.25  #: seconds between two looks at the journals …
_SHARE = 10  #: … and so many times as long as a look takes: counting must not slow down what is counted
_GLANCE = 0.01  #: seconds between two looks where something under way is waited for
_PATIENCE = 5.0  #: seconds to wait for it


@dataclass(slots=True, kw_only=True)
class Kills:
    """How often the gateway is to be killed, and how often something was in flight then."""

    wanted: int = 0
    done: int = 0
    in_flight: int = 0
    next_at: float = 0.0


@dataclass(slots=True)
class Journals:
    """Reads what was added since the last look."""

    stage: Stage
    lines: dict[str, list[Line]] = field(init=False)
    _read: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing read."""
        self.lines = {system: [] for system in self.stage.cast.systems}
        self._read = dict.fromkeys(self.stage.cast.systems, 0)

    def look(self) -> dict[str, list[Line]]:
        """Return all lines so far."""
        read = self.stage.cast.reading
        for system, lines in self.lines.items():
            news = self._news(system, self.stage.journal(system))
            lines.extend(line for written in news for line in read(system, written))
        return self.lines

    def _news(self, system: str, path: Path) -> Iterator[Line]:
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read[system])
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                self._read[system] += len(raw)
                yield json.loads(raw)


@dataclass(slots=True, kw_only=True)
class Silence:
    """Since when no partner got a request: what comes late, such as a second try, must still be counted."""

    since: float
    _requests: int = 0

    def lasts(self, report: Report, wanted: float) -> bool:
        """Whether nothing has come for so many seconds."""
        if report.total("requests") != self._requests:
            self._requests, self.since = report.total("requests"), time.monotonic()
        return time.monotonic() - self.since >= wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run of the demo ends with."""

    report: Report
    kills: Kills
    seconds: float
    memory: int  #: the gateway's highest resident memory in bytes


Watcher = Callable[[Report, Kills], None]


@contextmanager
def playing(stage: Stage) -> Generator[Stage]:
    """Start everything in a fresh data folder; end it at the end.

    Raises DemoError where the folder is not to be emptied, or the configuration is not to be played with.
    """
    stage.prove_untouched()
    if stage.data.exists():
        _empty(stage.data)
    with staged(stage):
        stage.make_keys()
        stage.start_gateway()
        stage.start_simulators()
        yield stage


def _empty(folder: Path) -> None:
    """Remove what an earlier run left, and nothing else: of a run that is still on, or of a gateway's own folder."""
    if any(folder.iterdir()) and not (folder / JOURNALS).is_dir():
        raise DemoError(
            f"{folder} holds other things than an earlier demo: move them away, or name another folder with --data"
        )
    lock = folder / "gateway" / "gateway.lock"
    try:
        with held(lock) if lock.exists() else nullcontext():
            shutil.rmtree(folder)
    except StoreUnavailable:
        raise DemoError(f"another demo runs in {folder}: end it, or name another folder with --data") from None


def play(stage: Stage, *, kills: int, limit: float, watch: Watcher) -> Finished:
    """Watch until nothing is under way any more, or ``limit`` seconds are over."""
    started = time.monotonic()
    journals, axe = Journals(stage), Kills(wanted=kills, next_at=started + 2)
    chance = random.Random(stage.seed)  # noqa: S311 - when to kill needs a seed, not secrecy
    report, silence = tally(journals.look()), Silence(since=started)
    while time.monotonic() - started < limit:
        looked = time.monotonic()
        stage.check_alive()
        report = tally(journals.look())
        watch(report, axe)
        rest = max(_LOOK, _SHARE * (time.monotonic() - looked))
        is_quiet = silence.lasts(report, stage.cast.quiet)
        if report.is_complete and is_quiet and axe.done >= axe.wanted:
            break
        _maybe_kill(stage, axe, journals, chance)
        time.sleep(rest if axe.done >= axe.wanted else _GLANCE)
    ended = silence.since if stage.cast.quiet else time.monotonic()
    return Finished(report=report, kills=axe, seconds=ended - started, memory=stage.memory())


def _maybe_kill(stage: Stage, axe: Kills, journals: Journals, chance: random.Random) -> None:
    """Kill while a partner is at work on what it was sent, or when that takes too long to come; start again at once.

    The gateway is frozen for the look: what its partners have not answered by then, it will never have read.
    """
    now = time.monotonic()
    if axe.done >= axe.wanted or now < axe.next_at:
        return
    stage.freeze_gateway()
    is_open = _under_way(journals)
    if not is_open and now < axe.next_at + _PATIENCE:
        stage.thaw_gateway()
        return
    stage.kill_gateway()
    axe.done += 1
    axe.in_flight += is_open
    started = time.monotonic()
    stage.start_gateway()
    # In proportion, for a busy machine does less in between, and what is lost three times in a row waits for a person.
    axe.next_at = time.monotonic() + chance.uniform(0.2, 0.8) * (time.monotonic() - started)


def _under_way(journals: Journals) -> bool:
    lines = journals.look()
    return any(Books.of(lines[system]).open for system in lines if system != PORTAL)
