"""Keys, nodes, bookmarks and replay caches in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.core.ids import KeyId, NodeId, SystemId
from gateway.core.message import Actor
from gateway.ports.keys import KeyRecord, KeyRole
from gateway.ports.store import Bookmark
from gateway.stores.rows import OneUse
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access

# How far a stream was read.
BOOKMARK = "SELECT cursor FROM bookmark WHERE system = ? AND stream = ?"
# Move it.
MOVE = c.replace_one("bookmark", "system, stream, cursor", key="system, stream")
# Forget a few of the replay keys that have lapsed.
FORGET_SEEN = """
DELETE FROM seen WHERE (scope, key) IN (SELECT scope, key FROM seen WHERE until <= ? ORDER BY until LIMIT 100)
"""
# Keep what a key is used for, unless it was used for something that has not lapsed.
USE = """
INSERT INTO seen (scope, key, content, until) VALUES (?, ?, ?, ?)
ON CONFLICT (scope, key) DO UPDATE SET content = excluded.content, until = excluded.until WHERE seen.until <= ?
"""
# What that was.
USED = "SELECT content FROM seen WHERE scope = ? AND key = ?"
# Keep an API key.
ADD_KEY = "INSERT INTO key (id, role, name, digest, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)"
# Revoke a live one.
END_KEY = "UPDATE key SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL"
# All keys, oldest first.
KEYS = "SELECT id, role, name, digest, created_at, revoked_at FROM key ORDER BY seq"
# The live key with a digest.
LIVE_KEY = "SELECT id, role, name, digest, created_at, revoked_at FROM key WHERE digest = ? AND revoked_at IS NULL"
# End every incarnation.
FENCE_ALL = "UPDATE node SET ended_at = ? WHERE ended_at IS NULL"
# Note that signs of life begin anew: nobody has given one since a time, for nobody could.
HEARD_ANEW = """
INSERT INTO meta (name, value) SELECT 'heard_since', ? WHERE (SELECT max(beat_at) FROM node) <= ?
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
# End those that have given no sign of life since a time from which on others could.
FENCE_SILENT = """
UPDATE node SET ended_at = ? WHERE ended_at IS NULL AND beat_at <= ?
    AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'heard_since' AND CAST(value AS bigint) > ?)
"""
# Begin one.
ADD_NODE = "INSERT INTO node (id, config, joined_at, beat_at) VALUES (?, ?, ?, ?)"
# Keep a configuration version.
ADD_CONFIG = "INSERT INTO config (version, first_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
# A sign of life.
BEAT = "UPDATE node SET beat_at = ? WHERE id = ? AND ended_at IS NULL"
# Those that live, and have given a sign of it since a time.
LIVING = "SELECT id FROM node WHERE ended_at IS NULL AND beat_at >= ? ORDER BY joined_at DESC, id DESC"
# When any last gave a sign of life.
LAST_BEAT = "SELECT max(beat_at) FROM node"
# End one.
END_NODE = "UPDATE node SET ended_at = ? WHERE id = ? AND ended_at IS NULL"


class SqlRegisters:
    """``register_tables.RegisterTable`` over one connection."""

    def __init__(self, access: Access, silence: timedelta | None) -> None:
        """Work on a connection; who joins ends those that were silent for so long, or all others."""
        self._run = access.run
        self._silence = silence

    def bookmark(self, system: SystemId, stream: str) -> str:
        row = self._run(BOOKMARK, (system, stream)).fetchone()
        return str(row[0]) if row else ""

    def move(self, bookmark: Bookmark) -> None:
        self._run(MOVE, (bookmark.system, bookmark.stream, bookmark.cursor))

    def use(self, use: OneUse, now: datetime) -> str | None:
        values = (use.scope, use.key, use.content, c.micros(use.until), c.micros(now))
        fresh = self._run(USE, values).rowcount == 1
        self._run(FORGET_SEEN, (c.micros(now),))
        return None if fresh else str(self._run(USED, (use.scope, use.key)).fetchone()[0])

    def add_key(self, key: KeyRecord, actor: Actor) -> None:
        created_at = c.micros_or_none(key.created_at)
        self._run(ADD_KEY, (key.id, key.role, key.name, key.digest, created_at, _who(actor)))

    def end_key(self, key: KeyId, now: datetime, actor: Actor) -> bool:
        return self._run(END_KEY, (c.micros(now), _who(actor), key)).rowcount == 1

    def list_keys(self) -> Sequence[KeyRecord]:
        return [_key(row) for row in self._run(KEYS).fetchall()]

    def live_key(self, digest: str) -> KeyRecord | None:
        row = self._run(LIVE_KEY, (digest,)).fetchone()
        return None if row is None else _key(row)

    def fence_all(self, now: datetime) -> None:
        since = self._hear(now)
        if since is None:
            self._run(FENCE_ALL, (c.micros(now),))
        else:
            self._run(FENCE_SILENT, (c.micros(now), since, since))

    def _hear(self, now: datetime) -> int | None:
        """Return since when a node must have been silent to be held for dead; None where a single one is alone.

        Each that is heard notes where nobody was for so long: who joins then cannot know yet who is dead.
        """
        if self._silence is None or self._silence < timedelta(0):
            return None
        since = c.micros(now - self._silence)
        self._run(HEARD_ANEW, (str(c.micros(now)), since))
        return since

    def add_node(self, node: NodeId, config: str, now: datetime) -> None:
        self._run(ADD_NODE, (node, config, c.micros(now), c.micros(now)))
        self._run(ADD_CONFIG, (config, c.micros(now)))

    def living(self, now: datetime) -> Sequence[NodeId]:
        since = 0 if self._silence is None else c.micros(now - self._silence)
        return [NodeId(node) for (node,) in self._run(LIVING, (since,)).fetchall()]

    def beat(self, node: NodeId, now: datetime) -> bool:
        self._hear(now)
        return self._run(BEAT, (c.micros(now), node)).rowcount == 1

    def end_node(self, node: NodeId, now: datetime) -> None:
        self._run(END_NODE, (c.micros(now), node))

    def last_beat(self) -> datetime | None:
        return c.moment_or_none(self._run(LAST_BEAT).fetchone()[0])


def _who(actor: Actor) -> str:
    return f"{actor.kind}:{actor.name}"


def _key(row: tuple[Any, ...]) -> KeyRecord:
    return KeyRecord(
        id=row[0],
        role=KeyRole(row[1]),
        name=row[2],
        digest=row[3],
        created_at=c.moment(row[4]),
        revoked_at=c.moment_or_none(row[5]),
    )
