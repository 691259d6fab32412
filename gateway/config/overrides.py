"""``--set KEY=VALUE``: one value of a file for this run only, typed by what it replaces."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import reduce
from typing import cast

import msgspec
from msgspec import inspect

from gateway.config.nearest import suggestion
from gateway.config.settings import Settings, SystemConfig
from gateway.config.sources import Table, dotted, file_of
from gateway.core.errors import Problem

FILE = "--set"

_OF_A_PLACE = ("server.reuse_port", "store.", "logs.")  #: where one runs; nothing that is sent
_ADDRESS = ("server.host", "server.port")  #: what is sent refers to it where there is no ``server.public_url``


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One ``--set``, taken apart."""

    key: str  #: as written
    file: str  #: whose value it replaces
    path: tuple[str, ...]  #: inside the file
    value: object


class Unknown(Exception):
    """The key leads nowhere."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


def read(asked: Mapping[str, str], systems: Mapping[str, Table], problems: list[Problem]) -> tuple[Override, ...]:
    """Return the overrides that lead somewhere; ``systems`` are the known tables by system id."""
    found: list[Override] = []
    for key, text in asked.items():
        try:
            found.append(_one(key, text, systems))
        except Unknown as unknown:
            problems.append(Problem(file=FILE, key=key, text=str(unknown), remedy=unknown.remedy))
    return tuple(found)


def apply(overrides: tuple[Override, ...], file: str, table: Table) -> Table:
    """Return the table with this file's overrides in it; the given one stays as it is."""
    changed = cast("Table", _copied(table))
    for override in overrides:
        if override.file == file:
            _put(changed, override.path, override.value)
    return changed


def _one(key: str, text: str, systems: Mapping[str, Table]) -> Override:
    path = _split(key)
    if path[0] != "systems":
        return Override(key=key, file="gateway.toml", path=path, value=_typed(Settings, path, text))
    if len(path) < 3:  # noqa: PLR2004 - systems, the id, and a key
        raise Unknown("names no setting", "write systems.ID.KEY=VALUE")
    if path[1] not in systems:
        raise Unknown(f"there is no system {path[1]!r}", suggestion(path[1], systems))
    value = _typed(SystemConfig, path[2:], text)
    return Override(key=key, file=file_of(path[1]), path=path[2:], value=value)


def _split(key: str) -> tuple[str, ...]:
    """Read a dotted key as TOML does: pieces with dots of their own stand in quotes."""
    try:
        found: object = tomllib.loads(f"{key}=0")
    except tomllib.TOMLDecodeError:
        raise Unknown("is no key", 'write KEY=VALUE, pieces with dots in quotes: doubt."status.*".quiet=2s') from None
    path: list[str] = []
    while isinstance(found, dict):
        piece, found = next(iter(cast("Table", found).items()))
        path.append(piece)
    return tuple(path)


def _typed(root: type, path: tuple[str, ...], text: str) -> object:
    """Return the text as the type found at the path: text stays text, everything else is read as TOML."""
    kind: inspect.Type = inspect.type_info(root)
    for piece in path:
        kind = _step(kind, piece)
    if isinstance(kind, inspect.StructType):
        names = [item.encode_name for item in kind.fields]
        raise Unknown("is a table, not a value", f"add one of its keys: {', '.join(names)}")
    return text if _is_text(kind) else _as_toml(text)


def _step(kind: inspect.Type, piece: str) -> inspect.Type:
    if isinstance(kind, inspect.StructType):
        fields = {item.encode_name: item.type for item in kind.fields}
        if piece not in fields:
            raise Unknown(f"unknown key {piece!r}", suggestion(piece, fields))
        return fields[piece]
    if isinstance(kind, inspect.DictType):
        return kind.value_type
    if isinstance(kind, inspect.AnyType):
        return kind
    raise Unknown(f"nothing lies below {piece!r}", "shorten the key")


def _is_text(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(_is_text(item) for item in kind.types)
    if isinstance(kind, inspect.Metadata):
        return _is_text(kind.type)
    return isinstance(kind, inspect.StrType | inspect.EnumType | inspect.LiteralType)


def _as_toml(text: str) -> object:
    try:
        return cast("object", tomllib.loads(f"value = {text}")["value"])
    except tomllib.TOMLDecodeError:
        return text


def _put(table: Table, path: tuple[str, ...], value: object) -> None:
    for piece in path[:-1]:
        below = table.setdefault(piece, {})
        if not isinstance(below, MutableMapping):
            below = table[piece] = cast("Table", {})
        table = cast("Table", below)
    table[path[-1]] = value


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in cast("Table", value).items()}
    if isinstance(value, list):
        return [_copied(item) for item in cast("list[object]", value)]
    return value


def describe(overrides: Mapping[str, str], *, public: bool) -> bytes:
    """Return the overrides as bytes for the digest, in a fixed order; not those of a place to run in.

    Gateways over one database that differ in those alone hold the same configuration. ``public``: whether there is a
    public address, by which partners call whichever of them.
    """
    left_out = _OF_A_PLACE + (_ADDRESS if public else ())
    return msgspec.json.encode(sorted(item for item in overrides.items() if not item[0].startswith(left_out)))


def starting(overrides: tuple[Override, ...], file: str, key: str) -> Iterator[Override]:
    """Return this file's overrides whose value a faulty key lies in."""
    for override in overrides:
        path = reduce(dotted, override.path, "")
        if override.file == file and (key == path or key.startswith((f"{path}.", f"{path}["))):
            yield override
