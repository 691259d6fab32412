"""What a kind asks of its event beyond types: rules over decoded JSON under English names.

They are told in the sender's names, and they hold even where other fields are wrong, so that all faults come at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from gateway.model.bodies import DeadlineChange, StatusChange
from gateway.model.event import DossierRef, NewEvent
from gateway.model.fault import Fault
from gateway.model.inspection import join
from gateway.model.kinds import KINDS, Kind, Standing, nearest, standing
from gateway.model.names import Vocabulary, key
from gateway.model.types.shapes import Record
from gateway.model.types.status import CLOSING_ALLOWED, REASON_REQUIRED

_Table = Mapping[str, object]


def broken_rules(event: object, names: Vocabulary, at: str = "") -> Iterator[Fault]:
    """Yield what an event lacks or must not have, given its kind."""
    table = table_of(event)
    name = table.get("kind")
    if not isinstance(name, str):
        return
    yield from _standing(name, join(at, key(NewEvent, "kind", names)))
    known = KINDS.get(name)
    data = table_of(table.get("data"))
    if not _names_dossier(table_of(table.get("dossier")), data, known):
        path = join(at, key(NewEvent, "dossier", names))
        yield Fault(path=join(path, key(DossierRef, "code", names)), code="required", expected="code or references")
    if known:
        yield from _Body(known.data, names, join(at, key(NewEvent, "data", names)), data).broken(known)


def table_of(value: object) -> _Table:
    """Return a JSON object as a mapping; an empty one for anything else."""
    return cast("_Table", value) if isinstance(value, dict) else {}


def _standing(name: str, at: str) -> Iterator[Fault]:
    match standing(name):
        case Standing.RESERVED:
            yield Fault(path=at, code="kind_reserved")
        case Standing.UNKNOWN:
            yield Fault(path=at, code="kind_unknown", suggestion=nearest(name))
        case Standing.KNOWN | Standing.OPAQUE:
            return


def _names_dossier(dossier: _Table, data: _Table, known: Kind | None) -> bool:
    own = data.get("code") if known and known.whole else None
    return bool(dossier.get("code") or dossier.get("references") or own)


class _Body:
    """The rules of one body."""

    def __init__(self, type_: type[Record], names: Vocabulary, at: str, data: _Table) -> None:
        self._type, self._names, self._at, self._data = type_, names, at, data

    def broken(self, kind: Kind) -> Iterator[Fault]:
        for field in kind.required:
            yield from self._required(field)
        if self._type is StatusChange:
            yield from self._status()
        if self._type is DeadlineChange and self._data.get("action") == "extend":
            yield from self._required("due_at")

    def _status(self) -> Iterator[Fault]:
        given = self._data.get("status")
        status = given if isinstance(given, int) else None
        if status in REASON_REQUIRED:
            yield from self._required("reason")
        if self._data.get("closing") is not None and status not in CLOSING_ALLOWED:
            yield Fault(path=self._path("closing"), code="not_allowed", expected="only at status 9 or 10")

    def _required(self, field: str) -> Iterator[Fault]:
        value = self._data.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            yield Fault(path=self._path(field), code="required", expected="not empty")

    def _path(self, field: str) -> str:
        return join(self._at, key(self._type, field, self._names))
