"""Who gets in."""

import asyncio
import base64
import re
from dataclasses import replace

import pytest

from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.ingress.app import DOORS
from gateway.ports.keys import KeyRole
from gateway.security.keys import new_key
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_book
from tests.integration.test_doors.conftest import OPERATOR

#: Said here, not asked of the table: a door that is open there by mistake would be tried by nobody.
OPEN = {
    "GET /v1/links/{token}",
    "GET /soap/v1/events",
    "POST /dvcqg/{system}/{path}",
    "POST /XrdAdapter/RestService/forward/{path}",
    "POST /VXPAdapter/RestService/forward/{path}",
    "POST /token",
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "GET /docs",
}
LOCKED = [door for door in DOORS if f"{door.method} {door.path}" not in OPEN]


def called(door):
    """Return the method and a path of a door."""
    method = "POST" if door.method == "*" else door.method
    return method, re.sub(r"{\w+}", "1", door.path.replace("{system}", PORTAL))


@pytest.mark.parametrize(("method", "path"), [called(door) for door in LOCKED])
async def test_every_door_is_locked(gate, method, path):
    """Rule of the doors: 401 without a key, and with one that nobody has."""
    for headers in (
        {},
        {"Authorization": "Bearer gw_k0_" + "A" * 43},
        {"Authorization": "Basic !"},
        {"X-Api-Key": "x"},
    ):
        reply = await gate.call(method, path, who=None, headers=headers)
        if path.startswith("/soap"):
            assert reply.status == 500
            assert b"key." in reply.body
        else:
            assert reply.status == 401
            assert reply.code in {"key.missing", "key.invalid"}
            assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("shown", ["Bearer", "bearer ", "gw_k0_" + "A" * 43, "Basic"])
async def test_a_header_that_shows_no_key_is_told_how_one_is_shown(gate, shown):
    """A script's empty variable, or the key without its scheme: no other key from the operator would help."""
    reply = await gate.get("/v1/systems", who=None, headers={"Authorization": shown})
    assert (reply.status, reply.code) == (401, "key.missing")
    assert "Authorization: Bearer gw_…" in reply.json["detail"]


async def test_a_key_is_taken_in_three_forms(gate):
    key = gate.keys[PORTAL]
    basic = base64.b64encode(f"portal:{key}".encode()).decode()
    for headers in ({"Authorization": f"bearer {key}"}, {"X-Api-Key": key}, {"Authorization": f"Basic {basic}"}):
        assert (await gate.get("/v1/systems", who=None, headers=headers)).status == 200
    other = base64.b64encode(f"land:{key}".encode()).decode()
    assert (await gate.get("/v1/systems", who=None, headers={"Authorization": f"Basic {other}"})).status == 401


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key"])
async def test_two_keys_in_one_request_are_refused(gate, name):
    """A proxy before us may read the other one."""
    mine = f"{name}: gw_k0_{'A' * 43}\r\n{name}: gw_k1_{'B' * 43}"
    answer = await gate.raw(f"GET /v1/systems HTTP/1.1\r\nConnection: close\r\n{mine}", b"", end=False)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"header.repeated"' in answer
    assert name.encode() in answer


@pytest.mark.parametrize(
    ("method", "path"), [called(door) for door in DOORS if door.path.startswith(("/v1/ops/", "/metrics"))]
)
async def test_operators_doors_need_an_operators_key(gate, method, path):
    """Rule of the doors: a system's key opens none of them."""
    reply = await gate.call(method, path, who=PORTAL)
    assert (reply.status, reply.code) == (403, "key.forbidden")


async def test_an_operators_key_states_nothing(gate, body):
    """Facts are stated by systems."""
    reply = await gate.post("/v1/dossiers", body(), who="operator")
    assert (reply.status, reply.code) == (403, "kind.not_yours")
    assert (await gate.post("/v1/files", raw=b"x", who="operator")).code == "key.forbidden"


