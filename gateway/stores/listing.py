"""Settling by a partner's list, once a second person has agreed: exactly what was shown, as it stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from gateway.core.acts import By, Target, Verb
from gateway.core.delivery import FINAL, State
from gateway.core.ids import DeliveryId, SystemId
from gateway.core.judging import Decision
from gateway.core.listing import PART, Doubtful
from gateway.core.planning import Planner
from gateway.core.proposals import LEFT, Proposal
from gateway.stores import acts, decisions
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


class _Item(msgspec.Struct, frozen=True):
    delivery: DeliveryId
    stamp: str
    decision: Decision


class _Parameters(msgspec.Struct, frozen=True):
    as_of: str
    file_sha256: str
    items: tuple[_Item, ...]


def doubtful(tx: Transaction, system: SystemId, limit: int) -> Sequence[Doubtful]:
    """Return what is in doubt at a system and held by no worker, oldest first."""
    rows = tx.deliveries.in_doubt(system, limit)
    found = (item for row in rows if (item := _doubtful(tx, row)) is not None)
    return tuple(replace(item, shared=_shared(tx, item.codes)) for item in found)


def _shared(tx: Transaction, codes: Sequence[str]) -> frozenset[str]:
    """Return those that several dossiers have, as partners number theirs each for themselves."""
    return frozenset(code for code in codes if len(tx.dossiers.named(code, None, 2)) > 1)


def _doubtful(tx: Transaction, row: DeliveryRow) -> Doubtful | None:
    if row.in_doubt_since is None or row.state is State.LEASED or row.state in FINAL:
        return None
    return Doubtful(
        id=row.id,
        message_id=row.message_id,
        dossier_id=row.dossier_id,
        kind=row.kind,
        codes=tuple(code.value for code in tx.dossiers.codes(row.dossier_id)),
        in_doubt_since=row.in_doubt_since,
        closed_at=row.closed_at,
        spoke_at=decisions.spoke_at(tx, row),
    )


def _still_holds(standing: Doubtful, item: _Item) -> bool:
    """Whether it is in the doubt that was shown, and nobody has said since that it is there after all."""
    return standing.stamp == item.stamp and not (item.decision is Decision.ABSENT and standing.is_spoken_of)


def settle_by_list(tx: Transaction, proposal: Proposal, by: By, plan: Planner) -> Mapping[str, str]:
    """Judge the next part of what still stands as it was shown; what has moved since is left alone: ``skipped``."""
    asked = msgspec.json.decode(proposal.wish.parameters, type=_Parameters)
    left = int(proposal.outcome.get(LEFT, len(asked.items)))
    counts: Counter[str] = Counter({"delivered": 0, "absent": 0, "skipped": 0})
    facts = {"proposal": proposal.id, "file_sha256": asked.file_sha256}
    for item in asked.items[len(asked.items) - left :][:PART]:
        row = tx.deliveries.get(item.delivery)
        standing = _doubtful(tx, row) if row is not None else None
        if standing is None or not _still_holds(standing, item):
            counts["skipped"] += 1
            continue
        ruling = decisions.Ruling(delivery=item.delivery, decision=item.decision, by=by, facts=facts)
        decisions.decide(tx, ruling, plan)
        counts[item.decision] += 1
    done = {name: str(number) for name, number in sorted(counts.items())}
    acts.record(tx, Verb.SETTLE, Target(proposal.wish.target.kind, proposal.wish.target.id), by=by, facts=facts | done)
    outcome = {name: str(number + int(proposal.outcome.get(name, 0))) for name, number in sorted(counts.items())}
    return outcome | ({LEFT: str(left - PART)} if left > PART else {})
