"""How an adapter shows who it is, against partners on loopback that are strict about it."""

import asyncio
import base64
import hashlib
import hmac
import json
import tomllib
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from http_message_signatures import HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519, HMAC_SHA256

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.outcome import Ambiguous, Blame, Delivered, Rejected, Retryable
from gateway.core.reason import Why
from gateway.ports.secrets import Secret
from gateway.sdk import build
from gateway.security.message_signatures import MessageSigner, SignatureUnfit, Terms
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.partner import Drops, Hurries, LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets
from tests.adapters import context_of, opened, system_of

SYSTEM = """
id = "labour"
role = "system"
adapter = "rest"
name = { vi = "Lao động" }
secrets = { id = "env:ID", secret = "env:SECRET", access = "env:ACCESS" }
doubt = { "*" = { doubt = "resend" } }
[options.operations."*"]
path = "/api/ho-so"
wrap = { id = "{delivery.id}" }
[[options.outcomes]]
path = "ok"
equals = [true]
then = "delivered"
"""
SECRETS = {"env:ID": "sample-id", "env:SECRET": "sample only/secret", "env:ACCESS": "sample-access"}
OAUTH = {"kind": "client_credentials", "client_id": "id", "client_secret": "secret"}
SESSION = {"kind": "session", "path": "/login", "body": {"u": "{secret:id}", "p": "{secret:secret}"}, "token": "token"}
ACCESS = {"AccessKey": "{secret:access}", "AppName": "một cửa"}
OK = Says.json({"ok": True})
TIME = 5.0


class Guard:
    """A partner's token endpoint, and its door: a token is good until it is forgotten."""

    def __init__(self, *, renames=True, **more):
        self.renames = renames
        self.more = more
        self.logins = []
        self.good = set()
        self.refusals = 0

    async def __call__(self, seen):
        if seen.path in ("/token", "/login", "/oauth/token"):
            self.logins.append(seen)
            token = f"granted-{len(self.logins) if self.renames else 0}"
            self.good = {token}
            return Says.json({"access_token": token, "token": token, **self.more})
        if seen.headers.get("Authorization", "").removeprefix("Bearer ") in self.good:
            return None
        self.refusals += 1
        return Says(status=401)


def a_config(address, auth, **more):
    return msgspec.structs.replace(system_of(SYSTEM, address, auth=auth), **more)


def a_context(clock, blobs=None):
    return context_of(clock=clock, secrets=SECRETS, blobs=blobs)


@asynccontextmanager
async def speaking(auth, *script, guard=None):
    clock = FakeClock()
    async with (
        LoopbackPartner(*(script or (OK,)), aside=guard) as partner,
        opened(a_config(partner.address, auth), a_context(clock)) as adapter,
    ):
        yield adapter, partner, clock


async def sent(auth, *script, guard=None):
    async with speaking(auth, *script, guard=guard) as (adapter, partner, clock):
        return await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME), partner.seen


def faults(auth, **more):
    with pytest.raises(ConfigError) as caught:
        build(a_config("http://127.0.0.1:9", auth, **more), a_context(FakeClock()))
    assert "sample" not in str(caught.value)
    found = {}
    for problem in caught.value.problems:
        found[problem.key] = f"{found.get(problem.key, '')}{problem.text}"
    return found


@pytest.mark.parametrize("renames", [True, False], ids=["new token", "the same token"])
async def test_many_refusals_at_once_lead_to_one_login(renames):
    """Forgotten tokens are refused to twenty at once: one login, one resend each, whatever text the token has."""
    guard = Guard(renames=renames)
    async with speaking(OAUTH, guard=guard) as (adapter, partner, clock):
        deadline = clock.monotonic() + TIME
        await adapter.send(a_delivery(), deadline=deadline)
        guard.good = set()
        outcomes = await asyncio.gather(*(adapter.send(a_delivery(), deadline=deadline) for _ in range(20)))
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert len(guard.logins) == 2
    calls = [one for one in partner.seen if one.path == "/api/ho-so"]
    assert len(calls) == 1 + 20 + guard.refusals
    assert 1 <= guard.refusals <= 20


