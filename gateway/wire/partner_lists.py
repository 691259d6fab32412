"""A partner's list of the codes that it has, as CSV or XLSX: one column is read, and nothing is executed.

XLSX is a ZIP of XML (ECMA-376): of it the first sheet and the shared texts are read, each through the one XML parser,
within limits that are checked before anything is expanded.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence

from gateway.wire.errors import WireError
from gateway.wire.xml import Element, XmlError, XmlLimits, parse

MOST_BYTES = 16 * 1024 * 1024
MOST_ROWS = 100_000
_MOST_COLUMNS = 100
_LONGEST_CODE = 100
_MOST_PARTS = 500
_EXPANDED = 64 * 1024 * 1024
_LIMITS = XmlLimits(max_bytes=_EXPANDED, max_elements=2_000_000, max_depth=20, instructions=True)
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CELL = re.compile(r"([A-Z]{1,3})\d+")
#: What partners call the column, without accents, signs and case.
_NAMES = frozenset(
    {"mahoso", "sohoso", "mahosoqg", "mahosodonvi", "mahosobonganh", "sobiennhan", "code", "dossiercode", "id"}
)

Row = Sequence[str]


class BadList(WireError):
    """The file is not a list we read; says what is wrong and what to do, never what the file holds."""


def read_codes(data: bytes, column: str = "") -> tuple[str, ...]:
    """Return the codes of one column, each once, in the file's order; the first row may be a heading.

    ``column`` is its heading or its number from 1; without it the file must have one column, or one with a known
    heading («Mã hồ sơ», «Số hồ sơ», …). Raises BadList.
    """
    if len(data) > MOST_BYTES:
        raise BadList(f"the file has more than {MOST_BYTES} bytes; split it")
    if data.startswith(_OLD_EXCEL):
        raise BadList("the file is an old Excel file (.xls); save it as .xlsx or .csv")
    rows = _limited(_xlsx(data) if data.startswith(_ZIP) else _csv(data))
    if not rows:
        raise BadList("the file has no rows; export the list again")
    place, has_heading = _column(rows[0], column)
    cells = (row[place] for row in rows[has_heading:] if place < len(row))
    codes = tuple(dict.fromkeys(code for cell in cells if (code := _code(cell))))
    if not codes:
        raise BadList("the column holds no codes; name another with --column")
    return codes


def _code(cell: str) -> str:
    """Return a cell as a code; one that cannot be a code is none."""
    code = unicodedata.normalize("NFC", cell).strip()
    return code if len(code) <= _LONGEST_CODE and code.isprintable() else ""


def _limited(rows: Iterable[Row]) -> list[Row]:
    found: list[Row] = []
    for row in rows:
        if len(row) > _MOST_COLUMNS or len(found) > MOST_ROWS:
            raise BadList(f"the file has more than {MOST_ROWS} rows or {_MOST_COLUMNS} columns; split it")
        if any(cell.strip() for cell in row):
            found.append(row)
    return found


def _column(first: Row, wanted: str) -> tuple[int, bool]:
    """Return where the codes stand, and whether the first row is a heading."""
    headings = [_plain(cell) for cell in first]
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:4]) <= _MOST_COLUMNS:
        place = int(wanted[:4]) - 1
        return place, place < len(headings) and headings[place] in _NAMES
    names = {_plain(wanted)} if wanted else _NAMES
    places = [place for place, heading in enumerate(headings) if heading in names]
    if len(places) == 1:
        return places[0], True
    if len(first) == 1 and not wanted:
        return 0, False
    raise BadList("which column holds the codes? Name its heading or its number with --column")


def _plain(heading: str) -> str:
    bare = unicodedata.normalize("NFD", heading.casefold().replace("đ", "d"))
    return "".join(sign for sign in bare if sign.isalnum())


def _csv(data: bytes) -> Iterator[Row]:
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise BadList("the file is neither XLSX nor CSV in UTF-8; save it as one of them") from None
    if "\x00" in text:
        raise BadList("the file is neither XLSX nor CSV in UTF-8; save it as one of them")
    head = text[:4096].partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error:
        raise BadList("the file is not well-formed CSV; save it again") from None


def _xlsx(data: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            sheet = _part(book, _first_sheet(book))
            shared = _part(book, "xl/sharedStrings.xml") if "xl/sharedStrings.xml" in book.namelist() else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, XmlError) as error:
        what = str(error) if isinstance(error, XmlError) else "it is damaged, or locked with a password"
        raise BadList(f"the XLSX file cannot be read: {what}; save it again without a password") from None
    texts = [_text(item) for item in shared.iterfind("{*}si")] if shared is not None else []
    for row in sheet.iterfind("{*}sheetData/{*}row"):
        yield _cells(row, texts)


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Return the first sheet's part, once it is sure that nothing expands too far."""
    parts = book.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _EXPANDED:
        raise BadList("the XLSX file expands too far; keep only the sheet with the codes")
    sheets = [part.filename for part in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", part.filename)]
    if not sheets:
        raise BadList("the file is a ZIP but no XLSX; save it as .xlsx or .csv")
    return min(sheets, key=lambda name: (len(name), name))


def _part(book: zipfile.ZipFile, name: str) -> Element:
    """Return one part; it may say it is small and go on: no more than the limit is expanded."""
    with book.open(name) as part:
        content = part.read(_EXPANDED + 1)
    return parse(content, limits=_LIMITS)


def _cells(row: Element, texts: Sequence[str]) -> Row:
    """Return a row's cells in their columns: a row leaves out those that are empty."""
    cells: dict[int, str] = {}
    for number, cell in enumerate(row.iterfind("{*}c")):
        named = _CELL.fullmatch(cell.get("r", ""))
        place = _number(named[1]) if named else number
        if place >= _MOST_COLUMNS:
            raise BadList(f"the sheet has more than {_MOST_COLUMNS} columns; keep only the one with the codes")
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
        return texts[int(value)] if value.isascii() and value.isdigit() and int(value[:9]) < len(texts) else ""
    return value.removesuffix(".0")


def _text(item: Element) -> str:
    return "".join(part.text or "" for part in item.iterfind(".//{*}t"))
