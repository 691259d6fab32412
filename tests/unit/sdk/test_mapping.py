"""Mapping tables: what they make, what they refuse to guess, and what they say of a bad table."""

import base64
import tomllib

import pytest

from gateway.core.errors import ConfigError
from gateway.sdk.documents import form_of
from gateway.sdk.mapping import CannotRender, Direction
from gateway.sdk.mapping_compiler import compile_mapping
from gateway.sdk.source import Source


def render(text, roots, direction=Direction.OUT):
    return compile_mapping("sample", tomllib.loads('version = "1"\n' + text), direction).render(Source(roots))


def problems_of(text, direction=Direction.OUT):
    with pytest.raises(ConfigError) as caught:
        compile_mapping("sample", tomllib.loads(text), direction)
    return [str(problem) for problem in caught.value.problems]


def cell(modifiers, value):
    return render(f'[[row]]\nto = "x"\nfrom = "data.v"\n{modifiers}', {"data": {"v": value}})


@pytest.mark.parametrize("modifiers", ["", "unaccented = true"])
def test_a_citizens_marks_without_end_are_written_at_once(modifiers):
    """G6: a form's fields are as long as a form; see ``core.composing``."""
    made = cell(modifiers, "o" + "\u0301" * 50_000 + "\u0323" * 50_000)
    assert made["x"].startswith("o" if modifiers else "ọ")


def test_a_form_of_nothing_but_lists_has_no_fields():
    """G6: four million of them in a form's base64 hold everything up for two seconds, at each try of its dossier."""
    data = base64.b64encode(b'{"a": 1, "b": [' + b"[]," * 500_000 + b"0]}").decode()
    assert form_of({"form": {"encoding": "base64", "data": data}}) == {}
    assert form_of({"form": {"data": '{"a": [1]}'}}) == {"a": [1]}


def test_nests_targets_and_repeats_rows_over_a_list():
    """The shape of the target follows from the names of the rows."""
    made = render(
        """
[[row]]
to = "hoSo.ma"
from = "code:province"
[[row]]
to = "hoSo.tep[]"
each = "files"
rows = [{ to = "ten", from = "item.name" }, { to = "so", from = "item.size", as = "int" }]
[[row]]
to = "hoSo.kieu"
value = "ban {event.kind}"
""",
        {
            "code": {"province": "H52-1"},
            "files": [{"name": "a.pdf", "size": 3}, {"name": "b.pdf", "size": 4}],
            "event": {"kind": "dossier.submitted"},
        },
    )
    files = [{"ten": "a.pdf", "so": 3}, {"ten": "b.pdf", "so": 4}]
    assert made == {"hoSo": {"ma": "H52-1", "tep": files, "kieu": "ban dossier.submitted"}}


def test_a_list_below_every_item_of_a_list_is_one_list():
    """Papers have files, and a partner wants all files with the paper that each belongs to."""
    papers = [{"code": "A", "files": [{"name": "1"}, {"name": "2"}]}, {"code": "B"}, {"code": "C", "files": []}]
    row = """
[[row]]
to = "tep[]"
each = ["dossier.components[].files", "dossier.files"]
rows = [{ to = "ten", from = "item.name" }, { to = "giay", from = "parent.code" }]
"""
    made = render(row, {"dossier": {"components": papers, "files": [{"name": "3"}]}})
    assert made == {"tep": [{"ten": "1", "giay": "A"}, {"ten": "2", "giay": "A"}, {"ten": "3"}]}
    alone = render(row.replace("components[].files", "components[].files?"), {"dossier": {"components": papers[1:]}})
    assert alone == {"tep": [{"giay": "B"}, {"giay": "C"}]}
    with pytest.raises(CannotRender, match="not a list"):
        render(row, {"dossier": {"components": [{"files": "x"}]}})


