"""A composed gateway, and a ministry that was never given a dossier: its file cannot be had (model rules 4 and 5)."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.config.loader import load
from gateway.testing.partner import LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets

SYSTEMS = {
    "portal": 'id = "portal"\nrole = "portal"\nadapter = "feed"\nname = { vi = "Cổng" }\n',
    "registry": """
id = "registry"
role = "system"
adapter = "rest"
name = { vi = "Đăng ký" }
mode = "live"
doubt = { "*" = { doubt = "resend" } }

[options.operations."dossier.submitted"]
path = "/new"
mapping = "dossier"

[options.operations."dossier.amended"]
path = "/update"
mapping = "dossier"

[options.operations."supplement.submitted"]
path = "/supplement"
mapping = "dossier"

[[options.outcomes]]
path = "said"
equals = ["ok"]
then = "delivered"

[[options.outcomes]]
path = "said"
equals = ["no"]
then = "reject"
""",
}
MAPPING = (
    'version = "1"\n[[row]]\nto = "summary"\nfrom = "dossier.summary"\n[[row]]\nto = "kind"\nfrom = "event.kind"\n'
)
ROUTES = '[[route]]\nid = "out"\nsource = "portal"\nto = ["registry"]\n'
CODE = "H01-1"
REASON = {"reason": "the portal has put it right"}


@dataclass(frozen=True)
class Town:
    session: ClientSession
    partner: LoopbackPartner
    url: str
    portal: dict[str, str]
    operator: dict[str, str]

    async def call(self, method, path, document=None, *, operator=False):
        headers = self.operator if operator else self.portal
        async with self.session.request(method, self.url + path, json=document, headers=headers) as reply:
            body = await reply.json()
            assert reply.status < 300, body.get("errors", body)
            return body

    def dossier(self, summary, file="good"):
        """Return it whole; of the files at the ministry's host only the good one is there."""
        components = [{"name": "Đơn", "files": [{"url": f"{self.partner.address}/{file}", "name": "a.pdf"}]}]
        owner = {"type": "citizen", "name": {"whole": "Nguyễn Văn Mẫu"}}
        about = {"code": CODE, "procedure": {"code": "9.900001", "name": "Thủ tục mẫu"}, "owner": owner}
        return {**about, "summary": summary, "components": components}

    async def submit(self, summary, file="good"):
        return await self.call("POST", "/v1/dossiers", {"dossier": self.dossier(summary, file)})

    async def amend(self, summary, file="good"):
        return await self.call("PUT", f"/v1/dossiers/{CODE}", {"dossier": self.dossier(summary, file)})

    async def supplement(self):
        event = {"kind": "supplement.submitted", "dossier": {"code": CODE}, "data": {"id": "s-1"}}
        return await self.call("POST", "/v1/events", event)

    async def decide(self, receipt, act, **more):
        (delivery,) = receipt["deliveries"]
        return await self.call("POST", f"/v1/ops/deliveries/{delivery}/{act}", {**REASON, **more}, operator=True)

    async def states(self):
        """Return how each delivery to the ministry stands, in the order accepted."""
        found = await self.call("GET", "/v1/ops/deliveries?system=registry", operator=True)
        return [(one["kind"], one["state"], (one.get("reason") or {}).get("code")) for one in found["items"][::-1]]

    async def until(self, *wanted):
        async with asyncio.timeout(20):
            while [(kind, state) for kind, state, _ in await self.states()] != list(wanted):  # noqa: ASYNC110 - it runs by itself
                await asyncio.sleep(0.02)

    def seen(self):
        """Return what the ministry was sent: where, and what it was told."""
        sent = [one for one in self.partner.seen if one.method == "POST"]
        bodies = [(one.path, json.loads(one.body)) for one in sent]
        return [(path, body["summary"], body["kind"]) for path, body in bodies]


async def _files(seen):
    if seen.method != "GET":
        return None
    return Says(body=b"%PDF-1.4") if seen.path == "/good" else Says(status=404)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "systems").mkdir(parents=True)
    (folder / "mappings").mkdir(parents=True)
    for name, text in SYSTEMS.items():
        (folder / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "mappings" / "dossier.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "gateway.toml").write_text("[server]\nport = 0\n[store]\nreserve = 0\n", encoding="utf-8")
    (folder / "routes.toml").write_text(ROUTES, encoding="utf-8")
    return folder


@pytest.fixture
async def town(config: Path, tmp_path: Path) -> AsyncGenerator[Town]:
    async with _town(config, tmp_path) as found:
        yield found


@asynccontextmanager
async def _town(config: Path, tmp_path: Path) -> AsyncGenerator[Town]:
    layout = Layout(tmp_path / "data")
    async with LoopbackPartner(Says.json({"said": "ok"}), aside=_files) as partner:
        configuration = load(config, overrides={"systems.registry.endpoint.live": partner.address})
        async with (
            serving(configuration, layout, secrets=FakeSecrets({})) as gateway,
            ClientSession(timeout=ClientTimeout(total=20)) as session,
        ):
            operator = {"Authorization": f"Bearer {layout.operator_key.read_text().strip()}"}
            made = Town(session, partner, gateway.url, {}, operator)
            key = await made.call("POST", "/v1/ops/keys", {"name": "portal", "role": "system"}, operator=True)
            made.portal["Authorization"] = f"Bearer {key['key']}"
            yield made


async def test_an_amendment_takes_the_place_of_a_submission_whose_file_cannot_be_had(town: Town):
    """The portal has put it right: the ministry gets one dossier, as new, and no person has to do anything."""
    await town.submit("first", "gone")
    await town.amend("second")
    await town.until(("dossier.submitted", "cancelled"), ("dossier.submitted", "delivered"))
    assert town.seen() == [("/new", "second", "dossier.submitted")]
    assert ("dossier.submitted", "cancelled", "superseded") in await town.states()


async def test_an_amendment_opens_the_dossier_whose_submission_a_person_called_off(town: Town):
    """G3: the ministry never had it, so what states it whole is its submission; and only then what came between."""
    first = await town.submit("first", "gone")
    await town.supplement()
    await town.decide(first, "judgement", verdict="cancelled")
    assert await town.states() == [
        ("dossier.submitted", "cancelled", "called_off"),
        ("supplement.submitted", "held", "never_given"),
    ]
    await town.amend("second")
    await town.until(
        ("dossier.submitted", "cancelled"), ("supplement.submitted", "delivered"), ("dossier.submitted", "delivered")
    )
    assert town.seen() == [("/new", "second", "dossier.submitted"), ("/supplement", "first", "supplement.submitted")]


async def test_a_dossier_that_was_refused_and_put_right_is_submitted(town: Town):
    """G3: who has refused it has nothing to amend."""
    town.partner.script(Says.json({"said": "no"}), Says.json({"said": "ok"}))
    first = await town.submit("first")
    await town.until(("dossier.submitted", "dead"))
    await town.amend("second")
    await town.decide(first, "skip")
    await town.until(("dossier.submitted", "cancelled"), ("dossier.submitted", "delivered"))
    assert [path for path, _, _ in town.seen()] == ["/new", "/new"]
