"""Two gateways over one PostgreSQL database, and all that befalls them: kills, cuts, wrong clocks, a server that dies.

Whoever calls them is led to either in turn, as by a balancer; each has a wire of its own to the database.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from contextlib import AsyncExitStack
from functools import partial
from itertools import cycle
from pathlib import Path

from gateway.stores.postgres import PostgresStore
from gateway.testing.clock import FakeClock
from gateway.testing.evidence import proof_of
from gateway.testing.ids import FakeIds
from gateway.testing.ports import free_ports
from tests.crash.boundaries import RANDOM, When, of_sends, of_store, step_of
from tests.crash.clerk import Clerk
from tests.crash.disk import Open
from tests.crash.grounds import SHARED, configure, leave_old_object
from tests.crash.life import HOLD, Findings, Todo, come_to_rest, make_keys, patiently, working
from tests.crash.members import Front, Member
from tests.crash.node import LOOK
from tests.crash.server import started
from tests.crash.town import Town, new_session

SERVER, STOP, CUT, SILENCE, COMMIT = "server", "stop", "cut", "silence", "commit"
_STOPS = (
    "send.driver_licence.before_first_byte",
    "send.business_registry.before_first_byte",
    "send.criminal_record.before_first_byte",
    "claim.answered",
    "begin.answered",
    "settle.written",
    RANDOM,
)
#: What befalls them beside kills in a whole run; where one stands still at a boundary, that is named.
FAULTS = (*[SERVER] * 4, *[CUT] * 3, *[SILENCE] * 3, *[COMMIT] * 12, *(f"{STOP} {boundary}" for boundary in _STOPS))
#: What must have happened for a run to count, as its account names it.
KILLED_AT = "kills of a gateway at a boundary"
KILLED = "kills of a gateway at a random moment"
DIED = "kills of the PostgreSQL server"
STOPPED = "stops beyond the lease, then going on"
TAKEN_OVER = "deliveries taken over from one that stood still"
LATE = "settlements that came after the lease, and were told so"
AHEAD = "starts with a clock 5 minutes ahead"
BEHIND = "starts with a clock 5 minutes behind"
PARTED = "cuts of one from the server, connections ended"
SILENCED = "cuts of one from the server, connections silent"
UNANSWERED = "answers to a COMMIT lost"
SHARED_LANES = "lanes that both accepted into"
OWED = "sends begun where nobody promises, by one that was then killed or stopped"
MUST = (KILLED_AT, KILLED, DIED, STOPPED, TAKEN_OVER, OWED, AHEAD, BEHIND, PARTED, SILENCED, UNANSWERED, SHARED_LANES)

#: Comes first, and once more: one of each, however short the time is.
_FIRST = (f"{STOP} send.driver_licence.before_first_byte", SERVER, COMMIT, CUT, SILENCE, RANDOM)
_AT_RANDOM = 12  #: kills at random moments
_WITHIN = ("written", "committed")  #: the stages that the server takes part in
_OF_NODES = frozenset({"join", "serve", "reclaim", "beat"})  #: what a node says of itself, and takes over, at its start
_NAMES = ("node-1", "node-2")
_SKEWS = (0, 300, -300)  #: seconds
_LEASE = 4.0  #: seconds, as ``SHARED`` says
_AT_ONCE = 4  #: amendments of one dossier at one moment
_BLOW_WITHIN = 20.0
_TAKEN_WITHIN = 40.0
_SHAKEN = 2  #: workers lost over one delivery; a third is quarantine, which is no fault, but needs a person
_CALM_WITHIN = 40.0


def chosen(seed: int) -> list[str]:
    """Return every fault, and kills where the database is in the middle of something, in random order.

    Of the methods that two gateways call without anybody's help; what people do takes the same ways through the store,
    and all boundaries are met on the embedded database.
    """
    methods = [name for name in of_store(When.RUN) if not step_of(name)] + [
        name for name in of_store(When.START) if name.partition(".")[0] in _OF_NODES
    ]
    found = [name for name in methods if name.partition(".")[2] in _WITHIN]
    found += [*of_sends(), *FAULTS, *[RANDOM] * _AT_RANDOM]
    random.Random(seed).shuffle(found)  # noqa: S311 - an order needs a seed, not secrecy
    return [*_FIRST, *found]


class Cluster:
    """Both of them, in one town."""

    def __init__(self, folder: Path, seed: int, todo: Todo, findings: Findings) -> None:
        self._folder = folder
        self._todo = todo
        self._findings = findings
        self._chance = random.Random(seed)  # noqa: S311 - when to kill needs a seed, not secrecy
        configure(folder, SHARED)
        self._town = Town(folder, seed, self._watch, at_once=_AT_ONCE)
        ports = free_ports(*_NAMES)
        self._ports = [ports[name] for name in _NAMES]
        self._front = Front(self._ports)
        self._skews = cycle(_SKEWS)
        self._victim = ""  #: whose next request its sender does not survive
        self._hit: Member | None = None  #: who that was
        self._due: set[str] = set()  #: begun at the partner that promises nothing, by one that was killed or stopped
        self._seen: set[str] = set()  #: held and judged
        self._members: list[Member] = []

    async def live(self) -> None:
        """Let all that is to do befall them, then come to rest, and close the books."""
        leave_old_object(self._folder / "blobs")
        async with AsyncExitStack() as stack:
            self._server = await stack.enter_async_context(started())
            await stack.enter_async_context(self._front.wire.laid(self._town.ports["gateway"]))
            for name, port in zip(_NAMES, self._ports, strict=True):
                member = Member(self._folder, name, port, self._town, self._server)
                self._members.append(member)
                await stack.enter_async_context(member.there())
            session = await stack.enter_async_context(new_session())
            try:
                for member in self._members:
                    await self._start(member)
                keys = await make_keys(session, self._town, self._folder / _NAMES[0])
                clerk = Clerk(session, self._town.url, keys, self._town.records)
                async with self._town.open(keys):
                    async with working(clerk.work), asyncio.TaskGroup() as load:
                        load.create_task(self._town.hand_over())
                        await self._undergo_all(clerk)
                        self._town.close_counter()
                    await self._come_to_rest(clerk)
                    await self._close_the_books()
            finally:
                for member in self._members:
                    await member.node.end()

    async def _start(self, member: Member, boundary: str = "") -> None:
        skew = next(self._skews)
        await member.node.start(boundary, skew=skew)
        self._findings.befell[{300: AHEAD, -300: BEHIND}.get(skew, "starts with the right clock")] += 1

    # --- What befalls them

    async def _undergo_all(self, clerk: Clerk) -> None:
        await asyncio.sleep(1)
        while (trial := self._todo.take()) is not None:
            await self._come_to_ease(clerk)
            clerk.sought = step_of(trial)
            kind, _, boundary = trial.partition(" ")
            member = self._chance.choice(self._members)
            match kind:
                case "server":
                    await self._kill_server()
                case "stop":
                    await self._stop(member, boundary)
                case "cut" | "silence":
                    await self._cut(member, silent=kind == SILENCE)
                case "commit":
                    await self._lose_commit(member)
                case _:
                    await self._kill(member, trial)
            clerk.sought = ""

    async def _come_to_ease(self, clerk: Clerk) -> None:
        """Wait until no delivery would be given up with one more worker; a person settles what only one may."""
        until = time.monotonic() + _CALM_WITHIN
        while shaken := await self._at_risk():
            if time.monotonic() > until:
                self._findings.faults.append(f"{self._folder.name}: not at ease again in time: {shaken}")
                return
            await asyncio.sleep(LOOK * 10)
        await self._judge(clerk)

    async def _at_risk(self) -> list[Open]:
        """Return the deliveries for which the next lease that lapses may make it two, or three."""
        moving = (await self._server.left()).moving
        return [item for item in moving if item.reclaims + (item.state == "leased") >= _SHAKEN]

    async def _judge(self, clerk: Clerk) -> None:
        held = await patiently(clerk.judge)
        self._findings.held += len(held)
        self._seen.update(held)

    async def _kill(self, member: Member, boundary: str) -> None:
        """Kill one at a boundary; then, perhaps, its next process in its first moments."""
        if boundary.endswith("bytes_out"):
            self._victim, self._hit = boundary.split(".")[1], None
            member = await self._await_hit(member)
        elif boundary == RANDOM:
            await asyncio.sleep(self._chance.uniform(0, 0.5))
            member.node.running.signal(signal.SIGKILL)
        else:
            member.node.running.arm(boundary, 1 if step_of(boundary) else self._chance.randint(1, 3))
        await self._fall(member, boundary)
        hasty = self._todo.take_of_the_start()
        if hasty is not None:
            await self._start(member, hasty)
            await self._fall(member, hasty)
        await self._start(member)

    async def _await_hit(self, member: Member) -> Member:
        """Return who has sent to the victim, or the given one where nobody does."""
        until = time.monotonic() + _BLOW_WITHIN
        while self._hit is None and time.monotonic() < until:  # noqa: ASYNC110 - bounded, and of no consequence
            await asyncio.sleep(LOOK)
        return self._hit or member

    async def _fall(self, member: Member, boundary: str) -> None:
        node = member.node
        await node.fall(_BLOW_WITHIN)
        left = await self._left_by(member)
        by_hand = boundary == RANDOM or (boundary.endswith("bytes_out") and self._hit is not None)
        if not by_hand and node.notes.look().died_at != boundary:
            if self._todo.missed(boundary):
                self._findings.missed.append(boundary)
            boundary = RANDOM
        self._victim, self._hit = "", None
        self._findings.befell[KILLED if boundary == RANDOM else KILLED_AT] += 1
        self._findings.kills[boundary] += 1
        self._findings.in_flight[boundary] += bool(left)

    async def _left_by(self, member: Member) -> int:
        """Note what a person must be shown of what one has left, and return how much that one had."""
        await asyncio.sleep(LOOK * 5)  # what it has said to the server last may still be on its way
        left = (await self._server.left()).of(member.node.notes.look().node)
        self._due |= left.held(HOLD)
        return len(left.in_flight)

    async def _watch(self, system: str, sender: str) -> bool:
        """Hear of a send whose bytes are all there: it takes effect afterwards, whoever hears the reply."""
        if system == self._victim:
            self._victim = ""
            self._hit = next(one for one in self._members if sender.endswith(f"/{one.node.running.pid}"))
            self._hit.node.running.signal(signal.SIGKILL)
        return True

    async def _kill_server(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.5))
        await self._server.kill()
        await asyncio.sleep(self._chance.uniform(0, 1))
        await self._server.serve()
        self._findings.befell[DIED] += 1

    async def _stop(self, member: Member, boundary: str) -> None:
        """Let one stand still until the other has taken over all that it had, then let it go on."""
        running, notes = member.node.running, member.node.notes
        if boundary == RANDOM:
            running.signal(signal.SIGSTOP)
        else:
            running.arm(boundary, 1, signal.SIGSTOP)
            until = time.monotonic() + _BLOW_WITHIN
            while not notes.look().stopped_at and time.monotonic() < until:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(LOOK)
            running.signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        self._front.away = {member.port}
        self._front.wire.break_off()
        had = await self._left_by(member)
        await self._await_taken_over(notes.node)
        await asyncio.sleep(max(0.0, stopped_at + _LEASE - time.monotonic()))
        notes.stopped_at = ""
        running.arm("", 1)
        running.signal(signal.SIGCONT)
        self._front.away = set()
        self._findings.befell[STOPPED] += 1
        self._findings.befell[TAKEN_OVER] += had

    async def _await_taken_over(self, node: str) -> None:
        until = time.monotonic() + _TAKEN_WITHIN
        while left := (await self._server.left()).of(node).open:
            if time.monotonic() > until:
                self._findings.faults.append(f"{self._folder.name}: not taken over from {node} in time: {left}")
                return
            await asyncio.sleep(LOOK * 5)

    async def _cut(self, member: Member, *, silent: bool) -> None:
        """Part one from the server, for less or more than its lease."""
        if silent:
            member.wire.silence()
        else:
            member.wire.cut()
        await asyncio.sleep(self._chance.uniform(0.5, 1.8 * _LEASE))
        if silent:
            member.wire.break_off()
        member.wire.mend()
        self._findings.befell[SILENCED if silent else PARTED] += 1

    async def _lose_commit(self, member: Member) -> None:
        try:
            async with asyncio.timeout(_BLOW_WITHIN):
                await member.wire.lose_commit().wait()
        except TimeoutError:
            return
        self._findings.befell[UNANSWERED] += 1

    # --- The end

    async def _come_to_rest(self, clerk: Clerk) -> None:
        """Let everything arrive."""

        async def restart() -> None:
            for member in self._members:
                await member.node.end()
                await self._start(member)

        await come_to_rest(self._town, clerk, tend=partial(self._judge, clerk), restart=restart)
        for member in self._members:
            await member.node.end()

    async def _close_the_books(self) -> None:
        findings, name = self._findings, self._folder.name
        findings.close(self._town, self._folder, await self._server.left(), await self._server.kept())
        late = set[str]().union(*(member.node.notes.look().late for member in self._members))
        unseen = self._due - self._seen - late  # a late yes may end doubt before anybody looks
        if unseen:
            findings.faults.append(f"{name}: begun, never settled, and shown to nobody: {unseen}")
        findings.befell[OWED] += len(self._due)
        findings.befell[LATE] += len(late)
        findings.befell[SHARED_LANES] += await self._shared_lanes()
        async with PostgresStore(self._server.url, clock=FakeClock(), ids=FakeIds()) as store:
            await proof_of(store)

    async def _shared_lanes(self) -> int:
        """Count the lanes into which both have accepted something."""
        lanes = await self._server.lanes()
        into = [
            {lane for message in member.node.notes.look().accepted for lane in lanes.get(message, ())}
            for member in self._members
        ]
        return len(set.intersection(*into))
