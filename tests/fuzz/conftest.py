"""Doors on loopback that serve inputs one after the other, from tests that Hypothesis drives."""

import asyncio
from io import BytesIO

import msgspec
import pytest

from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS
from tests.integration.test_doors.conftest import SERVER, a_body, open_gate
from tests.integration.test_doors.test_callback_forms import adapter

from .running import try_all

ROOM = msgspec.structs.replace(
    SERVER, body_limit=16 << 20, file_limit=1 << 20, bodies=64 << 20, read_timeout="10s", room_wait="5s"
)
FRESH = 300  #: inputs after which the store begins anew


class Doors:
    """One gateway; a new one after so many inputs, since it keeps what it takes."""

    def __init__(self, loop):
        self._loop = loop
        self._opened = None
        self._served = 0
        self.gate = None

    def post(self, path, raw, *, headers, who):
        """Return the answer to one request."""
        if self.gate is None or self._served >= FRESH:
            self.close()
            self._open()
        self._served += 1
        return self._loop.run_until_complete(self.gate.post(path, raw=BytesIO(raw), headers=headers, who=who))

    def accepted(self):
        return len(self.gate.accepted) if self.gate else 0

    def _open(self):
        blobs = MemoryBlobs()
        self._opened = open_gate(server=ROOM, receivers={CIVIL_STATUS: adapter(blobs)}, blobs=blobs)
        self.gate = self._loop.run_until_complete(self._opened.__aenter__())
        self._loop.run_until_complete(self.gate.post("/v1/dossiers", a_body()))
        self._served = 0

    def close(self):
        if self._opened is not None:
            self._loop.run_until_complete(self._opened.__aexit__(None, None, None))
        self._opened = self.gate = None


@pytest.fixture
def fuzz(capsys):
    """`fuzz(name, inputs, target)`: try them, and report how many."""

    def run(name, inputs, target):
        tried = try_all(inputs, target)
        with capsys.disabled():
            print(f"\nfuzz: target={name} {tried}")  # noqa: T201 - what `make fuzz` reports

    return run


@pytest.fixture
def doors():
    with asyncio.Runner() as runner:
        doors = Doors(runner.get_loop())
        yield doors
        doors.close()
