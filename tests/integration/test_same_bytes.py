"""G8 on a whole gateway: what is in doubt leaves again as it left, or not at all, whatever was changed meanwhile."""

import asyncio
import base64
import json
import os
import shutil
import signal
import sys
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession, ClientTimeout

from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.config.loader import load
from gateway.config.settings import SystemConfig
from gateway.core.doubt import Declared, Doubt
from gateway.core.ids import DossierId
from gateway.core.message import Snapshot
from gateway.core.outcome import Delivered, Rejected
from gateway.core.policy import RetryPolicy, decide
from gateway.core.reason import Why
from gateway.sdk import Context, build
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import MONDAY_MORNING, FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.partner import Behaviour, Drops, LoopbackPartner, Says, Seen
from gateway.testing.secrets import FakeSecrets

ROOT = Path(__file__).resolve().parents[2]
QUICK = ClientTimeout(total=20)
SIGNING = "whsec_" + base64.b64encode(bytes(32)).decode()
LATER = MONDAY_MORNING + timedelta(days=1)
RETRY = '[retry]\nfirst_wait = "50ms"\nlongest_wait = "50ms"\n[doubt."*"]\ndoubt = "resend"\n'
LAND = """
id = "land"
role = "system"
adapter = "rest"
agency = "H52"
unknown_dossier = "park"
[name]
vi = "Đất đai"
[endpoint]
sandbox = "ADDRESS"
[timeouts]
total = "10s"
[secrets]
key = "env:LAND_KEY"
[options.auth]
kind = "api_key"
key = "key"
[options.operations."*"]
path = "/hoso"
query = { don_vi = "{system.agency}" }
mapping = "land/dossier"
[options.receive.ma]
mapping = "land/code_in"
[[options.outcomes]]
path = "ok"
then = "delivered"
"""
PORTAL = """
id = "portal"
role = "portal"
adapter = "webhook"
[name]
vi = "Cổng"
[endpoint]
sandbox = "ADDRESS"
[secrets]
signing = "env:SIGNING"
[options]
path = "/webhooks"
secrets = ["signing"]
"""
MAPPING = """
version = "1"
[[row]]
to = "ma"
from = "code:province"
[[row]]
to = "chu"
from = "dossier.owner.name.whole"
[[row]]
to = "so_tiep_nhan"
from = "code:unit"
"""
CODE_IN = """
version = "1"
[[row]]
to = "kind"
value = "reference.assigned"
[[row]]
to = "source_event_id"
from = "body.id"
[[row]]
to = "dossier.code"
from = "body.ma"
[[row]]
to = "data.references[]"
each = "body.so"
rows = [{ to = "scheme", value = "unit" }, { to = "code", from = "item.ma" }]
"""
OUT = '[[route]]\nid = "out"\nsource = "portal"\nto = ["land"]\ntell_relay = false\n'
BACK = '[[route]]\nid = "back"\nsource = "land"\nto = ["portal"]\n'
DOSSIER = {
    "code": "H52.11-260302-0001",
    "procedure": {"code": "1.100101", "name": "Đăng ký đất đai"},
    "owner": {"type": "citizen", "name": {"whole": "Lò Văn Mẫu"}},
    "receiving_unit": {"code": "H52.11"},
    "submitted_at": "2026-03-02T08:00:00+07:00",
}


@dataclass(slots=True)
class House:
    """The files of a gateway and its partner, over its restarts."""

    folder: Path
    partner: LoopbackPartner
    keys: dict[str, str]

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def layout(self) -> Layout:
        return Layout(self.folder / "data")

    def write(self, name: str, text: str) -> None:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("ADDRESS", self.partner.address), encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.config / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def lose_versions(self) -> None:
        shutil.rmtree(self.layout.configurations)

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator[str]:
        secrets = FakeSecrets({"env:LAND_KEY": "k", "env:SIGNING": SIGNING})
        async with serving(load(self.config), self.layout, secrets=secrets) as gateway:
            yield gateway.url

    async def key(self, url: str, name: str) -> dict[str, str]:
        operator = {"Authorization": f"Bearer {self.layout.operator_key.read_text().strip()}"}
        if name == "operator":
            return operator
        if name not in self.keys:
            body = {"name": name, "role": "system"}
            self.keys[name] = str((await post(f"{url}/v1/ops/keys", body, operator))["key"])
        return {"Authorization": f"Bearer {self.keys[name]}"}

    async def submit(self, url: str) -> None:
        await post(f"{url}/v1/dossiers", {"dossier": DOSSIER}, await self.key(url, "portal"))

    async def delivery(self, url: str, state: str, system: str = "land") -> dict[str, object]:
        """Wait for the newest delivery to a system to stand so."""
        headers = await self.key(url, "operator")
        async with asyncio.timeout(20), ClientSession(timeout=QUICK) as session:
            while True:
                async with session.get(f"{url}/v1/ops/deliveries?system={system}", headers=headers) as reply:
                    for item in (await reply.json())["items"]:
                        if item["state"] == state:
                            return item
                await asyncio.sleep(0.02)

    async def seen(self, number: int) -> list[Seen]:
        """Wait for so many requests."""
        async with asyncio.timeout(20):
            await self.partner.has_seen(number)
        return self.partner.seen


