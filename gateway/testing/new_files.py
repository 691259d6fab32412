"""New database files for tests, made once per process: the schema takes longer than most of what is tried on it."""

from __future__ import annotations

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from gateway.stores.sqlite.connection import Tuning, connect, migrate


def new_file(path: Path) -> Path:
    """Put a file there as the embedded store makes it, unless there is one; return the path."""
    if not path.exists():
        path.write_bytes(_made())
    return path


@cache
def _made() -> bytes:
    tuning = Tuning()
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        path = Path(folder) / "gateway.db"
        with closing(connect(path, tuning)) as connection:
            migrate(connection, tuning.schema)
        return path.read_bytes()
