"""Proposals in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.core.acts import By, Verb
from gateway.core.proposals import Proposal, ProposalId, ProposalState, Wish
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access
from gateway.stores.sql.acts import NOBODY, actor, actor_column, target, verb

_COLUMNS = (
    "id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state,"
    " decided_actor, decided_reason, decided_at, outcome"
)
_SELECT = f"SELECT {_COLUMNS} FROM proposal "  # noqa: S608 - constants of this module
# Add or replace a proposal; it keeps its place.
SAVE = c.replace_one("proposal", _COLUMNS, key="id", moving="state, decided_actor, decided_reason, decided_at, outcome")
# One proposal.
GET = _SELECT + "WHERE id = ?"
# What else nobody has decided about the same thing of the same dossier.
BESIDE = _SELECT + (
    "WHERE dossier_id = ? AND state = 'open' AND verb = ? AND target_kind = ? AND target = ? AND id <> ? ORDER BY seq"
)
# Those that stand so now, the newest first: an open one whose time is over is expired.
NEWEST = (
    _SELECT
    + """
WHERE :state = CASE WHEN state = 'open' AND expires_at <= :now THEN 'expired' ELSE state END OR :state IS NULL
ORDER BY seq DESC LIMIT :limit
"""
)


class SqlProposals:
    """``act_tables.ProposalTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def save(self, proposal: Proposal) -> None:
        wish, decided = proposal.wish, proposal.decided_by
        self._run(
            SAVE,
            (
                proposal.id,
                wish.verb,
                wish.target.kind,
                wish.target.id,
                wish.parameters,
                c.texts_column(wish.facts),
                wish.dossier_id,
                proposal.digest,
                actor_column(proposal.by.actor),
                proposal.by.reason,
                c.micros(proposal.made_at),
                c.micros(proposal.expires_at),
                proposal.state,
                decided and actor_column(decided.actor),
                decided and decided.reason,
                c.micros_or_none(proposal.decided_at),
                c.texts_column(proposal.outcome),
            ),
        )

    def get(self, proposal: ProposalId) -> Proposal | None:
        row = self._run(GET, (proposal,)).fetchone()
        return None if row is None else _proposal(row)

    def beside(self, proposal: Proposal) -> Sequence[Proposal]:
        wish = proposal.wish
        about = (wish.dossier_id, wish.verb, wish.target.kind, wish.target.id, proposal.id)
        return [_proposal(row) for row in self._run(BESIDE, about).fetchall()]

    def newest(self, state: ProposalState | None, now: datetime, limit: int) -> Sequence[Proposal]:
        values = {"state": state, "now": c.micros(now), "limit": limit}
        return [_proposal(row) for row in self._run(NEWEST, values).fetchall()]


def _proposal(row: tuple[Any, ...]) -> Proposal:
    made_at, expires_at = c.moment(row[10]), c.moment(row[11])
    wish = Wish(
        verb=verb(row[1]),
        target=target(row[2], row[3]),
        parameters=row[4],
        facts=c.texts(row[5]),
        dossier_id=row[6],
        lifetime=expires_at - made_at,
    )
    by = By(actor=actor(row[8]), reason=row[9])
    unread = by.actor == NOBODY or wish.facts == c.DAMAGED or wish.verb is Verb.OTHER
    return Proposal(
        id=row[0],
        wish=wish,
        digest="" if unread else row[7],  # nobody can agree to what, or to whom, nobody can read
        by=by,
        made_at=made_at,
        expires_at=expires_at,
        state=ProposalState(row[12]),
        decided_by=By(actor=actor(row[13]), reason=row[14]) if row[13] is not None else None,
        decided_at=c.moment_or_none(row[15]),
        outcome=c.texts(row[16]),
    )
