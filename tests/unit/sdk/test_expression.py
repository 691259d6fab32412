"""JSONata in a cell: what it can say, what it may read, and what it may take."""

import asyncio
import time
import tomllib

import pytest

from gateway.core.errors import ConfigError
from gateway.sdk.budget import ALL, Budget
from gateway.sdk.expression import Expression, Failed
from gateway.sdk.mapping import CannotRender, Direction
from gateway.sdk.mapping_compiler import compile_mapping
from gateway.sdk.source import OUTBOUND, Late, Source

ROOTS = {*OUTBOUND, "item", "parent"}
TABLES = {"gioi_tinh": {"male": "1", "female": "2"}}
DOSSIER = {
    "code": "H52.11-260302-0001",
    "owner": {"name": {"whole": "Lò Thị Đào"}, "identities": [{"type": "cccd", "number": "01"}, {"type": "hc"}]},
    "submitted_at": "2026-03-02T01:00:00Z",
    "components": [{"name": "Tờ khai", "copies": 2, "files": [{"size": 3}]}, {"name": "CCCD", "copies": 1}],
}


def made(text, budget=None, **roots):
    expression = Expression.parse(text, ROOTS, TABLES)
    return expression.find(Source({"dossier": DOSSIER, **roots}, budget or Budget()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dossier.owner.identities[type='cccd'].number", "01"),
        ("dossier.owner.identities[type='khac'].number", None),
        ("$join(dossier.components.name, '; ')", "Tờ khai; CCCD"),
        ("$sum(dossier.components.copies)", 3),
        ("dossier.components.{'ten': name, 'ban': copies}[ban > 1]", {"ten": "Tờ khai", "ban": 2}),
        ("$count(dossier.components.files) = 1 ? 'một' : 'nhiều'", "một"),
        ("$substringAfter(dossier.code, '-')", "260302-0001"),
        ("$replace(dossier.code, /[^0-9]/, '')", "52112603020001"),
        ("$uppercase($unaccented(dossier.owner.name.whole))", "LO THI DAO"),
        ("$date(dossier.submitted_at, 'dd/MM/yyyy HH:mm:ss')", "02/03/2026 08:00:00"),
        ("$moment('02/03/2026', 'dd/MM/yyyy')", "2026-03-02"),
        ("$code('gioi_tinh', 'female')", "2"),
        ("$code('gioi_tinh', 'x', '9')", "9"),
        ("$code('gioi_tinh', dossier.nothing)", None),
        ("$length($nfc('e\u0302\u0301'))", 1),
        ("$map(dossier.components, function($c, $i) { $i & ':' & $c.name })", ["0:Tờ khai", "1:CCCD"]),
        ("$reduce(dossier.components.copies, function($a, $b) { $a * $b })", 2),
        ("$merge([{'a': 1}, {'b': 2}])", {"a": 1, "b": 2}),
        ("dossier.components^(>name).name", ["Tờ khai", "CCCD"]),
        ("( $n := dossier.owner.name.whole; $n & '!' )", "Lò Thị Đào!"),
        ("dossier ~> |owner|{'seen': true}| ~> $lookup('owner') ~> $lookup('seen')", True),
        ("$number('12') + 0.5", 12.5),
        ("dossier.missing.deeper", None),
    ],
)
def test_says_what_a_table_cannot(text, expected):
    """JSONata 2.x, and our own words for dates, code tables and letters."""
    assert made(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$now()", r"\$now has no place"),
        ("$random() > 0.5", r"\$random has no place"),
        ("$eval(data.text)", r"\$eval has no place"),
        ("[1..10000000]", "ranges"),
        ("portal.secret", "`portal` is nothing known here"),
        ("files.base64", "cannot read a file's base64"),
        ("item.stream", "cannot read a file's stream"),
        ("((", "not JSONata"),
        ("(" * 3000 + "1", "not JSONata"),
        ("1" * 5000, "at most 4000"),
    ],
)
def test_refuses_when_it_is_compiled(text, problem):
    """What would make another document each time, make much of nothing, or read what is not there."""
    with pytest.raises(ValueError, match=problem):
        made(text)


def test_reads_what_it_names_and_nothing_else():
    """A document that nobody refers to is not even made; of a file everything but its contents."""

    def never():
        raise AssertionError

    files = [{"name": "a.pdf", "sha256": "0" * 64, "stream": object(), "base64": "x" * 100}]
    assert made("files.(name & sha256)", files=files, event=Late(never)) == "a.pdf" + "0" * 64
    assert made("'$now() .. '", files=files) == "$now() .. "


