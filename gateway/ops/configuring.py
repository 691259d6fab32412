"""Operators and the configuration: what the files would change, and letting them hold."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.config.sources import file_of
from gateway.core.acts import Act, By, Target, Verb
from gateway.core.delivery import FINAL, State
from gateway.core.errors import ConfigError, GatewayError, Problem
from gateway.core.ids import SystemId
from gateway.core.replay import Left, Selection
from gateway.exchange.shield import to_its_end
from gateway.ports.acts import Acts
from gateway.ports.configurations import Change, Configurations
from gateway.ports.replays import Replays
from gateway.ports.store import Ledger, SystemCounts

_LONGEST = 1000  #: characters of a fact
_RUNS = 1000  #: replays that are looked at, the newest
_OPEN = frozenset(State) - FINAL - {State.DEAD}


class NothingChanged(GatewayError):
    """The files are those that hold already, and so is what they refer to."""


class ConfigurationBook(Acts, Ledger, Replays, Protocol):
    """The parts of a store that are used here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configurer:
    """Serves whoever changes the configuration; their name and reason come with each change."""

    store: ConfigurationBook = field(repr=False)
    live: Configurations = field(repr=False)

    async def review(self) -> Change:
        """Return what the files would change; they are right as a whole. Raises ConfigError with every fault."""
        async with self.live.prepared() as prepared:
            await self._check(prepared.change)
            return prepared.change

    async def apply(self, version: str, *, by: By) -> tuple[Act, Change]:
        """Let this version hold from now on, for everything that begins.

        Raises ConfigError with every fault, ConfigurationMoved, NothingChanged, Overtaken where another gateway holds
        another version than this one meanwhile, StoreFull, StoreUnavailable; what held before goes on then.
        """
        return await to_its_end(
            self._apply(version, by)
        )  # what is on record as done is done, though its caller has gone

    async def _apply(self, version: str, by: By) -> tuple[Act, Change]:
        async with self.live.prepared(version) as prepared:
            change = prepared.change
            if change.is_empty:
                raise NothingChanged
            await self._check(change)
            await prepared.keep()
            act = await self.store.record_act(
                Verb.CONFIGURE, Target.configuration(), by=by, facts=facts_of(change), upon=change.before
            )
            prepared.commit()
            return act, change

    async def _check(self, change: Change) -> None:
        if change.removed:
            problems = [*_still_open(change.removed, await self.store.counts())]
            problems += [problem for system in change.removed async for problem in self._still_replayed(system)]
            if problems:
                raise ConfigError(*problems)

    async def _still_replayed(self, system: SystemId) -> AsyncIterator[Problem]:
        """Find what replays would send to a system that goes: dead, or delivered and to be amended, so not open."""
        left = (await self.store.choose(Selection(system=system))).left_out
        number = sum(item.why is Left.OTHER_RUN for item in left)
        runs = await self.store.runs(limit=_RUNS)
        number += sum(tally.chosen for run, tally in runs if run.amends and run.words.get("system") == system)
        if number:
            yield Problem(
                file=file_of(system),
                key="",
                text=f"is gone, and a replay has {number} deliveries to send to it",
                remedy="put it back and let the replay end, or cancel it (replay list, replay cancel)",
            )


def facts_of(change: Change) -> dict[str, str]:
    """Return what is kept of a change for ever: versions, names, and the digest of the diff."""
    named = {
        "files": [edit.name for edit in change.edits],
        "added": change.added,
        "changed": change.changed,
        "removed": change.removed,
    }
    facts = {name: " ".join(items)[:_LONGEST] for name, items in named.items() if items}
    digest = hashlib.sha256(change.diff.encode()).hexdigest()
    return {"before": change.before, "after": change.after, "diff_sha256": digest, **facts}


def _still_open(removed: Sequence[SystemId], counts: Sequence[SystemCounts]) -> Iterator[Problem]:
    """Find systems that cannot go yet: what is open for them would be sent by nobody."""
    for count in counts:
        number = sum(found for state, found in count.by_state.items() if state in _OPEN)
        if count.system in removed and number:
            yield Problem(
                file=file_of(count.system),
                key="",
                text=f"is gone, and {number} deliveries to it are open",
                remedy="put it back, take it out of the routes, and remove it once all have ended (systems, held)",
            )
