"""Paths into a document of dicts and lists: ``result[0].MaHoSo``, the plain part of JSONPath (RFC 9535).

Names after dots or in brackets and quotes, positions from the front or from the end, ``[*]`` where several places may
be meant, ``$`` in front if one likes. No filters and no ``..``: what is read is hostile, and its size bounds the work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import cast

_STEP = re.compile(
    r"""(?:^|(?<=.)\.)(?P<name>[^.\[\]{}\s]+)
    | \[(?:(?P<index>-?\d{1,4}) | (?P<every>\*) | '(?P<single>[^'\\]+)' | "(?P<double>[^"\\]+)")\]""",
    re.VERBOSE,
)


_WHOLE = "$"  #: the document itself
_GET = cast("Callable[[object, object], object]", dict.get)


class Every(Enum):
    """``[*]``: every item of a list, every value of a table."""

    ITEM = "*"


Step = str | int | Every


@dataclass(frozen=True, slots=True)
class Path:
    """Steps into a document: names of keys, positions in lists."""

    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read the path of one place, ``a.b[0].c``; raises ValueError for anything else."""
        steps = _steps(text)
        if Every.ITEM in steps:
            raise ValueError(f"{text!r} may be several places, and one is wanted: write [0] instead of [*]")
        return cls(cast("tuple[str | int, ...]", steps))

    def find(self, document: object) -> object:
        """Return what is there, None where the document does not reach that far."""
        for step in self.steps:
            # almost every step is a name in a plain dict; an abstract base class is asked for the others only
            kind = type(document)
            document = _GET(document, step) if kind is dict else _down(document, step)
        return document


@dataclass(frozen=True, slots=True)
class Places:
    """A path that may lead to several places: ``result[*].code``."""

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Places:
        """Read it; raises ValueError."""
        return cls(_steps(text))

    def find(self, document: object) -> Sequence[object]:
        """Return what is at each place, in order, as far as the document reaches."""
        found = [document]
        for step in self.steps:
            if step is Every.ITEM:
                found = [item for one in found for item in _items(one)]
            else:
                found = [item for one in found if (item := _down(one, step)) is not None]
        return found


def _steps(text: str) -> tuple[Step, ...]:
    if text == _WHOLE:
        return ()
    if text.startswith(("$.", "$[")):
        text = text[1:].removeprefix(".")
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"{text!r} is not a path: write name.name[0].name")
        steps.append(_step(match))
        position = match.end()
    if not steps:
        raise ValueError("a path needs at least one name")
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    if match["every"] or match["name"] == "*":
        return Every.ITEM
    if match["index"] is not None:
        return int(match["index"])
    return cast("str", match["name"] or match["single"] or match["double"])


def _down(document: object, step: str | int) -> object:
    if isinstance(step, str):
        return cast("Mapping[str, object]", document).get(step) if isinstance(document, Mapping) else None
    if not isinstance(document, list | tuple):
        return None
    items = cast("Sequence[object]", document)
    return items[step] if -len(items) <= step < len(items) else None


def _items(document: object) -> Sequence[object]:
    if isinstance(document, Mapping):
        return [*cast("Mapping[str, object]", document).values()]
    return cast("Sequence[object]", document) if isinstance(document, list | tuple) else ()


def put(document: dict[str, object], names: tuple[str, ...], value: object) -> None:
    """Set a value below nested dicts, which are made where they are missing."""
    for name in names[:-1]:
        document = cast("dict[str, object]", document.setdefault(name, {}))
    document[names[-1]] = value
