"""A system as `config/` ships it, built against a partner on loopback, and the golden exchanges of its folder."""

import json
import tomllib
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.message import Payload
from gateway.core.outcome import Delivered, Rejected
from gateway.ports.secrets import Secret
from gateway.sdk import Context, build
from gateway.security.links import FileLinks
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets

ROOT = Path(__file__).parents[2]
TIME = 5.0
#: A step of a chained procedure, as the gateway begins it.
STEP = {
    "procedure": {"code": "1.004222", "name": "Đăng ký thường trú"},
    "relations": [{"kind": "part_of", "scheme": "province", "code": CODE}],
    "owner": {
        "name": {"whole": "Lò Thị Mẫu"},
        "identities": [{"type": "1", "number": "014000000001"}],
        "birth_date": "2026-02-20",
    },
    "results": [{"id": "KS-1", "number": "17", "name": "Giấy khai sinh"}],
    "submitted_at": "2026-03-02T08:00:00+07:00",
}


def exchanges(system):
    """Return the golden exchanges of an adapter's folder."""
    return sorted((ROOT / "adapters" / system / "exchanges").glob("*.json"))


def config_of(system, address="http://127.0.0.1:9"):
    """Return the shipped file, pointed at this address."""
    table = tomllib.loads((ROOT / "config" / "systems" / f"{system}.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table | {"endpoint": {"sandbox": address}}, SystemConfig)


def built(system, address="http://127.0.0.1:9", clock=None):
    """Return its adapter; every secret of the file is `sample-only`."""
    config, folder = config_of(system, address), ROOT / "config" / "mappings" / system
    context = Context(
        clock=clock or FakeClock(),
        secrets=FakeSecrets(dict.fromkeys(config.secrets.values(), "sample-only")),
        blobs=MemoryBlobs(),
        mappings={f"{system}/{file.stem}": tomllib.loads(file.read_text("utf-8")) for file in folder.glob("*.toml")},
        directory=ROOT / "config",
        public_url="http://127.0.0.1:8080",
        links=FileLinks(keys=(Secret("k" * 32),)),
    )
    return build(config, context)


@asynccontextmanager
async def talking(system, *script, aside=None):
    """Open the adapter against a partner that behaves so."""
    async with (
        LoopbackPartner(*script, aside=aside) as partner,
        opened(built(system, partner.address)) as adapter,
    ):
        yield adapter, partner


def a_step(system, kind="dossier.submitted", data=None, **changes):
    """Return a delivery about a step of a chain, known by the code of its route."""
    base = a_delivery(a_message(kind, data=STEP if data is None else data), destination=system, **changes)
    body = json.dumps(STEP, ensure_ascii=False).encode()
    snapshot = replace(base.dossier, document=Payload(body=body, media_type="application/json"))
    return replace(base, dossier=snapshot, codes={"chain": f"{CODE}/{system}"})


def behaviour(told):
    """Return what the partner does, as an exchange writes it."""
    if told == "dropped":
        return Drops()
    body = told.get("body", "")
    raw = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    return Says(status=told.get("http", 200), body=raw, headers=told.get("headers", {}))


async def sent(system, told):
    """Make one attempt at what an exchange is about; return its outcome as the file writes it, and the call."""
    given = told["delivery"]
    delivery = a_step(system, given["kind"], given.get("data"))
    if given.get("in_doubt"):
        delivery = replace(delivery, in_doubt_since=delivery.due_at)
    async with talking(system, behaviour(told["reply"])) as (adapter, partner):
        outcome = await adapter.send(delivery, deadline=FakeClock().monotonic() + TIME)
    shown = {"is": type(outcome).__name__.lower()}
    if not isinstance(outcome, Delivered):
        shown["why"] = str(outcome.reason.code)
    if isinstance(outcome, Rejected) and outcome.holds:
        shown["holds"] = True
    if isinstance(outcome, Delivered) and outcome.codes:
        shown["codes"] = dict(outcome.codes)
    (seen,) = partner.seen
    return shown, {"method": seen.method, "path": seen.path, "body": seen.json}