async def test_a_revoked_key_opens_nothing_after_two_seconds(gate):
    made = await gate.post("/v1/ops/keys", {"name": LAND}, who="operator")
    assert made.status == 201
    headers = {"Authorization": f"Bearer {made.json['key']}"}
    assert (await gate.get("/v1/systems", headers=headers)).status == 200
    await gate.store.revoke(made.json["id"], actor=Actor(kind=ActorKind.OPERATOR, name="test"))
    gate.clock.advance(2)
    assert (await gate.get("/v1/systems", headers=headers)).status == 401


@pytest.mark.parametrize(
    ("who", "path", "kept"),
    [
        (OPERATOR, "/v1/ops/keys", '{"name": "thief", "role": "operator"}'),
        (PORTAL, "/v1/files", "a file"),
        (PORTAL, "/v1/dossiers", '{"dossier": {"code": "H01-1"}}'),
        (PORTAL, "/soap/v1/events", "<a/>"),
    ],
)
async def test_a_body_held_back_until_its_key_is_revoked_does_nothing(gate, who, path, kept):
    """Rule of the doors: a thief begins requests with a key, and ends them once it is revoked: one made a key so."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    kind = "text/xml" if path.startswith("/soap") else "application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: {kind}\r\nExpect: 100-continue"
    writer.write(f"{head}\r\nAuthorization: Bearer {gate.keys[who]}\r\nContent-Length: {len(kept)}\r\n\r\n".encode())
    assert b" 100 " in await reader.readuntil(b"\r\n\r\n")  # its head was found good
    before = await gate.store.all()
    (mine,) = [key.id for key in before if key.name == who]
    await gate.store.revoke(mine, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
    gate.clock.advance(2)
    writer.write(kept.encode())
    answer = (await reader.readuntil(b"\r\n\r\n")) + await reader.read(4096)
    writer.close()
    assert answer.split()[1] == (b"500" if path.startswith("/soap") else b"401")
    assert b"key.invalid" in answer
    assert len(await gate.store.all()) == len(before)
    assert await gate.is_empty()


class Noticed(MemoryBlobs):
    """Tells when the first piece of a file has come."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun = asyncio.Event()

    async def put(self, source, **about):
        async def heard():
            async for piece in source:
                self.has_begun.set()
                yield piece

        return await super().put(heard(), **about)


