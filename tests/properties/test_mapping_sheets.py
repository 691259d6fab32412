"""A mapping table as a sheet says what it says in TOML: there and back, whatever is in it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sdk.mapping_sheet import COLUMNS, from_grid, to_grid
from gateway.wire.sheet_out import write_rows
from gateway.wire.sheets import read_rows

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "config" / "mappings").rglob("*.toml"))
WIDTHS = [width for _, width in COLUMNS.values()]

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}", fullmatch=True)
PATHS = st.sampled_from(
    ("dossier.code", "code:province", "data.reason", "item.name", "files", "dossier.components[].files")
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
SCALARS = WORDS | st.integers(-99, 99) | st.booleans()
CELL = st.fixed_dictionaries(
    {},
    optional={
        "required": st.booleans(),
        "upper": st.booleans(),
        "unaccented": st.booleans(),
        "omit_empty": st.booleans(),
        "format": st.sampled_from(("dd/MM/yyyy", "yyyyMMddHHmmss", "epoch")),
        "as": st.sampled_from(("text", "int", "raw")),
        "max_length": st.integers(1, 999),
        "default": SCALARS,
        "otherwise": SCALARS,
        "table": NAMES | st.dictionaries(WORDS.filter(bool), SCALARS, min_size=1, max_size=3),
        "note": WORDS.filter(bool),
    },
)
SOURCE = st.one_of(
    st.fixed_dictionaries({"from": PATHS | st.lists(PATHS, min_size=2, max_size=3)}),
    st.fixed_dictionaries(
        {"value": SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(NAMES, WORDS, max_size=2)}
    ),
    st.fixed_dictionaries(
        {"jsonata": st.sampled_from(("$join(files.name, '; ')", "data.a = 1 ? 'x' : 'y'", "json:1"))}
    ),
)


def a_field(name):
    return st.tuples(CELL, SOURCE).map(lambda pair: {"to": name, **pair[0], **pair[1]})


def a_list(name, rows):
    made = st.tuples(CELL, PATHS | st.lists(PATHS, min_size=2, max_size=2), rows)
    return made.map(lambda parts: {"to": f"{name}[]", **parts[0], "each": parts[1], "rows": parts[2]})


def some_rows(depth):
    def of(names):
        below = some_rows(depth - 1) if depth else None
        one = (a_field(name) if below is None else a_field(name) | a_list(name, below) for name in names)
        return st.tuples(*one).map(list)

    return st.lists(NAMES, min_size=1, max_size=3, unique=True).flatmap(of)


TABLES = st.fixed_dictionaries(
    {"version": st.just("1"), "row": some_rows(2)},
    optional={
        "tables": st.dictionaries(
            NAMES, st.dictionaries(WORDS.filter(bool), SCALARS, min_size=1), min_size=1, max_size=2
        )
    },
)


def there_and_back(raw, title="Bảng ánh xạ"):
    grid, heading = to_grid(raw, title)
    return from_grid(read_rows(write_rows(grid, name=title, heading=heading, widths=WIDTHS)))


@settings(max_examples=60, deadline=None)
@given(TABLES, WORDS)
def test_there_and_back(raw, title):
    """Lists in lists, code tables, constants of every type, texts that look like something else."""
    assert there_and_back(raw, title or "x") == raw


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_shipped_tables_can_be_signed(file):
    """What is signed is what runs."""
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    assert there_and_back(raw) == raw
