"""JAX-WS, the reference implementation: what Java ministries generate their clients and servers with."""

import hashlib
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from tools.gateway_process import ROOT
from tools.interop.cases import Feature, Way
from tools.interop.keys import USER, Keys
from tools.interop.peer import SOURCES, TOOLS, WSDL, Asked, Peer, Served, listening, packages, run, spoken

_BOTH = ("1.1", "1.2")
_DOOR = ROOT / "gateway" / "ingress" / "soap" / "events-v1.wsdl"
_CLASSES = TOOLS / "jaxws"
_JARS = tuple(
    f"/usr/share/java/{name}.jar"
    for name in (
        *("jaxws-rt", "javax.activation", "jaxb-runtime", "istack-commons-runtime", "txw2"),
        *("wss4j", "xmlsec", "commons-logging", "slf4j-api", "slf4j-nop"),
    )
)
_PATH = ":".join((str(_CLASSES), *_JARS))


class JaxWs(Peer):
    """Client and server, both made from the WSDLs by `wsimport`."""

    name = "jax-ws"
    stack = "JAX-WS RI with WSS4J (Debian jaxws, libwss4j-java)"
    calls: ClassVar[Mapping[Feature, Sequence[str]]] = {
        Feature.V11: ("1.1",),
        Feature.V12: ("1.2",),
        Feature.FAULT: _BOTH,
        Feature.MTOM: _BOTH,
        Feature.SECURITY: _BOTH,
    }
    serves: ClassVar[Mapping[Feature, Sequence[str]]] = calls
    proves: ClassVar[Mapping[Way, Sequence[str]]] = dict.fromkeys(Way, ("username", "signature"))  # by WSS4J
    absent: ClassVar[Mapping[Feature, str]] = {}

    def install(self) -> None:
        """Install Debian's packages, and make and compile the classes, unless that was done from the same sources."""
        packages(
            "jaxws", "libjaxws-java", "libwss4j-java", *(() if shutil.which("javac") else ("default-jdk-headless",))
        )
        sources = [_DOOR, WSDL, *sorted((SOURCES / "java").glob("*.java"))]
        made = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        done = _CLASSES / ".made"
        if done.exists() and done.read_text() == made:
            return
        shutil.rmtree(_CLASSES, ignore_errors=True)
        generated = _CLASSES / "generated"
        generated.mkdir(parents=True)
        for package, wsdl in (("gateway.events", _DOOR), ("register", WSDL)):
            _generate(package, wsdl, generated)
        java = [str(path) for path in (*generated.rglob("*.java"), *(SOURCES / "java").glob("*.java"))]
        run(["javac", "-encoding", "UTF-8", "-nowarn", "-cp", _PATH, "-d", str(_CLASSES), *java])
        done.write_text(made)

    def call(self, asked: Asked) -> dict[str, Any]:
        """Run the client once; JSON is more than a Java machine reads by itself."""
        words = [f"{name}={_word(value)}" for name, value in asked.words().items()]
        return spoken(["java", "-Dfile.encoding=UTF-8", "-cp", _PATH, "Client", *words], "")

    @contextmanager
    def serving(self, keys: Keys) -> Generator[Served]:
        """Run the server."""
        command = ["java", "-Dfile.encoding=UTF-8", "-cp", _PATH, "Server", str(keys.folder), USER, keys.password]
        with listening(command, TOOLS / "jaxws.log") as address:
            yield Served(address, by_path=True)


def _generate(package: str, wsdl: Path, into: Path) -> None:
    command = ["wsimport", "-Xnocompile", "-keep", "-extension", "-quiet", "-encoding", "UTF-8"]
    run([*command, "-s", str(into), "-p", package, str(wsdl)])


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
