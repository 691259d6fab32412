"""A catalogue of procedures as rows of a table, with the headings that offices write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from gateway.config.settings import ServiceConfig
from gateway.core.errors import ConfigError, Problem
from gateway.model.letters import bare

_SPREADSHEET_EPOCH = date(1899, 12, 30)  #: day 0 of the serial numbers in which spreadsheets keep dates
_SERIAL = range(10_000, 100_000)
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,99}")
_LONGEST = 1000  #: characters of one cell


class _Bad(Exception):
    """A cell cannot be read; says what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    heading: str  #: as faults name it
    others: tuple[str, ...]  #: further headings, without accents, signs and case
    read: Callable[[str], object]
    required: bool = False


def _words(cell: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if len(text) > _LONGEST or not text.isprintable():
        raise _Bad(f"write at most {_LONGEST} characters, without control characters")
    return text


def _code(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise _Bad("write a procedure code such as 1.001193")
    return cell


def _level(cell: str) -> int:
    """Return mức độ as a number; since NĐ 42/2022 the words are «một phần» (3) and «toàn trình» (4)."""
    text = bare(cell).removeprefix("mucdo")
    if text not in _LEVELS:
        raise _Bad("write 1, 2, 3, 4, «Một phần» or «Toàn trình»")
    return _LEVELS[text]


_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4, "motphan": 3, "toantrinh": 4}


def _choice(choices: Mapping[str, str], remedy: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        found = choices.get(bare(cell).removeprefix("cap"))
        if found is None:
            raise _Bad(remedy)
        return found

    return read


def _day(cell: str) -> date:
    """Return a day: as people write it, as ISO 8601, or as a spreadsheet's serial number."""
    if cell.isascii() and cell.isdigit() and int(cell[:6]) in _SERIAL:
        return _SPREADSHEET_EPOCH + timedelta(days=int(cell))
    match = _ISO.fullmatch(cell) or _USUAL.fullmatch(cell)
    try:
        return date(**{part: int(digits) for part, digits in match.groupdict().items()}) if match else _no_day()
    except ValueError:
        return _no_day()


_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_USUAL = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})")


def _no_day() -> NoReturn:
    raise _Bad("write a day as 31/01/2026 or 2026-01-31")


def _systems(cell: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", cell) if part)


_COLUMNS: Mapping[str, _Column] = {
    "code": _Column(heading="Mã TTHC", others=("mathutuc", "matthc", "code"), read=_code, required=True),
    "name": _Column(heading="Tên TTHC", others=("tenthutuc", "tenthutuchanhchinh", "name"), read=_words, required=True),
    "level": _Column(heading="Mức độ", others=("mucdodvc", "level"), read=_level, required=True),
    "tier": _Column(
        heading="Cấp",
        others=("capthuchien", "tier"),
        read=_choice(
            {"tinh": "province", "province": "province", "huyen": "district", "district": "district"}
            | {"xa": "commune", "commune": "commune"},
            "write «Tỉnh», «Huyện» or «Xã»",
        ),
        required=True,
    ),
    "provided_by": _Column(
        heading="Bên cung cấp",
        others=("providedby", "donvicungcap"),
        read=_choice(
            {"tinh": "province", "province": "province", "bo": "ministry", "bonganh": "ministry"}
            | {"trunguong": "ministry", "ministry": "ministry"},
            "write «Tỉnh» or «Bộ»",
        ),
    ),
    "agency": _Column(heading="Cơ quan", others=("coquanthuchien", "madinhdanh", "agency"), read=_words),
    "field": _Column(heading="Lĩnh vực", others=("tenlinhvuc", "field"), read=_words),
    "system": _Column(heading="Hệ thống", others=("system", "systems"), read=_systems),
    "valid_from": _Column(heading="Từ ngày", others=("hieuluctu", "validfrom"), read=_day),
    "valid_to": _Column(heading="Đến ngày", others=("hieulucden", "validto"), read=_day),
}


def read(rows: Sequence[Sequence[str]], file: str) -> tuple[ServiceConfig, ...]:
    """Return the services of a table whose first row holds the headings.

    Raises ConfigError with every cell that cannot be read; a problem names row and column, never what stands there.
    """
    places, problems = _places(rows[0], file)
    services: list[ServiceConfig] = []
    if not problems:
        for number, row in enumerate(rows[1:], start=2):
            values = dict(_values(row, places, number, file, problems))
            if len(values.keys() & _REQUIRED) == len(_REQUIRED):
                services.append(ServiceConfig(**values))  # type: ignore[arg-type] # each value was read by its column
        problems += _twice(services, file)
    if problems:
        raise ConfigError(*problems)
    return tuple(services)


_REQUIRED = frozenset(name for name, column in _COLUMNS.items() if column.required)


def _places(headings: Sequence[str], file: str) -> tuple[dict[str, int], list[Problem]]:
    """Return in which place each column stands, and which of the required ones are missing or doubled."""
    named = [bare(heading) for heading in headings]
    problems: list[Problem] = []
    places: dict[str, int] = {}
    for name, column in _COLUMNS.items():
        found = [place for place, heading in enumerate(named) if heading in {bare(column.heading), *column.others}]
        if len(found) > 1 or (column.required and not found):
            text = "stands more than once" if found else "is missing"
            remedy = "keep one" if found else f"the first row names the columns; add «{column.heading}»"
            problems.append(Problem(file=file, key=f"column «{column.heading}»", text=text, remedy=remedy))
        elif found:
            places[name] = found[0]
    return places, problems


def _values(
    row: Sequence[str], places: Mapping[str, int], number: int, file: str, problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    for name, place in places.items():
        column = _COLUMNS[name]
        cell = row[place].strip() if place < len(row) else ""
        key = f"row {number}, «{column.heading}»"
        if not cell:
            if column.required:
                problems.append(Problem(file=file, key=key, text="is empty", remedy="every row needs it"))
            continue
        try:
            yield name, column.read(cell)
        except _Bad as bad:
            problems.append(Problem(file=file, key=key, text="cannot be read", remedy=str(bad)))


def _twice(services: Sequence[ServiceConfig], file: str) -> Iterator[Problem]:
    seen: set[tuple[str, date | None]] = set()
    for service in services:
        key = (service.code, service.valid_from)
        if key in seen:
            text, remedy = f"{service.code} is listed twice from the same day", "keep one row"
            yield Problem(file=file, key="column «Mã TTHC»", text=text, remedy=remedy)
        seen.add(key)
