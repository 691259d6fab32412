"""How long the embedded database waits for another process that holds it."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.stores.sqlite.connection import Tuning, connect


@pytest.mark.parametrize("wait", [timedelta(seconds=5), timedelta(days=30), timedelta(days=99_999)])
def test_it_waits_however_long_it_may(tmp_path: Path, wait: timedelta):
    """SQLite counts milliseconds in 31 bits, and takes what has more for not at all."""
    with closing(connect(tmp_path / "gateway.db", Tuning(busy_timeout=wait))) as connection:
        (milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
    assert timedelta(milliseconds=milliseconds) >= min(wait, timedelta(days=20))
