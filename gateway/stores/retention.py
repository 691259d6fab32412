"""Erasing by age: what may go is judged over the whole case, again in the transaction in which it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from gateway.core import retention
from gateway.core.errors import StoreFull
from gateway.core.ids import DossierId, MessageId
from gateway.core.message import Receipt
from gateway.core.pressure import Urgency
from gateway.core.reason import Reason, Why
from gateway.core.retention import Case, Erasure, Kept, Mark, Rule, Survey, Trace
from gateway.stores import evidence, loading
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def survey(tx: Transaction, rule: Rule, after: Mark | None, limit: int) -> Survey:
    """Look at so many dossiers that ended before the term."""
    marks = tx.retention.ended(tx.now - rule.term, after, limit)
    ripe: list[Case] = []
    kept: Counter[Kept] = Counter()
    for _, dossier in marks:
        case = _case(tx, dossier)
        why = _keeps(tx, case, rule)
        if why is not None:
            kept[why] += 1
        elif case[0].dossier == dossier:  # the others of the case are met by themselves, and name nothing
            ripe.append(retention.as_case(case))
    following = marks[-1] if len(marks) == limit else None
    return Survey(now=tx.now, ripe=tuple(ripe), kept=dict(kept), next=following)


def erase(tx: Transaction, roots: Collection[DossierId], rule: Rule) -> tuple[Erasure, ...]:
    """Erase what may go now of these cases."""
    return tuple(erasure for root in roots for erasure in _erase_case(tx, root, rule))


def _erase_case(tx: Transaction, root: DossierId, rule: Rule) -> Sequence[Erasure]:
    dossier = tx.dossiers.get(root)
    if dossier is None or dossier.erased is not None:
        return ()
    case = _case(tx, root)
    if _keeps(tx, case, rule) is not None:
        return ()
    return [_erase(tx, trace.dossier, root, rule) for trace in case]


def _erase(tx: Transaction, dossier: DossierId, root: DossierId, rule: Rule) -> Erasure:
    messages, deliveries = tx.retention.erase(dossier, loading.participants(tx, dossier), tx.now, str(rule))
    erasure = Erasure(dossier=dossier, at=tx.now, rule=str(rule), messages=messages, deliveries=deliveries)
    evidence.erased(tx, erasure, root)
    return erasure


def _case(tx: Transaction, dossier: DossierId) -> tuple[Trace, ...]:
    """Return the whole case of a dossier: what it follows from at last, and everything that follows from that."""
    root = dossier
    while (origin := tx.chains.origin(root)) is not None:
        root = origin.parent
    found = [root]
    for one in found:  # grows while it is read
        found += [row.dossier for row in tx.chains.followers(one)]
    return tuple(_trace(tx, one) for one in found)


def _trace(tx: Transaction, dossier: DossierId) -> Trace:
    trace = tx.retention.trace(dossier, tx.now)
    compared = {asked.system for asked in tx.reconciliations.asked()}
    if compared.isdisjoint(loading.participants(tx, dossier)):
        return trace
    return replace(trace, holds=trace.holds | {Kept.COMPARED})


def _keeps(tx: Transaction, case: Sequence[Trace], rule: Rule) -> Kept | None:
    return retention.keeps(case, tx.now - rule.term)


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
        matched=True,
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