async def test_a_refusal_before_a_large_body_was_read_is_answered_with_a_login():
    """Whoever has not read it has not taken it; a yes that early is still no yes."""
    guard = Guard()
    blobs = MemoryBlobs()
    delivery = a_delivery(a_message(blobs=(blobs.hold(bytes(12_000_000), name="a.pdf"),)))
    table = tomllib.loads(SYSTEM)
    table["options"] |= {"auth": OAUTH}
    table["options"]["operations"]["*"]["mapping"] = "files"
    rows = 'version = "1"\n[[row]]\nto = "tep[]"\neach = "files"\nrows = [{ to = "nd", from = "item.stream" }]'
    clock = FakeClock()
    outcomes = []
    for says in (Says(status=401), OK):
        async with LoopbackPartner(Hurries(says=says)) as partner, LoopbackPartner(OK, aside=guard) as giver:
            table["endpoint"] = {"sandbox": partner.address}
            table["options"]["auth"] = {**OAUTH, "server": {"sandbox": giver.address}}
            context = context_of(clock=clock, secrets=SECRETS, blobs=blobs, mappings={"files": rows})
            async with opened(msgspec.convert(table, SystemConfig), context) as adapter:
                outcomes.append(await adapter.send(delivery, deadline=clock.monotonic() + TIME))
    refused, early = outcomes
    assert isinstance(early, Ambiguous)
    if refused.reason.code is not Why.RESET:  # the connection may break before the reply is seen
        assert isinstance(refused, Retryable)
        assert (refused.reason.code, len(guard.logins)) == (Why.CREDENTIALS, 3)


async def test_client_credentials_are_asked_for_as_rfc_6749_says():
    """Section 4.4.2: a form, Basic, and whatever else the giver wants; the token goes along as Bearer."""
    guard = Guard(expires_in=100, scope="hoso.write")
    outcome, seen = await sent({**OAUTH, "form": {"scope": "hoso.write"}}, guard=guard)
    assert isinstance(outcome, Delivered)
    (asked,) = guard.logins
    assert asked.method == "POST"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(asked.body.decode())) == {"grant_type": "client_credentials", "scope": "hoso.write"}
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"sample-id:sample only/secret"
    assert seen[-1].headers["Authorization"] == "Bearer granted-1"


async def test_id_and_secret_may_travel_in_the_form():
    """``shown = "form"``: nothing in a header."""
    guard = Guard()
    await sent({**OAUTH, "shown": "form"}, guard=guard)
    (asked,) = guard.logins
    assert "Authorization" not in asked.headers
    assert dict(parse_qsl(asked.body.decode()))["client_secret"] == SECRETS["env:SECRET"]


@pytest.mark.parametrize("auth", [OAUTH, {**SESSION, "expires_in": "expires_in"}], ids=["oauth", "session"])
async def test_a_token_is_used_for_most_of_its_life(auth):
    """Nine tenths of 100 seconds."""
    guard = Guard(expires_in=100)
    async with speaking(auth, guard=guard) as (adapter, _, clock):
        for seconds, logins in ((0, 1), (89, 1), (2, 2)):
            clock.advance(seconds)
            await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
            assert len(guard.logins) == logins


async def test_tokens_may_be_given_elsewhere():
    """``server``: its sandbox for a sandbox system, and nothing of the dossier goes there."""
    guard = Guard()
    clock = FakeClock()
    async with LoopbackPartner(OK) as partner, LoopbackPartner(OK, aside=guard) as giver:
        server = {"sandbox": giver.address + "/", "live": "http://127.0.0.1:9"}
        async with opened(
            a_config(partner.address, {**OAUTH, "path": "/oauth/token", "server": server}), a_context(clock)
        ) as adapter:
            outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(outcome, Delivered)
    assert [one.path for one in giver.seen] == ["/oauth/token"]
    assert [one.path for one in partner.seen] == ["/api/ho-so"]


@pytest.mark.parametrize("auth", [{**OAUTH, "lgspaccesstoken": ACCESS}, {**SESSION, "lgspaccesstoken": ACCESS}])
async def test_lgspaccesstoken_goes_with_the_login_and_with_every_call(auth):
    """Base64 of JSON, as VNPT's LGSP wants it."""
    guard = Guard()
    _, seen = await sent(auth, guard=guard)
    shown = [json.loads(base64.b64decode(one.headers["lgspaccesstoken"])) for one in seen]
    assert shown == [{"AccessKey": "sample-access", "AppName": "một cửa"}] * 2


async def test_lgspaccesstoken_may_be_all_that_is_shown():
    """An LGSP without tokens."""
    outcome, (seen,) = await sent({"kind": "lgspaccesstoken", "lgspaccesstoken": ACCESS})
    assert isinstance(outcome, Delivered)
    assert json.loads(base64.b64decode(seen.headers["lgspaccesstoken"]))["AccessKey"] == "sample-access"


