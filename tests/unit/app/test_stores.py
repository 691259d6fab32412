"""Opening the store that the settings name."""

import asyncio

import pytest

from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.stores import open_store
from gateway.config.loader import defaults
from gateway.core.errors import Unusable
from gateway.testing.secrets import FakeSecrets


async def test_what_no_waiting_mends_is_not_waited_for(tmp_path):
    """Its last user lets go of a store in time; a damaged file stays so."""
    layout = Layout(tmp_path)
    layout.database.write_bytes(b"Dear reader, " * 8192)
    with pytest.raises(Unusable):
        async with asyncio.timeout(30):
            await open_store(defaults().store, layout, Machine(), FakeSecrets({}), patience=3600)
