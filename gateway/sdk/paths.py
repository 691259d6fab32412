"""Paths into a document of dicts and lists: ``result[0].MaHoSo``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

_STEP = re.compile(r"(?:^|\.)(?P<name>[^.\[\]{}\s]+)|\[(?P<index>\d{1,4})\]")


@dataclass(frozen=True, slots=True)
class Path:
    """Steps into a document: names of keys, positions in lists."""

    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read ``a.b[0].c``; raises ValueError for anything else."""
        steps: list[str | int] = []
        position = 0
        while position < len(text):
            match = _STEP.match(text, position)
            if match is None:
                raise ValueError(f"{text!r} is not a path: write name.name[0].name")
            steps.append(match["name"] if match["index"] is None else int(match["index"]))
            position = match.end()
        if not steps:
            raise ValueError("a path needs at least one name")
        return cls(tuple(steps))

    def find(self, document: object) -> object:
        """Return what is there, None where the document does not reach that far."""
        for step in self.steps:
            # almost every step is a name in a plain dict; an abstract base class is asked for the others only
            document = (
                cast("dict[object, object]", document).get(step) if type(document) is dict else _down(document, step)
            )
        return document


def _down(document: object, step: str | int) -> object:
    if isinstance(step, str):
        return cast("Mapping[str, object]", document).get(step) if isinstance(document, Mapping) else None
    if isinstance(document, str | bytes) or not isinstance(document, Sequence):
        return None
    items = cast("Sequence[object]", document)
    return items[step] if step < len(items) else None


def put(document: dict[str, object], names: tuple[str, ...], value: object) -> None:
    """Set a value below nested dicts, which are made where they are missing."""
    for name in names[:-1]:
        document = cast("dict[str, object]", document.setdefault(name, {}))
    document[names[-1]] = value
