"""The gateway's side: its SOAP adapter calling a peer's server, and a running gateway whose door the peers call."""

import hashlib
import json
import shutil
import urllib.parse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_bytes
from typing import Any

import msgspec

from gateway.app.clock import SystemClock
from gateway.app.ids import RandomIds
from gateway.config.settings import SystemConfig
from gateway.core.outcome import Delivered, Outcome, Rejected
from gateway.core.reason import Why
from gateway.sdk import Context
from gateway.sdk.soap import build_soap
from gateway.stores.memory import MemoryStore
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.deliveries import DOSSIER, a_delivery, a_message
from gateway.testing.secrets import FakeSecrets
from tools.gateway_process import ROOT, Caller, Launch, new_key, serving
from tools.interop.cases import Case, Feature
from tools.interop.keys import USER, Keys
from tools.interop.peer import WSDL
from tools.sample_dossier import sample_dossier

MINISTRY = "business_registry"  #: as whom every peer calls
REFUSED = "từ chối"  #: the owner whom every server refuses
OWNER = "Lò Thị Mẫu «thử» & <con>"
FILES = (b"\r\n%PDF-1.7\x00" + bytes(range(256)) * 40 + b"\r\n", b"")
_LONGEST = 60.0  #: seconds of one exchange
_FEED = """id = "portal"
role = "portal"
adapter = "feed"
mode = "sandbox"
agency = "H52"
name = { vi = "Cổng thử" }
"""
#: Who calls without a key, by the kind of proof.
PROVING = {"username": "named_ministry", "signature": "signing_ministry"}
_AGREED = {
    "username": f"""[security.expect]
username = {{ user = "{USER}" }}
timestamp = true
""",
    "signature": """[security.expect]
certificates = ["certificates/peer-certificate.pem"]
[security.send]
signature = {}
""",
}
_PROVING = """id = "{id}"
role = "system"
adapter = "feed"
mode = "sandbox"
agency = "G98"
name = {{ vi = "Bộ thử" }}
secrets = {{ wss_password = "env:INTEROP_PASSWORD", wss_key = "file:{keys}/gateway.pem" }}
{agreed}"""
_ROUTES = """
[[route]]
id = "interop_out"
source = "portal"
kinds = ["dossier.*"]
to = ["{0}", "{1}"]

[[route]]
id = "interop_back_named"
source = "{0}"
to = ["portal"]

[[route]]
id = "interop_back_signing"
source = "{1}"
to = ["portal"]
"""
_ANY_STATUS: dict[str, object] = {"http": ["2xx", "4xx", "5xx"]}
_ROWS: tuple[dict[str, object], ...] = (
    {"to": "code", "from": "code:province"},
    {"to": "owner", "from": "data.owner.name.whole"},
)


def system(case: Case, url: str) -> SystemConfig:
    """Return the file of a ministry that is this peer."""
    delivered: dict[str, object] = {"path": "number", "then": "delivered"}
    refused: dict[str, object] = {
        **_ANY_STATUS,
        "path": "fault.name",
        "equals": ["refused"],
        "also": [
            {**_ANY_STATUS, "path": "fault.detail.refusal.code", "equals": [17]},
            {**_ANY_STATUS, "path": "fault.reason", "contains": [REFUSED]},
        ],
        "then": "reject",
    }
    table: dict[str, object] = {
        "id": "peer",
        "secrets": {"wss_password": "env:PASSWORD", "wss_key": "env:KEY"},
        "role": "system",
        "adapter": "soap",
        "mode": "sandbox",
        "name": {"vi": case.peer},
        "endpoint": {"sandbox": url},
        "options": {
            "wsdl": WSDL.name,
            "version": case.version,
            "security": _security(case),
            "attachments": "mtom" if case.feature is Feature.MTOM else "inline",
            "operations": {
                "dossier.submitted": {
                    "operation": "register",
                    "mapping": "register",
                    "codes": {"receipt": "number"},
                    "facts": {"proof": "proof", "receipt": "receipt.sha256"},
                    "keep_files": True,
                }
            },
            "outcomes": [delivered, refused],
        },
    }
    return msgspec.convert(table, SystemConfig)


def _security(case: Case) -> dict[str, object]:
    """Return what is agreed; npm soap answers a Timestamp with one of its own, which must be understood."""
    if case.detail == "username":
        answers = {"expect": {"timestamp": True}} if case.peer == "node-soap" else {}
        return {"send": {"username": {"user": USER}}, **answers}
    if case.detail == "signature":
        return {"send": {"signature": {}}, "expect": {"certificates": ["peer-certificate.pem"]}}
    return {}


async def called(case: Case, url: str, keys: Keys) -> str:
    """Deliver a dossier to the peer; return what is wrong, empty where all is well."""
    blobs = MemoryBlobs()
    shutil.copy(WSDL, keys.folder)
    clock, key = SystemClock(), (keys.folder / "gateway.pem").read_text()
    context = Context(
        clock=clock,
        secrets=FakeSecrets({"env:PASSWORD": keys.password, "env:KEY": key}),
        blobs=blobs,
        mappings={"register": _mapping(case)},
        directory=keys.folder,
        uses=MemoryStore(clock=clock, ids=RandomIds()),
        random=token_bytes,
    )
    is_refused = case.feature is Feature.FAULT
    owner = {"name": {"whole": REFUSED if is_refused else OWNER}}
    held = tuple(blobs.hold(content, name=f"tệp {number}.pdf") for number, content in enumerate(_files(case)))
    message = replace(a_message(data={**DOSSIER, "owner": owner}), blobs=held)
    adapter = build_soap(system(case, url), context)
    await adapter.open()
    try:
        outcome = await adapter.send(a_delivery(message), deadline=clock.monotonic() + _LONGEST)
    finally:
        await adapter.close()
    return _refusal(outcome) if is_refused else _delivery(outcome, _files(case))


