"""What is kept as evidence: a closed set of records. They hold ids, codes of our own and times, never personal data.

A field that holds personal data, or a digest from which it could be guessed, is *sealed*: the record holds a
commitment, and the salt that opens it is kept apart, for this one record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from gateway.core.acts import Act
from gateway.core.chain import Head, Value, Write, canonical, commitment, field_salt
from gateway.core.delivery import Attempt, State, Transition
from gateway.core.empty import no_texts
from gateway.core.hot_value import hot_value
from gateway.core.ids import DeliveryId, DossierId, FileId, KeyId, MessageId, NodeId, SystemId
from gateway.core.message import Actor, ActorKind, Blob, Submission
from gateway.core.query import Ending, Officer, Query, QueryId
from gateway.core.reason import Reason
from gateway.core.retention import Erasure


class RecordType(StrEnum):
    """Every type there is. Stable: verifiers and auditors rely on it."""

    NODE_BEGUN = "node.begun"  #: the first record of each chain
    NODE_ENDED = "node.ended"  #: an incarnation stopped in order
    CONFIGURED = "configuration.used"  #: this version of the configuration is in force from here on
    ACCEPTED = "message.accepted"  #: a message was accepted and routed
    MATCHED = "message.matched"  #: a parked message found its dossier
    ATTACHED = "file.attached"  #: a file that was named by address has been fetched
    ATTEMPTED = "delivery.attempted"  #: one try ended
    MOVED = "delivery.moved"  #: a delivery changed without a try
    ACTED = "operator.acted"  #: a person did something to the relay
    VIEWED = "content.viewed"  #: somebody was shown contents
    ASKED = "query.asked"  #: a register is about to be asked
    QUERIED = "query.ended"  #: it answered, or did not
    ERASED = "dossier.erased"  #: what was kept of a dossier has reached its age; the records of it stay
    KEY_ADDED = "key.added"
    KEY_REVOKED = "key.revoked"


class Move(StrEnum):
    """Why a delivery changed though nothing was tried."""

    CANCELLED = "cancelled"  #: will not be sent
    ENDED = "ended"  #: settled before anything was tried: expired, say
    FREED = "freed"  #: its worker vanished before it had begun
    TAKEN_OVER = "taken_over"  #: its worker vanished after it had begun
    ACKNOWLEDGED = "acknowledged"  #: its reader has read past it
    OPENED = "opened"  #: goes as the submission to a system that was never given one, or on now that it has one
    DOUBTED = "doubted"  #: its refusal was one of many: the system refused everything
    DECIDED = "decided"  #: a person said so: the act stands beside it
    RESTORED = "restored"  #: the database was put back: nobody knows how it went on since


class Shown(StrEnum):
    """What contents were shown."""

    FILE = "file"
    DOSSIER = "dossier"
    TIMELINE = "timeline"
    DELIVERY = "delivery"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one type beside ``type`` and ``at``."""

    open: tuple[str, ...]
    sealed: tuple[str, ...] = ()


