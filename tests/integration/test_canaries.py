"""Unmistakable values go through a whole gateway that fails in every way it can; none of them is left lying about."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, web

from gateway.testing.loopback import served
from tools.gateway_process import ROOT, Launch, new_key, serving

CITIZEN, PHONE, MAIL = "014189007731", "0981237731", "canary.7731@citizen.example"
NAME, SUMMARY, FILE_NAME = "Lò Thị Canary", "Canary xin đổi giấy phép", "canary-lo-thi-7731.pdf"
FILE = "%PDF-1.7 canary-of-a-file-7731 %%EOF"
WORDS = f"Canary-của-bộ: {NAME} số {CITIZEN} còn nợ phí"
SESSION, PASSWORD, LOGIN = "CanarySession7731abcdefghijkLMNOP", "canary-password-7731", "canary-login-7731"
SIGNING = "whsec_" + base64.b64encode(b"canary-webhook-secret-7731-32byt").decode()
PLANTED = (CITIZEN, PHONE, MAIL, NAME, SUMMARY, FILE_NAME, FILE, WORDS, SESSION, PASSWORD, LOGIN, SIGNING)
CODE = "H52.12-260302-7731"
WRONG_KEY = "gw_canary-0000-0000-7731_CanaryKey7731abcdefgh"

FAULT = f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>
<faultcode>s:Client</faultcode><faultstring>{WORDS}</faultstring></s:Fault></s:Body></s:Envelope>"""
EVENTS = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<e:submitEvents xmlns:e="urn:provincial-gateway:events:v1"><e:{0}>{0}</e:{0}></e:submitEvents></s:Body></s:Envelope>"""


@dataclass
class Partners:
    """All systems at once: they note what they get, and fail with many words."""

    port: int = 0
    calls: Counter[str] = field(default_factory=Counter[str])
    seen: str = ""
    all_have_failed: asyncio.Event = field(default_factory=asyncio.Event)

    async def login(self, request: web.Request) -> web.Response:
        await self._note("login", request)
        return web.json_response({"error_code": "0", "session": SESSION})

    async def ministry(self, request: web.Request) -> web.Response:
        """Fail, then speak nonsense, then refuse."""
        await self._note("rest", request)
        match self.calls["rest"]:
            case 1:
                return web.Response(status=500, text=WORDS)
            case 2:
                return web.Response(text="{" + WORDS, content_type="application/json")
        return web.json_response({"error_code": "-1", "message": WORDS})

    async def registry(self, request: web.Request) -> web.Response:
        await self._note("soap", request)
        return web.Response(status=500, text=FAULT, content_type="text/xml")

    async def portal(self, request: web.Request) -> web.Response:
        """Lose the reply, then fail."""
        await self._note("portal", request)
        if self.calls["portal"] == 1 and request.transport:
            request.transport.abort()
        return web.Response(status=500, text=WORDS)

    async def _note(self, who: str, request: web.Request) -> None:
        self.calls[who] += 1
        self.seen += await request.text()
        if self.calls["rest"] >= 3 and self.calls["portal"] >= 3 and self.calls["soap"]:
            self.all_have_failed.set()


@asynccontextmanager
async def failing_partners() -> AsyncIterator[Partners]:
    partners = Partners()
    app = web.Application()
    app.router.add_post("/mapi/login", partners.login)
    app.router.add_post("/mapi/g", partners.ministry)
    app.router.add_post("/ws", partners.registry)
    app.router.add_post("/webhooks/gateway", partners.portal)
    async with served(app) as partners.port:
        yield partners


def a_launch(folder: Path, port: int) -> Launch:
    """The shipped configuration, with these partners and these secrets."""
    data = folder / "data"
    data.mkdir()
    places = {"driver_licence": "", "business_registry": "/ws", "portal": ""}
    return Launch(
        config=ROOT / "config",
        data=data,
        environment={
            "PYTHONPATH": str(ROOT),
            "DRIVER_LICENCE_USERNAME": LOGIN,
            "DRIVER_LICENCE_PASSWORD": PASSWORD,
            "CIVIL_STATUS_KEY": LOGIN,
            "CIVIL_STATUS_SECRET": PASSWORD,
            "NATIONAL_PORTAL_USERNAME": LOGIN,
            "NATIONAL_PORTAL_PASSWORD": PASSWORD,
            "GATEWAY_LINK_KEY": SIGNING,
            "RESIDENCE_KEY": PASSWORD,
            "HEALTH_INSURANCE_TOKEN": PASSWORD,
            "ENTERPRISE_REGISTRY_CLIENT_ID": LOGIN,
            "ENTERPRISE_REGISTRY_CLIENT_SECRET": PASSWORD,
            "PORTAL_WEBHOOK_SECRET": SIGNING,
        },
        settings=[f"systems.{name}.endpoint.sandbox=http://127.0.0.1:{port}{path}" for name, path in places.items()],
    )


def a_dossier(**changes: object) -> dict[str, object]:
    owner = {
        "type": "citizen",
        "name": {"whole": NAME},
        "identities": [{"number": CITIZEN}],
        "phone": PHONE,
        "email": MAIL,
    }
    procedure = {"code": "1.300100", "name": "Cấp phép"}
    return {"dossier": {"code": CODE, "procedure": procedure, "owner": owner, "summary": SUMMARY, **changes}}


@dataclass
class Doors:
    """The gateway's doors, as a portal and a ministry see them; keeps every body that is no success."""

    session: ClientSession
    url: str
    keys: dict[str, str]
    refusals: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])

    async def call(self, method: str, path: str, data: object = None, *, who: str = "portal", **headers: str) -> str:
        sent = {"Authorization": f"Bearer {self.keys[who]}", "Content-Type": "application/json", **headers}
        body = data if isinstance(data, str | None) else json.dumps(data, ensure_ascii=False)
        async with self.session.request(method, self.url + path, data=body, headers=sent) as answer:
            text = await answer.text()
            if answer.status >= 400:
                self.refusals.append((f"{method} {path}", answer.status, text))
            return text

    async def hand_over(self) -> None:
        """Submit a dossier with a file, as a portal does."""
        headers = {"Content-Type": "application/pdf", "X-File-Name": FILE_NAME}
        file = json.loads(await self.call("POST", "/v1/files", FILE, **headers))["id"]
        dossier = a_dossier(files=[{"id": file}])
        receipt = json.loads(await self.call("POST", "/v1/dossiers", dossier, **{"Idempotency-Key": "k-1"}))
        assert len(receipt["deliveries"]) == 2

    async def misuse(self) -> None:
        """Make every mistake that an answer could quote."""
        key = {"Idempotency-Key": "k-1"}
        await self.call("POST", "/v1/dossiers", a_dossier(summary=f"{SUMMARY}!"), **key)
        await self.call("POST", "/v1/dossiers", a_dossier(due_at=NAME, status=CITIZEN, channel=PHONE, files=[NAME]))
        await self.call("POST", "/v1/dossiers", a_dossier(components=[{"files": [{"id": CITIZEN}]}]))
        await self.call("POST", "/v1/dossiers", json.dumps(a_dossier())[:-9])
        await self.call("POST", "/v1/dossiers", a_dossier(), **{"Content-Type": f"text/{PASSWORD}"})
        await self.call("POST", "/v1/events", {"kind": NAME, "dossier": {"code": CITIZEN}, "data": {"x": PHONE}})
        await self.call("PUT", f"/v1/dossiers/{CODE}", a_dossier(summary="x"), **{"If-Match": CITIZEN})
        await self.call("GET", f"/v1/dossiers/{CITIZEN}")
        await self.call("GET", f"/v1/dossiers?code={NAME}")
        await self.call("GET", f"/v1/dossiers/{NAME}/timeline")
        await self.call("GET", f"/v1/files/{CITIZEN}?name={NAME}")
        await self.call("GET", f"/v1/events?after={CITIZEN}", who="driver_licence")
        await self.call("GET", f"/v1/nothing/{CITIZEN}")
        await self.call("GET", "/v1/systems", Authorization=f"Bearer {WRONG_KEY}")
        status = {"data": [{"MaHoSo": CITIZEN, "NguoiXuLy": NAME, "TrangThai": PHONE}]}
        await self.call("POST", "/callbacks/driver_licence/trangthai", json.dumps(status)[:-3], who="driver_licence")
        await self.call("POST", f"/callbacks/driver_licence/{CITIZEN}", status, who="driver_licence")
        for envelope in (EVENTS.format("canary7731"), f"<{NAME}", FAULT):
            xml = {"Content-Type": "text/xml"}
            await self.call("POST", "/soap/v1/events", envelope, who="business_registry", **xml)


