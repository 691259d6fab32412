"""Copies of the embedded database: made while it is written, proved, and put in its place."""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.core.errors import PutBack
from gateway.stores.folders import fsync

_OURS = 'SELECT value FROM meta WHERE name = "epoch"'
_PIECE = 1 << 20
_BESIDE = ("-wal", "-shm")  #: what SQLite keeps beside a database: never applies to another one
_FLAG = "gateway.restoring"  #: lies beside the database while one takes the place of another


class NotOurs(Exception):
    """A file that is no sound database of a gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy that was proved."""

    path: Path
    size: int  #: bytes
    sha256: str  #: lower-case hex


def copy(source: Path, target: Path) -> Copied:
    """Copy a database to a new file, whole as it is at this moment; whoever writes it meanwhile does not wait.

    It is proved by SQLite's quick_check and on the disk when this returns. Raises FileExistsError, OSError,
    sqlite3.Error, and NotOurs for what is no gateway's database, or no sound one.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process that was killed and had the same number
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        _transfer(source, draft)
        fsync(draft)
        os.link(draft, target)  # which, unlike a rename, replaces nothing
    finally:
        draft.unlink()
    fsync(target.parent)
    return Copied(path=target, size=target.stat().st_size, sha256=_sha256(target))


def _transfer(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(_to_read(source), uri=True)) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        _prove(there, source, quick=False)
        try:
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")  # one file, and nothing beside it
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:  # of two disks, this one
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
            raise
        _prove(here, target, quick=True)


def _to_read(source: Path) -> str:
    """Return the address by which a database is read; without its log it cannot be where no log can be begun.

    That is so on a disk that has become read-only, of which a copy is wanted most: nobody changes it meanwhile.
    """
    file = source.resolve()
    rests = os.statvfs(file).f_flag & os.ST_RDONLY and not file.with_name(f"{file.name}-wal").exists()
    return f"{file.as_uri()}?mode=ro{'&immutable=1' if rests else ''}"


def _prove(connection: sqlite3.Connection, path: Path, *, quick: bool) -> None:
    try:
        connection.execute(_OURS).fetchone()
        found = connection.execute("PRAGMA quick_check").fetchone()[0] if quick else "ok"
    except sqlite3.DatabaseError as error:
        raise NotOurs(f"{path} is no database of a gateway, or damaged: {error}") from error
    if found != "ok":
        raise NotOurs(f"{path} is damaged: {found}")


def put_in_place(coming: Path, place: Path, at: datetime) -> None:
    """Let a database that nobody has open take the place of another, kept as ``gateway.db.before-<time>`` with its log.

    For the holder of the lock. May be repeated after a kill: until it has ended, nobody opens what is in the place.
    """
    _close(coming)
    flag = place.with_name(_FLAG)
    if not flag.exists():
        _raise_flag(flag, f"{at:%Y%m%dT%H%M%S.%f}")
    _put_aside(place, place.with_name(f"{place.name}.before-{flag.read_text(encoding='ascii')}"))
    coming.replace(place)
    fsync(place.parent)


def end_putting(place: Path) -> None:
    """Let the database be opened again."""
    place.with_name(_FLAG).unlink()
    fsync(place.parent)


def check_whole(place: Path) -> None:
    """Raise PutBack where putting a database in the place of another was begun and not ended."""
    if os.path.lexists(place.with_name(_FLAG)):
        raise PutBack(
            f"a copy was being put in the place of {place}, and that broke off: run the same"
            " ./run_gateway.py db restore FILE again"
        )


def _close(path: Path) -> None:
    """Let a database be one file, with nothing beside it that would have to come along."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    fsync(path)


def _raise_flag(flag: Path, text: str) -> None:
    draft = flag.with_name(f".{flag.name}")
    draft.write_text(text, encoding="ascii")
    fsync(draft)
    draft.replace(flag)
    fsync(flag.parent)


def _put_aside(place: Path, aside: Path) -> None:
    """Where something has been put aside already, what is in the place now is no more than an earlier try."""
    if aside.exists():
        for end in _BESIDE:
            Path(f"{place}{end}").unlink(missing_ok=True)
        return
    for end in ("-wal", ""):  # the database last: as long as it is here, its log is not another's
        one = Path(f"{place}{end}")
        if one.exists():
            one.rename(f"{aside}{end}")
    Path(f"{place}-shm").unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return found.hexdigest()