@pytest.mark.parametrize(
    ("put", "where"),
    [
        ({"in": "header", "name": "ApiKey"}, lambda seen: seen.headers["ApiKey"]),
        ({"in": "query", "name": "key"}, lambda seen: seen.path.partition("?key=")[2]),
        ({"in": "body", "name": "authKey"}, lambda seen: seen.json["authKey"]),
    ],
)
async def test_an_api_key_goes_where_the_partner_wants_it(put, where):
    """Header, query, or a field of the document."""
    _, (seen,) = await sent({"kind": "api_key", "key": "id", "put": put})
    assert where(seen) == "sample-id"


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "bearer", "token": "id"},
        {"kind": "api_key", "key": "id"},
        {**SESSION, "headers": {"X-Id": "{secret:id}"}},
        {"kind": "hmac", "key": "secret", "signed": "{body}", "headers": {"X-Sig": "{secret:id}:{signature}"}},
        {"kind": "api_key", "key": "secret", "put": {"in": "header", "name": "Api Key"}},
    ],
)
def test_a_credential_that_no_header_can_hold_is_named_when_the_file_is_read(auth):
    """A line break that an editor left: every request was tried again for ever, and none left."""
    context = replace(a_context(FakeClock()), secrets=FakeSecrets({**SECRETS, "env:ID": "sample\nid"}))
    with pytest.raises(ConfigError, match=r"`id` holds a character that HTTP forbids|no name of a header") as caught:
        build(a_config("http://127.0.0.1:9", auth), context)
    assert "sample" not in str(caught.value)
    build(
        a_config("http://127.0.0.1:9", {"kind": "api_key", "key": "id", "put": {"in": "query", "name": "k"}}), context
    )


async def test_a_token_that_no_header_can_hold_is_a_failed_login():
    """The system's fault, and no dossier's."""
    outcome, seen = await sent(SESSION, guard=Guard(token="a\r\nb"))  # noqa: S106 # no secret: it never leaves
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.reason.detail) == (
        Why.CREDENTIALS,
        "login: the token that it gave cannot stand in a header",
    )
    assert [one.path for one in seen] == ["/login"]


async def test_a_login_whose_reply_is_lost_leaves_no_dossier_in_doubt():
    """G4: nothing of a dossier has left; the system is tried again."""
    outcome, seen = await sent(SESSION, Drops())
    assert isinstance(outcome, Retryable)
    assert (outcome.reason.code, outcome.blame) == (Why.CREDENTIALS, Blame.SYSTEM)
    assert {one.path for one in seen} == {"/login"}


async def test_a_login_has_a_deadline():
    """A server that gives no token in time takes no dossier, and blames no dossier."""
    asked = asyncio.Event()

    async def hangs(seen):
        del seen
        asked.set()
        await asyncio.Event().wait()

    async with speaking(OAUTH, guard=hangs) as (adapter, partner, clock):
        outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + 0.2)
        assert asked.is_set()
        assert isinstance(outcome, Retryable)
        assert outcome.reason.code is Why.CREDENTIALS
        assert [one.path for one in partner.seen] == ["/token"]


async def test_nothing_shows_a_credential(caplog):
    """Not an outcome, not the adapter, not a log line."""
    for auth in (OAUTH, SESSION, {"kind": "bearer", "token": "secret"}, {"kind": "api_key", "key": "secret"}):
        async with speaking(auth, guard=Guard()) as (adapter, _, clock):
            outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
            shown = f"{outcome!r} {adapter!r} {vars(adapter)!r} {caplog.text}"
        assert [secret for secret in (*SECRETS.values(), "granted") if secret in shown] == []


def test_all_faults_are_named_at_once():
    """A file without its secrets, with a server of which the mode needs the other half."""
    found = faults(
        {
            "kind": "client_credentials",
            "server": {"live": "https://sso.example"},
            "lgspaccesstoken": {"A": "{secret:x}"},
        }
    )
    assert found.keys() == {
        "options.auth.client_id",
        "options.auth.client_secret",
        "options.auth.server.sandbox",
        "options.auth",
    }
    assert found["options.auth"] == "[secrets] has no `x`"


def test_a_session_without_its_secrets_is_refused():
    """Every secret that the login names."""
    body = {"u": "{secret:who}", "p": "{secret:what}"}
    with pytest.raises(ConfigError, match=r"`who`.*\n.*`what`"):
        build(a_config("http://127.0.0.1:9", {**SESSION, "body": body}), a_context(FakeClock()))


