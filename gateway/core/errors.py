"""Errors of the gateway.

::

    GatewayError
    ├── ConfigError          the operator's files are wrong; ``problems`` lists all of them
    ├── DoneInPart           so much of it is done and stays done; asking the same again does the rest
    └── StoreError
        ├── StoreUnavailable  nothing is presumed: neither accepted nor lost
        │   ├── FilesUnavailable  it is what keeps the attachments, not the database
        │   └── Unusable      the database is damaged, or not as it has to be: no waiting mends that
        │       └── PutBack   an earlier copy has taken its place, and nobody has said so
        ├── StoreFull         no room for new work; what is accepted is safe
        ├── Fenced            this node's incarnation is over
        ├── CursorExpired     the feed no longer reaches back that far; ``earliest`` says how far
        └── CursorInvalid     no feed ever gave this cursor

What a partner refuses is an outcome, not an error; what a sender does wrong is ``model.faults.Invalid``.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass


class GatewayError(Exception):
    """The root of what this package raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in the operator's files."""

    file: str
    key: str  #: dotted path inside the file, empty for the file as a whole
    text: str  #: what is wrong
    remedy: str = ""  #: what to do

    def __str__(self) -> str:
        """Return one line for people."""
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.text}" + (f" ({self.remedy})" if self.remedy else "")


class ConfigError(GatewayError):
    """The configuration cannot be used; carries every problem found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class DoneInPart(GatewayError):
    """What is done in several transactions came to one that failed: ``done`` of ``of`` are done for sure."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(f"{done} of {of} are done, and stay done; the same again does the rest")
        self.done, self.of = done, of


class StoreError(GatewayError):
    """The store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The transaction failed or its result is unknown; the caller may repeat it."""


class FilesUnavailable(StoreUnavailable):
    """The same of what keeps the attachments: the database may well be all right."""


class Unusable(StoreUnavailable):
    """The database cannot be used as it is, and waiting mends nothing; the message says what does."""


class PutBack(Unusable):
    """An earlier copy has taken the place of the database, and is not marked."""


class StoreFull(StoreError):
    """The store's reserve is reached: accepts are refused first, settlements last."""


class Fenced(StoreError):
    """Another incarnation has taken over: this process must stop."""


class CursorInvalid(StoreError):
    """A reader asked with what no feed of this store has ever given out."""


class CursorExpired(StoreError):
    """A reader asked for rows that are gone, or for those of another epoch of the store."""

    def __init__(self, earliest: str) -> None:
        super().__init__("the cursor is older than what the feed still holds")
        self.earliest = earliest


def name_of(error: BaseException) -> str:
    """Return the class of an error, and of what the system says by a number which one: ``OSError ENOSPC``."""
    number = error.errno if isinstance(error, OSError) else None
    return f"{type(error).__name__} {errno.errorcode.get(number or 0, '')}".rstrip()
