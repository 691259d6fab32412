"""What the door of mapping trials reads and answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from gateway.core.whatif import MOST
from gateway.ingress.bodies import ReasonBody
from gateway.ingress.ops_bodies import Asked, Value
from gateway.ops.whatif import MOST_SEEN

VERSION = "^(files|[0-9a-f]{0,64})$"

_Version = Annotated[str, Meta(pattern=VERSION)]
_Mapping = Annotated[str, Meta(min_length=1, max_length=200)]


class EditionBody(Asked, frozen=True, kw_only=True):
    """A version (none: the one in force; ``files``: what the directory holds), and tables in place of its own."""

    version: _Version = ""  #: hex of a version of the configuration, or its beginning
    #: tables in place of the version's own, by name
    mappings: Annotated[dict[_Mapping, dict[str, Value]], Meta(max_length=100)] = field(
        default_factory=dict[str, dict[str, Value]]
    )


class TrialBody(Asked, frozen=True, kw_only=True):
    """Two versions, and the messages: the last ones, or the newest of each dossier that the system has."""

    old: EditionBody = EditionBody()  #: what to compare with
    new: EditionBody = EditionBody()  #: what to try
    last: Annotated[int, Meta(ge=1, le=MOST)] = 20  #: how many messages
    skip: Annotated[int, Meta(ge=0, le=MOST_SEEN)] = 0  #: how many of the newest to leave out
    delivered: bool = False  #: whether to take of each dossier the newest whole statement that the system has
    reveals: bool = False  #: whether to show values, not shapes


class DifferenceBody(Struct, frozen=True, kw_only=True):
    """One place that differs; a side that does not send it has none. Unless revealed, shapes stand for values."""

    path: str  #: the field, such as hoSo.tep[0].ten
    old: str | None  #: what the old version sends there
    new: str | None  #: what the new version sends there


class TriedBody(Struct, frozen=True, kw_only=True):
    """What becomes of one message. ``more`` counts the places that differ, too, and are not shown."""

    delivery_id: str  #: names it in /v1/deliveries/{id}
    dossier_id: str  #: the gateway's id of the dossier
    kind: str  #: the event's kind
    at: datetime  #: when the event was accepted
    codes: dict[str, str]  #: the dossier's codes, by scheme
    verdict: str  #: same, differs, breaks, mends, neither
    text: str  #: the verdict in words
    differences: tuple[DifferenceBody, ...] = ()  #: the places that differ
    more: int = 0  #: places that differ, too, and are not shown
    old_problem: ReasonBody | None = None  #: why the old version cannot write it
    new_problem: ReasonBody | None = None  #: why the new version cannot write it


class TrialsBody(Struct, frozen=True, kw_only=True):
    """The newest first; ``more`` where others follow: ask again with ``skip``.

    ``whole`` is false where older deliveries were not looked at.
    """

    items: tuple[TriedBody, ...]  #: the messages
    more: bool  #: whether others follow
    whole: bool  #: whether all were looked at
