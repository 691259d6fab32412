"""Dossiers that systems have from before the gateway, as rows of a table: one row for a dossier at a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType
from typing import cast

from gateway.config import columns
from gateway.config.columns import BadCell, Column, day, serial_moment, words
from gateway.config.nearest import suggestion
from gateway.core.adoption import Adoption
from gateway.core.calendar import FIRST_YEAR, LAST_YEAR, VIETNAM
from gateway.core.codes import is_rounded
from gateway.core.composing import composed
from gateway.core.errors import ConfigError, Problem
from gateway.core.ids import SystemId
from gateway.core.message import Code, SourceStatus
from gateway.model.letters import bare
from gateway.model.texts import text
from gateway.model.types.status import STATUSES

_LONGEST_CODE = 100
_FORMATS = ("%Y%m%d%H%M%S", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_NATIONAL = "national"

_NUMBERS: Mapping[str, int] = MappingProxyType(
    {bare(name): number for number, name in STATUSES.items()}
    | {bare(text(f"status.{number}", "vi")): number for number in STATUSES}
    | {str(number): number for number in STATUSES}
)


def _code(cell: str) -> str:
    code = composed(cell)
    if is_rounded(code):
        raise BadCell("fill the column in again as text: the spreadsheet has rounded it to a number")
    if len(code) > _LONGEST_CODE or not code.isprintable():
        raise BadCell(f"write a code of at most {_LONGEST_CODE} characters, without control characters")
    return code


def _status(cell: str) -> SourceStatus:
    """Return a status by its national number or name; any other as the system's own, without a number."""
    number = _NUMBERS.get(bare(cell))
    return SourceStatus(status=number) if number else SourceStatus(status=None, code=_code(cell), text=words(cell))


def _moment(cell: str) -> datetime:
    """Return a time; one without a zone is a time in Việt Nam, one without an hour the beginning of its day."""
    found = _time(cell)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadCell("leave it empty where there is none: this year stands for no time")
    return found


def _time(cell: str) -> datetime:
    if (found := serial_moment(cell)) is not None:
        return _in_zone(found)
    try:
        return _in_zone(datetime.fromisoformat(cell))
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            return _in_zone(datetime.strptime(cell, pattern))  # noqa: DTZ007 - the zone is added where none is written
        except ValueError:
            continue
    try:
        return _in_zone(datetime.combine(day(cell), time()))
    except BadCell:
        raise BadCell("write a time as 2026-11-24 17:00:00, 24/11/2026 17:00 or 20261124170000") from None


def _in_zone(moment: datetime) -> datetime:
    return moment.replace(tzinfo=VIETNAM) if moment.tzinfo is None else moment


_SCHEMES: Mapping[str, Column] = MappingProxyType(
    {
        "province": Column(heading="Mã hồ sơ", others=("sohoso", "province", "code"), read=_code, required=True),
        _NATIONAL: Column(heading="Mã hồ sơ QG", others=("mahosoquocgia", "national"), read=_code),
        "unit": Column(heading="Mã hồ sơ đơn vị", others=("mahosobonganh", "mahosokhac", "unit"), read=_code),
        "receipt": Column(heading="Số biên nhận", others=("receipt",), read=_code),
    }
)
_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        **_SCHEMES,
        "procedure": Column(heading="Mã TTHC", others=("mathutuc", "procedure"), read=_code, required=True),
        "agency": Column(heading="Đơn vị tiếp nhận", others=("madonvitiepnhan", "madonvi", "agency"), read=_code),
        "system": Column(heading="Hệ thống", others=("system",), read=_code),
        "status": Column(heading="Trạng thái", others=("trangthaihoso", "status"), read=_status),
        "synced_at": Column(
            heading="Đồng bộ lúc", others=("ngaydongbo", "dongbolancuoi", "syncedat"), read=_moment, required=True
        ),
        "due_at": Column(heading="Ngày hẹn trả", others=("hentra", "dueat"), read=_moment),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a list is read against."""

    file: str  #: as faults name it
    systems: frozenset[str]  #: every configured one
    system: str  #: that of the rows which name none; empty: every row must
    now: datetime


def read(rows: Sequence[Sequence[str]], grounds: Grounds) -> tuple[Adoption, ...]:
    """Return the adoptions of a table whose first row holds the headings, in its order.

    Raises ConfigError with every cell that cannot be read; a problem names row and column, never what stands there.
    """
    problems: list[Problem] = []
    read_ = columns.read(_COLUMNS, rows, grounds.file, problems)
    found = [_adoption(cells, number, grounds, problems) for number, cells in read_]
    if problems:
        raise ConfigError(*problems)
    return tuple(item for item in found if item is not None)


def _adoption(cells: Mapping[str, object], number: int, grounds: Grounds, problems: list[Problem]) -> Adoption | None:
    """Return what a row says, as far as its cells could be read; what they say together may be wrong, too."""
    system = str(cells.get("system", grounds.system))
    if system not in grounds.systems:
        remedy = suggestion(system, grounds.systems) if system else "fill it in, or name the system with --system"
        problems.append(_problem(grounds, number, "system", "names no system", remedy))
    synced_at = cells.get("synced_at")
    if not isinstance(synced_at, datetime):
        return None
    if synced_at > grounds.now:
        problems.append(_problem(grounds, number, "synced_at", "lies in the future", "correct it"))
    return Adoption(
        row=number,
        codes=tuple(Code(scheme, str(cells[scheme])) for scheme in _SCHEMES if scheme in cells),
        system=SystemId(system),
        synced_at=synced_at,
        status=cast("SourceStatus | None", cells.get("status")),
        procedure=str(cells.get("procedure", "")),
        agency=str(cells.get("agency", "")),
        due_at=cast("datetime | None", cells.get("due_at")),
    )


def _problem(grounds: Grounds, number: int, column: str, what: str, remedy: str) -> Problem:
    return Problem(file=grounds.file, key=f"row {number}, «{_COLUMNS[column].heading}»", text=what, remedy=remedy)
