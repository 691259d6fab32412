"""Comparing our books with a system's word: asked of it by the relay, or by a list that it has handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.acts import By
from gateway.core.doubt import Declarations
from gateway.core.ids import SystemId
from gateway.core.kinds import SUBMITTED
from gateway.core.listing import ListAhead
from gateway.core.reconcile import Divergent, Listed, Reconciliation, ReconciliationId, by_list
from gateway.ops.known import check_known
from gateway.ports.clock import Clock
from gateway.ports.reconciliations import Reconciliations


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """Serves whoever compares; their name and reason come with each call."""

    store: Reconciliations = field(repr=False)
    clock: Clock = field(repr=False)
    declarations: Mapping[SystemId, Declarations]  #: of every configured system

    async def ask(self, system: SystemId, names: Sequence[str], *, by: By) -> Reconciliation:
        """Have the relay ask a system about these codes, or a sample. Raises UnknownSystem."""
        check_known(system, self.declarations)
        return await self.store.ask(system, tuple(names), by=by)

    async def by_list(self, system: SystemId, listed: Listed, file_sha256: str, *, by: By) -> Reconciliation:
        """Compare at once with a list of codes, and keep the report. Raises UnknownSystem, ListAhead."""
        if listed.as_of > self.clock.now():
            raise ListAhead
        check_known(system, self.declarations)
        quiet = self.declarations[system].of(SUBMITTED).quiet
        entries, unknown = await self.store.books(system, listed.codes)
        since = {"since": listed.since.isoformat()} if listed.since else {}
        asked = Reconciliation(
            id=ReconciliationId(""),
            system=system,
            by=by,
            asked_at=self.clock.now(),
            facts={"as_of": listed.as_of.isoformat(), "file_sha256": file_sha256, **since},
        )
        return await self.store.keep_list(asked, by_list(entries, unknown, listed, quiet), by=by)

    async def reconciliations(self, system: SystemId | None, *, limit: int) -> Sequence[Reconciliation]:
        """Return reconciliations, the newest first."""
        return await self.store.reconciliations(system, limit=limit)

    async def reconciliation(
        self, reconciliation: ReconciliationId, *, behind: int, limit: int
    ) -> tuple[Reconciliation, Sequence[tuple[int, Divergent]]]:
        """Return one with its findings behind this place. Raises UnknownReconciliation."""
        found = await self.store.reconciliation(reconciliation)
        return found, await self.store.divergences(reconciliation, behind=behind, limit=limit)
