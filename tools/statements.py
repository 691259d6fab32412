"""Writes what this version asks of its databases into tests/samples/statements: ``python -m tools.statements``.

One file for each driver and number of its schema. Those of earlier numbers stay as they are for as long as code of that
number may still work on the newest schema: ``tests/conformance/test_schema.py`` has the database plan each statement. A
file of a number that no release had may go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import cast

from gateway.core.delivery import State
from gateway.core.ids import SystemId
from gateway.core.reason import Why
from gateway.core.replay import Selection
from gateway.stores.postgres.dialect import one_row, statement
from gateway.stores.sql import delivery_sql
from gateway.stores.sql.access import Many
from gateway.stores.sql.schema import shipped

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "samples" / "statements"
DRIVERS = ("postgres", "sqlite")
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b")
_BETWEEN = ";\n\n"


def path(driver: str) -> Path:
    """Return where the statements of this version's schema lie."""
    return FOLDER / f"{driver}-{shipped(f'gateway.stores.{driver}').number:04}.sql"


def render(driver: str) -> str:
    """Return all statements of a driver as its server reads them."""
    return "".join(sorted(f"{text.strip()}{_BETWEEN}" for text in set(_texts(driver))))


def read(file: Path) -> list[str]:
    """Return the statements of a file."""
    return file.read_text("utf-8").split(_BETWEEN)[:-1]


def _texts(driver: str) -> Iterator[str]:
    on_postgres = driver == "postgres"
    for found in (*_named(driver), *_composed()):
        if isinstance(found, Many):
            yield one_row(found) if on_postgres else found.over(2)
        else:
            yield statement(found).text if on_postgres else found


def _named(driver: str) -> Iterator[str | Many]:
    """Yield the statements under public names: those that are shared, and a driver's own."""
    packages = [import_module(f"gateway.stores.{name}") for name in ("sql", driver)]
    modules = [f"{package.__name__}.{module.name}" for package in packages for module in iter_modules(package.__path__)]
    for module in modules:
        values: dict[str, object] = vars(import_module(module))
        for value in (value for name, value in values.items() if not name.startswith("_")):
            for found in cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,):
                if isinstance(found, Many) or (isinstance(found, str) and _STATEMENT.match(found)):
                    yield found


def _composed() -> Iterator[str]:
    """Yield the longest of those that are put together when they are asked."""
    day = datetime(2026, 3, 2, tzinfo=UTC)
    yield delivery_sql.find(State.READY, SystemId("x"))[0]
    yield delivery_sql.stopped(
        Selection(state=State.HELD, system=SystemId("x"), reason=Why.DNS, kind="x", procedure="x", since=day, until=day)
    )[0]


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for driver in DRIVERS:
        path(driver).write_text(render(driver), "utf-8")


if __name__ == "__main__":
    main()