@pytest.mark.parametrize(
    ("modifiers", "value", "made"),
    [
        ("", 5, {"x": "5"}),
        ("", True, {"x": "true"}),
        ("", "Nguye\u0302\u0303n", {"x": "Nguyễn"}),
        ("", None, {}),
        ("", "", {}),
        ("omit_empty = false", None, {"x": ""}),
        ('default = "1"', None, {"x": "1"}),
        ("max_length = 3", "đường", {"x": "đườ"}),
        ("upper = true", "đỗ", {"x": "ĐỖ"}),
        ('as = "int"', "0135000", {"x": 135000}),
        ('as = "bool"', "1", {"x": True}),
        ('as = "raw"', {"any": ["thing"]}, {"x": {"any": ["thing"]}}),
        ('as = "raw"', "e\u0302", {"x": "e\u0302"}),
        ('table = { true = "True", false = "False" }', False, {"x": "False"}),
        ('table = { a = "1" }\notherwise = "0"', "b", {"x": "0"}),
        ('table = { a = "1" }\notherwise = ""', "b", {}),
        ('format = "yyyyMMddHHmmss"', "2026-03-02T01:00:05Z", {"x": "20260302080005"}),
        ('format = "dd/MM/yyyy"', "1958-03-07", {"x": "07/03/1958"}),
        ('format = "yyyy-MM-ddTHH:mm:ss"', "2026-03-02T23:30:00+07:00", {"x": "2026-03-02T23:30:00"}),
        ('format = "epoch_ms"', "1970-01-01T00:00:01Z", {"x": "1000"}),
        ('format = "yyyy-MM-ddTHH:mm:ss.fff"', "2026-03-02T08:00:05.0678+07:00", {"x": "2026-03-02T08:00:05.067"}),
        ("format = \"'ngày' dd/MM/yyyy\"", "1958-03-07", {"x": "ngày 07/03/1958"}),
        ('as = "int"', 150000.0, {"x": 150000}),
        ('table = { 4 = "x" }', 4.0, {"x": "x"}),
        ('format = "dd/MM/yyyy"\notherwise = ""', "1958", {}),
    ],
)
def test_makes_a_value_as_the_row_says(modifiers, value, made):
    """Code table, date, type, letters and length, in this order."""
    assert cell(modifiers, value) == made


@pytest.mark.parametrize(
    ("modifiers", "value", "problem"),
    [
        ("required = true", None, "missing"),
        ("", ["a", "b"], "not a single value"),
        ("", "a\x00b", "control characters"),
        ('as = "int"', "12,5", "not a whole number"),
        ('as = "bool"', "maybe", "neither true nor false"),
        ('table = { a = "1" }', "không có", "not in the code table"),
        ('format = "dd/MM/yyyy"', "1958", "not a date"),
        ('format = "dd/MM/yyyy"', "hôm nay", "not a date"),
    ],
)
def test_refuses_to_guess_and_never_repeats_the_value(modifiers, value, problem):
    """G9: the reason names both fields, not what is in them."""
    with pytest.raises(CannotRender) as caught:
        cell(modifiers, value)
    assert problem in str(caught.value)
    assert str(caught.value).startswith("x ← data.v: ")
    assert str(value) not in str(caught.value).removeprefix("x ← data.v: ") or value is None


def test_names_every_field_that_cannot_be_rendered():
    """One try tells the operator everything."""
    text = "\n".join(f'[[row]]\nto = "{name}"\nfrom = "data.{name}"\nrequired = true' for name in "abc")
    with pytest.raises(CannotRender) as caught:
        render(text, {"data": {"b": "here"}})
    assert [gap.to for gap in caught.value.gaps] == ["a", "c"]


def test_takes_the_first_source_that_has_a_value():
    """A list of sources is tried in order."""
    row = '[[row]]\nto = "x"\nfrom = ["data.a", "code:unit", "data.b"]'
    assert render(row, {"data": {"a": "", "b": "third"}, "code": {"unit": "second"}}) == {"x": "second"}


def test_reads_dates_of_partners_into_canonical_ones():
    """Inbound, a format with hours is a moment in Việt Nam, one without is a day."""
    rows = """
[[row]]
to = "at"
from = "item.at"
format = "yyyyMMddHHmmss"
[[row]]
to = "on"
from = "item.on"
format = "dd/MM/yyyy"
[[row]]
to = "then"
from = "body.then"
format = "epoch_ms"
[[row]]
to = "net"
from = "body.net"
format = "yyyy-MM-ddTHH:mm:ss.fff"
"""
    body = {"then": 1772413200000, "net": "2026-03-02T08:00:00.1234567"}
    roots = {"item": {"at": "20260302080000", "on": "07/03/1958"}, "body": body}
    assert render(rows, roots, Direction.IN) == {
        "at": "2026-03-02T08:00:00+07:00",
        "on": "1958-03-07",
        "then": "2026-03-02T08:00:00+07:00",
        "net": "2026-03-02T08:00:00.123456+07:00",
    }


