"""What the guides for a new system and a new adapter show is built as it stands there, and sends."""

import re
import textwrap
import tomllib
from pathlib import Path
from types import ModuleType

import msgspec

from gateway.config.settings import SystemConfig
from gateway.core.outcome import Delivered
from gateway.sdk import Context, build
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.partner import LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets

ROOT = Path(__file__).parents[2]
ROW = {"to": "maHoSo", "from": "code:province", "required": True}


def shown(page, language):
    """Return the blocks of a page in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        textwrap.dedent(one) for one in re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    ]


def built(table, mappings, address, make=build):
    config = msgspec.convert(table | {"endpoint": {"sandbox": address}}, SystemConfig)
    secrets = FakeSecrets(dict.fromkeys(config.secrets.values(), "sample-only-sample-only"))
    context = Context(
        clock=FakeClock(), secrets=secrets, blobs=MemoryBlobs(), mappings=mappings, directory=ROOT / "config"
    )
    return make(config, context)


async def sent(adapter):
    delivery = a_delivery(a_message("dossier.submitted"), destination="sample")
    async with opened(adapter):
        return await adapter.send(delivery, deadline=FakeClock().monotonic() + 5)


async def test_the_smallest_adapter_makes_both_calls():
    """adapters/README.md."""
    page = "adapters/README.md"
    module = ModuleType("court_record")
    exec(shown(page, "python")[0], module.__dict__)  # noqa: S102 - our own page
    mappings = {f"court_record/{name}": {"version": "1", "row": [ROW]} for name in ("open", "dossier")}
    async with LoopbackPartner(Says.json({"status": "ok"}), Says.json({"status": "ok"})) as partner:
        table = tomllib.loads(shown(page, "toml")[0])
        assert isinstance(await sent(built(table, mappings, partner.address, module.build)), Delivered)
    assert [(one.path, one.json) for one in partner.seen] == [(path, {"maHoSo": CODE}) for path in ("/mo", "/gui")]


async def test_the_ministry_of_the_guide_is_sent_to_and_all_its_ways_back_are_built():
    """docs/how-to/connect-a-ministry.md."""
    blocks = shown("docs/how-to/connect-a-ministry.md", "toml")
    system, *ways = (one for one in blocks if re.match(r"id|\[options|\[poll", one))
    outward, inward, *_ = (one for one in blocks if one.startswith("version"))
    names = {"dossier": outward, "status_in": inward, "result_in": inward, "result_form": inward}
    names["status_item"] = inward.replace("body.", "item.")
    table = tomllib.loads("\n".join([system, *ways]))
    table["secrets"] |= {"hmac_key": "env:HMAC", "khoa": "env:KHOA"}
    async with LoopbackPartner(Says.json({"status": "ok", "soBienNhan": "BN-1"})) as partner:
        mappings = {f"criminal_record/{name}": tomllib.loads(told) for name, told in names.items()}
        outcome = await sent(built(table, mappings, partner.address))
    assert isinstance(outcome, Delivered)
    assert outcome.codes == {"criminal_record_receipt": "BN-1"}
