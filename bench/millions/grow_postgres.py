"""Many copies of the dossiers in a PostgreSQL database, made by SQL."""

from __future__ import annotations

from typing import Any

import asyncpg

from bench.millions.copies import APART, ONCE, is_time
from bench.millions.seed import MARK

#: The first dossiers, which the copies are made of.
_SEED = "first"
_QUICK = "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'"
#: Tables with rows, and their columns.
_COLUMNS = """
SELECT table_name, array_agg(column_name::text), array_agg(data_type::text) FROM information_schema.columns
WHERE table_schema = 'public' GROUP BY table_name ORDER BY table_name
"""
#: Indexes that are not part of a table.
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_MARK = "lpad(to_hex(copy), 8, '0')"


async def grow(address: str, copies: int) -> None:
    """Let a database, which nobody has open, have so many times what is in it; vacuumed, as time would have done."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(_QUICK)
        await _grow(connection, copies)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")  # what is measured next waits for no write of this
    finally:
        await connection.close()


async def _grow(connection: Any, copies: int) -> None:  # noqa: ANN401 - asyncpg ships no types for its connections
    indexes = await connection.fetch(_INDEXES)
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    await connection.execute(f"CREATE SCHEMA {_SEED}")
    for table, names, kinds in await connection.fetch(_COLUMNS):
        if table not in ONCE:
            await connection.execute(f"CREATE TABLE {_SEED}.{table} AS TABLE public.{table}")
            await connection.execute(_copying(table, dict(zip(names, kinds, strict=True)), copies))
    await connection.execute(f"DROP SCHEMA {_SEED} CASCADE")
    await connection.execute("UPDATE feed SET last_seq = last_seq * $1", copies)
    await connection.execute("UPDATE tally SET number = number * $1", copies)
    for _, index in indexes:
        await connection.execute(index)


def _copying(table: str, kinds: dict[str, str], copies: int) -> str:
    """Return the statement that adds one copy of a table after the other, its rows' numbers going on by themselves."""
    columns = {name: _copied(table, name, kind) for name, kind in kinds.items() if name != "seq"}
    return f"""
DO $$ BEGIN FOR copy IN 1..{copies - 1} LOOP
    INSERT INTO public.{table} ({", ".join(columns)})
    SELECT {", ".join(columns.values())} FROM {_SEED}.{table} AS old {"ORDER BY seq" if "seq" in kinds else ""};
END LOOP; END $$
"""  # noqa: S608 - names out of the schema


def _copied(table: str, name: str, kind: str) -> str:
    """Return how a column of a copy is made of the first one's."""
    column = f"old.{name}"
    match kind:
        case "text":
            return f"replace({column}, '{MARK}', {_MARK})"
        case "bytea":
            return f"decode(replace(encode({column}, 'escape'), '{MARK}', {_MARK}), 'escape')"
        case _ if name == "feed_seq":
            return f"{column} + copy * (SELECT max(last_seq) FROM feed)"  # noqa: S608 - a name of the schema
        case _ if (table, name) == ("evidence", "number"):
            return f"{column} + copy * (SELECT max(number) FROM {_SEED}.evidence)"  # noqa: S608 - as above
        case _ if is_time(name):
            return f"{column} - copy * {APART}::bigint"
        case _:
            return column
