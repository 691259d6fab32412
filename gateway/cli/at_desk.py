"""Sitting down at the operator's desk: over HTTP while a gateway serves, straight on the file while none does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from gateway.app.layout import Layout
from gateway.cli.api import api
from gateway.cli.calling_off import run
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed, no_system
from gateway.cli.places import OPERATOR_KEY, WRONG_KEY, wrong_key
from gateway.core.errors import StoreUnavailable
from gateway.core.ids import OPERATORS
from gateway.stores.lock import FileLock

_T = TypeVar("_T")

_BETWEEN_LOOKS = 0.1  #: seconds
_LOOKS = 100


@asynccontextmanager
async def desk(config: Path, data: Path, *, make: bool = False) -> AsyncGenerator[Desk]:
    """Sit down at the desk; ``make`` begins a new data folder where there is none. Raises ConfigError, Failed."""
    async with AsyncExitStack() as stack:
        yield await _seat(stack, config, Layout(data), make=make)


async def _seat(stack: AsyncExitStack, config: Path, layout: Layout, *, make: bool) -> Desk:
    """Sit down where a gateway serves, else on the file; who has that by now may be a gateway that has just begun."""
    if await _is_serving(layout):
        return await stack.enter_async_context(_served(layout))
    from gateway.cli.opening import on_file  # noqa: PLC0415 - adapters and stores: half of a command's start

    try:
        return await stack.enter_async_context(on_file(config, layout.root, make=make))
    except Failed:
        if not await _is_serving(layout):
            raise
        return await stack.enter_async_context(_served(layout))


@asynccontextmanager
async def _served(layout: Layout) -> AsyncGenerator[Desk]:
    """Sit down beside the gateway that serves, with one's own key where there is one. Raises Failed."""
    own = os.environ.get(OPERATOR_KEY)
    if not own and not layout.operator_key.exists():
        raise _stale(layout, "is missing")
    key, held_in = (own, OPERATOR_KEY) if own else (_read(layout.operator_key), str(layout.operator_key))
    try:
        async with api(_read(layout.address), key, held_in) as served:
            yield Desk(served)
    except Failed as failed:
        if failed.code not in WRONG_KEY:
            raise
        raise (wrong_key(failed.code) if own else _stale(layout)) from None


def _stale(layout: Layout, how: str = "holds no live key of this gateway") -> Failed:
    return Failed(
        f"{layout.operator_key} {how}: start the gateway again, which writes a new one, or put your own key into"
        f" {OPERATOR_KEY}"
    )


def at_desk(config: Path, data: Path, ask: Callable[[Desk], Awaitable[_T]], *, make: bool = False) -> _T:
    """Sit down at the desk, ask, and return the answer; Ctrl-C ends the process. Raises ConfigError, Failed."""

    async def asked() -> _T:
        async with desk(config, data, make=make) as seat:
            return await ask(seat)

    return run(asked())


async def of_system(seat: Desk, system: str, asked: Awaitable[tuple[_T, ...]]) -> tuple[_T, ...]:
    """Return what is asked about a system, or about all where none is named. Raises Failed where none has the name."""
    found = await asked
    if not found:
        await refuse_unknown(seat, system)
    return found


async def knowing(seat: Desk, systems: Iterable[str], asked: Awaitable[_T]) -> _T:
    """Return what is asked about systems by a document; a name in it that none has is told as such. Raises Failed."""
    try:
        return await asked
    except Failed as failed:
        if failed.code == "system.not_found":
            for system in systems:
                await refuse_unknown(seat, system)
        raise


async def refuse_unknown(seat: Desk, system: str) -> None:
    """Refuse a name that no system has: an empty list under it would say that all is well. Raises Failed."""
    known = {OPERATORS, *(one.id for one in await seat.systems())}
    if system and system not in known:
        raise no_system(system, known)


async def _is_serving(layout: Layout) -> bool:
    """Whether a gateway has the store and has said where it serves; one that is about to is waited for."""
    for _ in range(_LOOKS):
        if not _is_held(layout.lock):
            return False
        if layout.address.exists():
            return True
        await asyncio.sleep(_BETWEEN_LOOKS)
    return False


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.take()
    except StoreUnavailable:
        return True
    lock.give_back()
    return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}; run this as the gateway's user") from None
