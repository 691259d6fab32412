"""Recording what a person does, in the transaction that does it. Every such transaction passes here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.core.acts import Act, ActId, By, Target, Verb
from gateway.core.ids import DossierId
from gateway.core.record import acted
from gateway.ports.acts import Overtaken
from gateway.stores import evidence
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


def record(
    tx: Transaction,
    verb: Verb,
    target: Target,
    *,
    by: By,
    dossier: DossierId | None = None,
    facts: Mapping[str, str] | None = None,
) -> Act:
    """Keep an act under the transaction's time."""
    act = Act(
        id=ActId(tx.ids.new()),
        at=tx.now,
        by=by,
        verb=verb,
        target=target,
        dossier_id=dossier,
        facts=dict(facts or {}),
    )
    tx.acts.add(act)
    evidence.keep(tx, acted(act))
    return act


class ActStore(Transacting):
    """``ports.acts.Acts`` over any driver."""

    async def record_act(
        self,
        verb: Verb,
        target: Target,
        *,
        by: By,
        dossier: DossierId | None = None,
        facts: Mapping[str, str] | None = None,
        upon: str | None = None,
    ) -> Act:
        def work(tx: Transaction) -> Act:
            last = tx.acts.newest(target, None, 1) if upon is not None else ()
            if last and last[0].facts.get("after", upon) != upon:
                raise Overtaken
            return record(tx, verb, target, by=by, dossier=dossier, facts=facts)

        return await self._write(work)

    async def acts(
        self, target: Target | None = None, *, before: ActId | None = None, limit: int = 100
    ) -> Sequence[Act]:
        return await self._read(lambda tx: tx.acts.newest(target, before, limit))
