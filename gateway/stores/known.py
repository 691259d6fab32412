"""What is known of a draft before it is planned: its dossier, and what was said of that before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.core import kinds
from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.message import Draft, Known, Seen
from gateway.stores import chains, loading, statuses
from gateway.stores.rows import DossierRow
from gateway.stores.tables import Transaction

_PROOFS = "proof"  #: where the doors' operations have the sources' own ids, what calls were proved by
_LONGEST_CHAIN = 32  #: events that are looked at for an echo


@dataclass(frozen=True, slots=True)
class Found:
    """What a draft's codes lead to."""

    dossier: DossierRow | None
    ambiguous: bool = False


def find(tx: Transaction, draft: Draft, home: DossierId | None) -> Found:
    """Return the dossier of a draft; ``home`` where its codes lead nowhere."""
    owners = tx.dossiers.owners(draft.codes)
    if len(owners) > 1:
        return Found(None, ambiguous=True)
    if owners:
        return Found(tx.dossiers.get(owners.pop()))
    if home is None and draft.causation_id is not None and not draft.codes:
        cause = tx.messages.get(draft.causation_id)
        home = cause.dossier_id if cause else None
    return Found(tx.dossiers.get(home) if home and draft.kind != SUBMITTED else None)


def known(tx: Transaction, draft: Draft, found: Found) -> Known:
    """Return all that planning asks for."""
    dossier = found.dossier
    begins = dossier if draft.kind == kinds.RESULT_ISSUED else None  #: whose result may begin another one
    return Known(
        now=tx.now,
        dossier=loading.dossier_state(tx, dossier, draft.kind) if dossier else None,
        by_key=tx.messages.keyed(draft) if draft.dedup_key is not None else None,
        by_proof=tx.messages.keyed(by_proof(draft)) if draft.proof is not None else None,
        last=_last(tx, draft, dossier),
        stated=statuses.standing(tx, dossier.id, draft.source) if dossier and draft.status is not None else None,
        ambiguous=found.ambiguous,
        echoes=_echoes(tx, draft),
        statement=chains.statement(tx, begins) if begins else None,
        withdrawing=begins is not None and chains.is_withdrawing(tx, begins.id),
        followers=chains.followers(tx, dossier.id) if dossier and draft.kind in kinds.CHAINING else (),
    )


def _echoes(tx: Transaction, draft: Draft) -> frozenset[SystemId]:
    """Return who stated the same kind among the events that led to this one, as far back as anybody can see."""
    if draft.causation_id is None and not draft.causes:
        return frozenset()
    found: set[SystemId] = set()
    ahead, seen = [draft.causation_id, draft.causes], set[str]()
    while ahead and len(seen) < _LONGEST_CHAIN:
        cause = ahead.pop()
        if not cause or cause in seen:
            continue
        seen.add(cause)
        stored = tx.messages.get(MessageId(cause))
        if stored is not None:
            ahead += [stored.draft.causation_id, stored.draft.causes]
            if stored.draft.kind == draft.kind:
                found.add(stored.draft.source)
    return frozenset(found)


def _last(tx: Transaction, draft: Draft, dossier: DossierRow | None) -> Seen | None:
    """Return the source's last word about the dossier, or, while nobody bound them, about these codes."""
    if draft.dedup_key is not None:
        return None
    if dossier is not None:
        return tx.messages.last(draft.source, dossier.id)
    parked = (tx.messages.get(message) for message in tx.messages.parked(draft.codes))
    said = [stored for stored in parked if stored and stored.draft.source == draft.source]
    return Seen(said[-1].id, said[-1].draft.digest) if said else None


def by_proof(draft: Draft) -> Draft:
    """Return the draft as if its proof were its source's own id."""
    return replace(draft, operation=_PROOFS, dedup_key=draft.proof)
