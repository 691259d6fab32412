"""The operator's key of this machine: with it the command line speaks to the gateway that serves here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.app.layout import Layout, write_private
from gateway.app.machine import Machine
from gateway.core.ids import GATEWAY, KeyId
from gateway.core.message import Actor, ActorKind
from gateway.core.proposals import UNNAMED
from gateway.ports.keys import KeyRole, Keys
from gateway.security.keys import digest, new_key

_ID_LENGTH = 12
_MARK = 8  #: digits that tell one data folder from another
_ACTOR = Actor(kind=ActorKind.GATEWAY, name=GATEWAY)


async def ensure(keys: Keys, layout: Layout, machine: Machine, *, shared: bool) -> None:
    """Make the key at the first start, and anew where the file or its key is gone.

    Where other gateways share the store, each has a key of its own.
    """
    path = layout.operator_key
    holder = f"{UNNAMED}.{digest(str(layout.root.resolve()))[:_MARK]}" if shared else UNNAMED
    text = await asyncio.to_thread(_read, path)
    if text and await keys.holder(digest(text)):
        return
    for record in await keys.all():
        if record.role is KeyRole.OPERATOR and record.name == holder and record.revoked_at is None:
            await keys.revoke(record.id, actor=_ACTOR)
    made = new_key(
        KeyId(machine.ids.token()[:_ID_LENGTH]), role=KeyRole.OPERATOR, name=holder, created_at=machine.clock.now()
    )
    await keys.add(made.record, actor=_ACTOR)
    await asyncio.to_thread(write_private, path, f"{made.text}\n")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""
