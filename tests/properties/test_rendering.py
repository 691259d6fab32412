"""What is written depends on what is pinned, and on nothing else: the same inputs, the same bytes (G8)."""

import asyncio
import json
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.settings import SystemConfig
from gateway.core.delivery import State
from gateway.core.ids import FileId
from gateway.core.message import Code, Payload, Snapshot
from gateway.ports.secrets import Secret
from gateway.sdk import Context, build
from gateway.security.links import FileLinks
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.secrets import FakeSecrets

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
CODES = st.dictionaries(st.sampled_from(("province", "unit", "national", "chain")), WORDS.filter(bool), min_size=1)
SYSTEMS = ("driver_licence", "residence", "business_registry", "portal", "civil_status", "national_portal")
REFERENCES = {
    "env:PORTAL_WEBHOOK_SECRET": "whsec_" + "A" * 43 + "=",
    **dict.fromkeys(("DRIVER_LICENCE_USERNAME", "DRIVER_LICENCE_PASSWORD"), "x"),
}


BLOBS = MemoryBlobs()
PAPER = replace(BLOBS.hold(bytes(range(256)), name="a.pdf"), file_id=FileId("f-1"))


class AnySecrets(FakeSecrets):
    def get(self, reference):
        return Secret(REFERENCES.get(reference, "x"))


def an_adapter(system, clock):
    """Build a system's adapter anew, as another process would."""
    tables = {
        path.relative_to(CONFIG / "mappings").with_suffix("").as_posix(): tomllib.loads(path.read_text())
        for path in sorted((CONFIG / "mappings").rglob("*.toml"))
    }
    context = Context(
        clock=clock,
        secrets=AnySecrets({}),
        blobs=BLOBS,
        mappings=tables,
        directory=CONFIG,
        links=FileLinks(keys=(Secret("k" * 40),), lifetime=timedelta(days=1)),
    )
    return build(
        msgspec.convert(tomllib.loads((CONFIG / "systems" / f"{system}.toml").read_text()), SystemConfig), context
    )


def a_dossier(codes, words, kind):
    document = {
        "code": codes.get("province", "H52.11-260302-0001"),
        "procedure": {"code": "1.001193", "name": words, "field_code": "G01", "field_name": "Hộ tịch"},
        "owner": {"type": "citizen", "phone": "0912000000", "name": {"whole": words or "Lò Văn Mẫu"}},
        "receiving_unit": {"code": "H52.11", "name": words},
        "relations": [{"follows": "H52-1", "code": "H52-1"}],
        "results": [{"id": "r-1", "name": words, "number": "1"}],
        "submitted_at": "2026-03-02T08:00:00+07:00",
        "components": [{"name": "Tờ khai", "files": [{"id": "f-1", "name": "a.pdf"}]}],
        "form": {"schema": "x", "data": json.dumps({"nycHoTen": words, "nksNgaySinh": "2026-03-01"})},
    }
    blob = replace(PAPER, name=words)
    message = replace(a_message(kind, data=document, text=words), codes=tuple(Code(*pair) for pair in codes.items()))
    body = Payload(body=json.dumps(document).encode(), media_type="application/json")
    return a_delivery(
        message,
        codes=codes,
        dossier=Snapshot(dossier_id=message.dossier_id, revision=1, document=body, blobs=(blob,) if kind else ()),
    )


async def written(system, clock, delivery):
    async with opened(an_adapter(system, clock)) as adapter:
        return await adapter.rehearse(delivery)


def test_a_rendering_with_links_is_among_them():
    """Else the property below says nothing of what ends by itself."""
    made = asyncio.run(
        written("national_portal", FakeClock(), a_dossier({"province": "H52-1"}, "x", "dossier.submitted"))
    )
    assert b"/v1/links/f-1." in made.rendered.body


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(SYSTEMS),
    CODES,
    WORDS,
    st.sampled_from(("dossier.submitted", "dossier.amended", "status.changed")),
    st.integers(1, 40),
)
def test_the_same_delivery_is_written_the_same_by_any_process_at_any_time(system, codes, words, kind, days):
    """G8: neither the hour nor the order in which tables were read shows; a claim later in doubt is the one it was."""
    claimed = a_dossier(codes, words, kind)
    clock = FakeClock()
    first = asyncio.run(written(system, clock, claimed))
    clock.advance(days * 86400)
    again = replace(claimed, in_doubt_since=claimed.due_at, due_at=clock.now(), tries=days, state=State.LEASED)
    assert asyncio.run(written(system, clock, again)) == first
