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
from typing import Any

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.outcome import Delivered, Outcome, Rejected
from gateway.core.reason import Why
from gateway.sdk import Context
from gateway.sdk.soap import build_soap
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import DOSSIER, a_delivery, a_message
from gateway.testing.secrets import FakeSecrets
from tools.gateway_process import ROOT, Caller, Launch, new_key, serving
from tools.interop.cases import Case, Feature
from tools.interop.peer import WSDL
from tools.sample_dossier import sample_dossier

MINISTRY = "business_registry"  #: as whom every peer calls
REFUSED = "từ chối"  #: the owner whom every server refuses
OWNER = "Lò Thị Mẫu «thử» & <con>"
FILES = (b"\r\n%PDF-1.7\x00" + bytes(range(256)) * 40 + b"\r\n", b"")
_FAR = 3600.0
_FEED = """id = "portal"
role = "portal"
adapter = "feed"
mode = "sandbox"
agency = "H52"
name = { vi = "Cổng thử" }
"""
_ANY_STATUS: dict[str, object] = {"http": ["2xx", "4xx", "5xx"]}
_MAPPING: dict[str, object] = {
    "version": "1",
    "row": [
        {"to": "code", "from": "code:province"},
        {"to": "owner", "from": "data.owner.name.whole"},
        {
            "to": "file[]",
            "each": "files",
            "rows": [{"to": "name", "from": "item.name"}, {"to": "content", "from": "item.stream"}],
        },
    ],
}


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
    table = {
        "id": "peer",
        "role": "system",
        "adapter": "soap",
        "mode": "sandbox",
        "name": {"vi": case.peer},
        "endpoint": {"sandbox": url},
        "options": {
            "wsdl": WSDL.name,
            "version": case.version,
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


async def called(case: Case, url: str) -> str:
    """Deliver a dossier to the peer; return what is wrong, empty where all is well."""
    blobs = MemoryBlobs()
    context = Context(
        clock=FakeClock(),
        secrets=FakeSecrets({}),
        blobs=blobs,
        mappings={"register": _MAPPING},
        directory=WSDL.parent,
    )
    is_refused = case.feature is Feature.FAULT
    owner = {"name": {"whole": REFUSED if is_refused else OWNER}}
    held = tuple(blobs.hold(content, name=f"tệp {number}.pdf") for number, content in enumerate(FILES))
    message = replace(a_message(data={**DOSSIER, "owner": owner}), blobs=held)
    adapter = build_soap(system(case, url), context)
    await adapter.open()
    try:
        outcome = await adapter.send(a_delivery(message), deadline=_FAR)
    finally:
        await adapter.close()
    return _refusal(outcome) if is_refused else _delivery(outcome)


def _delivery(outcome: Outcome) -> str:
    if not isinstance(outcome, Delivered):
        return f"{type(outcome).__name__}: {outcome.reason.code}: {outcome.reason.detail}"
    expected = hashlib.sha256(b"".join((OWNER.encode(), *FILES))).hexdigest()
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


@contextmanager
def door(folder: Path) -> Generator[Door]:
    """Run a gateway with the shipped files, and a portal that reads a feed."""
    config, data = folder / "config", folder / "data"
    shutil.copytree(ROOT / "config", config)
    (config / "systems" / "portal.toml").write_text(_FEED)
    data.mkdir()
    launch = Launch(config=config, data=data)
    portal, ministry = new_key(launch, "portal"), new_key(launch, MINISTRY)
    with serving(launch) as port:
        yield Door(port, ministry, Caller(port=port, key=portal))
