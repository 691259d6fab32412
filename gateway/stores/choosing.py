"""Choosing what a replay would send: which stopped deliveries, in which order, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from gateway.core import replay
from gateway.core.delivery import STOPS
from gateway.core.ids import DeliveryId, DossierId, SystemId
from gateway.core.replay import Candidate, Choice, Left, LeftOut, RunId, Selection, Standing
from gateway.stores import amending
from gateway.stores.rows import DeliveryRow
from gateway.stores.tables import Transaction


def choose(tx: Transaction, selection: Selection) -> Choice:
    """Return what a selection comes to now."""
    if selection.amend:
        return _to_amend(tx, selection)
    named = selection.names
    found = _named(tx, selection) if named else tx.deliveries.stopped(selection, replay.MOST + 1)
    left_out = [LeftOut(name=name, why=Left.UNKNOWN) for name in named if not _dossiers(tx, name)]
    chosen: list[DeliveryRow] = []
    for row in found:
        why = replay.left(standing(tx, row))
        if why is None:
            chosen.append(row)
        else:
            left_out.append(LeftOut(name=row.id, why=why))
    fits = _in_order(chosen)[: replay.MOST]
    tx.dossiers.learn(row.dossier_id for row in fits)
    return Choice(
        chosen=tuple(_candidate(tx, row) for row in fits),
        left_out=tuple(left_out),
        more=len(found) > replay.MOST,
    )


def _to_amend(tx: Transaction, selection: Selection) -> Choice:
    """Return what a system has of the dossiers that are named, each once, in the order named."""
    chosen: dict[DossierId, DeliveryRow] = {}
    left_out: list[LeftOut] = []
    for name in dict.fromkeys(selection.names):
        found = [_has(tx, dossier, selection.system) for dossier in _dossiers(tx, name)] or [Left.UNKNOWN]
        chosen |= {row.dossier_id: row for row in found if isinstance(row, DeliveryRow)}
        left_out += [LeftOut(name=name, why=why) for why in found if isinstance(why, Left)]
    rows = list(chosen.values())
    return Choice(
        chosen=tuple(_candidate(tx, row) for row in rows[: replay.MOST]),
        left_out=tuple(left_out),
        more=len(rows) > replay.MOST,
    )


def _dossiers(tx: Transaction, name: str) -> Sequence[DossierId]:
    """Return the dossier of a delivery of this id, or those with this code."""
    one = tx.deliveries.get(DeliveryId(name))
    return (one.dossier_id,) if one else tx.dossiers.named(name, None, replay.MOST)


def _has(tx: Transaction, dossier: DossierId, system: SystemId | None) -> DeliveryRow | Left:
    found = amending.standing(tx, dossier, system) if system else Left.NO_DESTINATION
    taken = isinstance(found, DeliveryRow) and tx.replays.of_delivery(found.id) is not None
    return Left.OTHER_RUN if taken else found


def _named(tx: Transaction, selection: Selection) -> list[DeliveryRow]:
    """Return the deliveries that are named by id, and those of the dossiers that are named by a code."""
    rows: dict[DeliveryId, DeliveryRow] = {}
    for name in selection.names:
        one = tx.deliveries.get(DeliveryId(name))
        found = (one,) if one else _of_dossiers(tx, name)
        rows |= {row.id: row for row in found if row.state not in STOPS or meets(row, _procedure(tx, row), selection)}
    return list(rows.values())


def _of_dossiers(tx: Transaction, code: str) -> Iterator[DeliveryRow]:
    """Yield what has stopped of a dossier: nobody who gives a code asks for all that went well."""
    for dossier in tx.dossiers.named(code, None, replay.MOST):
        for row in tx.deliveries.of_dossier(dossier):
            if row.state in STOPS:
                yield row


def meets(row: DeliveryRow, procedure: str, wanted: Selection) -> bool:
    """Whether a stopped delivery of a dossier of this procedure meets all conditions."""
    at = row.settled_at or row.created_at
    asked = (
        (wanted.state, row.state),
        (wanted.system, row.destination),
        (wanted.reason, row.reason and row.reason.code),
        (wanted.kind or None, row.kind),
        (wanted.procedure or None, procedure),
    )
    in_time = (wanted.since is None or at >= wanted.since) and (wanted.until is None or at < wanted.until)
    return in_time and all(value in {None, has} for value, has in asked)


def _procedure(tx: Transaction, row: DeliveryRow) -> str:
    dossier = tx.dossiers.get(row.dossier_id)
    return dossier.procedure if dossier else ""


def _in_order(rows: Iterable[DeliveryRow]) -> list[DeliveryRow]:
    """Return whole lanes, the one with the oldest delivery first, each in its own order."""
    first: dict[tuple[SystemId, DossierId], datetime] = {}
    oldest = sorted(rows, key=lambda row: (row.created_at, row.id))
    for row in oldest:
        first.setdefault((row.destination, row.dossier_id), row.created_at)
    return sorted(
        oldest,
        key=lambda row: (first[row.destination, row.dossier_id], row.dossier_id, row.destination, row.lane_seq),
    )


def _candidate(tx: Transaction, row: DeliveryRow) -> Candidate:
    codes = tx.dossiers.codes(row.dossier_id)
    return Candidate(
        id=row.id,
        dossier_id=row.dossier_id,
        code=codes[0].value if codes else "",
        kind=row.kind,
        system=row.destination,
        state=row.state,
        reason=row.reason.code if row.reason else None,
        stopped_at=row.settled_at or row.created_at,
    )


def standing(tx: Transaction, row: DeliveryRow, run: RunId | None = None) -> Standing:
    """Return how a delivery stands for a run; what that run itself has is not another's."""
    other = tx.replays.of_delivery(row.id)
    return Standing(
        state=row.state,
        in_doubt=row.in_doubt_since is not None,
        destination=row.destination,
        reason=row.reason.code if row.reason else None,
        stopped_at=row.settled_at or row.created_at,
        taken=other is not None and other.run != run,
    )
