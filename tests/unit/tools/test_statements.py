"""What this version asks of its databases is on record for the versions to come."""

import pytest

from tools.statements import DRIVERS, path, render


@pytest.mark.parametrize("driver", DRIVERS)
def test_the_record_is_what_the_code_asks(driver: str) -> None:
    """Else: ``python -m tools.statements``, and commit what it wrote."""
    assert path(driver).read_text("utf-8") == render(driver)