HMAC = {
    "kind": "hmac",
    "key": "secret",
    "signed": "{method}\n{path}\n{query}\n{timestamp}\n{nonce}\n{digest}",
    "headers": {"X-Timestamp": "{timestamp}", "X-Nonce": "{nonce}", "Authorization": "HMAC {secret:id}:{signature}"},
}


def hmac_of(text, digest="sha256"):
    return hmac.new(SECRETS["env:SECRET"].encode(), text if isinstance(text, bytes) else text.encode(), digest)


async def test_every_request_is_signed_as_the_partner_computes_it():
    """Method and address as they stand on the wire, time, nonce and the body's digest; another nonce each time."""
    async with speaking(HMAC) as (adapter, partner, clock):
        for _ in range(2):
            await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
            clock.advance(1)
    for position, seen in enumerate(partner.seen):
        path, _, query = seen.path.partition("?")
        stamp = str(int(FakeClock().now().timestamp()) + position)
        assert seen.headers["X-Timestamp"] == stamp
        body = hashlib.sha256(seen.body).hexdigest()
        signed = f"POST\n{path}\n{query}\n{stamp}\n{seen.headers['X-Nonce']}\n{body}"
        assert seen.headers["Authorization"] == f"HMAC sample-id:{hmac_of(signed).hexdigest()}"
    assert len({seen.headers["X-Nonce"] for seen in partner.seen}) == 2


async def test_a_body_that_is_a_stream_is_signed_as_it_is_sent():
    """Read once for the signature and once for the wire: equal, since the file was proved."""
    blobs = MemoryBlobs()
    delivery = a_delivery(a_message(blobs=(blobs.hold(bytes(300_000), name="a.pdf"),)))
    rows = 'version = "1"\n[[row]]\nto = "tep[]"\neach = "files"\nrows = [{ to = "nd", from = "item.stream" }]'
    table = tomllib.loads(SYSTEM)
    table["options"]["operations"]["*"] |= {"mapping": "files", "query": {"mã": "a b"}}
    signed = {"signed": "{timestamp}.{body}", "headers": {"X-Sig": "{signature}", "X-At": "{timestamp}"}}
    table["options"]["auth"] = {**HMAC, **signed, "written": "base64", "timestamp": "yyyyMMddHHmmss"}
    async with LoopbackPartner(OK) as partner:
        table["endpoint"] = {"sandbox": partner.address}
        config, clock = msgspec.convert(table, SystemConfig), FakeClock()
        async with opened(config, replace(a_context(clock, blobs), mappings={"files": tomllib.loads(rows)})) as adapter:
            outcome = await adapter.send(delivery, deadline=clock.monotonic() + TIME)
    assert isinstance(outcome, Delivered)
    (seen,) = partner.seen
    assert base64.b64decode(seen.headers["X-Sig"]) == hmac_of(f"{seen.headers['X-At']}.".encode() + seen.body).digest()


async def test_a_digest_over_fields_goes_into_a_field():
    """MaXacThuc of the payment platform: SHA-256 in hex over fields and a secret, with bars between."""
    put = {"in": "body", "name": "MaXacThuc"}
    auth = {"kind": "hmac", "key": "secret", "algorithm": "sha256", "signed": "{field.id}|{secret:secret}", "put": put}
    _, (seen,) = await sent(auth)
    expected = hashlib.sha256(f"{seen.json['id']}|{SECRETS['env:SECRET']}".encode()).hexdigest()
    assert seen.json["MaXacThuc"] == expected


async def test_what_must_be_signed_and_is_not_there_is_the_dossiers_matter():
    """Nothing leaves, and the reason names the field."""
    put = {"in": "body", "name": "MaXacThuc"}
    outcome, seen = await sent({"kind": "hmac", "key": "secret", "signed": "{field.SoTien}", "put": put})
    assert isinstance(outcome, Rejected)
    assert (outcome.reason.code, outcome.reason.detail) == (Why.CANNOT_RENDER, "signature: nothing at field.SoTien")
    assert seen == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"headers": {}}, "a signature goes into `headers`"),
        ({"put": {"in": "body", "name": "x"}}, "a signature goes into `headers`"),
        ({"signed": "{body}", "headers": {}, "put": {"in": "body", "name": "x"}}, "starts with nothing known here"),
        ({"signed": "{token}"}, "starts with nothing known here"),
        ({"timestamp": "hh:mm"}, "is no date format"),
        ({"headers": {"X": "{signature} {secret:nobody}"}}, "[secrets] has no `nobody`"),
    ],
)
def test_a_signature_that_cannot_be_made_is_refused(change, problem):
    """At `check`."""
    assert problem in faults({**HMAC, **change})["options.auth"]


