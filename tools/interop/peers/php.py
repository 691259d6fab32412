"""PHP's SoapClient and SoapServer: what many provincial and ministerial portals are written with."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from gateway.testing.ports import free_port
from tools.interop.cases import Feature, Way
from tools.interop.keys import Keys
from tools.interop.peer import (
    SOURCES,
    TOOLS,
    WSDL,
    Asked,
    Peer,
    PeerFailed,
    Served,
    end,
    environment,
    packages,
    run,
    spoken,
)

_BOTH = ("1.1", "1.2")
_START_WITHIN = 20.0


class Php(Peer):
    """Client and server."""

    name = "php-soap"
    stack = "PHP SoapClient and SoapServer (Debian php-soap)"
    calls: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.V12: ("1.2",),
        Feature.FAULT: _BOTH,
        Feature.SECURITY: _BOTH,
    }
    serves: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.V12: ("1.2",),
        Feature.FAULT: _BOTH,
    }
    proves: ClassVar[Mapping[Way, Sequence[str]]] = {Way.CALLS_US: ("username",)}  # as its users write it, by hand
    absent: ClassVar[Mapping[Feature, str]] = {Feature.MTOM: "PHP's SOAP extension knows no attachments"}

    def install(self) -> None:
        """Install Debian's packages."""
        packages("php-cli", "php-soap")
        if "soap" not in run(["php", "-m"]).split():
            message = "php has no SOAP extension"
            raise PeerFailed(message)

    def call(self, asked: Asked) -> dict[str, Any]:
        """Run the client once."""
        return spoken(["php", str(SOURCES / "php" / "client.php")], json.dumps(asked.words(), ensure_ascii=False))

    @contextmanager
    def serving(self, keys: Keys) -> Generator[Served]:
        """Run the server behind PHP's own web server."""
        del keys  # its server proves nothing and asks for no proof
        port = free_port()
        TOOLS.mkdir(parents=True, exist_ok=True)
        command = [shutil.which("php") or "php", "-S", f"127.0.0.1:{port}", str(SOURCES / "php" / "server.php")]
        with (TOOLS / "php.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment(REGISTER_WSDL=str(WSDL)), stdout=log, stderr=log)
            try:
                _wait(process, port)
                yield Served(f"http://127.0.0.1:{port}/")
            finally:
                end(process)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends = time.monotonic() + _START_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"PHP's web server did not start: {(TOOLS / 'php.log').read_text(errors='replace')[-600:]}"
    raise PeerFailed(message)
