"""The rows of a table that somebody sends as CSV or XLSX, within limits; nothing in it is executed.

XLSX is a ZIP of XML (ECMA-376): of it the first sheet and the shared texts are read, each through the one XML parser,
within limits that are checked before anything is expanded.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from gateway.wire.errors import WireError
from gateway.wire.xml import Element, XmlError, XmlLimits, parse

MOST_BYTES = 16 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 100
_MOST_PARTS = 500
_EXPANDED = 64 * 1024 * 1024
_LIMITS = XmlLimits(max_bytes=_EXPANDED, max_elements=2_000_000, max_depth=20, instructions=True)
_DIGITS = 9  #: of a shared text's number
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CELL = re.compile(r"([A-Z]{1,3})\d+")
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: What reading one raises that is damaged, packed otherwise, or locked.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHOWN = "visible"  #: what a sheet is that says nothing else
_ID = re.compile(r"\{[^}]+\}id")  #: of whichever edition of the standard
_PLACES = 1_048_576  #: rows of the longest sheet there is
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")
_PLACE = re.compile(r"[1-9][0-9]{0,8}")

Row: TypeAlias = Sequence[str]

_EMPTY: Row = ()


class BadSheet(WireError):
    """The file is no table we read; says what is wrong and what to do, never what the file holds."""


def read_rows(data: bytes) -> list[Row]:
    """Return the rows, cells as text; of a formula its last result. Raises BadSheet.

    An empty one has no cells, and keeps its place: people know the others by the numbers beside them.
    """
    if len(data) > MOST_BYTES:
        raise BadSheet(f"the file has more than {MOST_BYTES} bytes; split it")
    if data.startswith(_OLD_EXCEL):
        raise BadSheet("the file is an old Excel file (.xls); save it as .xlsx or .csv")
    rows = _limited(_xlsx(data) if data.startswith(_ZIP) else enumerate(_csv(data)))
    if not rows:
        raise BadSheet("the file has no rows; export the list again")
    return rows


def _limited(placed: Iterable[tuple[int, Row]]) -> list[Row]:
    """Return rows at their places, counted from 0; one that is to stand where another does follows it."""
    found: list[Row] = []
    filled = 0
    for place, row in placed:
        is_filled = any(cell.strip() for cell in row)
        filled += is_filled
        if len(row) > MOST_COLUMNS or filled > MOST_ROWS + 1 or (is_filled and place >= _PLACES):
            raise BadSheet(f"the file has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; split it")
        if is_filled:
            found += [_EMPTY] * (place - len(found))
            found.append(row)
    return found


def _csv(data: bytes) -> Iterator[Row]:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise BadSheet("the file is neither XLSX nor CSV in UTF-8; save it as one of them") from None
    if "\x00" in text:
        raise BadSheet("the file is neither XLSX nor CSV in UTF-8; save it as one of them")
    head = text.lstrip()[:4096].partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error:
        raise BadSheet("the file is not well-formed CSV; save it again") from None


def _xlsx(data: bytes) -> Iterator[tuple[int, Row]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sheet = _part(book, _first_sheet(book))
            shared = _part(book, "xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else None
    except (*_DAMAGED, XmlError) as error:
        what = str(error) if isinstance(error, XmlError) else "it is damaged, or locked with a password"
        raise BadSheet(f"the XLSX file cannot be read: {what}; save it again without a password") from None
    texts = [_text(item) for item in shared.iterfind("{*}si")] if shared is not None else []
    place = -1
    for row in sheet.iterfind("{*}sheetData/{*}row"):
        named = _PLACE.fullmatch(row.get("r", ""))  # empty ones are left out
        place = int(named[0]) - 1 if named else place + 1
        yield place, _cells(row, texts)


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Return the first sheet's part, once it is sure that nothing expands too far."""
    parts = book.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _EXPANDED:
        raise BadSheet("the XLSX file expands too far; keep only the sheet you need")
    sheets = [part.filename for part in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", part.filename)]
    if not sheets:
        raise BadSheet("the file is a ZIP but no XLSX; save it as .xlsx or .csv")
    first = _named_first(book)
    return first if first in sheets else min(sheets, key=lambda name: (len(name), name))


def _named_first(book: zipfile.ZipFile) -> str:
    """Return the part of the first sheet that people see, as the workbook names it; empty where it does not."""
    if not {_BOOK, _LINKS} <= set(book.namelist()):
        return ""
    shown = (one for one in _part(book, _BOOK).iterfind("{*}sheets/{*}sheet") if one.get("state", _SHOWN) == _SHOWN)
    first = next(shown, None)
    links = {} if first is None else {str(name): str(value) for name, value in first.items()}
    link = next((value for name, value in links.items() if _ID.fullmatch(name)), "")
    targets = {one.get("Id"): one.get("Target", "") for one in _part(book, _LINKS).iterfind("{*}Relationship")}
    return posixpath.join("/xl", targets.get(link, "")).removeprefix("/")


def _part(book: zipfile.ZipFile, name: str) -> Element:
    """Return one part; it may say it is small and go on: no more than the limit is expanded."""
    if book.getinfo(name).compress_type not in _PACKED:
        raise zipfile.BadZipFile("packed otherwise")
    with book.open(name) as part:
        content = part.read(_EXPANDED + 1)
    return parse(content, limits=_LIMITS)


def _cells(row: Element, texts: Sequence[str]) -> Row:
    """Return a row's cells in their columns: a row leaves out those that are empty."""
    cells: dict[int, str] = {}
    for number, cell in enumerate(row.iterfind("{*}c")):
        named = _CELL.fullmatch(cell.get("r", ""))
        place = _number(named[1]) if named else number
        if place >= MOST_COLUMNS:
            raise BadSheet(f"the sheet has more than {MOST_COLUMNS} columns; keep only those you need")
        cells[place] = _value(cell, texts)
    return [cells.get(place, "") for place in range(max(cells, default=-1) + 1)]


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Element, texts: Sequence[str]) -> str:
    """Return what a cell shows; of a formula its last result, never computed here."""
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = cell.findtext("{*}v") or ""
    if cell.get("t") == "s":
        number = int(value) if value.isascii() and value.isdigit() and len(value) <= _DIGITS else len(texts)
        return texts[number] if number < len(texts) else ""
    return f"{float(value):.15g}" if cell.get("t", "n") == "n" and _NUMBER.fullmatch(value) else value


def _text(item: Element) -> str:
    return "".join(part.text or "" for part in item.iterfind(".//{*}t"))
