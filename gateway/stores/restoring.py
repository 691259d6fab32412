"""After the database was put back: nothing that a copy says of what is open is taken for the present."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace as changed

from gateway.core.acts import Act, By, Target, Verb
from gateway.core.delivery import State
from gateway.core.ids import GATEWAY, SystemId
from gateway.core.proposals import ProposalState
from gateway.core.reason import Reason, Why
from gateway.core.record import Move
from gateway.core.replay import Steering
from gateway.core.restoring import Restoring, StillServing
from gateway.core.weather import Pause
from gateway.stores import acts, evidence, lanes, proposals, replays
from gateway.stores.restore_tables import Gap
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

_AT_ONCE = 500  #: rows in hand


def restored(tx: Transaction, what: Restoring, by: By) -> Act:
    """Mark a copy. Raises StillServing."""
    since = tx.registers.last_beat()  # the copy was made later, and whatever it does not know of was sent later still
    tx.registers.fence_all(tx.now)
    living = tx.registers.living(tx.now)
    if living:
        raise StillServing(living)
    before = tx.restores.epoch()
    tx.restores.renew(tx.ids.token()[:16])
    counts = {"leased": _free(tx), "dead": _hold(tx), **_call_off(tx, by)}
    counts["in_doubt"] = tx.deliveries.doubt_all(since, tx.now)
    for system in what.systems:
        _stop(tx, system, since or tx.now, by)
    facts = {name: str(number) for name, number in counts.items()} | dict(what.facts)
    facts |= {"epoch_before": before, "epoch": tx.restores.epoch(), "systems": str(len(what.systems))}
    facts |= {"since": since.isoformat()} if since else {}
    return acts.record(tx, Verb.RESTORE, Target.system(GATEWAY), by=by, facts=facts)


def _free(tx: Transaction) -> int:
    """Take every lease away: whoever had it is gone, and may have begun after the copy was made. Return how many."""
    count = 0
    while rows := tx.deliveries.find(State.LEASED, None, _AT_ONCE):
        for row in rows:
            doubted = changed(row, in_doubt_since=row.in_doubt_since or row.due_at)
            evidence.moved(tx, row, Move.RESTORED, State.READY)
            lanes.settle_row(tx, lanes.moved(doubted, State.READY, tx.now))
        count += len(rows)
    return count


def _hold(tx: Transaction) -> int:
    """Hold what is dead: somebody may have sent it again since. Return how many."""
    count, reason = 0, Reason(Why.RESTORED)
    while rows := tx.deliveries.find(State.DEAD, None, _AT_ONCE):
        for row in rows:
            lanes.end(tx, row, State.HELD, reason, move=Move.RESTORED)
        count += len(rows)
    return count


def _call_off(tx: Transaction, by: By) -> dict[str, int]:
    """End what may have been done since: proposals that wait for a second person, and replays under way."""
    runs = tx.replays.open_runs()
    for run in runs:
        replays.steer(tx, run.id, Steering.CANCEL, by)
    count = 0
    while waiting := tx.proposals.newest(ProposalState.OPEN, tx.now, _AT_ONCE):
        for proposal in waiting:
            proposals.close(tx, proposal, ProposalState.REJECTED, by, {})
        count += len(waiting)
    return {"replays": len(runs), "proposals": count}


def _stop(tx: Transaction, system: SystemId, since: datetime, by: By) -> None:
    """Pause a system, and keep what is not known of it. A gap that nobody has closed yet only grows."""
    known = tx.restores.gap(system)
    tx.restores.keep(system, Gap(since=min(since, known.since) if known else since, until=tx.now))
    tx.weather.pause(Pause(system=system, by=by, since=tx.now))
    acts.record(tx, Verb.PAUSE, Target.system(system), by=by)


class RestoringStore(Transacting):
    """``ports.restoring.Restores`` over any driver."""

    async def restored(self, what: Restoring, *, by: By) -> Act:
        return await self._write(lambda tx: restored(tx, what, by))
