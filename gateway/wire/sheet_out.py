"""A table as XLSX (ECMA-376), to be read, printed and signed: every cell is text, nothing in it is a formula.

The same rows make the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MADE = (1980, 1, 1, 0, 0, 0)  #: the first day that ZIP knows
_PLAIN, _BOLD, _HEADING = 1, 2, 3  #: styles, in the order of ``cellXfs``; 0 is that of the empty cells around

#: Format 49 is «text»: what is typed in later, 01 say, stays as it was typed.
_STYLES = (
    f"<styleSheet {_MAIN}>"
    '<fonts count="2"><font><sz val="11"/><name val="Times New Roman"/></font>'
    '<font><b/><sz val="11"/><name val="Times New Roman"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7EEF7"/></patternFill></fill></fills>'
    '<borders count="2"><border/><border><left style="thin"/><right style="thin"/><top style="thin"/>'
    '<bottom style="thin"/></border></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf xfId="0" numFmtId="49" applyNumberFormat="1"/>'
    '<xf xfId="0" numFmtId="49" borderId="1" applyNumberFormat="1" applyAlignment="1" applyBorder="1">'
    '<alignment vertical="top" wrapText="1"/></xf>'
    '<xf xfId="0" numFmtId="49" fontId="1" applyFont="1" applyNumberFormat="1"/>'
    '<xf xfId="0" numFmtId="49" fontId="1" fillId="2" borderId="1" applyFont="1" applyFill="1" applyBorder="1"'
    ' applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_rows(rows: Sequence[Sequence[str]], *, name: str, heading: int, widths: Sequence[int]) -> bytes:
    """Return a workbook of one sheet; what stands above the row ``heading`` (from 0) is a title, and stays in view.

    ``widths`` are those of the columns, in characters.
    """
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name={quoteattr(_sheet_name(name))} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/worksheets/sheet1.xml": _sheet(rows, heading, widths),
        "xl/styles.xml": _STYLES,
    }
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(zipfile.ZipInfo(part, _MADE), _HEAD + text, zipfile.ZIP_DEFLATED)
    return book.getvalue()


def _relations(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _sheet_name(name: str) -> str:
    """Return a name that spreadsheets take: at most 31 characters, none of the seven that they use themselves."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in name)[:31] or "1"


def _sheet(rows: Sequence[Sequence[str]], heading: int, widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
        for number, width in enumerate(widths, start=1)
    )
    listed = "".join(
        f'<row r="{number + 1}">{_cells(row, number + 1, _style(number, heading))}</row>'
        for number, row in enumerate(rows)
    )
    below = f'topLeftCell="A{heading + 2}" activePane="bottomLeft" state="frozen"'
    return (
        f'<worksheet {_MAIN}><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{heading + 1}" {below}/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>{listed}</sheetData>"
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _style(number: int, heading: int) -> int:
    if number == heading:
        return _HEADING
    return _PLAIN if number > heading else _BOLD


def _cells(row: Sequence[str], number: int, style: int) -> str:
    return "".join(
        f'<c r="{_letters(place)}{number}" s="{style}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(text)}</t></is></c>'
        for place, text in enumerate(row)
        if text or style != _BOLD
    )


def _letters(place: int) -> str:
    """Return the letters of a column: A, …, Z, AA."""
    rest, letters = place, ""
    while rest >= 0:
        letters = chr(ord("A") + rest % 26) + letters
        rest = rest // 26 - 1
    return letters
