"""A partner's list of the codes that it has, as CSV or XLSX: one column of a table."""

from __future__ import annotations

from gateway.core.codes import UNSEEN_SIGN, is_rounded
from gateway.core.composing import composed
from gateway.model.letters import bare
from gateway.wire.sheets import MOST_COLUMNS, BadSheet, Row, read_rows

_LONGEST_CODE = 100
#: What partners call the column, without accents, signs and case.
_NAMES = frozenset(
    {"mahoso", "sohoso", "mahosoqg", "mahosodonvi", "mahosobonganh", "sobiennhan", "code", "dossiercode", "id"}
)


def read_codes(data: bytes, column: str = "") -> tuple[str, ...]:
    """Return the codes of one column, each once, in the file's order; the first row may be a heading.

    ``column`` is its heading or its number from 1; without it the file must have one column, or one with a known
    heading («Mã hồ sơ», «Số hồ sơ», …). Raises BadSheet.
    """
    rows = [row for row in read_rows(data) if row]
    place, has_heading = _column(rows[0], column)
    cells = (row[place] for row in rows[has_heading:] if place < len(row))
    codes = tuple(dict.fromkeys(code for cell in cells if (code := _code(cell))))
    if not codes:
        raise BadSheet("the column holds no codes; name another with --column")
    return codes


def _code(cell: str) -> str:
    """Return a cell as a code; one that cannot be a code is none. Raises BadSheet."""
    code = UNSEEN_SIGN.sub("", composed(cell)).strip()
    if is_rounded(code):
        raise BadSheet("a code stands as a number that was rounded (1.2E+17); fill that column in again as text")
    return code if len(code) <= _LONGEST_CODE and code.isprintable() else ""


def _column(first: Row, wanted: str) -> tuple[int, bool]:
    """Return where the codes stand, and whether the first row is a heading."""
    headings = [bare(cell) for cell in first]
    if wanted.isascii() and wanted.isdigit() and 1 <= int(wanted[:4]) <= MOST_COLUMNS:
        place = int(wanted[:4]) - 1
        return place, place < len(headings) and headings[place] in _NAMES
    names = {bare(wanted)} if wanted else _NAMES
    places = [place for place, heading in enumerate(headings) if heading in names]
    if len(places) == 1:
        return places[0], True
    if len(first) == 1 and not wanted:
        return 0, False
    raise BadSheet("which column holds the codes? Name its heading or its number with --column")