def forms(value: str) -> set[str]:
    """How a value may stand in a text: as it is, escaped for JSON or an address, in Base64."""
    encoded = base64.b64encode(value.encode()).decode()
    return {value, json.dumps(value)[1:-1], quote(value), encoded.rstrip("=")[:-1]}


def found_in(texts: Iterable[tuple[str, str]], values: Iterable[str]) -> list[str]:
    """Name each planted value and the place where it was found."""
    return [
        f"{value!r} in {place}" for place, text in texts for value in values for form in forms(value) if form in text
    ]


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_nothing_personal_or_secret_leaves_a_whole_gateway(tmp_path: Path):
    """G9: no word of a citizen, a partner or a key in logs, output, metrics or error texts; codes are there."""
    async with failing_partners() as partners, ClientSession() as session:
        launch = a_launch(tmp_path, partners.port)
        systems = ("portal", "driver_licence", "business_registry")
        with serving(launch) as port:
            keys = {system: await asyncio.to_thread(new_key, launch, port, system) for system in systems}
            doors = Doors(session, f"http://127.0.0.1:{port}", keys)
            await doors.hand_over()
            await doors.misuse()
            await partners.all_have_failed.wait()
            keys["operator"] = (launch.data / "operator.key").read_text().strip()
            metrics = await doors.call("GET", "/metrics", who="operator")
    logs = [(path.name, path.read_text("utf-8")) for path in (launch.data / "log").iterdir()]
    output = (launch.data / "serve.log").read_text("utf-8")
    refused = [(f"{call}: {status}", text) for call, status, text in doors.refusals]
    assert [where for where in (NAME, CITIZEN, SESSION) if where not in partners.seen] == []
    assert len(refused) >= 16
    assert '"outcome":"rejected"' in logs[0][1]
    assert CODE in logs[0][1]
    assert "relay_attempts_total" in metrics
    places = [*logs, ("output", output), ("metrics", metrics), *refused]
    assert found_in(places, [*PLANTED, *keys.values(), WRONG_KEY, "canary7731"]) == []
