"""What people hand over on the command line: a partner's list in a file, and a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.app.clock import SystemClock
from gateway.cli.failures import Failed
from gateway.wire.partner_lists import read_codes
from gateway.wire.sheets import MOST_BYTES, BadSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """The codes in a CSV or XLSX file."""

    codes: tuple[str, ...]
    sha256: str  #: of the file, lower-case hex
    made_at: datetime  #: the file's own time


def read_list(file: Path, column: str) -> ListFile:
    """Return the codes in a column of a file. Raises Failed."""
    content = content_of(file)
    try:
        made_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        codes = read_codes(content, column)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None
    except BadSheet as error:
        raise Failed(f"{file}: {error}", status=2) from None
    return ListFile(codes=codes, sha256=hashlib.sha256(content).hexdigest(), made_at=made_at)


def content_of(file: Path) -> bytes:
    """Return what a file holds, as far as a table may be long. Raises Failed."""
    try:
        with file.open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from None


def a_time(text: str) -> datetime:
    """Return a time with its zone. Raises Failed."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Failed(f"{text!r} is no time with a zone, such as 2026-11-24T17:00:00+07:00", status=2)
    return found


def a_past_time(text: str) -> datetime:
    """Return a time that is over: since one that is to come nothing has happened, and all would seem well.

    Raises Failed.
    """
    found = a_time(text)
    if found > SystemClock().now():
        raise Failed(f"{text} is still to come", status=2)
    return found
