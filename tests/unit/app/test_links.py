"""Links to files, as the configuration allows for them."""

import pytest

from gateway.app.links import file_links
from gateway.config.settings import LinkSettings
from gateway.core.errors import ConfigError
from gateway.testing.secrets import FakeSecrets


def test_a_key_that_could_be_guessed_is_refused_before_a_port_is_opened():
    """G9: the problem names the key's place and the remedy, never the key."""
    secrets = FakeSecrets({"env:GOOD": "g" * 32, "env:SHORT": "secret"})
    with pytest.raises(ConfigError) as caught:
        file_links(LinkSettings(keys=("env:GOOD", "env:SHORT"), lifetime="7d"), secrets)
    assert caught.value.problems[0].key == "links.keys[1]"
    assert "secret is shorter" in str(caught.value)
    assert file_links(LinkSettings(keys=("env:GOOD",), lifetime="7d"), secrets).ready
