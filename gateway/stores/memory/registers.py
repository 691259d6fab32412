"""Keys, nodes, bookmarks and replay caches in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.ids import KeyId, NodeId, SystemId
from gateway.core.message import Actor
from gateway.ports.keys import KeyRecord
from gateway.ports.store import Bookmark
from gateway.stores.memory.journal import Journal, Table
from gateway.stores.rows import OneUse


class MemoryRegisters:
    """``register_tables.RegisterTable`` in dictionaries."""

    def __init__(self, journal: Journal, silence: timedelta | None) -> None:
        self._silence = silence
        self._bookmarks = Table[tuple[SystemId, str], str](journal)
        self._uses = Table[tuple[str, str], OneUse](journal)
        self._keys = Table[KeyId, KeyRecord](journal)
        self._key_actors = Table[KeyId, tuple[Actor, ...]](journal)
        self._ended = Table[NodeId, datetime | None](journal)
        self._beats = Table[NodeId, datetime](journal)
        self._heard_since = Table[str, datetime](journal)  #: under one name: when signs of life began anew
        self._configs = Table[str, datetime](journal)

    def bookmark(self, system: SystemId, stream: str) -> str:
        return self._bookmarks.get((system, stream)) or ""

    def move(self, bookmark: Bookmark) -> None:
        self._bookmarks.put((bookmark.system, bookmark.stream), bookmark.cursor)

    def use(self, use: OneUse, now: datetime) -> str | None:
        known = self._uses.get((use.scope, use.key))
        if known is not None and known.until > now:
            return known.content
        self._uses.put((use.scope, use.key), use)
        return None

    def add_key(self, key: KeyRecord, actor: Actor) -> None:
        self._keys.put(key.id, key)
        self._key_actors.put(key.id, (actor,))

    def end_key(self, key: KeyId, now: datetime, actor: Actor) -> bool:
        record = self._keys.get(key)
        if record is None or record.revoked_at is not None:
            return False
        self._keys.put(key, replace(record, revoked_at=now))
        self._key_actors.put(key, (*(self._key_actors.get(key) or ()), actor))
        return True

    def list_keys(self) -> Sequence[KeyRecord]:
        return self._keys.values()

    def live_key(self, digest: str) -> KeyRecord | None:
        live = (key for key in self._keys.values() if key.digest == digest and key.revoked_at is None)
        return next(live, None)

    def fence_all(self, now: datetime) -> None:
        self._hear(now)
        since = self._heard_since.get("")
        if self._silence is not None and since is not None and since > now - self._silence:
            return  # nobody could give a sign: the database was away
        heard = set(self.living(now)) if self._silence is not None else set[NodeId]()
        for node in self._ended:
            if node not in heard:
                self.end_node(node, now)

    def _hear(self, now: datetime) -> None:
        last = self.last_beat()
        if self._silence is not None and last is not None and last <= now - self._silence:
            self._heard_since.put("", now)

    def add_node(self, node: NodeId, config: str, now: datetime) -> None:
        self._ended.put(node, None)
        self._beats.put(node, now)
        self._configs.put(config, self._configs.get(config) or now)

    def living(self, now: datetime) -> Sequence[NodeId]:
        return [node for node in reversed(list(self._ended)) if not self.is_over(node) and self._is_heard(node, now)]

    def beat(self, node: NodeId, now: datetime) -> bool:
        if node not in self._ended or self.is_over(node):
            return False
        self._hear(now)
        self._beats.put(node, now)
        return True

    def end_node(self, node: NodeId, now: datetime) -> None:
        if node in self._ended and not self.is_over(node):
            self._ended.put(node, now)

    def last_beat(self) -> datetime | None:
        return max(self._beats.values(), default=None)

    def is_over(self, node: NodeId) -> bool:
        """Whether an incarnation was here and has ended."""
        return self._ended.get(node) is not None

    def _is_heard(self, node: NodeId, now: datetime) -> bool:
        at = self._beats.get(node)
        return self._silence is None or (at is not None and at >= now - self._silence)