_BY = ("by", "key")
_CODE = "code."  #: begins the name of an act's fact that is a partner's code
SHAPES: Mapping[RecordType, Shape] = {
    RecordType.NODE_BEGUN: Shape(("node", "earlier")),
    RecordType.NODE_ENDED: Shape(("node",)),
    RecordType.CONFIGURED: Shape(("version",)),
    RecordType.ACCEPTED: Shape(
        (
            *("message", "dossier", "revision", "source", "operation", "kind", "causation", "routes"),
            *("parked", "test", "deliveries", *_BY),
        ),
        ("content", "codes", "who"),
    ),
    RecordType.MATCHED: Shape(("message", "dossier", "revision", "deliveries")),
    RecordType.ATTACHED: Shape(("message", "file"), ("content",)),
    RecordType.ATTEMPTED: Shape(
        (
            *("delivery", "message", "dossier", "system", "node", "step", "outcome", "reason", "to"),
            *("late", "http_status", "duration_us", "config", "trace"),
        ),
        ("request", "reply", "words", "proof"),
    ),
    RecordType.MOVED: Shape(("delivery", "message", "dossier", "system", "move", "to", "reason")),
    RecordType.ACTED: Shape(
        ("act", "verb", "target_kind", "target", "dossier", "facts", *_BY), ("words", "codes", "who")
    ),
    RecordType.VIEWED: Shape(("shown", "ids", *_BY), ("who",)),
    RecordType.ASKED: Shape(("query", "system", "operation", *_BY), ("subject", "purpose", "officer", "who")),
    RecordType.QUERIED: Shape(("query", "system", "state", "reason", "http_status", "duration_us"), ("answer",)),
    RecordType.ERASED: Shape(("dossier", "case", "rule", "messages", "deliveries")),
    RecordType.KEY_ADDED: Shape(("added", "role", *_BY), ("holder", "who")),
    RecordType.KEY_REVOKED: Shape(("revoked", *_BY), ("who",)),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact on its way into the chain."""

    type: RecordType
    open: Mapping[str, Value]
    sealed: Mapping[str, str | None] = field(default_factory=no_texts, repr=False)

    def encode(self, at: datetime, salt: bytes, write: Write = canonical) -> bytes:
        """Return the record's bytes."""
        fields: dict[str, Value] = {**self.open, "type": self.type, "at": _written(at)}
        for name, value in self.sealed.items():
            fields[name] = None if value is None else commitment(field_salt(salt, name), value)
        return write(fields)


class Leg(NamedTuple):
    """A delivery of an accepted message, as it began: in the record, a list of these three."""

    delivery: DeliveryId
    system: SystemId
    state: State


@hot_value
class Place:
    """A delivery, named by all that it belongs to."""

    delivery: DeliveryId
    message: MessageId
    dossier: DossierId
    system: SystemId


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Contents about to be shown: which, and whose ids they have."""

    shown: Shown
    ids: tuple[str, ...]


def begun(node: NodeId, earlier: Sequence[Head]) -> Fact:
    """A chain begins; it names the heads of those before it, which cannot be shortened any more."""
    heads: list[Value] = [{"node": head.node, "number": head.number, "link": head.link.hex()} for head in earlier]
    return Fact(RecordType.NODE_BEGUN, {"node": node, "earlier": heads})


def ended(node: NodeId) -> Fact:
    """An incarnation stops in order."""
    return Fact(RecordType.NODE_ENDED, {"node": node})


def configured(version: str) -> Fact:
    """A version of the configuration is in force."""
    return Fact(RecordType.CONFIGURED, {"version": version})


def accepted(
    own: Submission,
    dossier: DossierId,
    revision: int,
    legs: Sequence[Leg],
    *,
    parked: bool,
    write: Write = canonical,
) -> Fact:
    """A message was accepted."""
    draft = own.draft
    by, who = _by(draft.actor)
    open_: dict[str, Value] = {
        "message": own.id,
        "dossier": dossier,
        "revision": revision,
        "source": draft.source,
        "operation": draft.operation,
        "kind": draft.kind,
        "causation": draft.causation_id,
        "routes": own.route_version,
        "parked": parked,
        "test": draft.test,
        "deliveries": _legs(legs),
        **by,
    }
    codes = write([[code.scheme, code.value] for code in draft.codes]).decode()
    return Fact(RecordType.ACCEPTED, open_, {"content": draft.digest, "codes": codes, "who": who})


def matched(message: MessageId, dossier: DossierId, revision: int, legs: Sequence[Leg]) -> Fact:
    """A parked message found its dossier and its legs."""
    open_: dict[str, Value] = {
        "message": message,
        "dossier": dossier,
        "revision": revision,
        "deliveries": _legs(legs),
    }
    return Fact(RecordType.MATCHED, open_)


def attached(message: MessageId, file: FileId, blob: Blob) -> Fact:
    """A file that was named by address is here."""
    return Fact(RecordType.ATTACHED, {"message": message, "file": file}, {"content": blob.sha256})


def attempted(place: Place, attempt: Attempt, transition: Transition, end: End) -> Fact:
    """One try ended; its reply is given by its digest."""
    reason = attempt.reason
    open_: dict[str, Value] = {
        **_place(place),
        "node": end.node,
        "step": attempt.step,
        "outcome": attempt.outcome,
        "reason": _code(reason),
        "to": transition.to,
        "late": end.late,
        "http_status": attempt.http_status,
        "duration_us": attempt.duration // timedelta(microseconds=1),
        "config": attempt.config,
        "trace": attempt.trace_id,
    }
    sealed = {
        "request": attempt.request_digest or None,
        "reply": end.reply,
        "words": reason.detail if reason and reason.detail else None,
        "proof": canonical(dict(attempt.proof)).decode() if attempt.proof else None,
    }
    return Fact(RecordType.ATTEMPTED, open_, sealed)


@hot_value
class End:
    """How a try ended for the store."""

    node: NodeId  #: who had the lease
    late: bool  #: the lease was lost: only «delivered» still counts, where it had not ended by then
    reply: str | None  #: sha256 of the reply's bytes, lower-case hex


def moved(place: Place, move: Move, to: State, reason: Reason | None = None) -> Fact:
    """A delivery changed though nothing was tried."""
    return Fact(RecordType.MOVED, {**_place(place), "move": move, "to": to, "reason": _code(reason)})


def acted(act: Act) -> Fact:
    """A person did something to the relay."""
    by, who = _by(act.by.actor)
    open_: dict[str, Value] = {
        "act": act.id,
        "verb": act.verb,
        "target_kind": act.target.kind,
        "target": act.target.id,
        "dossier": act.dossier_id,
        "facts": {name: value for name, value in act.facts.items() if not name.startswith(_CODE)},
        **by,
    }
    codes = {name: value for name, value in act.facts.items() if name.startswith(_CODE)}
    sealed = {"words": act.by.reason, "codes": canonical(codes).decode() if codes else None, "who": who}
    return Fact(RecordType.ACTED, open_, sealed)


def viewed(view: View, actor: Actor) -> Fact:
    """Somebody is shown contents."""
    by, who = _by(actor)
    return Fact(RecordType.VIEWED, {"shown": view.shown, "ids": list(view.ids), **by}, {"who": who})


def asked(query: Query) -> Fact:
    """A register is about to be asked; what about, for whom and why is sealed."""
    by, who = _by(query.actor)
    open_: dict[str, Value] = {"query": query.id, "system": query.system, "operation": query.operation, **by}
    sealed = {"subject": query.subject, "purpose": query.purpose, "officer": _named(query.officer), "who": who}
    return Fact(RecordType.ASKED, open_, sealed)


def queried(query: QueryId, system: SystemId, ending: Ending) -> Fact:
    """A query ended; its answer is sealed."""
    open_: dict[str, Value] = {
        "query": query,
        "system": system,
        "state": ending.state,
        "reason": ending.reason,
        "http_status": ending.http_status,
        "duration_us": ending.duration // timedelta(microseconds=1),
    }
    return Fact(RecordType.QUERIED, open_, {"answer": None if ending.answer is None else ending.answer.decode()})


def erased(erasure: Erasure, case: DossierId) -> Fact:
    """A dossier was erased by age; ``case`` is the first dossier of its case."""
    open_: dict[str, Value] = {
        "dossier": erasure.dossier,
        "case": case,
        "rule": erasure.rule,
        "messages": erasure.messages,
        "deliveries": erasure.deliveries,
    }
    return Fact(RecordType.ERASED, open_)


def _named(officer: Officer) -> str:
    named = {"name": officer.name, "code": officer.code, "unit": officer.unit, "position": officer.position}
    return canonical(named).decode()


def key_added(key: KeyId, role: str, holder: str, actor: Actor) -> Fact:
    """A key was made."""
    by, who = _by(actor)
    return Fact(RecordType.KEY_ADDED, {"added": key, "role": role, **by}, {"holder": holder, "who": who})


def key_revoked(key: KeyId, actor: Actor) -> Fact:
    """A key was ended."""
    by, who = _by(actor)
    return Fact(RecordType.KEY_REVOKED, {"revoked": key, **by}, {"who": who})


def _by(actor: Actor) -> tuple[dict[str, Value], str | None]:
    """Return who acts: a system by its name; a person by their key, the name sealed."""
    if actor.kind is ActorKind.OPERATOR:
        return {"by": "operator", "key": actor.key_id}, actor.name
    return {"by": f"{actor.kind}:{actor.name}", "key": actor.key_id}, None


def _place(place: Place) -> dict[str, Value]:
    return {
        "delivery": place.delivery,
        "message": place.message,
        "dossier": place.dossier,
        "system": place.system,
    }


def _legs(legs: Sequence[Leg]) -> Value:
    return legs


@lru_cache(maxsize=16)
def _written(at: datetime) -> str:
    """Return a time as records have it; all that one transaction records has the same."""
    return at.isoformat(timespec="microseconds")


def _code(reason: Reason | None) -> str | None:
    return None if reason is None else reason.code
