"""The columns of a table that somebody hands over: found by their headings, each cell read by its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NoReturn

from gateway.core.composing import composed
from gateway.core.errors import Problem
from gateway.model.letters import bare

_SPREADSHEET_EPOCH = date(1899, 12, 30)  #: day 0 of the serial numbers in which spreadsheets keep dates
_SERIAL = range(10_000, 100_000)
_LONGEST = 1000  #: characters of one cell
_DAY = timedelta(days=1)


class BadCell(Exception):
    """A cell cannot be read; says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: how people call it, and how its cells are read."""

    heading: str  #: as faults name it
    others: tuple[str, ...]  #: further headings, without accents, signs and case
    read: Callable[[str], object]  #: raises BadCell
    required: bool = False


def words(cell: str) -> str:
    """Return a cell's words. Raises BadCell."""
    text = " ".join(composed(cell).split())
    if len(text) > _LONGEST or not text.isprintable():
        raise BadCell(f"write at most {_LONGEST} characters, without control characters")
    return text


def day(cell: str) -> date:
    """Return a day: as people write it, as ISO 8601, or as a spreadsheet's serial number. Raises BadCell."""
    if _SERIAL_DAY.fullmatch(cell) and int(cell) in _SERIAL:
        return _SPREADSHEET_EPOCH + timedelta(days=int(cell))
    match = _ISO.fullmatch(cell) or _USUAL.fullmatch(cell)
    try:
        return date(**{part: int(digits) for part, digits in match.groupdict().items()}) if match else _no_day()
    except ValueError:
        return _no_day()


def serial_moment(cell: str) -> datetime | None:
    """Return a time without a zone of a spreadsheet's serial number: days, and the part of the day; else None."""
    found = _SERIAL_MOMENT.fullmatch(cell)
    if found is None or int(found["days"]) not in _SERIAL:
        return None
    seconds = round(float(f"0.{found['part']}") * _DAY.total_seconds())
    return datetime.combine(_SPREADSHEET_EPOCH, time()) + int(found["days"]) * _DAY + timedelta(seconds=seconds)


_SERIAL_DAY = re.compile(r"[0-9]{5}")
_SERIAL_MOMENT = re.compile(r"(?P<days>[0-9]{5})\.(?P<part>[0-9]{1,20})")
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_USUAL = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})")


def _no_day() -> NoReturn:
    raise BadCell("write a day as 31/01/2026 or 2026-01-31")


def read(
    columns: Mapping[str, Column], rows: Sequence[Sequence[str]], file: str, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield each row's number and what its cells say, of a table whose first filled row holds the headings.

    What is missing, doubled, empty or cannot be read is added to the problems, never what stands there.
    """
    (_, headings), *filled = ((number, row) for number, row in enumerate(rows, start=1) if row)
    places = dict(_places(columns, headings, file, problems))
    if not problems:
        for number, row in filled:
            told = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
            yield number, dict(_cells(columns, told, f"row {number}", file, problems))


def _places(
    columns: Mapping[str, Column], headings: Sequence[str], file: str, problems: list[Problem]
) -> Iterator[tuple[str, int]]:
    named = [bare(heading) for heading in headings]
    for name, column in columns.items():
        found = [place for place, heading in enumerate(named) if heading in {bare(column.heading), *column.others}]
        if len(found) > 1 or (column.required and not found):
            text = "stands more than once" if found else "is missing"
            remedy = "keep one" if found else f"the first row names the columns; add «{column.heading}»"
            problems.append(Problem(file=file, key=f"column «{column.heading}»", text=text, remedy=remedy))
        elif found:
            yield name, found[0]


def _cells(
    columns: Mapping[str, Column], told: Mapping[str, str], row: str, file: str, problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    for name, cell in told.items():
        column = columns[name]
        key = f"{row}, «{column.heading}»"
        if not cell:
            if column.required:
                problems.append(Problem(file=file, key=key, text="is empty", remedy="every row needs it"))
            continue
        try:
            yield name, column.read(cell)
        except BadCell as bad:
            problems.append(Problem(file=file, key=key, text="cannot be read", remedy=str(bad)))
