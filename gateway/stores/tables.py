"""What a driver offers inside one transaction; the transactions themselves are the same for every driver.

Nothing here decides: tables find, add and change rows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from gateway.core.boot import Boot
from gateway.core.ids import SystemId
from gateway.ports.ids import Ids
from gateway.stores.act_tables import ActTable, ProposalTable
from gateway.stores.attention_tables import AttentionTable
from gateway.stores.chain_tables import ChainTable
from gateway.stores.delivery_tables import DeliveryTable
from gateway.stores.dossier_tables import DossierTable
from gateway.stores.evidence_tables import EvidenceTable
from gateway.stores.message_tables import MessageTable, UploadTable
from gateway.stores.query_tables import QueryTable
from gateway.stores.reconciliation_tables import ReconciliationTable
from gateway.stores.register_tables import BootTable, RegisterTable
from gateway.stores.replay_tables import ReplayTable
from gateway.stores.restore_tables import RestoreTable
from gateway.stores.retention_tables import RetentionTable
from gateway.stores.round_tables import RoundTable
from gateway.stores.weather_tables import WeatherTable


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One transaction: its tables, its time, and whom to wake once it is durable."""

    now: datetime
    boot: Boot  #: by the same look at the clock
    ids: Ids
    dossiers: DossierTable
    messages: MessageTable
    deliveries: DeliveryTable
    uploads: UploadTable
    registers: RegisterTable
    boots: BootTable
    acts: ActTable
    evidence: EvidenceTable | None  #: None keeps no evidence, for measurements only
    proposals: ProposalTable
    weather: WeatherTable
    replays: ReplayTable
    attention: AttentionTable
    reconciliations: ReconciliationTable
    chains: ChainTable
    rounds: RoundTable
    queries: QueryTable
    retention: RetentionTable
    restores: RestoreTable
    nested: Callable[[], AbstractContextManager[None]]  #: undoes what is done inside when it raises
    wake: set[SystemId] = field(default_factory=set)
