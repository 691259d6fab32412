"""One data folder, from its first start to its last settlement, and all the kills between."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from gateway.cli.demo.tally import Report
from gateway.testing.simulator import LOOPBACK
from tests.crash import disk
from tests.crash.boundaries import RANDOM, When, moment, of_store, step_of
from tests.crash.clerk import Clerk
from tests.crash.gateways import Gateway
from tests.crash.grounds import configure, leave_old_object
from tests.crash.missing import Kept, Missing, explain
from tests.crash.node import KILLED, LOOK, Node
from tests.crash.rest import Rest
from tests.crash.town import SYSTEMS, Town, new_session

HOLD = "criminal_record"
_MUTED = "driver_licence"
_NAME = "gateway"  #: of the data folder
_BLOW_WITHIN = 25.0
_TRIES = 3  #: at one boundary, each in vain for so long
_STOPS = 8  #: at most so many ends in order for one boundary
_UNEASY = 5.0  #: seconds after which what is not settled may have been cancelled
_CALM_WITHIN = 30.0


@dataclass(slots=True, kw_only=True)
class Findings:
    """What all lives have found."""

    kills: Counter[str] = field(default_factory=Counter)  #: by boundary
    in_flight: Counter[str] = field(default_factory=Counter)  #: of these, how many met a delivery in flight
    missed: list[str] = field(default_factory=list)  #: armed, and never passed
    held: int = 0  #: sends in doubt that a person was shown
    befell: Counter[str] = field(default_factory=Counter)  #: what else happened, and how often
    faults: list[str] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)  #: seconds to the first settlement of what was in flight
    efforts: list[float] = field(default_factory=list)  #: seconds of processor time that this took
    deliveries: list[float] = field(default_factory=list)  #: seconds until the first of it was delivered
    starts: list[float] = field(default_factory=list)  #: seconds until it served
    reports: list[Report] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)  #: when a town was at rest

    def close(self, town: Town, folder: Path, left: disk.Left, kept: Collection[Kept]) -> None:
        """Note what one town has come to; open may be only what the one dossier that is always refused has brought."""
        report = town.report()
        self.missing += explain(town, kept, folder)
        self.reports.append(report)
        if not (report.is_complete or report.total("lost")):
            self.faults.append(f"{folder.name}: nothing is missing, and yet a dossier has not come to its end")
        still = [item for item in left.open if (item.destination, item.state) != (HOLD, "dead")]
        if still:
            counts = Counter(f"{item.state} at {item.destination}" for item in still)
            self.faults.append(f"{folder.name}: left open at the end: {dict(counts)}")


@dataclass(slots=True)
class Todo:
    """The boundaries that are still to be met; lives take from it as they can."""

    running: deque[str]
    starting: deque[str]
    until: float  #: monotonic seconds
    tried: Counter[str] = field(default_factory=Counter[str])

    def take(self) -> str | None:
        """Return the next boundary of a gateway that serves; None where there is none, or time is over."""
        if time.monotonic() > self.until:
            return None
        if not self.running and self.starting:
            return RANDOM
        return self.running.popleft() if self.running else None

    def take_of_the_start(self) -> str | None:
        """Return the next boundary of a gateway that starts; None where there is none."""
        return self.starting.popleft() if self.starting else None

    def missed(self, boundary: str) -> bool:
        """Take back what was armed and not passed in time; say whether it has been tried for the last time."""
        self.tried[boundary] += 1
        if self.tried[boundary] == _TRIES:
            return True
        (self.starting if is_of_the_start(boundary) else self.running).append(boundary)
        return False


def is_of_the_start(boundary: str) -> bool:
    """Whether a gateway passes a boundary in its first moments only."""
    return boundary in of_store(When.START)


class Life:
    """One gateway after the other on one data folder, in one town."""

    def __init__(self, folder: Path, seed: int, todo: Todo, findings: Findings) -> None:
        self._folder = folder
        self._todo = todo
        self._findings = findings
        self._chance = random.Random(seed)  # noqa: S311 - when to kill needs a seed, not secrecy
        configure(folder)
        self._town = Town(folder, seed, self._watch)
        self._node = Node(folder, _NAME, self._settings)
        self._left = disk.Left()
        self._victim = ""  #: whose next request the gateway does not survive
        self._mute = asyncio.Event()  #: cleared while one partner answers nobody
        self._mute.set()
        self._is_out = False  #: whether that partner drops every call
        self._heard = asyncio.Event()  #: set when that partner is asked

    async def live(self) -> None:
        """Be killed at one boundary after the other, then come to rest, and close the books."""
        async with new_session() as session:
            await self._start()
            keys = await make_keys(session, self._town, self._folder / _NAME)
            clerk = Clerk(session, self._town.url, keys, self._town.records)
            async with self._town.open(keys):
                try:
                    async with working(clerk.work), asyncio.TaskGroup() as load:
                        load.create_task(self._town.hand_over())
                        await self._die_again_and_again(clerk)
                        self._town.close_counter()
                    await self._come_to_rest(clerk)
                    self._close_the_books()
                finally:
                    await self._node.end()

    # --- Dying

    async def _die_again_and_again(self, clerk: Clerk) -> None:
        await asyncio.sleep(1)
        while (boundary := self._todo.take()) is not None:
            clerk.sought = step_of(boundary)
            await self._die(boundary)
            clerk.sought = ""
            hasty = self._todo.take_of_the_start()
            if hasty is not None:
                await self._start(hasty)
                await self._fall(hasty)
            await self._start()
            await self._recover(clerk)

    async def _die(self, boundary: str) -> None:
        """Die at a boundary of a gateway that serves and is at ease."""
        kind, _, rest = boundary.partition(".")
        if boundary == RANDOM:
            await asyncio.sleep(self._chance.uniform(0, 0.5))
            self._running.signal(signal.SIGKILL)
        elif rest.endswith("bytes_out"):
            self._victim = rest.partition(".")[0]
        elif kind != "send" and moment(kind) is When.STOP:
            await self._stop_until_dead(boundary)
        elif kind != "send" and moment(kind) is When.OUTAGE:
            self._is_out = True
            self._running.arm(boundary, 1)
        else:
            self._running.arm(boundary, 1 if step_of(boundary) else self._chance.randint(1, 3))
        await self._fall(boundary)

    async def _stop_until_dead(self, boundary: str) -> None:
        """Tell it to end until it dies of it: what is released then depends on who asked at the same moment."""
        for _ in range(_STOPS):
            self._heard.clear()
            self._mute.clear()
            self._running.arm(boundary, 1)
            self._town.burst()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await self._heard.wait()
            self._running.signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            self._mute.set()
            if await self._running.wait() == KILLED:
                return
            await self._start()

    async def _fall(self, boundary: str) -> None:
        """Wait until it is dead, and read what it has left; at a random moment where the boundary is not passed."""
        await self._node.fall(_BLOW_WITHIN)
        self._note_death(boundary)
        self._victim, self._is_out = "", False

    def _note_death(self, boundary: str) -> None:
        self._left = disk.read(self._folder / _NAME / "gateway.db")
        died_at = self._node.notes.look().died_at
        by_hand = boundary == RANDOM or (boundary.endswith("bytes_out") and not self._victim)
        if not by_hand and died_at != boundary:
            if self._todo.missed(boundary):
                self._findings.missed.append(boundary)
            boundary = RANDOM
        self._findings.kills[boundary] += 1
        self._findings.in_flight[boundary] += bool(self._left.in_flight)

    async def _watch(self, system: str, _sender: str) -> bool:
        """Hear of a send whose bytes are all there: it takes effect afterwards, whoever hears the reply.

        False while that partner has an outage.
        """
        if system == self._victim:
            self._victim = ""
            self._running.signal(signal.SIGKILL)
        if system == _MUTED and not self._mute.is_set():
            self._heard.set()
            await self._mute.wait()
        return not (self._is_out and system == _MUTED)

    # --- Living

    async def _recover(self, clerk: Clerk) -> None:
        """Wait until all that was in flight is settled; then a person settles what only a person may."""
        expected, shaken = self._left.held(HOLD), self._left.shaken
        try:
            async with asyncio.timeout(_CALM_WITHIN):
                while not await self._is_at_ease(shaken):  # noqa: ASYNC110 - another process writes what is awaited
                    await asyncio.sleep(LOOK)
                held = await patiently(clerk.judge)
        except TimeoutError:
            self._findings.faults.append(f"{self._folder.name}: not at ease again: {shaken - self._node.notes.over}")
            return
        self._findings.held += len(held)
        if set(held) != expected:
            self._findings.faults.append(f"{self._folder.name}: held {sorted(held)} instead of {sorted(expected)}")
        self._measure()

    async def _is_at_ease(self, shaken: frozenset[str]) -> bool:
        """Whether all that was in flight is settled, or cancelled by what somebody else has settled."""
        left = shaken - self._node.notes.look().over
        if not left or time.time() - self._node.started_at < _UNEASY:
            return not left
        await asyncio.sleep(1)  # a look at the whole file is not for every turn
        return not left & disk.read(self._folder / _NAME / "gateway.db").shaken

    def _measure(self) -> None:
        met = [note for note in self._node.notes.settled if note["settled"] in self._left.in_flight]
        if self._running.is_forked:
            return
        if met:
            self._findings.recoveries.append(met[0]["at"] - self._node.started_at)
            self._findings.efforts.append(met[0]["cpu"])
        arrived = [note["at"] for note in met if note["to"] == "delivered"]
        if arrived:
            self._findings.deliveries.append(arrived[0] - self._node.started_at)

    async def _come_to_rest(self, clerk: Clerk) -> None:
        """Let everything arrive."""

        async def restart() -> None:
            await self._node.end()
            await self._start()

        await come_to_rest(self._town, clerk, tend=partial(patiently, clerk.judge), restart=restart)
        await self._node.end()

    def _close_the_books(self) -> None:
        database = self._folder / _NAME / "gateway.db"
        self._findings.close(self._town, self._folder, disk.read(database), disk.kept(database))

    # --- The process

    @property
    def _running(self) -> Gateway:
        return self._node.running

    async def _start(self, boundary: str = "") -> None:
        """Start a gateway and wait until it serves, or arm it for a boundary of its first moments."""
        leave_old_object(self._folder / _NAME / "blobs")
        await self._node.start(boundary)
        if not self._running.is_forked:
            self._findings.starts.append(self._node.notes.serving_at - self._node.started_at)

    def _settings(self) -> list[str]:
        return [f"server.port={self._town.ports['gateway']}", "retention.dossiers=30d", *systems_at(self._town.ports)]


def systems_at(ports: Mapping[str, int]) -> list[str]:
    """Return the settings that say where the partners are."""
    paths = {"business_registry": "/ws"}
    called = [name for name in SYSTEMS if name in ports]
    return [f"systems.{name}.endpoint.sandbox=http://{LOOPBACK}:{ports[name]}{paths.get(name, '')}" for name in called]


async def come_to_rest(
    town: Town, clerk: Clerk, *, tend: Callable[[], Awaitable[object]], restart: Callable[[], Awaitable[None]]
) -> None:
    """Let everything arrive, with a person who settles what only one may and resumes what a round has left paused."""

    async def begin() -> None:
        await restart()
        await patiently(clerk.resume)

    await patiently(clerk.resume)
    await Rest(town=town, tend=tend, sees_work=partial(patiently, clerk.sees_work), restart=begin).come()


async def make_keys(session: ClientSession, town: Town, data: Path) -> dict[str, str]:
    """Make a key for every partner and for two operators, as one would over the doors."""
    keys = {"first": (data / "operator.key").read_text(encoding="utf-8").strip()}
    clerk = Clerk(session, town.url, keys, town.records)
    for system in SYSTEMS:
        keys[system] = await patiently(partial(clerk.new_key, system, "system"))
    for name in ("first", "second"):
        keys[name] = await patiently(partial(clerk.new_key, name, "operator"))
    return keys


@asynccontextmanager
async def working(*works: Callable[[], Any]) -> AsyncGenerator[None]:
    """Have these at work while the context lasts."""
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for error in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(error, Exception):
                raise error


async def patiently(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer."""
    while True:
        try:
            return await ask()
        except (ClientError, OSError, KeyError, ValueError):
            await asyncio.sleep(LOOK)
