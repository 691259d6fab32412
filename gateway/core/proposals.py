"""What needs a second person: proposed by one, done by the approval of another, once."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from gateway.core.acts import By, Target, Verb
from gateway.core.errors import GatewayError
from gateway.core.ids import DossierId
from gateway.core.message import Actor, ActorKind

ProposalId = NewType("ProposalId", str)

#: Whoever works on the gateway's own machine with its own key: nobody in particular. Where several machines share the
#: store, each key has a name of its own that begins with this one and a full stop.
UNNAMED = "local"
#: How long a proposal may wait for the second person.
LIFETIME = timedelta(days=7)
#: So many deliveries one person may alone send again, or say to be there: by replays or one by one, within ``WITHIN``.
ALONE = 100
#: The time, up to now, over which what one person does alone is counted together.
WITHIN = timedelta(days=1)
#: In an outcome, whose words are all counts then: what of it is approved and not done yet.
LEFT = "left"
#: In an outcome: the proposal that was approved first and replaced what this one would have.
OVERTAKEN = "overtaken_by"


class ProposalState(StrEnum):
    """How far a proposal has come."""

    OPEN = "open"
    APPROVED = "approved"  #: and done, or its first part, in the same transaction
    REJECTED = "rejected"  #: or taken back, or overtaken by another one
    EXPIRED = "expired"  #: nobody decided in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody proposes to do: ``parameters`` is JSON that the executor of this verb understands."""

    verb: Verb
    target: Target
    parameters: bytes = field(repr=False)  #: may hold a document: never logged
    facts: Mapping[str, str] = field(default_factory=dict[str, str])  #: what the second person sees at a glance
    dossier_id: DossierId | None = None
    lifetime: timedelta = LIFETIME

    @property
    def digest(self) -> str:
        """Return the SHA-256 of verb, target and parameters: what was approved is what is done."""
        head = f"{self.verb}\n{self.target.kind}\n{self.target.id}\n".encode()
        return hashlib.sha256(head + self.parameters).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A wish as kept."""

    id: ProposalId
    wish: Wish
    digest: str
    by: By
    made_at: datetime
    expires_at: datetime
    state: ProposalState = ProposalState.OPEN
    decided_by: By | None = None
    decided_at: datetime | None = None
    outcome: Mapping[str, str] = field(default_factory=dict[str, str])  #: what its execution came to

    @property
    def is_under_way(self) -> bool:
        """Whether it is approved, and only a part of it is done."""
        return self.state is ProposalState.APPROVED and LEFT in self.outcome

    def standing(self, now: datetime) -> ProposalState:
        """Return its state at this time."""
        lapsed = self.state is ProposalState.OPEN and self.expires_at <= now
        return ProposalState.EXPIRED if lapsed else self.state


class Objection(StrEnum):
    """Why a proposal cannot be made or decided so. Each has words under ``problem.proposal``."""

    OWN = "own"  #: a second person must agree
    UNNAMED = "unnamed"  #: the machine's own key, or none, is nobody's: two people could not be told apart
    CLOSED = "closed"  #: it is decided already
    EXPIRED = "expired"
    CHANGED = "changed"  #: what is stored is not what was proposed


class Unapprovable(GatewayError):
    """This person cannot propose or decide this now; ``objection`` says why."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(f"this cannot be proposed or decided so: {objection}")
        self.objection = objection


class TooMany(GatewayError):
    """So many need a second person: ``asked`` now, after ``lately`` that the same one has done alone."""

    def __init__(self, asked: int, lately: int) -> None:
        super().__init__(f"{asked} now, after {lately} lately")
        self.asked, self.lately = asked, lately


class UnknownProposal(GatewayError):
    """There is no proposal with this id."""


def may_propose(actor: Actor) -> None:
    """Raise Unapprovable where nobody in particular proposes: without a key of their own two could be one."""
    if actor.kind is not ActorKind.OPERATOR or _may_be_anybody(actor):
        raise Unapprovable(Objection.UNNAMED)


def needs_two(asked: int, lately: int) -> bool:
    """Whether so many need a second person, of one who has done ``lately`` alone within ``WITHIN``."""
    return asked + lately > ALONE


def may_decide(proposal: Proposal, actor: Actor, now: datetime, *, approves: bool) -> None:
    """Raise Unapprovable unless this person may decide now; whoever proposed may only take it back.

    Who approves what is approved already, and done in part, lets the rest be done.
    """
    may_propose(actor)
    if proposal.state is not ProposalState.OPEN and not (approves and proposal.is_under_way):
        raise Unapprovable(Objection.CLOSED)
    if approves and is_same(proposal.by.actor, actor):
        raise Unapprovable(Objection.OWN)
    if proposal.expires_at <= now:
        raise Unapprovable(Objection.EXPIRED)
    if proposal.digest != proposal.wish.digest:
        raise Unapprovable(Objection.CHANGED)


def is_same(one: Actor, other: Actor) -> bool:
    """Whether two actors are, or may be, one person: the same key, or the same name however it is written."""
    same_key = bool(one.key_id) and one.key_id == other.key_id
    return same_key or _plain(one.name) == _plain(other.name)


def may_be_same(one: Actor, other: Actor) -> bool:
    """Whether two actors cannot be told apart: who acts with the machine's own key, or none, may be anybody."""
    return is_same(one, other) or _may_be_anybody(one) or _may_be_anybody(other)


def is_unnamed(actor: Actor) -> bool:
    """Whether it is the key of a machine, whichever."""
    return actor.name.partition(".")[0] == UNNAMED


def _may_be_anybody(actor: Actor) -> bool:
    return is_unnamed(actor) or not actor.key_id


def _plain(name: str) -> str:
    known = unicodedata.normalize("NFKC", name)  # noqa: TID251 - of a key that an operator made
    return " ".join(known.casefold().split())
