"""A catalogue of procedures as rows of a table, with the headings that offices write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from gateway.config import columns
from gateway.config.columns import BadCell, Column, day, words
from gateway.config.settings import ServiceConfig
from gateway.core.errors import ConfigError, Problem
from gateway.model.letters import bare

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,99}")


def _code(cell: str) -> str:
    if not _CODE.fullmatch(cell):
        raise BadCell("write a procedure code such as 1.001193")
    return cell


def _level(cell: str) -> int:
    """Return mức độ as a number; since NĐ 42/2022 the words are «một phần» (3) and «toàn trình» (4)."""
    text = bare(cell).removeprefix("mucdo")
    if text not in _LEVELS:
        raise BadCell("write 1, 2, 3, 4, «Một phần» or «Toàn trình»")
    return _LEVELS[text]


_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4, "motphan": 3, "toantrinh": 4}


def _choice(choices: Mapping[str, str], remedy: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        found = choices.get(bare(cell).removeprefix("cap"))
        if found is None:
            raise BadCell(remedy)
        return found

    return read


def _systems(cell: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;\s]+", cell) if part)


_COLUMNS: Mapping[str, Column] = {
    "code": Column(heading="Mã TTHC", others=("mathutuc", "matthc", "code"), read=_code, required=True),
    "name": Column(heading="Tên TTHC", others=("tenthutuc", "tenthutuchanhchinh", "name"), read=words, required=True),
    "level": Column(heading="Mức độ", others=("mucdodvc", "level"), read=_level, required=True),
    "tier": Column(
        heading="Cấp",
        others=("capthuchien", "tier"),
        read=_choice(
            {"tinh": "province", "province": "province", "huyen": "district", "district": "district"}
            | {"xa": "commune", "commune": "commune"},
            "write «Tỉnh», «Huyện» or «Xã»",
        ),
        required=True,
    ),
    "provided_by": Column(
        heading="Bên cung cấp",
        others=("providedby", "donvicungcap"),
        read=_choice(
            {"tinh": "province", "province": "province", "bo": "ministry", "bonganh": "ministry"}
            | {"trunguong": "ministry", "ministry": "ministry"},
            "write «Tỉnh» or «Bộ»",
        ),
    ),
    "agency": Column(heading="Cơ quan", others=("coquanthuchien", "madinhdanh", "agency"), read=words),
    "field": Column(heading="Lĩnh vực", others=("tenlinhvuc", "field"), read=words),
    "system": Column(heading="Hệ thống", others=("system", "systems"), read=_systems),
    "valid_from": Column(heading="Từ ngày", others=("hieuluctu", "validfrom"), read=day),
    "valid_to": Column(heading="Đến ngày", others=("hieulucden", "validto"), read=day),
}


def read(rows: Sequence[Sequence[str]], file: str) -> tuple[ServiceConfig, ...]:
    """Return the services of a table whose first row holds the headings.

    Raises ConfigError with every cell that cannot be read; a problem names row and column, never what stands there.
    """
    problems: list[Problem] = []
    services = [
        ServiceConfig(**values)  # type: ignore[arg-type] # each value was read by its column
        for _, values in columns.read(_COLUMNS, rows, file, problems)
        if values.keys() >= _REQUIRED
    ]
    problems += _twice(services, file)
    if problems:
        raise ConfigError(*problems)
    return tuple(services)


_REQUIRED = frozenset(name for name, column in _COLUMNS.items() if column.required)


def _twice(services: Sequence[ServiceConfig], file: str) -> Iterator[Problem]:
    seen: set[tuple[str, date | None]] = set()
    for service in services:
        key = (service.code, service.valid_from)
        if key in seen:
            text, remedy = f"{service.code} is listed twice from the same day", "keep one row"
            yield Problem(file=file, key="column «Mã TTHC»", text=text, remedy=remedy)
        seen.add(key)
