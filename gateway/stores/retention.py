"""Erasing by age: what may go is judged over the whole case, again in the transaction in which it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gateway.core import retention
from gateway.core.errors import StoreFull
from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.message import Receipt
from gateway.core.pressure import Urgency
from gateway.core.reason import Reason, Why
from gateway.core.record import erased
from gateway.core.retention import Case, Erasure, Kept, Mark, Rule, Survey, Trace
from gateway.stores import evidence, loading
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def survey(tx: Transaction, rule: Rule, after: Mark | None, limit: int) -> Survey:
    """Look at so many dossiers that ended, and messages that were parked, before the term."""
    before = tx.now - rule.term
    marks = tx.retention.ended(before, after, limit)
    of_dossier = {trace.dossier: case for case in _cases(tx, [mark[1] for mark in marks]) for trace in case}
    ripe: list[Case] = []
    kept: Counter[Kept] = Counter()
    for _, dossier in marks:
        case = of_dossier[dossier]
        why = retention.keeps(case, before)
        if why is not None:
            kept[why] += 1
        elif case[0].dossier == dossier:  # the others of the case are met by themselves, and name nothing
            ripe.append(retention.as_case(case))
    following = marks[-1] if len(marks) == limit else None
    return Survey(now=tx.now, ripe=tuple(ripe), kept=dict(kept), next=following)


def erase(tx: Transaction, roots: Collection[DossierId], rule: Rule) -> tuple[Erasure, ...]:
    """Erase what may go now of these cases."""
    before = tx.now - rule.term
    going = [case for case in _cases(tx, roots) if case[0].dossier in roots and retention.keeps(case, before) is None]
    tx.retention.erase([trace for case in going for trace in case], tx.now, str(rule))
    return tuple(_record(tx, trace, case[0].dossier, rule) for case in going for trace in case)


def _record(tx: Transaction, trace: Trace, root: DossierId, rule: Rule) -> Erasure:
    erasure = Erasure(
        dossier=trace.dossier,
        at=tx.now,
        rule=str(rule),
        messages=trace.messages,
        deliveries=trace.deliveries,
        parked=trace.parked,
    )
    evidence.keep(tx, erased(erasure, root))
    return erasure


def _cases(tx: Transaction, dossiers: Collection[DossierId]) -> Sequence[Sequence[Trace]]:
    """Return the whole cases of dossiers that are not erased, the first dossier of each first."""
    followers: dict[DossierId, dict[DossierId, None]] = {}
    known = dict.fromkeys(dossiers)  # a set that keeps its order
    ahead = list(known)
    while ahead:
        links = tx.retention.links(ahead)
        ahead = [one for one in dict.fromkeys(end for link in links for end in link) if one not in known]
        known |= dict.fromkeys(ahead)
        for parent, follower in links:
            followers.setdefault(parent, {})[follower] = None
    compared = {asked.system for asked in tx.reconciliations.asked()}
    traces = {trace.dossier: _held(trace, compared) for trace in tx.retention.traces(known, tx.now)}
    following = {one for parent, found in followers.items() if parent in traces for one in found}
    return [_all_of(trace, followers, traces) for first, trace in traces.items() if first not in following]


def _all_of(
    first: Trace, followers: Mapping[DossierId, Iterable[DossierId]], traces: Mapping[DossierId, Trace]
) -> Sequence[Trace]:
    """Return a dossier and all that follow from it, without those that are erased."""
    found = [first]
    for trace in found:  # grows while it is read
        found += [traces[one] for one in followers.get(trace.dossier, ()) if one in traces]
    return found


def _held(trace: Trace, compared: Collection[SystemId]) -> Trace:
    """Return a trace with whether a comparison touches its dossier."""
    if trace.took_part.isdisjoint(compared):
        return trace
    return replace(trace, holds=trace.holds | {Kept.COMPARED})


def receipt(tx: Transaction, message: MessageId) -> Receipt:
    """Return the first receipt of a message that is erased, with that as a warning. Raises RowMissing."""
    found = tx.retention.tombstone(message)
    if found is None:
        raise loading.RowMissing(message)
    return Receipt(
        message_id=message,
        dossier_id=found.dossier,
        revision=found.revision,
        accepted_at=found.accepted_at,
        deliveries=(),
        duplicate=True,
        matched=tx.dossiers.get(found.dossier) is not None,  # nothing is left of what nobody bound
        warnings=(Reason(Why.ERASED),),
    )


class RetentionStore(Transacting):
    """``ports.retention.Retention`` over any driver."""

    async def survey(self, rule: Rule, *, after: Mark | None, limit: int) -> Survey:
        return await self._read(lambda tx: survey(tx, rule, after, limit))

    async def erase(self, roots: Collection[DossierId], *, rule: Rule) -> Sequence[Erasure]:
        def work(tx: Transaction) -> Sequence[Erasure]:
            if self._is_full(Urgency.CLAIM):
                raise StoreFull("the disk's reserve is for settlements: nothing is erased until space is freed")
            return erase(tx, roots, rule)

        return await self._write(work)
