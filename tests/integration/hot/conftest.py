"""What the tests of a changing gateway share."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now() -> str:
    """Return this second as partners sign it."""
    return str(int(datetime.now(UTC).timestamp()))
