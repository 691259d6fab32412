"""suds-community: the client that Python services of the last ten years were written with. It has no server."""

import json
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from tools.interop.cases import Feature, Way
from tools.interop.keys import Keys
from tools.interop.peer import SOURCES, TOOLS, Asked, Peer, PeerFailed, Served, run, spoken

_VENV = TOOLS / "suds"
_PYTHON = _VENV / "bin" / "python"
_LOCK = SOURCES / "suds" / "requirements.txt"
_SERVER = "suds has no server"


class Suds(Peer):
    """Client only, SOAP 1.1 only."""

    name = "suds"
    stack = "suds-community on Python"
    calls: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.FAULT: ("1.1",),
        Feature.SECURITY: ("1.1",),
    }
    serves: ClassVar[Mapping[Feature, Sequence[str]]] = {}
    proves: ClassVar[Mapping[Way, Sequence[str]]] = {Way.CALLS_US: ("username",)}
    absent: ClassVar[Mapping[Feature, str]] = {
        Feature.V12: "it speaks SOAP 1.1 only",
        Feature.MTOM: "it knows no attachments",
    }

    def install(self) -> None:
        """Install what the lock names into an environment of its own, unless that was done since it last changed."""
        done = _VENV / ".done"
        if done.exists() and done.read_text() == _LOCK.read_text():
            return
        run([sys.executable, "-m", "venv", "--clear", str(_VENV)])
        run([str(_PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "-r", str(_LOCK)])
        done.write_text(_LOCK.read_text())

    def call(self, asked: Asked) -> dict[str, Any]:
        """Run the client once."""
        return spoken([str(_PYTHON), str(SOURCES / "suds" / "client.py")], json.dumps(asked.words()))

    @contextmanager
    def serving(self, keys: Keys) -> Generator[Served]:
        """Refuse: there is nothing to run."""
        del keys
        raise PeerFailed(_SERVER)
        yield Served("")  # a generator, as the others are