RUNAWAY = {
    "loop": "($f := function($x) { $f($x + 1) }; $f(1))",
    "stack": "($f := function($x) { 1 + $f($x) }; $f(1))",
    "text": "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('xxxxxxxxxx', 40))",
    "list": "($f := function($s, $n) { $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $f([1, 2], 40))",
    "tree": "($f := function($x, $n) { $n = 0 ? $x : $f({'a': $x, 'b': $x}, $n - 1) }; $f(1, 40))",
    "regex": "$match(data.text, /(a+)+$/)",
    "pad": "$pad('x', 1000000000)",
    "replace": "$replace(data.text, /a/, $pad('y', 60000))",
    "product": "$map($split($pad('x', 900), ''), function($v) { $split($pad('x', 900), '') })",
}


@pytest.mark.parametrize("name", RUNAWAY)
def test_ends_soon_whatever_it_does(name):
    """By steps, depth and sizes, the same on every machine; by time where a regular expression tries for ever."""
    started = time.monotonic()
    with pytest.raises(Failed, match="too long or too much"):
        made(RUNAWAY[name], data={"text": "a" * 40 + "b"})
    assert time.monotonic() - started < ALL


def test_the_expressions_of_one_document_share_their_time():
    """However many rows a table has, and items a list."""
    rows = 'row = [{ to = "a[]", each = "data.list", rows = [{ to = "b", jsonata = "$match(item, /(a+)+$/)" }] }]'
    table = compile_mapping("sample", tomllib.loads('version = "1"\n' + rows), Direction.OUT)
    started = time.monotonic()
    with pytest.raises(CannotRender) as caught:
        table.render(Source({"data": {"list": ["a" * 40 + "b"] * 100}}))
    assert time.monotonic() - started < ALL + 1
    assert len(caught.value.gaps) == 100
    assert str(caught.value.gaps[-1]) == "b ← jsonata: the expressions of this document take too long"


async def test_a_runaway_leaves_the_event_loop_alone():
    """It runs beside the loop, and lets go of the interpreter."""
    text = 'version = "1"\nrow = [{ to = "a", jsonata = "$match(data.text, /(a+)+$/)" }]'
    table = compile_mapping("sample", tomllib.loads(text), Direction.OUT)
    rendering = asyncio.create_task(table.rendered(Source({"data": {"text": "a" * 40 + "b"}})))
    turns = 0
    while not rendering.done():
        await asyncio.sleep(0.01)
        turns += 1
    with pytest.raises(CannotRender):
        await rendering
    assert turns > 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$code('gioi_tinh', dossier.code)", "not in the code table"),
        ("$date(dossier.code, 'dd/MM/yyyy')", "not a date"),
        ("dossier.code + 1", r"the expression fails \(T2001\)"),
        ("$error(dossier.code)", r"the expression fails \(D3137\)"),
    ],
)
def test_tells_what_failed_and_never_the_value(text, problem):
    """G9: the reason is kept with the delivery, and shown."""
    with pytest.raises(Failed, match=problem) as caught:
        made(text)
    assert "H52" not in str(caught.value)


def test_a_cell_goes_on_with_what_an_expression_made():
    """Code table by name, format, letters and length apply as to any other row."""
    text = """
version = "1"
[tables.gioi_tinh]
nam = "1"
[[row]]
to = "gt"
jsonata = "$lowercase(data.gt)"
table = "gioi_tinh"
required = true
[[row]]
to = "ten"
from = "data.ten"
unaccented = true
upper = true
max_length = 6
"""
    table = compile_mapping("sample", tomllib.loads(text), Direction.OUT)
    assert table.render(Source({"data": {"gt": "NAM", "ten": "Đặng Ước"}})) == {"gt": "1", "ten": "DANG U"}


async def test_expressions_that_do_not_end_leave_the_threads_to_others():
    """G6: a partner calls with texts that they do not end over; attachments are put on disk by the same few threads."""
    text = 'version = "1"\n[[row]]\nto = "a"\njsonata = "$contains(data.x, /(x+x+)+y/)"'
    table = compile_mapping("sample", tomllib.loads(text), Direction.OUT)
    calls = [asyncio.create_task(table.rendered(Source({"data": {"x": "x" * 30_000}}))) for _ in range(100)]
    await asyncio.sleep(0)
    began = time.monotonic()
    await asyncio.to_thread(int)
    assert time.monotonic() - began < 0.2
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('to = "a"\nfrom = "data.x"\njsonata = "data.x"', "exactly one of"),
        ('to = "a"\nfrom = "data.x"\ntable = "gioi_tinh"', "no code table `gioi_tinh` in this file"),
        ('to = "a"\njsonata = "$now()"', "has no place in a mapping"),
    ],
)
def test_a_wrong_row_is_named(row, problem):
    """`check` shows it with its file and place."""
    with pytest.raises(ConfigError, match=problem):
        compile_mapping("sample", tomllib.loads(f'version = "1"\n[[row]]\n{row}'), Direction.OUT)
