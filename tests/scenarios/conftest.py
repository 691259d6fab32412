"""What the long scenarios share."""

import pytest
import structlog

from gateway.testing.simulation.run import listen


@pytest.fixture
def quiet():
    """Keep no log: thousands of lines that nobody reads take longer than what they tell of; and no bug in them."""
    bugs: list[str] = []
    listen(bugs)
    yield
    structlog.reset_defaults()
    assert bugs == []