async def test_a_body_of_which_only_the_end_is_held_back_does_nothing(gate_with):
    """Rule of the doors: the mark that ends a body in chunks may come after the key was revoked, and nothing else."""
    blobs = Noticed()
    async with gate_with(blobs=blobs) as gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
        head = "POST /v1/files HTTP/1.1\r\nHost: gateway.example\r\nTransfer-Encoding: chunked"
        writer.write(f"{head}\r\nAuthorization: Bearer {gate.keys[PORTAL]}\r\n\r\n6\r\na file\r\n".encode())
        await asyncio.wait_for(blobs.has_begun.wait(), 10)
        (mine,) = [key.id for key in await gate.store.all() if key.name == PORTAL]
        await gate.store.revoke(mine, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
        gate.clock.advance(2)
        writer.write(b"0\r\n\r\n")
        answer = (await reader.readuntil(b"\r\n\r\n")) + await reader.read(4096)
        writer.close()
        assert answer.split()[1] == b"401"
        assert await gate.is_empty()


async def test_two_keys_live_per_holder_and_their_text_is_shown_once(gate):
    second = await gate.post("/v1/ops/keys", {"name": CIVIL_STATUS}, who="operator")
    assert second.json["key"].startswith("gw_")
    third = await gate.post("/v1/ops/keys", {"name": CIVIL_STATUS}, who="operator")
    assert (third.status, third.code) == (409, "keys.too_many")
    listed = await gate.get("/v1/ops/keys", who="operator")
    assert second.json["key"] not in listed.body.decode()
    assert "key" not in listed.json["items"][0]
    path, mine = f"/v1/ops/keys/{second.json['id']}", {"Authorization": f"Bearer {second.json['key']}"}
    assert (await gate.get("/v1/systems", who=None, headers=mine)).status == 200
    assert (await gate.call("DELETE", path, who="operator")).status == 204
    assert (await gate.get("/v1/systems", who=None, headers=mine)).status == 401  # here at once
    assert (await gate.call("DELETE", path, who="operator")).code == "key.not_found"


@pytest.mark.parametrize("asked", [{"name": "nobody"}, {"name": PORTAL, "role": "king"}, {}, {"name": 7}, [], {"x": 1}])
async def test_a_key_for_nobody_is_not_made(gate, asked):
    reply = await gate.post("/v1/ops/keys", asked, who="operator")
    assert (reply.status, reply.code) == (400, "request.invalid")


async def test_a_system_sees_itself_among_the_systems(gate, body):
    """Operators see all, with their counts."""
    await gate.post("/v1/dossiers", body())
    mine = (await gate.get("/v1/systems", who=CIVIL_STATUS)).json["items"]
    assert [item["id"] for item in mine] == [CIVIL_STATUS]
    assert mine[0]["by_state"] == {"ready": 1}
    everyone = (await gate.get("/v1/ops/systems", who="operator")).json["items"]
    assert len(everyone) == 5


async def test_operators_find_dossiers_and_deliveries(gate, body):
    await gate.post("/v1/dossiers", body())
    found = (await gate.get("/v1/ops/dossiers?code=H01-1", who="operator")).json["items"]
    assert found[0]["participants"] == [CIVIL_STATUS, PORTAL, "tax"]
    path = f"/v1/ops/dossiers/{found[0]['id']}/timeline"
    assert len((await gate.get(path, who="operator")).json["deliveries"]) == 2
    ready = await gate.get(f"/v1/ops/deliveries?state=ready&system={CIVIL_STATUS}", who="operator")
    assert len(ready.json["items"]) == 1
    assert (await gate.get("/v1/ops/deliveries?state=lost", who="operator")).code == "parameter.invalid"


async def test_health_and_descriptions_are_open(gate):
    for path in ("/livez", "/readyz", "/openapi.json", "/docs", "/soap/v1/events?wsdl"):
        assert (await gate.get(path, who=None)).status == 200


async def test_no_browser_takes_an_answer_for_anything_but_what_it_says(gate):
    """Nor shows the page of the doors inside somebody else's, or lets it send anything elsewhere."""
    for path in ("/docs", "/openapi.json", "/soap/v1/events?wsdl", "/v1/systems", "/v1/ops/evidence", "/nowhere"):
        for who in (None, "operator"):
            reply = await gate.get(path, who=who)
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
    policy = (await gate.get("/docs", who=None)).headers["Content-Security-Policy"]
    assert {"frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'"} <= set(policy.split("; "))


@pytest.mark.parametrize(
    ("method", "path"), [called(door) for door in LOCKED if door.sends or door.path == "/v1/files"]
)
async def test_a_media_type_that_cannot_be_read_is_refused(gate, method, path):
    """Also at the doors of operators, and where any readable one is taken."""
    who = "operator" if path.startswith("/v1/ops") else PORTAL
    reply = await gate.call(method, path, raw=b"{}", who=who, headers={"Content-Type": "x"})
    assert (reply.status, reply.code) == (415, "media_type.unsupported")


async def test_a_gateway_that_cannot_work_says_what_is_missing(gate_with):
    async def ready():
        return ("store",)

    async with gate_with(ready=ready) as gate:
        reply = await gate.get("/readyz", who=None)
        assert (reply.status, reply.json["missing"]) == (503, ["store"])


async def test_a_key_opens_nothing_once_no_file_names_its_system(gate_with):
    """G9: it outlives the configuration that it was made for."""
    book = a_book()
    left = replace(book, systems={name: system for name, system in book.systems.items() if name != TAX})
    async with gate_with(book=left) as gate:
        made = new_key(KeyId("k-tax"), role=KeyRole.SYSTEM, name=TAX, created_at=gate.clock.now())
        await gate.store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
        gate.keys[TAX] = made.text
        for reply in (await gate.get("/v1/events", who=TAX), await gate.post("/v1/events", {}, who=TAX)):
            assert (reply.status, reply.code) == (403, "key.forbidden")
