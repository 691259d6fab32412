"""What no mapping table fills: fields that a partner, or our own model, insists on, named by both sides' names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from gateway.config.nearest import suggestion
from gateway.config.settings import SystemConfig
from gateway.core.routing import Role
from gateway.model.kinds import KINDS, Side, may_state
from gateway.sdk.expression import Expression
from gateway.sdk.mapping import Direction, Field, Mapping, Repeat, Row
from gateway.sdk.our_fields import Nowhere, OurField, alike, field_at, required_of, stated_at
from gateway.sdk.source import Form, Reference

#: Names from the top of a document down to one field.
Place = tuple[str, ...]


class Lack(StrEnum):
    """What is wrong with a field. Stable: ``mapping check --json`` shows it."""

    UNMAPPED = "unmapped"  #: required, and no row fills it
    UNKNOWN = "unknown"  #: a row takes it from where our model has nothing
    MAY_MISS = "may_miss"  #: required, and taken from what a dossier may be without: it would be refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place where a system's file uses a table."""

    where: str  #: ``dossier.submitted``, ``dossier.submitted lookup``, ``receive thongbao``
    mapping: Mapping
    direction: Direction
    kind: str = ""  #: of event, or the pattern of it
    required: Sequence[Place] = ()  #: what the partner's own description insists on


@runtime_checkable
class UsesMappings(Protocol):
    """An adapter that can say where it uses which table; asked once it is open."""

    def uses(self) -> Sequence[Use]:
        """Return every use."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One field."""

    lack: Lack
    where: str
    mapping: str
    theirs: str
    ours: tuple[str, ...] = ()  #: what it is, or may be, taken from: ``dossier.code (MaHoSo)``
    known: tuple[str, ...] = ()  #: of an unknown one: what there is instead


def check(use: Use) -> Iterator[Finding]:
    """Yield what a use lacks, in the order of the table."""
    if use.direction is Direction.IN:
        yield from _inbound(use)
        return
    yield from _unmapped(use)
    if use.direction is Direction.OUT:
        for row in _fields(use.mapping.rows):
            yield from _sources(use, *row)


def misfits(mapping: Mapping, config: SystemConfig) -> Iterator[tuple[str, str]]:
    """Yield what makes every event of a table one that is refused, and what to do: no call would ever be accepted."""
    kinds = _stated(mapping.rows)
    side = Side.PORTAL if config.role is Role.PORTAL else Side.SYSTEM
    for key, kind in kinds.items():
        if not may_state(kind, side, system=config.id):
            known = [name for name in KINDS if may_state(name, side, system=config.id)]
            text = (
                f"`{mapping.name}` makes a {kind!r} of it (`{key}` of its row `kind`), which this system cannot state"
            )
            yield text, f"{suggestion(kind, known)}; of its own: x.{config.id}.<name>"
    for place in dict.fromkeys(_filled(mapping.rows, ())):
        found = stated_at(place, tuple(kinds.values()))
        if found is not None:
            text = f"`{mapping.name}` fills `{'.'.join(place)}`, and our event has no such field"
            yield text, suggestion(found.name, found.known)


def _unmapped(use: Use) -> Iterator[Finding]:
    filled = set(_filled(use.mapping.rows, ()))
    for place in use.required:
        if not any(place[: len(one)] == one for one in filled):
            ours = tuple(_named(field) for field in alike(place[-1]))
            yield _finding(use, Lack.UNMAPPED, ".".join(place), ours)


def _inbound(use: Use) -> Iterator[Finding]:
    """Yield what our event insists on and no row fills; of a kind that is said in the call, what all kinds do."""
    filled = {*_filled(use.mapping.rows, ())}
    wanted: list[Place] = [("kind",), *_data_of(use.mapping.rows)]
    if not any(one[0] == "dossier" for one in filled):
        wanted.append(("dossier", "code"))
    for place in wanted:
        if not any(place[: len(one)] == one or one[: len(place)] == place for one in filled):
            yield _finding(use, Lack.UNMAPPED, "", (".".join(place),))


def _data_of(rows: Sequence[Row]) -> Iterator[Place]:
    each = [required_of(kind) for kind in _stated(rows).values() if kind in KINDS]
    for name in each[0] if each else ():
        if all(name in one for one in each):
            yield "data", name


def _stated(rows: Sequence[Row]) -> dict[str, str]:
    """Return the kinds that a table states, by the keys they stand at; none where the call says which."""
    return next((_kinds(row) for row in rows if isinstance(row, Field) and row.to == ("kind",)), dict[str, str]())


def _kinds(row: Field) -> dict[str, str]:
    if isinstance(row.made, Form):
        said = row.made.constant
        return {"value": said} if isinstance(said, str) else {}
    return {key: str(kind) for key, kind in row.cell.known.items()}


def _filled(rows: Iterable[Row], above: Place) -> Iterator[Place]:
    for row in rows:
        if isinstance(row, Field):
            yield (*above, *row.to)
        elif any(True for _ in row.rows):
            yield from _filled(row.rows, (*above, *row.to))


def _fields(rows: Iterable[Row], above: Place = ()) -> Iterator[tuple[Place, Field]]:
    for row in rows:
        if isinstance(row, Repeat):
            yield from _fields(row.rows, (*above, *row.to))
        else:
            yield (*above, *row.to), row


def _sources(use: Use, place: Place, row: Field) -> Iterator[Finding]:
    if isinstance(row.made, Expression | Form):
        return
    found = [(one, _ours(one, use.kind)) for one in row.references]
    for reference, field in found:
        if isinstance(field, Nowhere):
            yield _finding(use, Lack.UNKNOWN, ".".join(place), (reference.text,), tuple(field.known))
    must = row.cell.required or place in use.required
    may_miss = all(isinstance(field, OurField) and field.optional for _, field in found)
    if must and found and may_miss and row.cell.has_no_default:
        ours = tuple(_named(field) for _, field in found if isinstance(field, OurField))
        yield _finding(use, Lack.MAY_MISS, ".".join(place), ours)


def _ours(reference: Reference, pattern: str) -> OurField | Nowhere | None:
    """Return the field in a kind of event that has it: first those that the pattern names.

    An operation may be a step of what other kinds are sent as, so a field of any kind is one. The data of a system's
    own kind is free.
    """
    steps = reference.path.steps if reference.path else ()
    own = [pattern] if pattern.startswith("x.") else []
    kinds = own + sorted(KINDS, key=lambda kind: not _matches(kind, pattern))
    found = [field_at(reference.root, steps, kind) for kind in kinds]
    return next((one for one in found if not isinstance(one, Nowhere)), found[0])


def _matches(kind: str, pattern: str) -> bool:
    return kind == pattern or (pattern.endswith("*") and kind.startswith(pattern[:-1]))


def _named(field: OurField) -> str:
    return f"{field.path} ({field.national})"


def _finding(use: Use, lack: Lack, theirs: str, ours: tuple[str, ...], known: tuple[str, ...] = ()) -> Finding:
    return Finding(lack=lack, where=use.where, mapping=use.mapping.name, theirs=theirs, ours=ours, known=known)
