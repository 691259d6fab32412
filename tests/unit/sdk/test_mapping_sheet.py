"""A sheet as people send it back: signed, with lines of their own, and with slips."""

import tomllib
import zipfile
from io import BytesIO

import pytest

from gateway.core.errors import ConfigError
from gateway.sdk.mapping import Direction
from gateway.sdk.mapping_compiler import compile_mapping
from gateway.sdk.mapping_sheet import BadTable, from_grid, to_grid
from gateway.sdk.source import Source
from gateway.wire.sheet_out import write_rows

TOML = """
version = "1"
[tables.gioi_tinh]
male = "1"
[[row]]
to = "hoSo.ma"
from = ["code:province", "dossier.code"]
required = true
[[row]]
to = "hoSo.tep[]"
each = "files"
rows = [{ to = "ten", from = "item.name" }, { to = "kieu", value = "=1+1" }]
"""


def test_reads_what_is_left_of_a_sheet_that_was_signed():
    """Columns moved and removed, key without its title, lines for signatures, flags in words."""
    lines = [
        ["SỞ TƯ PHÁP", "BỘ CÔNG AN"],
        [],
        ["Ghi chú (note)", "to", "Bắt buộc (required)", "Lấy từ trường (from)", "Đã thống nhất"],
        ["", "ma", "có", " code:province | dossier.code ", "x"],
        ["mỗi tệp một dòng", "tep[]", "", "files"],
        ["", "tep[].ten", "không", "item.name"],
        ["Đại diện hai bên ký tên", "", "", ""],
    ]
    assert from_grid(lines) == {
        "version": "1",
        "row": [
            {"to": "ma", "required": True, "from": ["code:province", "dossier.code"]},
            {
                "to": "tep[]",
                "note": "mỗi tệp một dòng",
                "each": "files",
                "rows": [{"to": "ten", "required": False, "from": "item.name"}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([["a", "b"]], "no line names the columns"),
        ([["to", "from", "from"]], "two columns have the same key"),
        ([["to", "required"], ["a", "vâng ạ"]], "line 2: required cannot be read"),
        ([["to", "max_length"], ["a", "dài"]], "line 2: max_length cannot be read"),
        ([["to", "table"], ["a", "nam 1"]], "line 2: table cannot be read"),
        ([["to", "value"], ["a", "json:{"]], "line 2: value cannot be read"),
        ([["to", "from"], ["tep[].ten", "item.name"]], r"line 2: no line above it begins the list tep\[\]"),
    ],
)
def test_says_which_line_is_wrong(lines, problem):
    """Whoever filled it in knows lines, not positions of rows."""
    with pytest.raises(BadTable, match=problem):
        from_grid(lines)


def test_a_sheet_renders_like_its_toml():
    """A formula that somebody wrote stays a text."""
    grid, heading = to_grid(tomllib.loads(TOML), "hồ sơ")
    sheet = write_rows(grid, name="a/b:c" * 20, heading=heading, widths=[10] * 15)
    with zipfile.ZipFile(BytesIO(sheet)) as book:  # what is longer, or holds such a sign, no spreadsheet opens
        assert f'<sheet name="{("a-b-c" * 20)[:31]}"'.encode() in book.read("xl/workbook.xml")
    source = Source({"code": {"province": "H52-1"}, "files": [{"name": "a.pdf"}]})
    made = [compile_mapping("m", raw, Direction.OUT).render(source) for raw in (tomllib.loads(TOML), sheet)]
    assert made[0] == made[1] == {"hoSo": {"ma": "H52-1", "tep": [{"ten": "a.pdf", "kieu": "=1+1"}]}}


@pytest.mark.parametrize("raw", [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0", b"", b"to\n"])
def test_what_is_no_sheet_is_a_problem_of_its_file(raw):
    """`check` names it, and nothing else fails."""
    with pytest.raises(ConfigError) as caught:
        compile_mapping("land/dossier", raw, Direction.OUT)
    assert caught.value.problems[0].file == "mappings/land/dossier.xlsx"
