"""A partner calls us with what it has: its own key, password, token or signature, declared in its file."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.ports.secrets import Secret
from gateway.security.message_signatures import MessageSigner, Terms, content_digest
from tests.integration.hot.ground import Gateway, Ground, a_route

KEY, PASSWORD, TOKEN, SEAL = (f"{name} của bộ, đủ dài" for name in ("khoá", "mật khẩu", "token", "dấu"))
PRIVATE, SPKI = Ed25519PrivateKey.generate(), PublicFormat.SubjectPublicKeyInfo
LAND = """id = "land"
role = "system"
adapter = "rest"
[name]
vi = "Đất đai"
[endpoint]
sandbox = "http://127.0.0.1:9"
[secrets]
khoa = "file:secrets/khoa"
ten = "file:secrets/ten"
mat_khau = "file:secrets/mat_khau"
token = "file:secrets/token"
dau = "file:secrets/dau"
khoa_cong = "file:secrets/khoa_cong"
[options.receive.moi]
mapping = "land_in"
reply = { ma = "0", nhan = "{count:int}" }
refusal = { ma = "-1", loi = "{reason}" }
auth_status = 403
[[options.receive.moi.auth]]
kind = "api_key"
key = "khoa"
name = "X-Khoa"
[[options.receive.moi.auth]]
kind = "basic"
username = "ten"
password = "mat_khau"
[[options.receive.moi.auth]]
kind = "bearer"
[[options.receive.moi.auth]]
kind = "hmac"
key = "dau"
header = "X-Dau"
over = ["header:X-Luc", "body"]
join = "."
timestamp = "X-Luc"
[[options.receive.moi.auth]]
kind = "http_signature"
key = "khoa_cong"
key_text = "pem"
key_id = "bo-2026"
algorithm = "ed25519"
[[options.receive.moi.auth]]
kind = "gateway_key"
[options.receive.khoa]
mapping = "land_in"
"""
MAPPING = """version = "1"
[[row]]
to = "kind"
value = "status.changed"
[[row]]
to = "dossier.code"
from = "body.ma"
[[row]]
to = "data.status"
from = "body.tt"
as = "int"
"""
SAID = json.dumps({"ma": "H01-1", "tt": 4}).encode()


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path)
    for name, word in (("khoa", KEY), ("ten", "bo"), ("mat_khau", PASSWORD), ("token", TOKEN), ("dau", SEAL)):
        made.write(f"secrets/{name}", word)
    made.write("secrets/khoa_cong", PRIVATE.public_key().public_bytes(Encoding.PEM, SPKI).decode())
    made.write("systems/land.toml", LAND)
    made.write("mappings/land_in.toml", MAPPING)
    made.route(a_route("land"))
    return made


@pytest.fixture
async def gateway(ground: Ground) -> AsyncIterator[Gateway]:
    async with ground.serving() as served:
        await served.give_key("portal")
        await served.give_key("land")
        await served.submit("H01-1")
        yield served


async def call(gateway: Gateway, headers: dict[str, str], body: bytes = SAID, path: str = "moi") -> tuple[int, Any]:
    url = f"{gateway.url}/callbacks/land/{path}"
    sent = {"Content-Type": "application/json", **headers}
    async with gateway.session.post(url, data=body, headers=sent) as reply:
        return reply.status, json.loads(await reply.read())


def sealed(stamp: str, body: bytes = SAID) -> dict[str, str]:
    return {"X-Luc": stamp, "X-Dau": hmac.digest(SEAL.encode(), f"{stamp}.".encode() + body, "sha256").hex()}


def by_signature(gateway: Gateway, stamp: str, body: bytes = SAID) -> dict[str, str]:
    """Sign by RFC 9421, with a key of which the gateway knows the public half."""
    pem = Secret(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    terms = Terms(algorithm="ed25519", key_id="bo-2026", components=("@method", "@target-uri", "content-digest"))
    digest = {"Content-Digest": content_digest(hashlib.sha256(body).digest())}
    at, url = datetime.fromtimestamp(int(stamp), UTC), f"{gateway.url}/callbacks/land/moi"
    return {**digest, **MessageSigner.of(terms, pem, "pem").sign("POST", url, digest, at=at, nonce=None)}


def basic(name: str, word: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()}


async def statuses(gateway: Gateway) -> int:
    """Return how many statuses of the dossier were accepted."""
    _, page = await gateway.call("portal", "GET", "/v1/dossiers/H01-1/timeline")
    return sum(message["kind"] == "status.changed" for message in page["messages"])


async def test_any_of_the_declared_ways_opens_the_path_and_nothing_else_does(gateway: Gateway, now: str):
    """G1, G9: the reply comes after the accept, the refusal in the partner's words; a refused call leaves nothing."""
    ours = {"Authorization": f"Bearer {gateway.keys['land']}"}
    utf8 = KEY.encode().decode("latin-1")
    ways = [{"X-Khoa": KEY}, basic("bo", PASSWORD), {"Authorization": f"Bearer {TOKEN}"}, sealed(now)]
    ways += [by_signature(gateway, now), ours]
    for way in ways:
        assert await call(gateway, way) == (200, {"ma": "0", "nhan": 1}), way
    assert await statuses(gateway) == 1
    others = [{}, {"X-Khoa": utf8 + "x"}, basic("bo", KEY), {"Authorization": f"Bearer {KEY}"}, sealed("0")]
    others += [{"Authorization": f"Bearer {gateway.keys['portal']}"}, {"X-Khoa": ""}]
    for way in others:
        assert await call(gateway, way, b'{"ma": "H01-1", "tt": 9}') == (403, {"ma": "-1", "loi": "không rõ bên gọi"})
    assert await statuses(gateway) == 1


