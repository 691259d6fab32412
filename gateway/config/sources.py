"""The operator's files as raw tables, every unreadable one named."""

from __future__ import annotations

import hashlib
import posixpath
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, cast

from gateway.config.nearest import suggestion
from gateway.core.errors import Problem

Table: TypeAlias = dict[str, object]

DEFAULTS = Path(__file__).with_name("defaults.toml")
#: The default of ``statuses.toml``.
STATUSES = Path(__file__).with_name("statuses.toml")
#: Files that must be there; the others may be missing.
_NEEDED = ("gateway.toml", "routes.toml")
#: All files at the top; below them are systems/, mappings/ and what adapters name themselves.
_TOP = ("calendar.toml", "gateway.toml", "routes.toml", "services.toml", "statuses.toml")
_LIMIT = 32 * 1024 * 1024  #: bytes of one file
_FILE = "file:"  #: before the place of a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All tables by file name relative to the directory, and the digest of everything in it."""

    tables: Mapping[str, Table]
    digest: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)  #: as read, by the same names
    problems: list[Problem] = field(default_factory=list[Problem])

    def public(self) -> dict[str, bytes]:
        """Return the files but for those that some table refers to as secrets: ``file:`` and a place among them."""
        texts = (text for table in self.tables.values() for text in texts_in(table))
        secret = {posixpath.normpath(text.removeprefix(_FILE)) for text in texts if text.startswith(_FILE)}
        return {name: raw for name, raw in self.files.items() if name not in secret}

    def below(self, folder: str) -> Iterator[tuple[str, Table]]:
        """Return the tables of one folder, by file name, in order."""
        for name in sorted(self.tables):
            if name.startswith(f"{folder}/"):
                yield name, self.tables[name]


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a table, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in cast("Table", value).values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from texts_in(item)


def file_of(system: str) -> str:
    """Return the name of a system's file."""
    return f"systems/{system}.toml"


def read(directory: Path) -> Sources:
    """Read every file below the directory; hidden files are left out."""
    problems: list[Problem] = []
    tables: dict[str, Table] = {}
    files: dict[str, bytes] = {}
    digest = hashlib.sha256(DEFAULTS.read_bytes() + STATUSES.read_bytes())
    for path in _files(directory):
        name = path.relative_to(directory).as_posix()
        raw = files[name] = _bytes(path, name, problems)
        digest.update(f"{name}\0{hashlib.sha256(raw).hexdigest()}\0".encode())
        if path.suffix == ".toml":
            tables[name] = _parse(raw, name, problems)
    problems += _missing(directory, tables)
    return Sources(tables=tables, digest=digest.hexdigest(), files=files, problems=problems)


def _files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if path.is_file() and not hidden:
            yield path


def _bytes(path: Path, name: str, problems: list[Problem]) -> bytes:
    try:
        if path.stat().st_size > _LIMIT:
            problems.append(Problem(file=name, key="", text="larger than 32 MiB", remedy="move it elsewhere"))
            return b""
        return path.read_bytes()
    except OSError as problem:
        text = f"cannot be read: {problem.strerror}"
        problems.append(Problem(file=name, key="", text=text, remedy="let the gateway's user read it"))
        return b""


def _parse(raw: bytes, name: str, problems: list[Problem]) -> Table:
    """Return the file's table, an empty one where it is no TOML."""
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        problems.append(Problem(file=name, key="", text="is not UTF-8", remedy="save it as UTF-8"))
    except tomllib.TOMLDecodeError as problem:
        text = f"is not TOML: {problem}"
        problems.append(Problem(file=name, key="", text=text, remedy="correct the line; see https://toml.io"))
    return {}


def _missing(directory: Path, tables: Mapping[str, Table]) -> Iterator[Problem]:
    if not directory.is_dir():
        remedy = "name the directory with --config DIR"
        yield Problem(file=str(directory), key="", text="there is no such directory", remedy=remedy)
        return
    for name in _NEEDED:
        if name not in tables:
            yield Problem(file=name, key="", text="is missing", remedy=f"create it in {directory}; it may be empty")
    if not any(name.startswith("systems/") for name in tables):
        yield Problem(file="systems/", key="", text="no system is defined", remedy="create systems/<id>.toml")


def defaults() -> Table:
    """Return a fresh copy of ``defaults.toml``."""
    return tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))


def default_statuses() -> Table:
    """Return a fresh copy of the default of ``statuses.toml``."""
    return tomllib.loads(STATUSES.read_text(encoding="utf-8"))


def merged(under: Table, over: Table) -> Table:
    """Return both tables, ``over`` winning key by key."""
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        both = isinstance(below, dict) and isinstance(value, dict)
        result[key] = merged(cast("Table", below), cast("Table", value)) if both else value
    return result


def dotted(at: str, key: str) -> str:
    """Return the dotted key as TOML writes it: pieces with dots of their own in quotes."""
    piece = key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'
    return f"{at}.{piece}" if at else piece


def is_read(name: str) -> bool:
    """Whether this TOML file is one of those that mean something."""
    folder, _, rest = name.partition("/")
    if not rest:
        return name in _TOP
    return folder != "systems" or "/" not in rest


def place_of(name: str) -> str:
    """Return where a stray file was probably meant to be."""
    return "put it right below systems/" if "/" in name else suggestion(name, _TOP)
