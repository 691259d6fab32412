"""What needs a person, read from the fronts of indexes: never by looking at all there is."""

from __future__ import annotations

from gateway.ports.attention import DueAsked, DuePage, DueView
from gateway.stores import loading
from gateway.stores.rows import DossierRow
from gateway.stores.tables import Transaction
from gateway.stores.transacting import Transacting


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


class AttentionStore(Transacting):
    """``ports.attention.Attention`` over any driver."""

    async def due(self, asked: DueAsked) -> DuePage:
        return await self._read(lambda tx: due(tx, asked))