async def post(url: str, body: object, headers: dict[str, str]) -> dict[str, object]:
    async with ClientSession(timeout=QUICK) as session, session.post(url, json=body, headers=headers) as reply:
        assert reply.status < 300, await reply.text()
        return dict(await reply.json())


@asynccontextmanager
async def a_house(folder: Path, *script: Behaviour) -> AsyncGenerator[House]:
    async with LoopbackPartner(*script) as partner:
        house = House(folder, partner, {})
        house.write("gateway.toml", "[server]\nport = 0\n[store]\nreserve = 0\n")
        house.write("routes.toml", OUT + BACK)
        house.write("systems/land.toml", LAND + RETRY)
        house.write("systems/portal.toml", PORTAL + RETRY)
        house.write("mappings/land/dossier.toml", MAPPING)
        house.write("mappings/land/code_in.toml", CODE_IN)
        yield house


YES = Says.json({"ok": 1})


def what(seen: Seen) -> tuple[str, str, str, bytes]:
    """Return what a partner acts upon."""
    return seen.method, seen.path, seen.headers["Idempotency-Key"], seen.body


async def test_a_change_of_mapping_resends_what_is_in_doubt_as_it_was(tmp_path: Path):
    """G8: mapping, address, query and wrap change over a restart; what may have been taken leaves with its bytes."""
    async with a_house(tmp_path, Drops()) as house:
        async with house.serving() as url:
            await house.submit(url)
            await house.seen(1)
        house.change("mappings/land/dossier.toml", '"chu"', '"chu_ho_so"')
        house.change("systems/land.toml", "{system.agency}", "H99")
        house.change("systems/land.toml", 'path = "/hoso"', 'path = "/v2/hoso"\nwrap = { moi = "1" }')
        house.partner.script(YES)
        async with house.serving() as url:
            await house.delivery(url, "delivered")
            house.partner.script(YES)
            await post(f"{url}/v1/events", amended(), await house.key(url, "portal"))
            await house.delivery(url, "delivered")
            seen = await house.seen(3)
    *doubtful, fresh = seen
    assert len({what(one) for one in doubtful}) == 1
    assert json.loads(doubtful[0].body) == {"ma": DOSSIER["code"], "chu": "Lò Văn Mẫu"}
    assert fresh.path == "/v2/hoso?don_vi=H99"
    assert set(json.loads(fresh.body)) == {"ma", "chu_ho_so", "moi"}


def amended() -> dict[str, object]:
    return {"kind": "dossier.amended", "dossier": {"code": DOSSIER["code"]}, "data": {**DOSSIER, "summary": "sửa"}}


async def test_a_code_that_is_bound_meanwhile_changes_nothing_of_what_is_in_doubt(tmp_path: Path):
    """G8: the partner has taken it, tells its own code, and the answer to the first call was lost."""
    async with a_house(tmp_path, Drops()) as house, house_serving(house) as url:
        await house.submit(url)
        await house.seen(1)
        told = {"id": "1", "ma": DOSSIER["code"], "so": [{"ma": "DD-77"}]}
        await post(f"{url}/callbacks/land/ma", told, await house.key(url, "land"))
        count = len(house.partner.seen)
        await house.seen(count + 2)
        house.partner.script(YES)
        await house.delivery(url, "delivered")
        await post(f"{url}/v1/events", amended(), await house.key(url, "portal"))
        await house.delivery(url, "delivered")
        sent = [one for one in house.partner.seen if one.path.startswith("/hoso")]
    doubtful = [one for one in sent if "sửa" not in one.body.decode() and b"DD-77" not in one.body]
    assert len(doubtful) >= 3
    assert len({what(one) for one in doubtful}) == 1
    assert b"DD-77" in sent[-1].body


@asynccontextmanager
async def house_serving(house: House) -> AsyncGenerator[str]:
    async with house.serving() as url:
        yield url


async def test_a_version_that_is_lost_leaves_it_to_a_person(tmp_path: Path):
    """G8: nothing else is sent instead; the reason says what is missing, and a person's word lets it go."""
    async with a_house(tmp_path, Drops()) as house:
        async with house.serving() as url:
            await house.submit(url)
            await house.seen(1)
        count = len(house.partner.seen)
        house.change("mappings/land/dossier.toml", '"chu"', '"chu_ho_so"')
        house.lose_versions()
        house.partner.script(YES)
        async with house.serving() as url:
            held = await house.delivery(url, "held")
            assert held["reason"]["code"] == "version_lost"
            assert len(house.partner.seen) == count
            asked = {"verdict": "absent", "reason": "Sở đã hỏi: chưa nhận"}
            await post(f"{url}/v1/ops/deliveries/{held['id']}/judgement", asked, await house.key(url, "operator"))
            await house.delivery(url, "delivered")
    assert set(house.partner.seen[-1].json) == {"ma", "chu_ho_so"}


