"""One connection with its tables bound to it once; a transaction adds its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from gateway.core.boot import Boot
from gateway.ports.ids import Ids
from gateway.stores.sql.access import Access
from gateway.stores.sql.acts import SqlActs
from gateway.stores.sql.chains import SqlChains
from gateway.stores.sql.known import ChainedHere, KnownRows
from gateway.stores.sql.proposals import SqlProposals
from gateway.stores.sql.queries import SqlQueries
from gateway.stores.sql.reconciliations import SqlReconciliations
from gateway.stores.sql.registers import SqlRegisters
from gateway.stores.sql.restores import SqlRestores
from gateway.stores.sql.retention import SqlRetention
from gateway.stores.sql.savepoints import Savepoints
from gateway.stores.sql.uploads import SqlUploads
from gateway.stores.sql.weather import SqlWeather
from gateway.stores.tables import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What every transaction of a store knows beside its tables."""

    ids: Ids
    look: Callable[[], tuple[datetime, Boot]]  #: the time, and the machine's start by the same clock
    begun: Callable[[Transaction], None]  #: does first what is due in each transaction that writes
    evidence: bool = True
    silence: timedelta | None = None  #: of a node, not of all, before one that joins ends it; None ends all


@dataclass(frozen=True, slots=True)
class Session:
    """A connection and how to make a transaction of it."""

    access: Access
    transaction: Callable[[], Transaction]
    begun: Callable[[Transaction], None]
    savepoints: Savepoints
    known: KnownRows


def session(access: Access, terms: Terms, evidence: ChainedHere) -> Session:
    """Bind the tables to a connection; the evidence is the driver's own."""
    known = KnownRows.of(access, evidence)
    savepoints = Savepoints(known)
    bound = partial(
        Transaction,
        ids=terms.ids,
        dossiers=known.dossiers,
        messages=known.messages,
        deliveries=known.deliveries,
        uploads=SqlUploads(access),
        registers=SqlRegisters(access, terms.silence),
        boots=known.boots,
        acts=SqlActs(access),
        evidence=known.evidence if terms.evidence else None,
        proposals=SqlProposals(access),
        weather=SqlWeather(access),
        replays=known.replays,
        attention=known.attention,
        reconciliations=SqlReconciliations(access),
        chains=SqlChains(access),
        rounds=known.rounds,
        queries=SqlQueries(access),
        retention=SqlRetention(access, known.dossiers, known.messages, known.deliveries),
        restores=SqlRestores(access),
        nested=savepoints.nested,
    )

    def transaction() -> Transaction:
        now, boot = terms.look()
        return bound(now=now, boot=boot)

    return Session(access, transaction, terms.begun, savepoints, known)
