"""A partner's list as CSV or XLSX: read as far as it is one, refused with what to do where it is not."""

import io
import zipfile
from collections.abc import Callable

import pytest

from gateway.wire.partner_lists import read_codes
from gateway.wire.sheets import MOST_BYTES, MOST_ROWS, BadSheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def xlsx(rows: str, *, shared: tuple[str, ...] = (), **parts: bytes) -> bytes:
    """Return a workbook with these rows of XML."""
    texts = "".join(f"<si><t>{text}</t></si>" for text in shared)
    content = {
        SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>'.encode(),
    } | parts
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in content.items():
            book.writestr(name, part)
    return out.getvalue()


def test_one_column_needs_no_heading():
    assert read_codes(b"H01-1\nH01-2\n\nH01-1\n") == ("H01-1", "H01-2")


@pytest.mark.parametrize("heading", ["Mã hồ sơ", "Số hồ sơ", "MaHoSo", "code", "SỐ BIÊN NHẬN"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_known_heading_is_found_among_others(heading: str, sign: str):
    rows = [["STT", heading, "Chủ hồ sơ"], ["1", "H01-1", "Lò Văn Mẫu"], ["2", "H01/2,a", "x"]]
    text = "\r\n".join(sign.join(f'"{cell}"' for cell in row) for row in rows)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_codes(text.encode(encoding)) == ("H01-1", "H01/2,a")


def test_a_column_is_named_by_heading_or_number():
    data = b"a,ref\n1,H01-1\n"
    assert read_codes(data, "ref") == ("H01-1",)
    assert read_codes(data, "2") == ("ref", "H01-1")
    for column in ("", "other", "0"):
        with pytest.raises(BadSheet, match="--column"):
            read_codes(data, column)


def test_a_workbook_is_read_as_it_shows():
    """Shared and inline texts, numbers, the last result of a formula; empty cells are left out, or have no value."""
    rows = (
        '<row><c r="B1" t="s"><v>0</v></c><c r="A1" t="inlineStr"><is><t>STT</t></is></c></row>'
        '<row><c r="B2" t="s"><v>1</v></c></row>'
        '<row><c r="B3" t="inlineStr"><is><r><t>H01</t></r><r><t>-2</t></r></is></c></row>'
        '<row><c r="A4"><v>3</v></c><c r="B4"><f>1+1</f><v>20263</v></c></row>'
        '<row><c r="B5" t="s"><v>99</v></c></row>'
        '<row><c r="B6" t="s"><v>000000001999</v></c></row>'
        f'<row><c r="B7" t="s"><v>{"0" * 5000}</v></c></row>'
        '<row><c r="A8" s="1"/><c r="B8" s="1"/></row>'
    )
    assert read_codes(xlsx(rows, shared=("Mã hồ sơ", "H01-1"))) == ("H01-1", "H01-2", "20263")


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("<c><v>1.0011929999999999</v></c>", "1.001193"),  # so spreadsheets write 1.001193, which is no binary fraction
        ("<c><v>2.0</v></c>", "2"),
        ('<c t="n"><v>2.63E5</v></c>', "263000"),
        ('<c t="str"><f>A1&amp;""</f><v>2.0</v></c>', "2.0"),
        ('<c t="inlineStr"><is><t>2.0</t></is></c>', "2.0"),
    ],
)
def test_a_number_is_the_one_that_people_see_and_a_text_stays_as_it_is(cell: str, seen: str):
    assert read_codes(xlsx(f"<row>{cell}</row>")) == (seen,)


def test_a_number_that_the_spreadsheet_has_rounded_is_no_code():
    """Taken for «not listed», the dossier would be sent a second time."""
    for data in (xlsx("<row><c><v>1.2345678901234568E+17</v></c></row>"), b"code\nH01-1\n1.23457E+17\n"):
        with pytest.raises(BadSheet, match="as text"):
            read_codes(data)


