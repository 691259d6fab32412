"""Kinds of events that files name: what no event is of is a slip, and would be silent for ever."""

import pytest

from gateway.config.loader import load
from gateway.core.errors import ConfigError


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        ("routes.toml", 'source = "portal"\n', 'source = "portal"\nkinds = ["dossier.submited"]\n', "route[0].kinds"),
        ("routes.toml", 'source = "portal"\n', 'source = "portal"\nkinds = ["dosier.*"]\n', "route[0].kinds"),
        ("systems/land.toml", 'doubt."*"', 'doubt."dossier.submited"', 'doubt."dossier.submited"'),
        ("systems/land.toml", 'doubt."*"', 'doubt."dossier*"', 'doubt."dossier*"'),
    ],
)
def test_a_kind_that_no_event_is_of_is_named(directory, file, old, new, key):
    """A route that takes nothing sends nothing, and a promise about nothing is not kept: neither says so."""
    directory.change(file, old, new)
    with pytest.raises(ConfigError) as caught:
        load(directory.path)
    assert [(one.file, one.key) for one in caught.value.problems] == [(file, key)]
    assert "no event is of the kind" in caught.value.problems[0].text


@pytest.mark.parametrize("kind", ["*", "dossier.*", "*.submitted", "x.land.*", "x.land.note", "fee.paid"])
def test_a_kind_that_there_may_be_is_taken(directory, kind):
    directory.change("routes.toml", 'source = "portal"\n', f'source = "portal"\nkinds = ["{kind}"]\n')
    assert load(directory.path).routes[0].kinds == (kind,)
