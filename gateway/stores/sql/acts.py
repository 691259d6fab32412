"""Acts in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from gateway.core.acts import Act, ActId, By, Target, TargetKind, Verb
from gateway.core.ids import DossierId
from gateway.core.message import Actor, ActorKind
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access

_COLUMNS = "id, at, actor, reason, verb, target_kind, target, dossier_id, facts"
_SELECT = f"SELECT {_COLUMNS} FROM act "  # noqa: S608 - constants of this module
# Keep an act.
ADD = f"INSERT INTO act ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants of this module
# A dossier's acts in the order done.
OF_DOSSIER = _SELECT + "WHERE dossier_id = ? ORDER BY seq"
_BEFORE = "(seq < (SELECT seq FROM act WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit"
# Who decided after a time, and about how many, not by a replay or a proposal: as the index ``act_alone`` has it.
ALONE_SINCE = """
SELECT actor, count(*) FROM act WHERE at > ? AND verb IN ('retry', 'judge')
    AND facts NOT LIKE '%"decision":"cancelled"%' AND facts NOT LIKE '%"replay":"%' AND facts NOT LIKE '%"proposal":"%'
GROUP BY actor
"""
# All acts, newest first.
NEWEST = f"{_SELECT}WHERE {_BEFORE}"
# Those of one target.
NEWEST_OF = f"{_SELECT}WHERE target_kind = :kind AND target = :target AND {_BEFORE}"

_ENCODER = msgspec.json.Encoder()
_VERBS = frozenset(Verb)
_KINDS = frozenset(TargetKind)
_ACTORS = msgspec.json.Decoder(Actor)
#: What stands for an actor that cannot be read: without a key it may be anybody, and nobody may agree with themselves.
NOBODY = Actor(kind=ActorKind.OPERATOR, name="x.gateway.damaged")


def actor_column(actor: Actor) -> bytes:
    """Return an actor as JSON."""
    return _ENCODER.encode(actor)


def actor(column: bytes) -> Actor:
    """Read it back; for one that cannot be read ``NOBODY`` stands, and keeps no other row from being shown."""
    try:
        return _ACTORS.decode(column)
    except c.UNREADABLE:
        return NOBODY


def verb(column: str) -> Verb:
    """Read a verb back; one that a newer gateway has written keeps no other row from being shown either."""
    return Verb(column) if column in _VERBS else Verb.OTHER


def target(kind: str, column: str) -> Target:
    """Read a target back; of a kind that only a newer gateway knows, the name tells what kind it is."""
    return Target(TargetKind(kind), column) if kind in _KINDS else Target(TargetKind.OTHER, f"{kind}:{column}")


class SqlActs:
    """``act_tables.ActTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def add(self, act: Act) -> None:
        self._run(
            ADD,
            (
                act.id,
                c.micros(act.at),
                actor_column(act.by.actor),
                act.by.reason,
                act.verb,
                act.target.kind,
                act.target.id,
                act.dossier_id,
                c.texts_column(act.facts),
            ),
        )

    def of_dossier(self, dossier: DossierId) -> Sequence[Act]:
        return [_act(row) for row in self._run(OF_DOSSIER, (dossier,)).fetchall()]

    def alone_since(self, moment: datetime) -> Sequence[tuple[Actor, int]]:
        return [(actor(row[0]), int(row[1])) for row in self._run(ALONE_SINCE, (c.micros(moment),)).fetchall()]

    def newest(self, target: Target | None, before: ActId | None, limit: int) -> Sequence[Act]:
        values: dict[str, object] = {"before": before, "limit": limit}
        if target is None:
            return [_act(row) for row in self._run(NEWEST, values).fetchall()]
        values |= {"kind": target.kind, "target": target.id}
        return [_act(row) for row in self._run(NEWEST_OF, values).fetchall()]


def _act(row: tuple[Any, ...]) -> Act:
    return Act(
        id=row[0],
        at=c.moment(row[1]),
        by=By(actor=actor(row[2]), reason=row[3]),
        verb=(known := verb(row[4])),
        target=target(row[5], row[6]),
        dossier_id=row[7],
        facts=c.texts(row[8]) | ({"verb": row[4]} if known is Verb.OTHER else {}),
    )
