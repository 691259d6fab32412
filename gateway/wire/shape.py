"""What a partner's service description says of its messages, whatever it is written in: for people who map them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.wire.errors import PlacedError

#: So many fields are shown of one description, so many levels of one message: a hostile one could have no end.
MOST_FIELDS = 2000
DEEPEST = 10

Kind = Literal["text", "int", "bool", "any", "file", "table"]


class ShapeError(PlacedError):
    """A description cannot be used; says where, and what to do. Never repeats more of it than names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a message."""

    name: str
    type: str  #: as the description calls it
    kind: Kind
    required: bool
    many: bool = False
    fields: tuple[Field, ...] = ()  #: of a table
    note: str = ""  #: what else is said of it: codes, lengths, words; one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One operation."""

    name: str
    about: str = ""  #: one line
    address: str = ""  #: where the description says that it is
    request: tuple[Field, ...] = ()
    reply: tuple[Field, ...] = ()
    faults: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()  #: of SOAP
    method: str = ""  #: of HTTP
    path: str = ""
    parameters: tuple[Field, ...] = ()  #: of path, query and headers; ``type`` begins with the place
    media_type: str = ""
    statuses: tuple[str, ...] = ()


class Budget:
    """Counts the fields that are shown."""

    def __init__(self, most: int = MOST_FIELDS) -> None:
        self._left = most

    def take(self) -> bool:
        """Whether one more may be shown."""
        self._left -= 1
        return self._left >= 0


def one_line(text: object, longest: int = 160) -> str:
    """Return a text of a description as one line that can stand in a comment."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())
    return words if len(words) <= longest else f"{words[:longest]}…"


def flat(fields: Sequence[Field], before: str = "") -> list[str]:
    """Return the paths of all fields that hold a value, as rules and mappings write them."""
    found: list[str] = []
    for field in fields:
        path = f"{before}{field.name}"
        found += flat(field.fields, f"{path}[0]." if field.many else f"{path}.") if field.fields else [path]
    return found