RFC = {
    "kind": "http_signature",
    "key": "secret",
    "key_text": "text",
    "key_id": "gateway",
    "algorithm": "hmac-sha256",
}
B_2_5 = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="


def verified(seen, algorithm, key):
    """Verify with the library's other half, as a partner would; return what the signature covers."""
    resolver = MappingKeyResolver(public_keys={"gateway": key}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=resolver)
    message = SimpleNamespace(method=seen.method, url=f"http://{seen.headers['Host']}{seen.path}", headers=seen.headers)
    (result,) = verifier.verify(message, max_age=timedelta(days=36500), body=seen.body)
    return [one.strip(chr(34)) for one in result.covered_components if "signature-params" not in one]


def test_vector_b_2_5_of_rfc_9421():
    """Shared secret, the request of appendix B.2, label and parameters as printed."""
    terms = Terms(
        algorithm="hmac-sha256",
        key_id="test-shared-secret",
        components=("date", "@authority", "content-type"),
        label="sig-b25",
        tells_algorithm=False,
    )
    signer = MessageSigner.of(terms, Secret(B_2_5), "base64")
    headers = {"Date": "Tue, 20 Apr 2021 02:07:55 GMT", "Content-Type": "application/json"}
    url = "https://example.com/foo?param=Value&Pet=dog"
    signed = signer.sign("POST", url, headers, at=datetime.fromtimestamp(1618884473, UTC), nonce=None)
    parameters = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    assert signed == {
        "Signature-Input": f"sig-b25={parameters}",
        "Signature": "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
    }


async def test_a_request_is_signed_by_rfc_9421():
    """Method, address as on the wire, and the body through its Content-Digest (RFC 9530); a nonce each time."""
    components = ["@method", "@target-uri", "content-digest", "date", "content-type"]
    async with speaking({**RFC, "components": components, "expires": "9000d"}) as (adapter, partner, clock):
        for _ in range(2):
            outcome = await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(outcome, Delivered)
    key = SECRETS["env:SECRET"].encode()
    assert [verified(seen, HMAC_SHA256, key) for seen in partner.seen] == [components] * 2
    assert len({seen.headers["Signature-Input"] for seen in partner.seen}) == 2
    digest = base64.b64encode(hashlib.sha256(partner.seen[0].body).digest()).decode()
    assert partner.seen[0].headers["Content-Digest"] == f"sha-256=:{digest}:"


async def test_a_request_is_signed_with_a_private_key():
    """Ed25519, the key in PEM; the address is signed as it stands on the wire, however the file writes it."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    auth = {**RFC, "algorithm": "ed25519", "key_text": "pem", "tag": "hoso"}
    clock = FakeClock()
    async with LoopbackPartner(OK) as partner:
        context = replace(a_context(clock), secrets=FakeSecrets({**SECRETS, "env:SECRET": pem}))
        async with opened(a_config(f"{partner.address}/%7eTỉnh", auth), context) as adapter:
            await adapter.send(a_delivery(), deadline=clock.monotonic() + TIME)
    (seen,) = partner.seen
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    verified(seen, ED25519, public)
    assert ';tag="hoso"' in seen.headers["Signature-Input"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"algorithm": "ed25519", "key_text": "pem"}, "the key is none for ed25519"),
        ({"key_text": "hex"}, "the key is not hex"),
        ({"key_text": "base64"}, "the key is not base64"),
        ({"components": ["@nothing"]}, "Unknown covered derived component name @nothing"),
        ({"components": ["date", "date"]}, "appeared multiple times"),
        ({"label": "a b"}, "label"),
    ],
)
def test_a_message_signature_that_cannot_be_made_is_refused(change, problem):
    """At `check`, by signing once."""
    assert problem in faults({**RFC, **change})["options.auth"]


def test_a_private_key_behind_a_password_is_refused():
    """At `check`: nobody is there to type it in."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password")).decode()
    with pytest.raises(SignatureUnfit, match="the key is none for ed25519"):
        MessageSigner.of(Terms(algorithm="ed25519", key_id="k", components=("@method",)), Secret(pem), "pem")


async def test_a_header_that_must_be_signed_and_is_not_there_is_refused():
    """Nothing leaves."""
    outcome, seen = await sent({**RFC, "components": ["x-nothing"]})
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.CANNOT_RENDER
    assert seen == []
