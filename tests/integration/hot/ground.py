"""A gateway that serves in this event loop, ministries on loopback that write down what they get, and their files."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientTimeout, web

from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.config.loader import load
from gateway.testing.loopback import served

SETTINGS = '[server]\nport = 0\n[store]\nreserve = 0\nsynchronous = "OFF"\n[relay]\nlease = "20s"\nidle = "200ms"\n'
PORTAL = 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n'
WORD = "bí mật mẫu"


@dataclass
class Ministry:
    """What one ministry has seen; ``says`` answers each request, ``None`` keeps its caller waiting for ever."""

    port: int = 0
    seen: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)  #: path, body, our id
    logins: int = 0
    says: Callable[[dict[str, Any]], Awaitable[web.Response | None]] | None = None
    tokens: set[str] = field(default_factory=set)

    async def login(self, _: web.Request) -> web.Response:
        self.logins += 1
        token = f"token-{self.logins}"
        self.tokens.add(token)
        return web.json_response({"token": token})

    async def take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return web.Response(status=401)
        body = await request.json()
        self.seen.append((request.path, body, request.headers["Idempotency-Key"].strip('"')))
        answer = await self.says(body) if self.says else web.json_response({"ok": "1", "soBienNhan": f"B-{body['ma']}"})
        if answer is None:
            request.transport.abort()
            return web.Response()
        return answer

    def effects(self) -> dict[str, int]:
        """Return how often each code was taken under another id of ours."""
        ids: dict[str, set[str]] = {}
        for _, body, ours in self.seen:
            ids.setdefault(body["ma"], set()).add(ours)
        return {code: len(found) for code, found in ids.items()}


@asynccontextmanager
async def ministry() -> AsyncGenerator[Ministry]:
    """Listen on a free port of loopback."""
    played = Ministry()
    app = web.Application()
    app.add_routes([web.post("/login", played.login), web.post("/{path:.*}", played.take)])
    async with served(app) as played.port:
        yield played


def a_system(name: str, port: int, *, top: str = "", tables: str = "", wait: str = "100ms") -> str:
    """Return the file of a REST ministry with a login, which deduplicates by our id."""
    return f"""id = "{name}"
role = "system"
adapter = "rest"
{top}
[name]
vi = "Hệ thống mẫu {name}"
[endpoint]
sandbox = "http://127.0.0.1:{port}"
[retry]
first_wait = "{wait}"
longest_wait = "{wait}"
[secrets]
password = "file:secret.txt"
[doubt."*"]
doubt = "resend"
dedup_window = "7d"
[options.auth]
kind = "session"
path = "/login"
body = {{ password = "{{secret:password}}" }}
token = "token"
[options.operations."*"]
path = "/ho-so"
mapping = "{name}"
codes = {{ receipt = "soBienNhan" }}
[[options.outcomes]]
http = [200]
path = "ok"
equals = ["1"]
then = "delivered"
[[options.outcomes]]
http = [422]
then = "reject"
{tables}
"""


def a_mapping(mark: str) -> str:
    """Return a mapping that writes a mark into every document."""
    row = '[[row]]\nto = "{}"\n{}\n'
    rows = row.format("ma", 'from = "code:province"') + row.format("ban", f'value = "{mark}"')
    return 'version = "1"\n' + rows


def a_route(name: str, procedure: str = "*") -> str:
    """Return a route from the portal to a system."""
    return f'[[route]]\nid = "to_{name}"\nsource = "portal"\nprocedures = ["{procedure}"]\nto = ["{name}"]\n'


class Ground:
    """A configuration directory and a data folder."""

    def __init__(self, folder: Path) -> None:
        self.config, self.layout = folder / "config", Layout(folder / "data")
        self.write("gateway.toml", SETTINGS)
        self.write("systems/portal.toml", PORTAL)
        self.write("secret.txt", WORD)

    def write(self, name: str, text: str) -> None:
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def connect(self, name: str, port: int, *, mark: str = "1", **more: str) -> None:
        """Write a system's file and mapping."""
        self.write(f"systems/{name}.toml", a_system(name, port, **more))
        self.write(f"mappings/{name}.toml", a_mapping(mark))

    def route(self, *routes: str) -> None:
        self.write("routes.toml", "".join(routes))

    def remove(self, name: str) -> None:
        (self.config / "systems" / f"{name}.toml").unlink()
        (self.config / "mappings" / f"{name}.toml").unlink()

    def kept(self) -> list[str]:
        """Return the files of all kept versions."""
        return [path.name for path in self.layout.configurations.rglob("*") if path.is_file()]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Gateway"]:
        async with serving(load(self.config), self.layout) as served:
            key = self.layout.operator_key.read_text().strip()
            async with ClientSession(timeout=ClientTimeout(total=30)) as session:
                yield Gateway(served.url, key, session)

    def forget(self) -> None:
        """Lose the kept versions."""
        shutil.rmtree(self.layout.configurations)


class Gateway:
    """The doors of a gateway that serves."""

    def __init__(self, url: str, operator: str, session: ClientSession) -> None:
        self.url, self.keys, self.session = url, {"operator": operator}, session

    async def call(self, who: str, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.keys[who]}", "Accept-Language": "en"}
        async with self.session.request(method, self.url + path, json=body, headers=headers) as reply:
            return reply.status, json.loads(await reply.read())

    async def give_key(self, system: str) -> None:
        status, made = await self.call("operator", "POST", "/v1/ops/keys", {"name": system, "role": "system"})
        assert status == 201
        self.keys[system] = made["key"]

    async def submit(self, code: str, procedure: str = "1.000001", **more: object) -> None:
        dossier = {"code": code, "procedure": {"code": procedure}, "owner": {"name": {"whole": "Nguyễn Văn Mẫu"}}}
        status, answer = await self.call("portal", "POST", "/v1/dossiers", {"dossier": dossier, **more})
        assert status == 202, answer

    async def review(self) -> tuple[int, dict[str, Any]]:
        return await self.call("operator", "GET", "/v1/ops/configuration/change")

    async def apply(self, reason: str = "thử", version: str = "") -> tuple[int, dict[str, Any]]:
        """Apply what the directory holds now; the refusal is that of the look at it, where that is refused."""
        if not version:
            status, seen = await self.review()
            if status != 200:
                return status, seen
            version = seen["after"]
        body = {"version": version, "reason": reason}
        return await self.call("operator", "POST", "/v1/ops/configuration/change", body)

    async def history(self) -> list[dict[str, Any]]:
        path = "/v1/ops/acts?target_kind=configuration&target=gateway"
        return (await self.call("operator", "GET", path))[1]["items"]

    async def deliveries(self, system: str) -> list[dict[str, Any]]:
        return (await self.call("operator", "GET", f"/v1/ops/deliveries?system={system}&limit=1000"))[1]["items"]

    async def until(self, system: str, *states: str) -> list[dict[str, Any]]:
        """Wait until every delivery to a system is in one of these states, and there is one."""
        async with asyncio.timeout(30):
            while True:
                found = await self.deliveries(system)
                if found and {item["state"] for item in found} <= set(states):
                    return found
                await asyncio.sleep(0.02)
