"""What needs a person, read from the fronts of indexes: never by looking at all there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from gateway.core.attention import GONE, MOST, NAMED, Bounds, Cause, Entry, Example, Matter, Turned, turned
from gateway.core.delivery import State
from gateway.core.ids import OPERATORS, DossierId, SystemId
from gateway.core.proposals import ProposalState
from gateway.core.replay import Run, RunState
from gateway.ports.attention import DueAsked, DuePage, DueView
from gateway.stores import loading
from gateway.stores.attention_tables import Found, Pile
from gateway.stores.rows import DossierRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

_PROPOSALS = 100  #: each is read with all that it would do


def due(tx: Transaction, asked: DueAsked) -> DuePage:
    """Return a page of due dates."""
    rows = tx.dossiers.due(asked.limit + 1, after=asked.after, before=asked.before, paused=asked.paused)
    shown = rows[: asked.limit]
    views = (_due_view(tx, row) for row in shown)
    items = tuple(view for view in views if asked.system is None or asked.system in view.open_with)
    last = shown[-1] if len(rows) > asked.limit else None
    return DuePage(items=items, next=(last.due_at, last.id) if last and last.due_at else None)


def _due_view(tx: Transaction, row: DossierRow) -> DueView:
    return DueView(
        id=row.id,
        source=row.source,
        codes=tx.dossiers.codes(row.id),
        procedure=row.procedure,
        agency=row.agency,
        term=row.term,
        open_with=loading.open_with(tx, row),
    )


def look(tx: Transaction, bounds: Bounds) -> Iterator[Entry]:
    """Yield what needs a person, cause by cause."""
    table = tx.attention
    yield from _put_back(tx)
    for matter, state in ((Matter.HELD, State.HELD), (Matter.DEAD, State.DEAD)):
        yield from _entries(tx, matter, table.stopped(state))
    yield from _entries(tx, Matter.FAILING, table.failing(bounds.tries))
    for system in table.served():
        if system in bounds.late:
            yield from _entries(tx, Matter.LATE, table.unsent(bounds.late[system], system))
        elif system != OPERATORS:
            waiting = chain.from_iterable(pile.found for pile in table.unsent(bounds.gone, system))
            yield from _entries(tx, Matter.LATE, [Pile(system=system, why=GONE, found=list(waiting))])
    yield from _entries(tx, Matter.FILES, table.unfetched(bounds.files))
    yield from _promised(tx, Matter.OVERDUE, None, bounds.now)
    yield from _promised(tx, Matter.SOON, bounds.now, bounds.soon)
    for system, before in bounds.silent.items():
        yield from _entries(tx, Matter.SILENT, [Pile(system=system, why="", found=table.silent(system, before))])
    yield from _replayed(tx)
    yield from _proposed(tx)


def _entries(tx: Transaction, matter: Matter, piles: Iterable[Pile]) -> Iterator[Entry]:
    for pile in piles:
        if pile.found:
            yield Entry(
                cause=Cause(matter=matter, system=pile.system, why=pile.why),
                number=min(len(pile.found), MOST),
                since=min(one.since for one in pile.found),
                examples=tuple(_example(tx, one) for one in pile.found[:NAMED]),
            )


def _example(tx: Transaction, one: Found) -> Example:
    return Example(dossier_id=one.dossier_id, delivery_id=one.delivery_id, code=_code(tx, one))


def _code(tx: Transaction, one: Found) -> str:
    """Return the dossier's first code; where nobody has bound any, the one that its message gave."""
    row = tx.deliveries.get(one.delivery_id) if one.delivery_id else None
    codes = tx.dossiers.codes(one.dossier_id) or (loading.message(tx, row).draft.codes if row else ())
    return next((code.value for code in codes), "")


def _promised(tx: Transaction, matter: Matter, since: datetime | None, before: datetime) -> Iterator[Entry]:
    """Yield due dates by the systems that have not ended the dossier; by its source where it went nowhere."""
    after = (since, DossierId("")) if since else None
    found: defaultdict[SystemId, list[Found]] = defaultdict(list)
    for row in tx.dossiers.due(MOST, after=after, before=before, paused=False):
        for system in loading.open_with(tx, row) or (row.source,):
            found[system].append(Found(row.id, None, row.due_at or before))
    yield from _entries(tx, matter, (Pile(system=name, why="", found=found[name]) for name in sorted(found)))


def _put_back(tx: Transaction) -> Iterator[Entry]:
    """Yield the systems that nobody has let be called since the database was put back."""
    for system in tx.restores.gaps():
        gap = tx.restores.gap(system)
        if gap is not None:
            yield Entry(cause=Cause(matter=Matter.RESTORED, system=system), number=1, since=gap.until)


def _replayed(tx: Transaction) -> Iterator[Entry]:
    """Yield replays that have stopped by themselves, by the system that they are for, where it is one."""
    found: defaultdict[SystemId, list[Run]] = defaultdict(list)
    for run in tx.replays.open_runs():
        if run.state is RunState.STOPPED:
            found[SystemId(run.words.get("system", OPERATORS))].append(run)
    for system, stopped in sorted(found.items()):
        yield Entry(
            cause=Cause(matter=Matter.REPLAY, system=system),
            number=len(stopped),
            since=stopped[0].made_at,
            examples=tuple(Example(replay_id=run.id) for run in stopped[:NAMED]),
        )


def _proposed(tx: Transaction) -> Iterator[Entry]:
    """Yield open proposals by what they would do."""
    found: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for proposal in tx.proposals.newest(ProposalState.OPEN, tx.now, _PROPOSALS):
        found[proposal.wish.verb].append((proposal.made_at, proposal.id))
    for verb, waiting in sorted(found.items()):
        yield Entry(
            cause=Cause(matter=Matter.PROPOSAL, system=OPERATORS, why=verb),
            number=len(waiting),
            since=min(waiting)[0],
            examples=tuple(Example(proposal_id=proposal) for _, proposal in sorted(waiting)[:NAMED]),
        )


def follow(tx: Transaction, seen: Sequence[Entry], calm: timedelta) -> Turned:
    """Keep what has changed of the episodes."""
    found = turned(tx.attention.episodes(), seen, tx.now, calm=calm)
    for episode in (*found.opened, *found.kept):
        tx.attention.keep(episode)
    for episode in found.resolved:
        tx.attention.end(episode.cause)
    return found


class AttentionStore(Transacting):
    """``ports.attention.Attention`` over any driver."""

    async def due(self, asked: DueAsked) -> DuePage:
        return await self._read(lambda tx: due(tx, asked))

    async def attention(self, bounds: Callable[[datetime], Bounds]) -> Sequence[Entry]:
        return await self._read(lambda tx: tuple(look(tx, bounds(tx.now))))

    async def follow(self, seen: Sequence[Entry], *, calm: timedelta) -> Turned:
        return await self._write(lambda tx: follow(tx, seen, calm))