def test_asks_for_files_bytes_only_where_a_row_wants_them():
    """Bytes are read for tables that put them in, in the form they ask for."""
    row = '[[row]]\nto = "f[]"\neach = "files"\nrows = [{{ to = "b", from = "item.{form}" }}]'
    for form, content in (("base64", {"base64"}), ("content", {"content"}), ("url", set())):
        table = tomllib.loads('version = "1"\n' + row.format(form=form))
        assert compile_mapping("m", table, Direction.OUT).content == content


def test_a_file_without_bytes_is_a_file():
    """A row that must be filled has it, a default does not take its place, and a later source neither."""
    row = '{ to = "b", from = ["item.content", "item.name"], required = true, default = "x" }'
    rows = f'[[row]]\nto = "f[]"\neach = "files"\nrows = [{row}]'
    assert render(rows, {"files": [{"content": b"", "name": "a"}, {"name": "b"}]}) == {"f": [{"b": b""}, {"b": "b"}]}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('version = "2"\nrow = []', "version: invalid enum value '2' (known: 1)"),
        ('version = "1"\n[[row]]\nto = "x"\nfromm = "data.v"', "did you mean 'from'?"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "dosier.v"', "`dosier.v` starts with nothing known here"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "secret:password"', "starts with nothing known here"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "item.v"', "starts with nothing known here"),
        ('version = "1"\n[[row]]\nto = "x"', "exactly one of"),
        ('version = "1"\n[[row]]\nto = "x"\nvalue = "1"\nfrom = "data.v"', "exactly one of"),
        ('version = "1"\n[[row]]\nto = "x"\nvalue = "{delivery.id"', "single brace"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "data.v"\nformat = "yyyy-mm-dd"', "is no date format"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "data.v"\nformat = "yyyyMMddhhmmss"', "is no date format"),
        ('version = "1"\n[[row]]\nto = "x"\nfrom = "data.v"\nformat = "dd/MM/yyyy hh:mm tt"', "is no date format"),
        ('version = "1"\n[[row]]\nto = "x"\neach = "files"\nrows = [{ to = "a", value = 1 }]', "with [] at its end"),
        ('version = "1"\n[[row]]\nto = "x[0]"\nvalue = 1', "is no target"),
        ('version = "1"\n[[row]]\nto = "a"\nvalue = 1\n[[row]]\nto = "a.b"\nvalue = 2', "the same target as row[0]"),
    ],
)
def test_names_the_place_of_what_is_wrong_in_a_table(text, problem):
    """A table is compiled when the configuration is checked, not when the first dossier comes."""
    found = problems_of(text)
    assert len(found) == 1
    assert found[0].startswith("mappings/sample.toml: ")
    assert problem in found[0]


def test_names_all_problems_of_a_table_at_once():
    """Every row is read, whatever the one before it said."""
    text = 'version = "1"\n[[row]]\nto = "a"\n[[row]]\nto = "b"\nfrom = "nowhere.v"\n[[row]]\nfrom = "data.v"'
    assert [problem.split(": ")[1] for problem in problems_of(text)] == ["row[0]", "row[1]", "row[2].to"]


PADDED = {"ma": "H52.12-1   ", "so": "\n      7\n   ", "trong": "      ", "ngay": "          ", "nbsp": "\u00a0x\u3000"}


@pytest.mark.parametrize(
    ("row", "made"),
    [
        ('from = "body.ma"', "H52.12-1"),
        ('from = "body.so"', "7"),
        ('from = "body.nbsp"', "x"),
        ('from = ["body.trong", "body.ma"]', "H52.12-1"),
        ('from = "body.so"\ntable = { 7 = "g" }', "g"),
        ('from = "body.so"\nas = "bool"\ntable = { 7 = true }', True),
        ('from = "body.trong"\ndefault = "-"', "-"),
        ('from = "body.ngay"\nformat = "dd/MM/yyyy"', None),
        ('value = "{body.ma}/{body.so}"', "H52.12-1/7"),
        ('from = "body.ma"\nas = "raw"', "H52.12-1   "),
        ('jsonata = "$trim(body.ma)"', "H52.12-1"),
    ],
)
def test_what_a_partner_pads_is_read_without_the_blanks(row, made):
    """CHAR columns of Oracle and DB2 come filled up with blanks, and printed XML has lines round its texts."""
    assert render(f'[[row]]\nto = "x"\n{row}', {"body": PADDED}, Direction.IN).get("x") == made


def test_what_we_say_is_never_trimmed():
    """Only what comes in is read so: what goes out is as it was accepted."""
    assert cell("", " x ") == {"x": " x "}
