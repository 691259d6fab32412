"""What a poll brings that cannot be relayed is kept for a person, in the transaction that moves the bookmark."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.core.ids import DossierId, MessageId, SystemId
from gateway.core.legs import for_operators
from gateway.core.message import (
    Actor,
    ActorKind,
    Conflict,
    Draft,
    Duplicate,
    Exists,
    Known,
    Plan,
    Refused,
    Stale,
    Submission,
)
from gateway.core.planning import Planned, Planner
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import Unread

UNREADABLE = "x.gateway.unreadable"
_PROBLEM = 1000  #: letters of what is wrong with one


def unreadable(source: SystemId, stream: str, item: Unread) -> Draft:
    """Return the draft that keeps one item as it came, once however often it comes."""
    digest = hashlib.sha256(item.raw.body).hexdigest()
    return Draft(
        source=source,
        operation=f"poll.{stream}",
        actor=Actor(kind=ActorKind.SYSTEM, name=source),
        kind=UNREADABLE,
        codes=(),
        payload=item.raw,
        text=item.problem[:_PROBLEM],
        digest=digest,
        dedup_key=digest,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """A planner for polls: a partner that only answers questions cannot be told that we refuse what it says."""

    plan: Planner
    new_id: Callable[[], str]

    def __call__(self, draft: Draft, known: Known) -> Planned:
        """Return the plan, or one that keeps the draft for the operators."""
        if draft.kind == UNREADABLE:
            seen = known.by_key
            return Duplicate(seen.message_id) if seen else self._hold(draft, known, Reason(Why.UNREADABLE, draft.text))
        planned = self.plan(draft, known)
        match planned:
            case Refused():
                return self._hold(draft, known, planned.reason)
            case Conflict() | Exists() | Stale():
                return self._hold(draft, known, Reason(Why.UNREADABLE, type(planned).__name__.lower()))
            case _:
                return planned

    def _hold(self, draft: Draft, known: Known, reason: Reason) -> Plan | Duplicate:
        """Keep the words and none of their effects: no code is bound, no status stated, no revision made.

        They are kept once: who is asked about a dossier says the same every minute.
        """
        if known.last is not None and known.last.digest == draft.digest:
            return Duplicate(known.last.message_id)
        key = draft.dedup_key if draft.kind == UNREADABLE else _key_of(draft, known)
        bare = replace(draft, kind=UNREADABLE, codes=(), document=None, status=None, dedup_key=key, if_match=None)
        return Plan(
            submissions=(
                Submission(id=MessageId(self.new_id()), draft=bare, legs=(for_operators(known.now, reason),)),
            ),
            new_dossier=None if known.dossier else DossierId(self.new_id()),
            warnings=(reason,),
        )


def _key_of(draft: Draft, known: Known) -> str | None:
    """Return the key by which a refused statement is known again; its own stays free, should it be taken later.

    None where the source's last word about the dossier tells it: said, unsaid and said again are three events.
    """
    if draft.dedup_key is None and known.dossier is not None:
        return None
    codes = [f"{code.scheme}:{code.value}" for code in draft.codes]
    said = "\n".join((draft.kind, draft.dedup_key or "", draft.digest, *codes))
    return hashlib.sha256(said.encode()).hexdigest()