def _mapping(case: Case) -> dict[str, object]:
    """Return the table; a signature covers the message as it is made, so the files' bytes must be in it by then."""
    content = "item.content" if case.detail == "signature" else "item.stream"
    rows = [{"to": "name", "from": "item.name"}, {"to": "content", "from": content}]
    return {"version": "1", "row": [*_ROWS, {"to": "file[]", "each": "files", "rows": rows}]}


def _files(case: Case) -> tuple[bytes, ...]:
    """Return what is sent; a file without a byte travels as a stream only."""
    return FILES[:1] if case.detail == "signature" else FILES


def _delivery(outcome: Outcome, files: tuple[bytes, ...]) -> str:
    if not isinstance(outcome, Delivered):
        return f"{type(outcome).__name__}: {outcome.reason.code}: {outcome.reason.detail}"
    expected = hashlib.sha256(b"".join((OWNER.encode(), *files))).hexdigest()
    if outcome.facts.get("proof") != expected:
        return f"it read something else: {outcome.facts.get('proof')}"
    receipt = hashlib.sha256(f"\r\n{OWNER}\r\n".encode()).hexdigest()
    if outcome.facts.get("receipt") != receipt:
        return f"its file was read as something else: {outcome.facts.get('receipt')}"
    return "" if outcome.codes.get("receipt", "").partition("-")[2] else "it gave no number"


def _refusal(outcome: Outcome) -> str:
    if isinstance(outcome, Rejected) and outcome.reason.code is Why.REFUSED_BY_PARTNER:
        return ""
    words = "" if isinstance(outcome, Delivered) else f": {outcome.reason.code}: {outcome.reason.detail}"
    return f"its declared fault was not read: {type(outcome).__name__}{words}"


@dataclass(frozen=True, slots=True)
class Door:
    """A running gateway, and who may call it."""

    port: int
    ministry: str  #: its key
    portal: Caller

    @property
    def url(self) -> str:
        """Where the SOAP door is."""
        return f"http://127.0.0.1:{self.port}/soap/v1/events"

    def submit(self, code: str) -> None:
        """Let the portal hand over a dossier."""
        self.portal.submit(sample_dossier(code))

    def arrived(self, code: str) -> list[tuple[str, list[str]]]:
        """Return what the portal is told of a dossier: kind and words, and the hashes of the files as it gets them."""
        found: list[tuple[str, list[str]]] = []
        after, more = "", True
        while more:
            page = self._get(f"/v1/events?limit=200&after={urllib.parse.quote(after)}")
            after, more = page["next"], bool(page["more"])
            found += [_shown(one["event"], self) for one in page["items"] if code in json.dumps(one["event"])]
        return found

    def file(self, address: str) -> bytes:
        """Download as the portal does."""
        return self._exchange(address)

    def _get(self, path: str) -> dict[str, Any]:
        return dict(json.loads(self._exchange(path)))

    def _exchange(self, path: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.portal.key}"})
            return connection.getresponse().read()
        finally:
            connection.close()


def _shown(event: dict[str, Any], door: Door) -> tuple[str, list[str]]:
    files = [door.file(f"/v1/files/{one['id']}") for one in event.get("data", {}).get("files", ())]
    words = event.get("text") or event.get("data", {}).get("name", "")
    return f"{event['kind']} {words}", [hashlib.sha256(one).hexdigest() for one in files]


def _agree(config: Path, keys: Keys) -> None:
    """Let two ministries prove themselves in the envelope, each in its own way, and give both a part in dossiers."""
    (config / "certificates").mkdir(exist_ok=True)
    shutil.copy(keys.folder / "peer-certificate.pem", config / "certificates")
    for detail, system_id in PROVING.items():
        text = _PROVING.format(id=system_id, keys=keys.folder, agreed=_AGREED[detail])
        (config / "systems" / f"{system_id}.toml").write_text(text)
    routes = config / "routes.toml"
    routes.write_text(routes.read_text() + _ROUTES.format(*PROVING.values()))


@contextmanager
def door(folder: Path, keys: Keys) -> Generator[Door]:
    """Run a gateway with the shipped files, and a portal that reads a feed."""
    config, data = folder / "config", folder / "data"
    shutil.copytree(ROOT / "config", config)
    (config / "systems" / "portal.toml").write_text(_FEED)
    _agree(config, keys)
    data.mkdir()
    launch = Launch(config=config, data=data, environment={"INTEROP_PASSWORD": keys.password})
    with serving(launch) as port:
        portal, ministry = new_key(launch, port, "portal"), new_key(launch, port, MINISTRY)
        yield Door(port, ministry, Caller(port=port, key=portal))
