"""What the door of comparisons reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from gateway.core.shadowing import MOST
from gateway.ingress.ops_bodies import Asked

#: Deliveries that one question may leave out.
MOST_MATCHED = 50_000
#: Letters of a code in a log.
LONGEST_CODE = 100


class LoggedBody(Asked, frozen=True, kw_only=True):
    """What the way before has sent: when, about which dossier, and the body as text."""

    line: Annotated[int, Meta(ge=1)]  #: its number in the log, from 1
    time: datetime  #: when it was sent
    code: Annotated[str, Meta(min_length=1, max_length=LONGEST_CODE)]  #: a code of the dossier
    body: str  #: what was sent, as text


class CompareBody(Asked, frozen=True, kw_only=True):
    """A recorded log, or a part of it."""

    lines: Annotated[tuple[LoggedBody, ...], Meta(min_length=1, max_length=MOST)]  #: the log's lines


class ComparedBody(Struct, frozen=True, kw_only=True):
    """What a line comes to, and the places that differ; never what stands there."""

    line: int  #: its number in the log
    code: str  #: a code of the dossier
    likeness: str  #: same, different, not_kept, only_theirs, double
    text: str  #: the same in words
    delivery_id: str  #: ours that it was compared with; empty where there is none
    paths: tuple[str, ...]  #: the places that differ


class ComparisonBody(Struct, frozen=True, kw_only=True):
    """How many lines come to what, all that are not the same, and our deliveries that lines were compared with."""

    counts: dict[str, int]  #: how many lines come to what
    items: tuple[ComparedBody, ...]  #: the lines that are not the same
    matched: tuple[str, ...] = ()  #: ids of our deliveries that lines were compared with


class RehearsedBody(Asked, frozen=True, kw_only=True):
    """From when to when a log reaches, and our deliveries that its lines were compared with."""

    since: datetime  #: the log's first moment
    until: datetime  #: the log's last moment
    #: what the comparisons of its parts answered as ``matched``
    matched: Annotated[tuple[str, ...], Meta(max_length=MOST_MATCHED)] = ()


class OursBody(Struct, frozen=True, kw_only=True):
    """A delivery of ours that was rehearsed, and that no line is like."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    code: str  #: a code of the dossier
    kind: str  #: the event's kind
    at: datetime  #: when it was rehearsed


class OnlyOursBody(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first; ``whole`` is false where older ones were not looked at."""

    items: tuple[OursBody, ...]  #: the deliveries
    whole: bool  #: whether all were looked at


class DoubleBody(Struct, frozen=True, kw_only=True):
    """A dossier that somebody beside the gateway sends, too, and what shows it."""

    delivery_id: str  #: ours
    code: str  #: a code of the dossier
    procedure: str  #: national code of its procedure
    agency: str  #: code of the agency that processes it
    sign: str  #: what shows it: a stable code
    text: str  #: the same in words
    at: datetime  #: when it was seen


class DoublesBody(Struct, frozen=True, kw_only=True):
    """All of them, the oldest first; ``whole`` is false where older ones were not looked at."""

    items: tuple[DoubleBody, ...]  #: the dossiers
    whole: bool  #: whether all were looked at
