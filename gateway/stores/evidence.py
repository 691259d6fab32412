"""Appending to the chain, in the transaction that makes the fact. Every fact that is evidence passes here.

A driver without an evidence table keeps none: for measurements only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from gateway.core import chain, record
from gateway.core.chain import Head
from gateway.core.delivery import State
from gateway.core.ids import NodeId
from gateway.core.message import Actor, Submission
from gateway.core.reason import Reason
from gateway.core.record import Fact, Leg, Move, Place, View
from gateway.ports.evidence import Chain, Chained
from gateway.ports.store import Settlement
from gateway.stores.evidence_tables import EvidenceTable, Link
from gateway.stores.rows import DeliveryRow, Stored
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting

#: ``chain.canonical``, ten times as fast: the same bytes, which a property test holds it to.
write: chain.Write = msgspec.json.Encoder(order="sorted").encode


def keep(tx: Transaction, fact: Fact) -> None:
    """Append to this incarnation's chain; one that has not joined (a command on the file, say) begins its own."""
    table = tx.evidence
    if table is not None:
        _append(tx, table, table.head() or _begin(tx, table, NodeId(tx.ids.new())), fact)


def begun(tx: Transaction, node: NodeId, config: str) -> None:
    """An incarnation begins: from here on its own chain is appended to."""
    table = tx.evidence
    if table is not None:
        _append(tx, table, _begin(tx, table, node), record.configured(config))


def accepted(tx: Transaction, own: Submission, stored: Stored, rows: Iterable[DeliveryRow], *, parked: bool) -> None:
    """A message was accepted."""
    if tx.evidence is not None:
        legs = _legs(rows)
        keep(tx, record.accepted(own, stored.dossier_id, stored.revision, legs, parked=parked, write=write))


def matched(tx: Transaction, stored: Stored, rows: Iterable[DeliveryRow]) -> None:
    """A parked message found its dossier."""
    keep(tx, record.matched(stored.id, stored.dossier_id, stored.revision, _legs(rows)))


def attempted(tx: Transaction, row: DeliveryRow, settlement: Settlement, *, late: bool = False) -> None:
    """A try ended."""
    attempt = settlement.attempt
    if attempt is None or tx.evidence is None:
        return
    reply = hashlib.sha256(attempt.reply.body).hexdigest() if attempt.reply else None
    end = record.End(node=settlement.lease.node, late=late, reply=reply)
    keep(tx, record.attempted(_place(row), attempt, settlement.transition, end))


def moved(tx: Transaction, row: DeliveryRow, move: Move, to: State, reason: Reason | None = None) -> None:
    """A delivery changed though nothing was tried."""
    if tx.evidence is not None:
        keep(tx, record.moved(_place(row), move, to, reason))


class EvidenceStore(Transacting):
    """``ports.evidence.Evidence`` over any driver."""

    async def viewed(self, view: View, *, actor: Actor) -> None:
        await self._write(lambda tx: keep(tx, record.viewed(view, actor)))

    async def chains(self, *, after: int = 0, limit: int = 100) -> Sequence[Chain]:
        return await self._read(lambda tx: tx.evidence.chains(after, limit) if tx.evidence else ())

    async def chained(self, chain: int, *, after: int, until: int, limit: int = 500) -> Sequence[Chained]:
        return await self._read(lambda tx: tx.evidence.records(chain, after, until, limit) if tx.evidence else ())


def _begin(tx: Transaction, table: EvidenceTable, node: NodeId) -> Head:
    """Begin a chain that names the heads before it; return its head."""
    earlier = table.loose_ends()
    table.begin(node, tx.now)
    return _append(tx, table, Head.before_first(node), record.begun(node, earlier))


def _append(tx: Transaction, table: EvidenceTable, head: Head, fact: Fact) -> Head:
    salt = bytes.fromhex(tx.ids.token())
    body = fact.encode(tx.now, salt, write)
    head = head.then(chain.digest(body))
    table.add(Link(head=head, record=body, salt=salt))
    return head


def _legs(rows: Iterable[DeliveryRow]) -> list[Leg]:
    return [Leg(row.id, row.destination, row.state) for row in rows]


def _place(row: DeliveryRow) -> Place:
    return Place(delivery=row.id, message=row.message_id, dossier=row.dossier_id, system=row.destination)
