"""A composed gateway between a portal that reads its feed and the simulated register, there and back."""

import asyncio
import random
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from adapters.civil_status.simulator import Faults, Register
from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.config.loader import load
from gateway.testing.loopback import served
from gateway.testing.secrets import FakeSecrets
from gateway.testing.simulator import Journal
from tests.integration.test_civil_status import BIRTH, SECRETS, a_dossier
from tests.integration.test_civil_status_simulated import lines

SHIPPED = Path(__file__).parents[2] / "config"
PORTAL = 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n'
ROUTES = """
[[route]]
id = "out"
source = "portal"
to = ["civil_status"]
[[route]]
id = "back"
source = "civil_status"
to = ["portal"]
"""
QUICK = ClientTimeout(total=20)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(SHIPPED / "mappings" / "civil_status", folder / "mappings" / "civil_status")
    system = (SHIPPED / "systems" / "civil_status.toml").read_text(encoding="utf-8")
    (folder / "systems").mkdir()
    (folder / "systems" / "civil_status.toml").write_text(system.replace('"60s"\n', '"200ms"\n'), encoding="utf-8")
    (folder / "systems" / "portal.toml").write_text(PORTAL, encoding="utf-8")
    (folder / "gateway.toml").write_text("[server]\nport = 0\n[store]\nreserve = 0\n", encoding="utf-8")
    (folder / "routes.toml").write_text(ROUTES, encoding="utf-8")
    return folder


async def the_key(session, url, layout):
    operator = {"Authorization": f"Bearer {layout.operator_key.read_text().strip()}"}
    async with session.post(f"{url}/v1/ops/keys", json={"name": "portal", "role": "system"}, headers=operator) as reply:
        return {"Authorization": f"Bearer {(await reply.json())['key']}"}


async def read_until(session, url, key, kind):
    """Return the portal's events up to the first of this kind."""
    seen, after = [], ""
    async with asyncio.timeout(20):
        while not any(event["kind"] == kind for event in seen):
            async with session.get(f"{url}/v1/events", params={"after": after, "wait": "2"}, headers=key) as reply:
                page = await reply.json()
            seen += [item["event"] for item in page["items"]]
            after = page["next"]
    return seen


async def test_a_birth_is_registered_and_its_certificate_comes_back(config: Path, tmp_path: Path):
    """G2: the file goes out inside the registration, the paper comes back as a file that the portal may read."""
    layout = Layout(tmp_path / "data")
    with closing(Journal(tmp_path / "journal.jsonl")) as journal:
        register = Register(journal, Faults(), random.Random(1), lambda: datetime.now(UTC))  # noqa: S311 - no secrecy
        async with served(register.app()) as port, ClientSession(timeout=QUICK) as session:
            there = {"systems.civil_status.endpoint.sandbox": f"http://127.0.0.1:{port}"}
            async with serving(load(config, overrides=there), layout, secrets=FakeSecrets(SECRETS)) as gateway:
                key = await the_key(session, gateway.url, layout)
                async with session.post(
                    f"{gateway.url}/v1/files", data=b"birth proof " * 9000, headers={**key, "X-File-Name": "a.pdf"}
                ) as reply:
                    file = (await reply.json())["id"]
                dossier = {**a_dossier(form=BIRTH), "files": [{"id": file}]}
                async with session.post(f"{gateway.url}/v1/dossiers", json={"dossier": dossier}, headers=key) as reply:
                    assert reply.status == 202, await reply.text()
                seen = await read_until(session, gateway.url, key, "result.issued")
                (issued,) = [event for event in seen if event["kind"] == "result.issued"]
                (paper,) = issued["data"]["files"]
                async with session.get(f"{gateway.url}/v1/files/{paper['id']}", headers=key) as reply:
                    assert (await reply.read()).startswith(b"%PDF")
    statuses = [event["data"]["status"] for event in seen if event["kind"] == "status.changed"]
    assert statuses[:2] == [4, 4]
    (effect,) = lines(tmp_path / "journal.jsonl", "effect")
    assert effect["files"] == 1
