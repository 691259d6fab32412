"""What is still to be filled in: an imported file says where with one word, and is refused while it says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from gateway.config.sources import Table
from gateway.core.errors import Problem

BLANK = "FILL_IN"
_UNFILLED = "is still to be filled in"
_REMEDY = "write what belongs there, or take the row or table out if nothing does"


class Unfilled(Problem):
    """A place that is still to be filled in: what else is found in its file may come of that alone."""


def blanks(tables: Mapping[str, Table]) -> Iterator[Unfilled]:
    """Return every place of the files, in keys and in texts, that is still to be filled in."""
    for file, table in tables.items():
        for key in _places(table, ""):
            yield Unfilled(file=file, key=key, text=_UNFILLED, remedy=_REMEDY)


def _places(value: object, at: str) -> Iterator[str]:
    if isinstance(value, str):
        if BLANK in value:
            yield at
    elif isinstance(value, dict):
        for name, item in cast("Table", value).items():
            place = f"{at}.{name}" if at else name
            if BLANK in name:
                yield place
            else:
                yield from _places(item, place)
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _places(item, f"{at}[{number}]")