def test_the_first_sheet_is_the_one_with_the_lowest_number():
    more = {"xl/worksheets/sheet10.xml": b"<x/>", "xl/worksheets/sheet2.xml": b"<x/>"}
    assert read_codes(xlsx('<row><c r="A1"><v>7</v></c></row>', **more)) == ("7",)


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize("target", ["worksheets/sheet2.xml", "/xl/worksheets/sheet2.xml"])
def test_the_first_sheet_is_the_first_that_people_see_where_the_workbook_says_so(target: str):
    """One that was made later and moved to the front keeps its number; what is hidden nobody has looked at."""
    sheets = (
        '<sheet name="cũ" sheetId="3" state="hidden" r:id="rId3"/><sheet name="Danh sách" sheetId="2" r:id="rId2"/>'
        '<sheet name="Ghi chú" sheetId="1" r:id="rId1"/>'
    )
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{sheets}</sheets></workbook>'
    links = (("rId1", "worksheets/sheet1.xml"), ("rId2", target), ("rId3", "worksheets/sheet3.xml"))
    relations = "".join(f'<Relationship Id="{name}" Target="{place}"/>' for name, place in links)
    more = {
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>".encode(),
        "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{MAIN}"><sheetData><row><c><v>8</v></c></row></sheetData>'
        "</worksheet>".encode(),
        "xl/worksheets/sheet3.xml": b"<x/>",
    }
    assert read_codes(xlsx("<row><c><v>7</v></c></row>", **more)) == ("8",)


@pytest.mark.parametrize("book", [b"<workbook/>", b"<workbook><sheets><sheet id='1'/></sheets></workbook>", b"<"])
def test_a_workbook_that_does_not_say_which_is_first(book: bytes):
    more = {"xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": b"<Relationships/>"}
    data = xlsx("<row><c><v>7</v></c></row>", **more)
    if book == b"<":
        with pytest.raises(BadSheet, match="cannot be read"):
            read_codes(data)
    else:
        assert read_codes(data) == ("7",)


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(SHEET, b" " * (65 * 1024 * 1024))
    return out.getvalue()


def _misled(data: bytes) -> bytes:
    """Its directory is said to lie a little behind where it does."""
    place = int.from_bytes(data[-6:-2], "little")
    return data[:-6] + (place + 8).to_bytes(4, "little") + data[-2:]


def _packed(data: bytes, method: int) -> bytes:
    """Said to be packed in another way than workbooks are."""
    way = bytes((method, 0))
    local, central = data.index(b"PK\x03\x04") + 8, data.index(b"PK\x01\x02") + 10
    return data[:local] + way + data[local + 2 : central] + way + data[central + 2 :]


DOCTYPE = f'<!DOCTYPE x [<!ENTITY e "e">]><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode()
WIDE = "<row>" + '<c r="ZZ1"><v>1</v></c>' + "</row>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"x" * (MOST_BYTES + 1), "split"),
        (b"1\n" * (MOST_ROWS + 2), "split"),
        (b"," * 200, "split"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"H01\xb51", "UTF-8"),
        (b"a\x00b", "UTF-8"),
        (b'"a\n', "CSV"),
        (b"\xd0\xcf\x11\xe0\xa1", ".xlsx"),
        (b"PK\x03\x04junk", "damaged"),
        (xlsx("")[:-40], "damaged"),
        (_misled(xlsx("")), "damaged"),
        *((_packed(xlsx(""), method), "damaged") for method in (12, 14, 93)),
        (xlsx("<row>"), "cannot be read"),
        (xlsx("", **{SHEET: DOCTYPE}), "DOCTYPE"),
        (xlsx(WIDE), "columns"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(data: bytes, words: str):
    """Hostile or damaged: within bounds, and without repeating what it holds."""
    with pytest.raises(BadSheet, match=words):
        read_codes(data)


def _parts() -> bytes:
    return xlsx("", **{f"p{number}": b"" for number in range(600)})


@pytest.mark.parametrize("made", [_bomb, _parts])
def test_a_workbook_that_expands_is_refused(made: Callable[[], bytes]):
    """One cell that fills the memory; parts without number."""
    with pytest.raises(BadSheet, match="expands"):
        read_codes(made())


def test_a_zip_that_is_no_workbook_says_so():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("readme.txt", b"x")
    with pytest.raises(BadSheet, match="no XLSX"):
        read_codes(out.getvalue())


def test_what_nobody_sees_in_a_code_is_left_out_of_it():
    """It comes along from a web page. Taken for no code, the dossier would count as not listed, and be sent again."""
    assert read_codes("mã hồ sơ\nH01\u200b-1\u00a0\n\ufeffH01-2\n".encode()) == ("H01-1", "H01-2")


def test_cells_that_cannot_be_codes_are_left_out():
    assert read_codes("mã hồ sơ\nx\u0007y\nH01-1\n".encode() + b"y" * 101) == ("H01-1",)
    with pytest.raises(BadSheet, match="no codes"):
        read_codes(b"code\n")
