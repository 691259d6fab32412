"""npm `soap`: the stack of ministries that run Node."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from tools.interop.cases import Feature, Way
from tools.interop.keys import USER, Keys
from tools.interop.peer import SOURCES, TOOLS, WSDL, Asked, Peer, PeerFailed, Served, environment, listening, spoken
from tools.soap_client import CLIENT, NODE
from tools.soap_client import install as install_packages

_BOTH = ("1.1", "1.2")


class Node(Peer):
    """Client and server."""

    name = "node-soap"
    stack = "npm soap 1.13.0 on Node"
    calls: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.V12: ("1.2",),
        Feature.FAULT: _BOTH,
        Feature.MTOM: _BOTH,
        Feature.SECURITY: _BOTH,
    }
    serves: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.V12: ("1.2",),
        Feature.FAULT: _BOTH,
        Feature.SECURITY: _BOTH,
    }
    proves: ClassVar[Mapping[Way, Sequence[str]]] = {
        Way.CALLS_US: ("username", "signature"),
        Way.CALLED: ("username",),  # its server verifies no signature
    }
    absent: ClassVar[Mapping[Feature, str]] = {Feature.MTOM: "its server reads no attachments"}

    def install(self) -> None:
        """Install what the lock of clients/soap-node names."""
        try:
            install_packages()
        except (OSError, ValueError, RuntimeError) as error:
            raise PeerFailed(str(error)) from error

    def call(self, asked: Asked) -> dict[str, Any]:
        """Run the client once."""
        return spoken([str(NODE), str(SOURCES / "node" / "client.cjs")], json.dumps(asked.words()), env=_environment())

    @contextmanager
    def serving(self, keys: Keys) -> Generator[Served]:
        """Run the server."""
        command = [str(NODE), str(SOURCES / "node" / "server.cjs"), str(WSDL), USER, keys.password]
        with listening(command, TOOLS / "node.log", env=_environment()) as address:
            yield Served(address, by_path=True)


def _environment() -> dict[str, str]:
    return environment(NODE_PATH=str(CLIENT / "node_modules"))
