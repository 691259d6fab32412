"""What we would send against what the way before has sent: by meaning, not by letter. Pure."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, cast

from gateway.core.calendar import VIETNAM
from gateway.core.composing import composed
from gateway.core.crowd import CROWD, signs_in
from gateway.core.ids import DeliveryId

#: Lines of a log that are compared at once.
MOST = 2000
#: The media type of a rehearsal of several calls: a line of JSON for each.
CALLS = "application/x-ndjson"
_DEEPEST = 32
#: Letters of all places of one document. Each repeats the names above it: 256 KiB can hold places of gigabytes.
_LONGEST_PLACES = 2_000_000
_TIMES = ("%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%Y-%m-%d")
_SHORTEST_TIME, _LONGEST_TIME = 8, 35

Leaves: TypeAlias = Mapping[str, str]


class Likeness(StrEnum):
    """What a line of the log comes to. Each has words in the catalogue under ``likeness``."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_KEPT = "not_kept"  #: rehearsed, but what we would have sent was not kept whole
    ONLY_THEIRS = "only_theirs"  #: nothing of ours was rehearsed for it
    ONLY_OURS = "only_ours"  #: of a rehearsal: no line is like it
    DOUBLE = "double"  #: the gateway had delivered this dossier already: both send


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the way before has sent."""

    number: int
    at: datetime
    code: str  #: of the dossier
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One call that we would have made."""

    delivery: DeliveryId
    body: bytes | None = field(repr=False)  #: None: it was too large to be kept, or encloses files


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A line, what it comes to, and the places that differ; never what stands there."""

    number: int
    code: str
    likeness: Likeness
    delivery: DeliveryId | None = None  #: of ours that it was compared with
    paths: tuple[str, ...] = ()


def compared(
    line: Line,
    ours: Iterable[Rehearsal],
    *,
    delivered_at: datetime | None,
    taken: Container[DeliveryId] = frozenset[DeliveryId](),
) -> Compared:
    """Compare a line with the rehearsal that is most like it; of equals with one that no line has ``taken`` yet.

    Where none was kept whole, the line is nobody's alone, and that is all there is to say.
    """
    if delivered_at is not None and delivered_at <= line.at:
        return Compared(number=line.number, code=line.code, likeness=Likeness.DOUBLE)
    theirs = leaves(line.body)
    rehearsed = tuple(ours)
    tried = [(differences(leaves(one.body), theirs), one.delivery) for one in rehearsed if one.body is not None]
    if not tried:
        unseen = min((one.delivery for one in rehearsed), key=lambda one: one in taken, default=None)
        likeness = Likeness.ONLY_THEIRS if unseen is None else Likeness.NOT_KEPT
        return Compared(number=line.number, code=line.code, likeness=likeness, delivery=unseen)
    paths, delivery = min(tried, key=lambda item: (len(item[0]), item[1] in taken))
    likeness = Likeness.DIFFERENT if paths else Likeness.SAME
    return Compared(number=line.number, code=line.code, likeness=likeness, delivery=delivery, paths=paths)


def differences(ours: Leaves, theirs: Leaves) -> tuple[str, ...]:
    """Return the places where two documents say something else; what is empty is as if it were not there."""
    places = sorted(ours.keys() | theirs.keys())
    return tuple(place for place in places if ours.get(place, "") != theirs.get(place, ""))


def leaves(body: bytes) -> Leaves:
    """Return every value of a JSON document by its place; of any other, or one of too many, one value, the whole.

    Python's own reader keeps every digit of a number without a quote, as codes are sometimes sent.
    """
    try:
        return _by_place(body)
    except (ValueError, RecursionError):
        return {"$": composed(body.decode("utf-8", "replace")).strip()}


def _by_place(body: bytes) -> Leaves:
    if signs_in(body) > CROWD:
        raise ValueError("too many values")
    found: dict[str, str] = {}
    left = _LONGEST_PLACES
    for place, value in _walk(json.loads(body), "$", 0):
        left -= len(place)
        if left < 0:
            raise ValueError("too many long places")
        found[place] = value
    return found


def _walk(value: object, place: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        value = _inner(value)
    if depth < _DEEPEST and isinstance(value, dict):
        for name, item in cast("dict[str, object]", value).items():
            yield from _walk(item, f"{place}.{name}", depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _walk(item, f"{place}[{number}]", depth + 1)
    else:
        yield place, _canonical(value)


def _inner(text: str) -> object:
    """Return the document in a text that holds one: partners put JSON into JSON."""
    if text[:1] not in {"{", "["}:
        return text
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return text


def _canonical(value: object) -> str:
    """Return a value so that 1 is «1», true is «true», and one moment is one text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = composed(str(value)).strip()
    moment = _moment(text) if _SHORTEST_TIME <= len(text) <= _LONGEST_TIME and text[0].isdigit() else None
    return (_in_vietnam(moment) if moment else "") or text


def _in_vietnam(moment: datetime) -> str:
    """Return a moment by our clocks, which most are written by; empty where it leaves the calendar there."""
    try:
        return moment.astimezone(VIETNAM).isoformat()
    except OverflowError:
        return ""


def _moment(text: str) -> datetime | None:
    """Return the time that a text is; digits alone only where they are a whole time, never a code or a number."""
    for pattern in _TIMES:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=VIETNAM)
        except ValueError:
            continue
    if text[4:5] != "-":
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)
