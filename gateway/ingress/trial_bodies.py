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

    version: _Version = ""
    mappings: Annotated[dict[_Mapping, dict[str, Value]], Meta(max_length=100)] = field(
        default_factory=dict[str, dict[str, Value]]
    )


class TrialBody(Asked, frozen=True, kw_only=True):
    """Two versions, and the messages: the last ones, or the newest of each dossier that the system has."""

    old: EditionBody = EditionBody()
    new: EditionBody = EditionBody()
    last: Annotated[int, Meta(ge=1, le=MOST)] = 20
    skip: Annotated[int, Meta(ge=0, le=MOST_SEEN)] = 0
    delivered: bool = False
    reveals: bool = False


class DifferenceBody(Struct, frozen=True, kw_only=True):
    """One place that differs; a side that does not send it has none. Unless revealed, shapes stand for values."""

    path: str
    old: str | None
    new: str | None


class TriedBody(Struct, frozen=True, kw_only=True):
    """What becomes of one message. ``more`` counts the places that differ, too, and are not shown."""

    delivery_id: str
    dossier_id: str
    kind: str
    at: datetime
    codes: dict[str, str]
    verdict: str
    text: str
    differences: tuple[DifferenceBody, ...] = ()
    more: int = 0
    old_problem: ReasonBody | None = None
    new_problem: ReasonBody | None = None


class TrialsBody(Struct, frozen=True, kw_only=True):
    """The newest first; ``more`` where others follow: ask again with ``skip``.

    ``whole`` is false where older deliveries were not looked at.
    """

    items: tuple[TriedBody, ...]
    more: bool
    whole: bool
