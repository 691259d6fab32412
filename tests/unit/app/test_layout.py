"""The small files of the data folder."""

import resource
from pathlib import Path

import pytest

from gateway.app.layout import write_whole


def test_a_small_file_that_finds_no_room_is_named(tmp_path: Path):
    """The system names none where it takes no more bytes; told without one, it would pass for a fault of the port."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2, before[1]))
    try:
        with pytest.raises(OSError, match="too large") as told:
            write_whole(tmp_path / "gateway.url", "http://127.0.0.1:8080\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told.value.filename == str(tmp_path / "gateway.url")
    assert not list(tmp_path.iterdir())
