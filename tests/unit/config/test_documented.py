"""Public means documented: every setting stands in the reference."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast, get_args, get_origin

import msgspec
import pytest

from gateway.config.calendar import CalendarConfig
from gateway.config.settings import Names, RouteConfig, ServiceConfig, Settings, SystemConfig
from gateway.config.sources import defaults
from gateway.config.statuses import ProcedureConfig, StatusesConfig
from gateway.core.routing import Role

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "configuration.md"


KIND = '"<kind>"'
NAMES = {"year": "<year>"}  #: what the keys of a table by name are, where they are no kinds


def keys_of(shape: type, at: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(shape):
        key = f"{at}{field.encode_name}"
        inner = get_args(field.type)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from keys_of(field.type, f"{key}.")
        elif get_origin(field.type) is dict and isinstance(inner[1], type) and issubclass(inner[1], msgspec.Struct):
            yield from keys_of(inner[1], f"{key}.{NAMES.get(key, KIND)}.")
        else:
            yield key


KEYS = (
    *keys_of(Settings),
    *keys_of(SystemConfig),
    *keys_of(RouteConfig, "route."),
    *keys_of(ServiceConfig, "service."),
    *keys_of(CalendarConfig),
    *(key for key in keys_of(StatusesConfig) if key != "procedure"),
    *keys_of(ProcedureConfig, "procedure."),
)


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_stands_in_the_reference(key: str):
    assert f"| `{key}` |" in PAGE.read_text(encoding="utf-8")


def test_the_reference_names_no_setting_that_is_not_there():
    sections = PAGE.read_text(encoding="utf-8").split("## The data folder")[0].split("## `gateway.toml`")[1]
    rows = [line.split("`")[1] for line in sections.splitlines() if line.startswith("| `")]
    assert set(rows) == set(KEYS)


def default_in_the_page(key: str) -> str:
    (row,) = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{key}` |")]
    return row.split(" | ")[1]


def is_told(value: object, cell: str) -> bool:
    """Whether the page says of a key without a value that it has one only in words, and else which."""
    if value is None or value == {}:
        return not cell.startswith("`") or cell == "`{}`"
    return cell == f"`{json.dumps(value)}`"


def value_at(key: str, table: object) -> object:
    for piece in key.split("."):
        table = cast("dict[str, object]", table)[piece]
    return table


@pytest.mark.parametrize("key", list(keys_of(Settings)))
def test_the_reference_tells_the_real_default(key: str):
    assert is_told(value_at(key, defaults()), default_in_the_page(key))


A_SYSTEM = SystemConfig(id="land", name=Names(vi="Đất đai"), role=Role.SYSTEM, adapter="rest")
SAID = {field.encode_name for field in msgspec.structs.fields(SystemConfig) if field.required}


@pytest.mark.parametrize(
    "key", [key for key in keys_of(SystemConfig) if key.split(".")[0] not in SAID and KIND not in key]
)
def test_the_reference_tells_the_real_default_of_a_system(key: str):
    assert is_told(value_at(key, msgspec.to_builtins(A_SYSTEM)), default_in_the_page(key))
