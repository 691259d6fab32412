"""The data folder's lock."""

import resource
from pathlib import Path

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.stores.lock import held


def test_it_is_had_though_nothing_can_be_written_into_it(tmp_path: Path):
    """On a full disk an operator looks, too: whose it is stands there for who is refused, no more."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        lock = held(tmp_path / "gateway.lock")
        lock.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    with pytest.raises(StoreUnavailable, match="in use by process unknown"), held(tmp_path / "gateway.lock"):
        pass
    lock.__exit__(None, None, None)
    with held(tmp_path / "gateway.lock"):
        pass
