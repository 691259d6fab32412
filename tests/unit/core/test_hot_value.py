"""A hot value is a frozen dataclass in everything but its guard at run time."""

from collections.abc import Mapping
from dataclasses import field, replace

import pytest

from gateway.core.hot_value import hot_value


@hot_value
class Sample:
    """One of them."""

    name: str
    private: str = field(default="", repr=False)
    chance: int = field(default=0, compare=False)
    facts: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)


def test_is_equal_and_hashed_by_its_fields():
    assert Sample(name="a", chance=1) == Sample(name="a", chance=2) != Sample(name="b")
    assert len({Sample(name="a"), Sample(name="a", chance=2), Sample(name="b")}) == 2


def test_is_changed_into_another_one_only():
    first = Sample(name="a", private="s")
    assert replace(first, name="b") == Sample(name="b", private="s")
    assert first.name == "a"


def test_is_made_by_names_keeps_nothing_else_and_prints_no_private():
    with pytest.raises(TypeError):
        Sample("a")  # type: ignore[misc]
    assert not hasattr(Sample(name="a"), "__dict__")
    assert "hidden" not in repr(Sample(name="a", private="hidden"))
