"""Our side of a mapping table: which fields there are, what they are called nationally, and which may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import cast

from msgspec import NODEFAULT, inspect

from gateway.core.composing import composed
from gateway.model.event import Event, NewEvent
from gateway.model.kinds import KINDS, data_type
from gateway.model.leaves import shape
from gateway.model.names import Vocabulary, fields_by_key, key
from gateway.model.types import Dossier, FileRef
from gateway.model.types.shapes import Record
from gateway.sdk.words import unaccented

BYTES = "base64"  #: what a file has beside our fields, where its bytes come inside a partner's call
_DEEPEST = 5  #: levels that are looked through for a field by its name
_LIKE = 0.8  #: how much alike two names must be


@dataclass(frozen=True, slots=True)
class OurField:
    """One field of ours by both names, from the root on."""

    path: str  #: ``dossier.owner.name.whole``
    national: str  #: ``ChuHoSo.HoTen.…``
    optional: bool  #: it, or something on the way to it, may be missing


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The model has no such field as ``name``; ``known`` are those where the path leaves it."""

    name: str
    known: Sequence[str]


def field_at(root: str, steps: Sequence[str | int], kind: str) -> OurField | Nowhere | None:
    """Return the field behind a reference in an event of this kind; None where it is free: a form, a foreign code."""
    type_ = _root(root, kind)
    return None if type_ is None else _walk(type_, root, steps)


def stated_at(place: Sequence[str], kinds: Sequence[str]) -> Nowhere | None:
    """Return that an event has no such field, if it is of one of these kinds; without any, its data is free."""
    data = [data_type(kind) for kind in kinds]
    here: list[type[Record]] = [NewEvent]
    for depth, step in enumerate(place):
        if (depth, step) == (0, "data"):
            here = [] if None in data else [type_ for type_ in data if type_ is not None]
        else:
            fields = [fields_by_key(type_, Vocabulary.ENGLISH) for type_ in here]
            if not any(step in one for one in fields):
                return Nowhere(step, sorted({name for one in fields for name in one}))
            here = [below for one in fields if step in one and (below := _struct(one[step]))]
        if not here or (FileRef in here and place[depth + 1 :] == (BYTES,)):
            return None
    return None


def alike(name: str) -> Sequence[OurField]:
    """Return the fields of a dossier that a partner's name most likely means, at most three."""
    wanted = _folded(name)
    index = _index()
    names = [wanted] if wanted in index else get_close_matches(wanted, index, n=2, cutoff=_LIKE)
    found = [field for near in names for field in index[near]]
    return sorted(found, key=lambda one: (one.path.count("."), one.path))[:3]


def required_of(kind: str) -> tuple[str, ...]:
    """Return the fields of ``data`` that an event of this kind cannot be without."""
    type_ = data_type(kind)
    if type_ is None:
        return ()
    own = (name for name, field in fields_by_key(type_, Vocabulary.ENGLISH).items() if _is_required(field))
    return tuple(dict.fromkeys((*own, *KINDS[kind].required)))


def national(type_: type[Record], name: str) -> str:
    """Return the national name of a field of a struct."""
    return key(type_, name, Vocabulary.NATIONAL)


def _root(root: str, kind: str) -> type[Record] | None:
    match root:
        case "dossier":
            return Dossier
        case "event":
            return Event
        case "data":
            return data_type(kind)
        case _:
            return None


def _walk(type_: type[Record], root: str, steps: Sequence[str | int]) -> OurField | Nowhere | None:
    path, names, optional = root, list[str](), False
    here: type[Record] | None = type_
    for step in steps:
        if isinstance(step, int):
            path, optional = f"{path}[{step}]", True
            continue
        if here is None:
            return None
        field = fields_by_key(here, Vocabulary.ENGLISH).get(step)
        if field is None:
            return Nowhere(step, sorted(fields_by_key(here, Vocabulary.ENGLISH)))
        names.append(national(here, step))
        path, optional = f"{path}.{step}", optional or not _is_required(field)
        here = _struct(field)
    return OurField(path, ".".join(names), optional)


def _is_required(field: inspect.Field) -> bool:
    return field.required and field.default is NODEFAULT


def _struct(field: inspect.Field) -> type[Record] | None:
    """Return the struct that a field holds, or a list of it; None for a value, or for what is free."""
    info = shape(field.type).info
    if isinstance(info, inspect.VarTupleType):
        info = shape(info.item_type).info
    return cast("type[Record]", info.cls) if isinstance(info, inspect.StructType) else None


@cache
def _index() -> Mapping[str, Sequence[OurField]]:
    found: dict[str, list[OurField]] = {}
    for names, field in _leaves(Dossier, "dossier", (), optional=False, levels=_DEEPEST):
        for name in names:
            found.setdefault(_folded(name), []).append(field)
    return found


def _leaves(
    type_: type[Record], path: str, national_path: tuple[str, ...], *, optional: bool, levels: int
) -> Iterator[tuple[tuple[str, str], OurField]]:
    for name, field in fields_by_key(type_, Vocabulary.ENGLISH).items():
        theirs = (*national_path, national(type_, name))
        may_miss = optional or not _is_required(field)
        below = _struct(field)
        if below is None:
            yield (name, theirs[-1]), OurField(f"{path}.{name}", ".".join(theirs), may_miss)
        elif levels:
            yield from _leaves(below, f"{path}.{name}", theirs, optional=may_miss, levels=levels - 1)


def _folded(name: str) -> str:
    letters = composed(unaccented(name)).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
