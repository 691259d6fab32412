"""A system's options with many faults: each is named with file, key and remedy, not only the first."""

from datetime import date, datetime
from typing import Literal

import msgspec
import pytest

from gateway.sdk.reading import Reader, Table


class _Plain(Table, frozen=True, kw_only=True, tag_field="kind", tag="plain"):
    """Nothing to say."""


class _Login(Table, frozen=True, kw_only=True, tag_field="kind", tag="login"):
    path: str
    put: Literal["header", "body"] = "header"


class _Options(Table, frozen=True, kw_only=True):
    names: tuple[str, ...]
    auth: _Plain | _Login = _Plain()
    begin: datetime | None = None
    tables: dict[str, _Login] = msgspec.field(default_factory=dict[str, _Login])


def faults(raw: object) -> list[str]:
    """Return the problems of a table as an operator reads them."""
    reader = Reader("systems/sample.toml")
    found = reader.read(_Options, raw, "options")
    assert (found is None) == bool(reader.problems)
    return [str(problem).removeprefix("systems/sample.toml: ") for problem in reader.problems]


def test_a_table_without_faults_is_read():
    reader = Reader("systems/sample.toml")
    raw = {"names": ["a"], "auth": {"kind": "login", "path": "/x"}, "tables": {"one": {"kind": "login", "path": "/y"}}}
    found = reader.read(_Options, raw, "options")
    assert found == _Options(names=("a",), auth=_Login(path="/x"), tables={"one": _Login(path="/y")})


def test_every_fault_of_a_table_is_named():
    """Those of tables in it, too, whatever their kind."""
    raw = {"nmaes": ["a"], "names": ["a", 2], "auth": {"kind": "login", "put": "query", "pth": "/x"}}
    assert faults(raw) == [
        "options.nmaes: unknown key (did you mean 'names'?)",
        "options.names[1]: expected `str`, got `int` (write text in quotes)",
        "options.auth.pth: unknown key (did you mean 'path'?)",
        "options.auth.path: is missing (add it: text in quotes)",
        "options.auth.put: invalid enum value 'query' (known: body, header)",
    ]


@pytest.mark.parametrize(
    ("auth", "fault"),
    [
        ({"path": "/x"}, 'options.auth.kind: is missing (add it: "login" or "plain")'),
        ({"kind": "logn"}, "options.auth.kind: invalid enum value 'logn' (did you mean 'login'?)"),
        ({"kind": 1}, 'options.auth.kind: expected `str`, got `int` (write "login" or "plain")'),
        ("login", "options.auth: is no table (write it as [options.auth])"),
    ],
)
def test_a_table_of_no_known_kind_is_named(auth, fault):
    assert faults({"names": [], "auth": auth}) == [fault]


@pytest.mark.parametrize("begin", ["2026-01-31", date(2026, 1, 31)])
def test_a_day_where_a_time_stands_is_told_how_a_time_is_written(begin):
    (fault,) = faults({"names": [], "begin": begin})
    assert fault.startswith("options.begin: ")
    assert fault.endswith("(write a time as 2026-01-31T00:00:00+07:00, without quotes)")


def test_what_is_no_table_is_named():
    assert faults([]) == ["options: is no table (write it as [options])"]