async def test_a_webhook_in_doubt_is_told_again_with_the_same_body(tmp_path: Path):
    """G8: the portal is told under its national names from now on; only the signature of the doubtful one is new."""
    async with a_house(tmp_path, YES) as house:
        async with house.serving() as url:
            await house.submit(url)
            await house.delivery(url, "delivered")
            house.partner.script(Drops())
            told = {"id": "1", "ma": DOSSIER["code"], "so": [{"ma": "DD-77"}]}
            await post(f"{url}/callbacks/land/ma", told, await house.key(url, "land"))
            await house.seen(2)
        house.change("systems/portal.toml", 'path = "/webhooks"', 'media_type = "application/vnd.qcvn120+json"')
        house.partner.script(Says(status=204))
        async with house.serving() as url:
            await house.delivery(url, "delivered", "portal")
    told = [one for one in house.partner.seen if one.path == "/webhooks"]
    assert len(told) >= 2
    assert len({(one.body, one.headers["webhook-id"], one.headers["Content-Type"]) for one in told}) == 1


@pytest.mark.parametrize("change", [("mappings/land/dossier.toml", '"chu"', '"chu_ho_so"'), None])
async def test_what_a_killed_process_was_sending_is_sent_again_as_it_was(tmp_path: Path, change):
    """G8, G11: kill -9 while the partner has the request and nobody has noted that it may; the mapping changes."""
    arrived, forever = asyncio.Event(), asyncio.Event()

    async def hangs(_: Seen) -> Says | None:
        if not arrived.is_set():
            arrived.set()
            await forever.wait()
        return None

    async with a_house(tmp_path, YES) as house:
        house.partner.aside(hangs)
        async with a_process(house) as (process, url):
            await house.submit(url)
            async with asyncio.timeout(20):
                await arrived.wait()
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        if change:
            house.change(*change)
        async with a_process(house) as (_, url):
            await house.delivery(url, "delivered")
        forever.set()
    first, *again = house.partner.seen
    assert again
    assert {what(one) for one in again} == {what(first)}


@pytest.mark.parametrize(
    ("changes", "sent"),
    [
        ({}, True),
        ({"codes": {"province": DOSSIER["code"], "unit": "DD-77"}}, False),
        (
            {
                "message": a_message(text="khác"),
                "dossier": Snapshot(dossier_id=DossierId("d"), revision=1, document=None),
            },
            False,
        ),
        ({"in_doubt_since": LATER}, True),
        ({"in_doubt_since": LATER, "codes": {"province": DOSSIER["code"], "unit": "DD-77"}}, True),
    ],
    ids=["the same", "another code", "another document", "of another doubt", "another code, of another doubt"],
)
async def test_other_bytes_never_leave_for_what_is_in_doubt(changes: dict[str, object], *, sent: bool):
    """G8: whatever made them differ, another release of the gateway, say: it is held, and nothing leaves.

    What left in a doubt that has ended, the partner surely has not: nothing is compared with it.
    """
    clock = FakeClock()
    async with LoopbackPartner(Drops(), YES) as partner:
        config = msgspec.convert(tomllib.loads((LAND + RETRY).replace("ADDRESS", partner.address)), SystemConfig)
        tables = {"land/dossier": tomllib.loads(MAPPING), "land/code_in": tomllib.loads(CODE_IN)}
        context = Context(
            clock=clock,
            secrets=FakeSecrets({"env:LAND_KEY": "k"}),
            blobs=MemoryBlobs(),
            mappings=tables,
            directory=Path("/nowhere"),
        )
        async with opened(build(config, context)) as adapter:
            claimed = a_delivery(codes={"province": DOSSIER["code"]})
            lost = await adapter.send(claimed, deadline=clock.monotonic() + 5)
            doubt = decide(lost, claimed, RetryPolicy(declared=Declared(doubt=Doubt.RESEND)), clock.now(), jitter=0)
            again = replace(claimed, in_doubt_since=claimed.due_at, notes=doubt.notes)
            outcome = await adapter.send(replace(again, **changes), deadline=clock.monotonic() + 5)
    assert (isinstance(outcome, Delivered), len(partner.seen)) == (sent, 1 + sent)
    if not sent:
        assert isinstance(outcome, Rejected)
        assert (outcome.reason.code, outcome.holds) == (Why.BYTES_DIFFER, True)


@asynccontextmanager
async def a_process(house: House) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """Serve in a process of its own."""
    words = ["run_gateway.py", "serve", "--config", str(house.config), "--data", str(house.layout.root)]
    environment = {**os.environ, "LAND_KEY": "k", "SIGNING": SIGNING}
    house.layout.address.unlink(missing_ok=True)
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet
    )
    try:
        async with asyncio.timeout(60):
            while not house.layout.address.exists():  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)
        yield process, house.layout.address.read_text().strip()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
