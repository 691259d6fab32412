"""A mapping table as the sheet that both sides sign, and back: the same rows as in TOML, one to a line.

A list is a line whose target ends in ``[]``; the rows of its items stand below it, ``tep[].ten`` under ``tep[]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec

Raw = dict[str, object]
Grid = list[list[str]]

#: Keys of a row, with what the column is called for people and its width.
COLUMNS: Mapping[str, tuple[str, int]] = {
    "to": ("Trường của hệ thống nhận", 30),
    "from": ("Lấy từ trường", 36),
    "required": ("Bắt buộc", 10),
    "format": ("Định dạng ngày", 20),
    "table": ("Bảng mã", 28),
    "otherwise": ("Mã khác", 12),
    "default": ("Mặc định", 14),
    "as": ("Kiểu", 8),
    "max_length": ("Dài nhất", 10),
    "upper": ("Chữ hoa", 10),
    "unaccented": ("Bỏ dấu", 10),
    "omit_empty": ("Bỏ qua khi trống", 12),
    "value": ("Giá trị cố định", 24),
    "jsonata": ("Biểu thức JSONata", 40),
    "note": ("Ghi chú", 40),
}
VERSION = "Phiên bản bảng ánh xạ (version)"

_YES, _NO = "x", "không"
_FLAGS = frozenset({"required", "upper", "unaccented", "omit_empty"})
_TRUE, _FALSE = frozenset({"x", "có", "true", "1", "yes"}), frozenset({"không", "false", "0", "no"})
_JSON = "json:"  #: before what is no plain text
_KEY = re.compile(r"\(([a-z_]+)\)\s*$")
_TABLES = re.compile(r"\[tables\.([^\]]+)\]")


class BadTable(ValueError):
    """The sheet is no mapping table; the text says where and what to do."""


def to_grid(raw: Mapping[str, object], title: str) -> tuple[Grid, int]:
    """Return the lines of a table, and the number of the one that names the columns."""
    lines: Grid = [[title], [VERSION, str(raw.get("version", ""))]]
    heading = len(lines)
    lines.append([f"{name} ({key})" for key, (name, _) in COLUMNS.items()])
    for name, codes in cast("dict[str, Raw]", raw.get("tables", {})).items():
        lines.append(_line({"to": f"[tables.{name}]", "table": codes}))
    lines += (_line(row) for row in _flat(cast("Sequence[Raw]", raw.get("row", ())), ""))
    return lines, heading


def from_grid(lines: Sequence[Sequence[str]]) -> Raw:
    """Return the table of a sheet as TOML would give it; raises BadTable. Lines without a target are for people."""
    heading, places = _heading(lines)
    version = next((line[1].strip() for line in lines[:heading] if len(line) > 1 and line[0].strip() == VERSION), "1")
    tables: Raw = {}
    rows: list[Raw] = []
    for number, line in enumerate(lines[heading + 1 :], start=heading + 2):
        row = _row(line, places, number)
        shared = _TABLES.fullmatch(str(row.get("to", "")))
        if shared:
            tables[shared[1]] = row.get("table", {})
        elif row.get("to"):
            _hang(rows, row, number)
    made: Raw = {"version": version, "row": rows}
    return {**made, "tables": tables} if tables else made


# --- Writing


def _flat(rows: Sequence[Raw], above: str) -> Iterator[Raw]:
    for row in rows:
        own = {key: value for key, value in row.items() if key not in ("each", "rows")}
        own["to"] = f"{above}{row['to']}"
        if "each" in row:
            own["from"] = row["each"]
        yield own
        yield from _flat(cast("Sequence[Raw]", row.get("rows", ())), f"{own['to']}.")


def _line(row: Raw) -> list[str]:
    return [_written(key, row[key]) if key in row else "" for key in COLUMNS]


def _written(key: str, value: object) -> str:
    if key in _FLAGS:
        return _YES if value else _NO
    if key == "max_length":
        return str(value)
    if key == "from" and isinstance(value, list | tuple):
        return " | ".join(cast("Sequence[str]", value))
    if key == "table":
        return f"@{value}" if isinstance(value, str) else _codes(cast("Raw", value))
    return _scalar(value)


def _scalar(value: object) -> str:
    is_plain = isinstance(value, str) and value.strip() == value != "" and not value.startswith(_JSON)
    return cast("str", value) if is_plain else f"{_JSON}{msgspec.json.encode(value).decode()}"


def _codes(codes: Raw) -> str:
    simple = all(_is_simple(key) and isinstance(value, str) and _is_simple(value) for key, value in codes.items())
    if not simple:
        return f"{_JSON}{msgspec.json.encode(codes).decode()}"
    return "\n".join(f"{key} = {value}" for key, value in codes.items())


def _is_simple(text: str) -> bool:
    return text.strip() == text != "" and not set(text) & set("=;\n\r@") and not text.startswith(_JSON)


# --- Reading


def _heading(lines: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    for number, line in enumerate(lines):
        places = {place: key for place, cell in enumerate(line) if (key := _key(cell))}
        if "to" in places.values() and len(places) > 1:
            if len(set(places.values())) < len(places):
                raise BadTable(f"line {number + 1}: two columns have the same key; remove one")
            return number, places
    raise BadTable("no line names the columns: keep the one with (to), (from), … in its cells")


def _key(cell: str) -> str | None:
    named = _KEY.search(cell.strip())
    key = named[1] if named else cell.strip()
    return key if key in COLUMNS else None


def _row(line: Sequence[str], places: Mapping[int, str], number: int) -> Raw:
    row: Raw = {}
    for place, key in places.items():
        text = line[place].strip() if place < len(line) else ""
        if text:
            try:
                row[key] = _read(key, text)
            except (ValueError, msgspec.DecodeError):
                raise BadTable(f"line {number}: {key} cannot be read; see the reference of mapping tables") from None
    return row


def _read(key: str, text: str) -> object:
    if key in _FLAGS:
        return _flag(text.lower())
    if key == "max_length":
        return int(text)
    if key == "from":
        parts = [part.strip() for part in re.split(r"[|\n]", text) if part.strip()]
        return parts[0] if len(parts) == 1 else parts
    if key == "table" and not text.startswith(_JSON):
        return text.removeprefix("@") if text.startswith("@") else _pairs(text)
    return msgspec.json.decode(text.removeprefix(_JSON)) if text.startswith(_JSON) else text


def _flag(text: str) -> bool:
    if text not in _TRUE | _FALSE:
        raise ValueError("neither yes nor no")
    return text in _TRUE


def _pairs(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in re.split(r"[;\n]", text) if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise ValueError("write code = code, one to a line")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _hang(rows: list[Raw], row: Raw, number: int) -> None:
    """Put a row where its target belongs: below the list that it is an item of."""
    target = cast("str", row["to"])
    above, mark, own = target.removesuffix("[]").rpartition("[].")
    home = _list_of(rows, f"{above}[]", number) if mark else rows
    row["to"] = f"{own}[]" if target.endswith("[]") else own
    if target.endswith("[]"):
        row["each"], row["rows"] = row.pop("from", ""), []
    home.append(row)


def _list_of(rows: list[Raw], target: str, number: int) -> list[Raw]:
    found = rows
    for part in re.findall(r"(.+?\[\])(?:\.|$)", target):
        one = next((row for row in reversed(found) if row["to"] == part and "rows" in row), None)
        if one is None:
            raise BadTable(f"line {number}: no line above it begins the list {target}; give it one, with its source")
        found = cast("list[Raw]", one["rows"])
    return found