async def test_a_signed_call_that_is_shown_again_states_nothing_again(gateway: Gateway, now: str):
    """G7: within its time a copy gets the first receipt, though other news came between, however it is signed."""
    first, signed = sealed(now), by_signature(gateway, now)
    other = json.dumps({"ma": "H01-1", "tt": 5}).encode()
    assert (await call(gateway, first))[0] == 200
    assert (await call(gateway, sealed(now, other), other))[0] == 200
    assert (await call(gateway, signed))[0] == 200
    assert (await call(gateway, by_signature(gateway, now, other), other))[0] == 200
    assert await statuses(gateway) == 4
    for shown in (first, signed, {name: text.replace("sig1", "x") for name, text in signed.items()}):
        assert (await call(gateway, shown))[0] == 200
    assert await statuses(gateway) == 4


async def test_a_message_signature_is_good_for_its_path_and_time_only(gateway: Gateway, now: str):
    """G9: a copy at another path, with another body, or from an hour ago, opens nothing."""
    signed = by_signature(gateway, now)
    assert (await call(gateway, signed, b'{"ma": "H01-1", "tt": 9}'))[0] == 403
    assert (await call(gateway, signed, path="moi?tt=9"))[0] == 403
    assert (await call(gateway, by_signature(gateway, str(int(now) - 3600))))[0] == 403
    assert (await call(gateway, {**signed, "Signature": signed["Signature"].swapcase()}))[0] == 403
    assert await statuses(gateway) == 0


async def test_a_path_without_auth_wants_a_key_of_ours(gateway: Gateway):
    assert (await call(gateway, {"X-Khoa": KEY}, path="khoa"))[0] == 401
    assert (await call(gateway, {"Authorization": f"Bearer {gateway.keys['portal']}"}, path="khoa"))[0] == 403
    assert (await call(gateway, {"Authorization": f"Bearer {gateway.keys['land']}"}, path="khoa"))[0] == 200


async def test_a_changed_secret_counts_at_once_and_a_short_one_never(ground: Ground, gateway: Gateway):
    """A secret is looked up at each call; one that can be guessed is refused with the file."""
    ground.write("secrets/token", "một token khác, đủ dài")
    assert (await call(gateway, {"Authorization": f"Bearer {TOKEN}"}))[0] == 403
    assert (await call(gateway, {"Authorization": "Bearer một token khác, đủ dài"}))[0] == 200
    ground.write("secrets/token", "ngắn")
    status, told = await gateway.apply()
    assert (status, told["errors"][0]["path"]) == (422, "systems/land.toml: options.receive.moi.auth[2].token")
