"""Opening the store that the settings name."""

from __future__ import annotations

import structlog
from structlog.typing import FilteringBoundLogger
from tenacity import AsyncRetrying, retry_if_exception_type, retry_if_not_exception_type, stop_after_delay, wait_fixed

from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.config.durations import as_timedelta
from gateway.config.settings import StoreSettings
from gateway.core.errors import StoreUnavailable, Unusable
from gateway.ports.secrets import Secret, Secrets
from gateway.stores.postgres import PostgresStore
from gateway.stores.postgres.connection import Tuning as PostgresTuning
from gateway.stores.sql.store import SqlStore
from gateway.stores.sqlite import SqliteStore
from gateway.stores.sqlite.connection import Tuning

_log: FilteringBoundLogger = structlog.get_logger()

_BETWEEN_TRIES = 0.1  #: seconds


async def open_store(
    settings: StoreSettings,
    layout: Layout,
    machine: Machine,
    secrets: Secrets,
    *,
    patience: float,
    marks: bool = False,
) -> SqlStore:
    """Return the open store; tries for ``patience`` seconds, since its last user may be about to let go of it.

    Where one of several gateways has found that their database was put back, it writes only for who ``marks`` that.
    Raises StoreUnavailable (Unusable at once: PutBack where putting a copy in its place broke off), and ConfigError
    where the database's address is not to be had. Close it in the end.
    """
    layout.prepare()
    address = secrets.get(settings.postgres) if settings.postgres else None
    tries = AsyncRetrying(
        retry=retry_if_exception_type(StoreUnavailable) & retry_if_not_exception_type(Unusable),
        stop=stop_after_delay(patience),
        wait=wait_fixed(_BETWEEN_TRIES),
        reraise=True,
    )
    async for attempt in tries:
        with attempt:
            store = _store(settings, layout, machine) if address is None else _shared(address, machine, marks=marks)
            await store.open()
            return store
    raise AssertionError("tenacity raises or returns")


def tell(store: SqlStore) -> None:
    """Log where this gateway met the database of another version."""
    standing = store.standing
    if standing is not None and standing.is_newer:
        _log.warning("schema_newer", found=standing.found, known=standing.known)
    if standing is not None and standing.is_raised:
        _log.info("schema_raised", found=standing.found, known=standing.known)


def _shared(address: Secret, machine: Machine, *, marks: bool) -> PostgresStore:
    """Return the store that several gateways share."""
    return machine.shared(
        address.reveal(),
        clock=machine.clock,
        ids=machine.ids,
        tuning=PostgresTuning(marks=marks),
        notify=machine.wakeups.wake,
    )


def _store(settings: StoreSettings, layout: Layout, machine: Machine) -> SqliteStore:
    return machine.store(
        layout.database,
        clock=machine.clock,
        ids=machine.ids,
        tuning=Tuning(synchronous=settings.synchronous, busy_timeout=as_timedelta(settings.busy_timeout)),
        reserve=settings.reserve,
        notify=machine.wakeups.wake,
    )
