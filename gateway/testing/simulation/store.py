"""The real stores, watched: each transaction is a step; it may fail before or after its commit, or take very long."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, cast

from gateway.core.delivery import Delivery
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import DeliveryId, NodeId
from gateway.core.message import Draft
from gateway.core.planning import Planner
from gateway.core.pressure import Urgency
from gateway.ports.store import Accepted, Bookmark, Settled, Settlement, Slots
from gateway.stores.delivery_tables import DeliveryTable
from gateway.stores.message_tables import MessageTable
from gateway.stores.rows import DeliveryRow, Stored
from gateway.stores.store import TransactionalStore
from gateway.stores.tables import Transaction
from gateway.testing.simulation.faults import Trouble

T = TypeVar("T")

#: Whether a person acts in this task.
PERSON: ContextVar[bool] = ContextVar("person", default=False)


@dataclass(slots=True)
class Written:
    """What one transaction has changed, in order."""

    rows: list[DeliveryRow] = field(default_factory=list[DeliveryRow])
    messages: list[Stored] = field(default_factory=list[Stored])
    by_person: bool = False
    by_accept: bool = False  #: what it leases, it has just accepted


class Watcher(Protocol):
    """Who hears of what was committed."""

    def committed(self, written: Written) -> None:
        """Hear of a commit, before anybody else does."""
        ...

    def settling(self, settlement: Settlement) -> None:
        """Hear how a worker means to settle."""
        ...

    def leased(self, token: str, version: str) -> None:
        """Hear under which version of the configuration a lease was given."""
        ...

    def trouble(self, trouble: Trouble) -> None:
        """Hear that this has happened."""
        ...


@dataclass(slots=True)
class Weather:
    """How a store behaves: chances per transaction. Change them at any time."""

    before: float = 0.0
    after: float = 0.0
    stalls: float = 0.0
    full: float = 0.0
    stall: float = 90.0  #: seconds, at most


class _Told:
    """A table that tells what is added to it and saved in it."""

    def __init__(self, table: object, telling: dict[str, Callable[[Any], object]]) -> None:
        self._table = table
        self._telling = telling

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it stands for the whole table
        method = getattr(self._table, name)
        tell = self._telling.get(name)
        if tell is not None:
            told, plain = tell, method

            def method(row: Any, *others: Any, **more: Any) -> None:  # noqa: ANN401 - a row of this table, or its id
                plain(row, *others, **more)
                told(row)

        setattr(self, name, method)
        return method


def _nothing(delivery: DeliveryId) -> DeliveryRow:
    raise KeyError(delivery)


def _watched(tx: Transaction, written: Written) -> Transaction:
    """Return the transaction with tables that tell; what is undone inside is not told."""
    rows, messages = written.rows, written.messages
    saved: dict[str, Callable[[Any], object]] = dict.fromkeys(("add", "save", "turn"), rows.append)
    saved["displace"] = lambda delivery: rows.append(tx.deliveries.get(delivery) or _nothing(delivery))

    @contextmanager
    def nested() -> Generator[None]:
        marks = len(rows), len(messages)
        try:
            with tx.nested():
                yield
        except BaseException:
            del rows[marks[0] :], messages[marks[1] :]
            raise

    return replace(
        tx,
        deliveries=cast("DeliveryTable", _Told(tx.deliveries, saved)),
        messages=cast("MessageTable", _Told(tx.messages, {"add": messages.append, "rehome": messages.append})),
        nested=nested,
    )


class Watched(TransactionalStore, ABC):
    """To be put before a driver whose own transactions do not wait for anything."""

    watcher: Watcher
    dice: random.Random
    weather: Weather

    @abstractmethod
    def is_over(self, node: NodeId) -> bool:
        """Whether an incarnation of the gateway was here and has ended."""

    async def _write(
        self, work: Callable[[Transaction], T], *, about: Sequence[Draft] = (), of: Sequence[DeliveryId] = ()
    ) -> T:
        weather, dice = self.weather, self.dice
        await self._arrive()
        written = Written(by_person=PERSON.get(), by_accept=bool(about))

        def watched(tx: Transaction) -> T:
            written.rows.clear()
            written.messages.clear()
            return work(_watched(tx, written))

        result = await super()._write(watched, about=about, of=of)  # type: ignore[safe-super]  # a driver follows
        self.watcher.committed(written)
        if written.rows and dice.random() < weather.after:
            self.watcher.trouble(Trouble.STORE_AFTER)
            raise StoreUnavailable("lost after its commit")
        await self._linger()
        return result

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        await self._arrive()
        return await super()._read(work)  # type: ignore[safe-super]  # a driver follows

    async def accept(
        self,
        drafts: Sequence[Draft],
        *,
        plan: Planner,
        bookmark: Bookmark | None = None,
        slots: Slots | None = None,
    ) -> Accepted:
        accepted = await super().accept(drafts, plan=plan, bookmark=bookmark, slots=slots)
        self._tell(accepted.leased, slots)
        return accepted

    async def claim(self, slots: Slots) -> Sequence[Delivery]:
        claimed = await super().claim(slots)
        self._tell(claimed, slots)
        return claimed

    async def reclaim(self, slots: Slots, *, limit: int) -> Sequence[Delivery]:
        taken = await super().reclaim(slots, limit=limit)
        self._tell(taken, slots)
        return taken

    def _tell(self, leased: Sequence[Delivery], slots: Slots | None) -> None:
        for delivery in leased:
            if delivery.lease is not None and slots is not None:
                self.watcher.leased(delivery.lease.token, slots.config)

    async def settle(self, settlement: Settlement, *, plan: Planner) -> Settled:
        self.watcher.settling(settlement)
        return await super().settle(settlement, plan=plan)

    def _is_full(self, urgency: Urgency) -> bool:  # noqa: ARG002 - the driver's signature; every urgency may meet a full disk
        if self.dice.random() >= self.weather.full:
            return False
        self.watcher.trouble(Trouble.STORE_FULL)
        return True

    async def _arrive(self) -> None:
        """Wait for the transaction's turn: a process may die here and has written nothing."""
        if self.dice.random() < self.weather.before:
            self.watcher.trouble(Trouble.STORE_BEFORE)
            raise StoreUnavailable("lost before its commit")
        await self._linger()

    async def _linger(self) -> None:
        """Be as slow as disks are, and now and then very slow: a process may die here with its answer on the way."""
        if self.dice.random() < self.weather.stalls:
            self.watcher.trouble(Trouble.STORE_STALLS)
            await asyncio.sleep(self.dice.uniform(0.5, self.weather.stall))
        else:
            await asyncio.sleep(0)
