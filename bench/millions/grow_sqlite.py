"""Many copies of the dossiers in an SQLite file, made by SQL."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bench.millions.copies import APART, ONCE, is_time
from bench.millions.seed import MARK

_QUICK = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144", "temp_store = MEMORY")


def grow(seed: Path, into: Path, copies: int) -> None:
    """Write a file with so many times what is in ``seed``, which nobody has open."""
    with closing(sqlite3.connect(into, isolation_level=None)) as connection:
        with closing(sqlite3.connect(seed)) as first:
            first.backup(connection)
        for pragma in _QUICK:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS seed", (str(seed),))
        connection.execute("CREATE TEMP TABLE copy (number INTEGER PRIMARY KEY, mark TEXT NOT NULL)")
        marks = ((number, f"{number:08x}") for number in range(1, copies))
        connection.executemany("INSERT INTO copy (number, mark) VALUES (?, ?)", marks)
        indexes = _dropped(connection)
        for table in _tables(connection):
            connection.execute(_copying(connection, table))
        connection.execute("UPDATE feed SET last_seq = last_seq + ? * (SELECT max(last_seq) FROM feed)", (copies - 1,))
        connection.execute("UPDATE tally SET number = number * ?", (copies,))
        for index in indexes:
            connection.execute(index)
    with into.open("rb") as file:
        os.fsync(file.fileno())  # what is measured next waits for no write of this


def _dropped(connection: sqlite3.Connection) -> list[str]:
    """Drop all indexes that are not part of a table, and return how they are made: quicker when all rows are there."""
    rows = connection.execute(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in rows:
        connection.execute(f"DROP INDEX main.{name}")
    return [sql for _, sql in rows]


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM seed.sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    return [name for (name,) in rows if name not in ONCE and not name.startswith("sqlite_")]


def _copying(connection: sqlite3.Connection, table: str) -> str:
    """Return the statement that adds the copies of a table, the numbers of its rows going on by themselves."""
    columns = {
        name: _copied(name, kind)
        for _, name, kind, *_ in connection.execute(f"PRAGMA seed.table_info({table})")
        if name != "seq"
    }
    return (
        f"INSERT INTO main.{table} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 - names out of the schema
        f" FROM copy CROSS JOIN seed.{table} AS old"
    )


def _copied(name: str, kind: str) -> str:
    """Return how a column of a copy is made of the first one's."""
    column = f"old.{name}"
    match kind:
        case "TEXT":
            return f"replace({column}, '{MARK}', copy.mark)"
        case "BLOB":
            return f"CAST(replace(CAST({column} AS TEXT), '{MARK}', copy.mark) AS BLOB)"
        case _ if name == "feed_seq":
            return f"{column} + copy.number * (SELECT max(last_seq) FROM seed.feed)"  # noqa: S608 - a name of the schema
        case _ if is_time(name):
            return f"{column} - copy.number * {APART}"
        case _:
            return column
