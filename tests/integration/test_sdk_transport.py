"""Partners behind a security server, its HTTP adapter and a provincial LGSP, each a real server on loopback."""

import shutil
import tomllib
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.core.errors import ConfigError
from gateway.core.outcome import Absent, Ambiguous, Delivered, Rejected, Retryable, Unknown
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery
from gateway.testing.lgsp import Client, LgspBus
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.testing.xroad import SecurityServer, Service
from tests.adapters import NOWHERE, context_of, opened, system_of

OURS = "VN/GOV/000.00.00.H52/gateway"
THEIRS = "VN/GOV/000.00.00.G12/register"
DSTCODE = "VN:GOV:000.00.00.G22:vpcpdvcprovider"
SYSTEM = """
id = "enterprises"
role = "system"
adapter = "rest"
name = { vi = "Đăng ký doanh nghiệp" }
secrets = { id = "env:ID", secret = "env:SECRET", access = "env:ACCESS" }
doubt = { "*" = { doubt = "lookup" } }
[options.operations."*"]
path = "/hoSo/{code:province}"
wrap = { id = "{delivery.id}" }
headers = { X-Road-Issue = "{code:province}" }
[options.operations."*".lookup]
method = "GET"
path = "/traCuu/{code:province}"
query = { id = "{delivery.id}" }
found = [{ path = "ok", equals = [true] }]
absent = [{ path = "ok", equals = [false] }]
[[options.outcomes]]
path = "ok"
equals = [true]
then = "delivered"
[[options.outcomes]]
http = ["4xx", "5xx"]
path = "message"
then = "reject"
"""
XROAD = {"kind": "xroad", "client": OURS, "service": THEIRS}
LGSP = {"kind": "lgsp"}
OAUTH = {"kind": "client_credentials", "client_id": "id", "client_secret": "secret"}
CLIENT = Client(key="sample-id", secret="sample-secret")  # noqa: S106 - invented
OK = Says.json({"ok": True})
TIME = 5.0
SECRETS = {"env:ID": "sample-id", "env:SECRET": "sample-secret", "env:ACCESS": "sample-access"}


def a_config(address, transport, *, text=SYSTEM, **options):
    return system_of(text, address, transport=transport, **options)


def a_context(clock, directory=NOWHERE, **mappings):
    return context_of(clock=clock, secrets=SECRETS, mappings=mappings, directory=directory)


class Town:
    """A provider, what stands before it, and our adapter."""

    def __init__(self, *script, aside=None):
        self.clock = FakeClock()
        self.provider = LoopbackPartner(*(script or (OK,)), aside=aside)
        self.stack = AsyncExitStack()

    async def __aenter__(self):
        await self.stack.enter_async_context(self.provider)
        return self

    async def __aexit__(self, *error):
        await self.stack.aclose()

    async def xroad(self, *, snake=True, **services):
        """Put a security server before the provider."""
        allowed = Service(url=self.provider.address + "/api", clients=frozenset({OURS}))
        known = {f"{THEIRS}/hoSo": allowed, f"{THEIRS}/traCuu": allowed, f"{THEIRS}/gui": allowed, **services}
        return await self.stack.enter_async_context(SecurityServer(known, snake=snake))

    async def lgsp(self, **options):
        """Put an LGSP before the provider."""
        apis = {"/doanhnghiep/1.0": self.provider.address}
        destinations = {DSTCODE: self.provider.address}
        return await self.stack.enter_async_context(LgspBus(CLIENT, apis, destinations=destinations, **options))

    async def adapter(self, config, **more):
        """Open an adapter."""
        return await self.stack.enter_async_context(opened(config, a_context(self.clock, **more)))

    async def send(self, adapter, delivery=None):
        """Send once."""
        return await adapter.send(delivery or a_delivery(), deadline=self.clock.monotonic() + TIME)


async def test_a_call_goes_by_the_services_name_and_is_known_by_its_id():
    """PR-REST: each part of the name in the path, ourselves in a header; id and hash are kept with the attempt."""
    async with Town() as town:
        server = await town.xroad()
        adapter = await town.adapter(a_config(server.address, XROAD))
        first, again = await town.send(adapter), await town.send(adapter)
    assert isinstance(first, Delivered)
    call = town.provider.seen[0]
    assert call.path == f"/api/{CODE}"
    assert call.headers["X-Road-Issue"] == CODE
    assert call.headers["Idempotency-Key"] == '"0195-delivery-1"'
    carried = server.carried[0]
    assert (carried.client, carried.service) == (OURS, f"{THEIRS}/hoSo")
    assert dict(first.trace.proof) == {
        "X-Road-Id": carried.id,
        "X-Road-Request-Id": carried.request_id,
        "X-Road-Request-Hash": carried.request_hash,
    }
    assert again.trace.proof["X-Road-Id"] == carried.id
    assert again.trace.proof["X-Road-Request-Id"] != carried.request_id


async def test_a_lookup_is_a_message_of_its_own():
    """Another call about the same delivery has another id."""
    async with Town() as town:
        server = await town.xroad()
        adapter = await town.adapter(a_config(server.address, XROAD))
        await town.send(adapter)
        found = await adapter.lookup(a_delivery(), deadline=town.clock.monotonic() + TIME)
    assert isinstance(found, Delivered)
    assert len({one.id for one in server.carried}) == 2


@pytest.mark.parametrize("snake", [True, False], ids=["today", "specification"])
@pytest.mark.parametrize(
    ("code", "kind", "why"),
    [
        ("Client.InvalidRequest", Retryable, Why.TRANSPORT),
        ("Server.ClientProxy.UnknownMember", Retryable, Why.TRANSPORT),
        ("Server.ServerProxy.AccessDenied", Retryable, Why.TRANSPORT),
        ("Server.ServerProxy.ServiceDisabled", Retryable, Why.TRANSPORT),
        ("Server.ServerProxy.NetworkError", Ambiguous, Why.SERVER_ERROR),
        ("Server.ClientProxy.NetworkError", Ambiguous, Why.SERVER_ERROR),
        ("Server.ServerProxy.ServiceFailed", Ambiguous, Why.SERVER_ERROR),
        ("Server.ClientProxy.IOError", Ambiguous, Why.SERVER_ERROR),
        ("Server.ServerProxy.CannotCreateSignature", Ambiguous, Why.SERVER_ERROR),
        ("Server.NeverHeardOf", Ambiguous, Why.SERVER_ERROR),
    ],
)
async def test_xroads_own_errors_are_not_the_partners(code, kind, why, snake):
    """G4, G5: the table of the reference page; the rule for the partner's `message` does not take X-Road's for it."""
    async with Town() as town:
        server = await town.xroad(snake=snake)
        server.fail(code)
        adapter = await town.adapter(a_config(server.address, XROAD))
        outcome = await town.send(adapter)
        finding = await adapter.lookup(a_delivery(), deadline=town.clock.monotonic() + TIME)
    assert isinstance(outcome, kind)
    assert outcome.reason.code is why
    assert outcome.reason.detail == f"{code.lower()}: as it was told to"
    assert town.provider.seen == []
    assert isinstance(finding, Unknown)


async def test_the_systems_own_rules_come_first():
    """What the table leaves in doubt may be known better."""
    own = [
        {"transport": ["server.serverproxy.network_error"], "then": "retry"},
        *tomllib.loads(SYSTEM)["options"]["outcomes"],
    ]
    async with Town() as town:
        server = await town.xroad()
        server.fail("Server.ServerProxy.NetworkError")
        adapter = await town.adapter(a_config(server.address, XROAD, outcomes=own))
        outcome = await town.send(adapter)
    assert isinstance(outcome, Retryable)


async def test_a_provider_that_refuses_is_heard_as_ever():
    """Without X-Road-Error the words are the partner's, whatever their status."""
    async with Town(Says.json({"message": "thiếu trường"}, status=500)) as town:
        server = await town.xroad()
        adapter = await town.adapter(a_config(server.address, XROAD))
        outcome = await town.send(adapter)
    assert isinstance(outcome, Rejected)
    assert outcome.reason.code is Why.REFUSED_BY_PARTNER
    assert outcome.trace.proof["X-Road-Request-Hash"] == server.carried[0].request_hash


async def test_what_left_and_was_not_answered_is_known_by_its_id_all_the_same():
    """The security server's log can be asked for it."""
    async with Town(Drops()) as town:
        adapter = await town.adapter(a_config(town.provider.address, XROAD))
        outcome = await town.send(adapter)
    assert isinstance(outcome, Ambiguous)
    assert [*outcome.trace.proof] == ["X-Road-Id"]


async def test_a_login_at_the_provider_goes_the_same_way():
    """Its path is a service, too; nothing of a dossier is known there yet, so it has no id of ours."""

    async def login(seen):
        return Says.json({"token": "t"}) if seen.path.startswith("/login") else None

    session = {"kind": "session", "path": "/dangNhap", "body": {"key": "{secret:id}"}, "token": "token"}
    async with Town(aside=login) as town:
        door = Service(url=town.provider.address + "/login", clients=frozenset({OURS}))
        server = await town.xroad(**{f"{THEIRS}/dangNhap": door})
        adapter = await town.adapter(a_config(server.address, XROAD, auth=session))
        assert isinstance(await town.send(adapter), Delivered)
        server.fail("Server.ServerProxy.AccessDenied")
        other = await town.adapter(a_config(server.address, XROAD, auth=session))
        refused = await town.send(other)
    assert [one.headers.get("Authorization") for one in town.provider.seen] == [None, "Bearer t"]
    assert isinstance(refused, Retryable)
    assert refused.reason.detail == "login: HTTP 500 server.serverproxy.accessdenied"


@pytest.mark.parametrize("place", ["query", "header"])
async def test_the_adapter_before_a_security_server_is_told_where_to(place):
    """``…Adapter/RestService/forward/<path>?dstcode=…&providerurl=…``; older clients show ``dstcode`` in a header."""
    transport = {
        "kind": "xroad_adapter",
        "dstcode": DSTCODE,
        "providerurl": "https://api.example/v1?x=1",
        "in": place,
    }
    async with Town() as town:
        bus = await town.lgsp()
        adapter = await town.adapter(a_config(bus.address, transport))
        outcome = await town.send(adapter)
    assert isinstance(outcome, Delivered)
    (seen,) = town.provider.seen
    assert seen.path == f"/hoSo/{CODE}"


async def test_what_the_adapter_is_told_is_escaped():
    """providerurl is an address inside an address."""
    transport = {"kind": "xroad_adapter", "dstcode": DSTCODE, "providerurl": "https://api.example/v1?x=1&y=2"}
    async with Town() as town:
        adapter = await town.adapter(
            a_config(town.provider.address, transport | {"path": "/VXPAdapter/RestService/forward"})
        )
        await town.send(adapter)
    (seen,) = town.provider.seen
    parts = urlsplit(seen.path)
    assert parts.path == f"/VXPAdapter/RestService/forward/hoSo/{CODE}"
    assert parse_qs(parts.query) == {"dstcode": [DSTCODE], "providerurl": ["https://api.example/v1?x=1&y=2"]}


def lgsp_config(bus, **options):
    text = SYSTEM.replace('"/hoSo', '"/doanhnghiep/1.0/hoSo').replace('"/traCuu', '"/doanhnghiep/1.0/traCuu')
    return a_config(bus.address, LGSP, text=text, auth=OAUTH, **options)


async def test_a_token_that_the_bus_has_forgotten_is_renewed_once():
    """900901 in the middle: one login, one more call."""
    async with Town() as town:
        bus = await town.lgsp()
        adapter = await town.adapter(lgsp_config(bus))
        await town.send(adapter)
        bus.forget()
        outcome = await town.send(adapter)
    assert isinstance(outcome, Delivered)
    assert (bus.logins, len(town.provider.seen)) == (2, 2)
    assert town.provider.seen[0].path == f"/hoSo/{CODE}"


@pytest.mark.parametrize("faults", ["json", "xml", "bare json"])
@pytest.mark.parametrize(
    ("code", "kind", "why"),
    [
        (404, Retryable, Why.TRANSPORT),
        (900800, Retryable, Why.THROTTLED),
        (900901, Retryable, Why.CREDENTIALS),
        (900906, Retryable, Why.TRANSPORT),
        (900908, Retryable, Why.TRANSPORT),
        (101503, Retryable, Why.TRANSPORT),
        (303001, Retryable, Why.THROTTLED),
        (101504, Ambiguous, Why.SERVER_ERROR),
        (101505, Ambiguous, Why.SERVER_ERROR),
    ],
)
async def test_the_buss_own_errors_are_not_the_partners(code, kind, why, faults):
    """G4: the table of the reference page: what never reached the ministry is sent again, what may have is in doubt."""
    async with Town() as town:
        bus = await town.lgsp(faults=faults)
        bus.fail(code)
        adapter = await town.adapter(lgsp_config(bus))
        outcome = await town.send(adapter)
    assert isinstance(outcome, kind)
    assert outcome.reason.code is why
    assert outcome.reason.detail.startswith(f"{code}: ")
    assert town.provider.seen == []


@pytest.mark.parametrize("faults", ["json", "xml", "bare json"])
async def test_the_bus_may_not_speak_the_ministrys_format(faults):
    """G4: whoever is asked for XML, a bus of today answers in JSON."""
    async with Town() as town:
        bus = await town.lgsp(faults=faults)
        bus.fail(101503)
        outcome = await town.send(await town.adapter(lgsp_config(bus, replies="xml")))
    assert isinstance(outcome, Retryable)
    assert outcome.reason.detail.startswith("101503: ")


@pytest.mark.parametrize("faults", ["json", "bare json"])
async def test_an_api_that_the_bus_does_not_have_is_no_dossier_that_the_ministry_does_not_have(faults):
    """G4: both say so with 404; taken for a no, what may have arrived would be sent again."""
    lookup = 'absent = [{ http = [404] }]\n[[options.outcomes]]\npath = "ok"'
    text = SYSTEM.replace('absent = [{ path = "ok", equals = [false] }]\n[[options.outcomes]]\npath = "ok"', lookup)
    text = text.replace('"/traCuu', '"/doanhnghiep/1.0/traCuu')
    async with Town(Says.json({"message": "Not found"}, status=404)) as town:
        bus = await town.lgsp(faults=faults)
        adapter = await town.adapter(a_config(bus.address, LGSP, text=text, auth=OAUTH))
        deadline = town.clock.monotonic() + TIME
        bus.fail(404)
        assert isinstance(await adapter.lookup(a_delivery(), deadline=deadline), Unknown)
        bus.fail(None)
        assert isinstance(await adapter.lookup(a_delivery(), deadline=deadline), Absent)


async def test_a_fault_of_the_ministrys_own_is_not_the_buss():
    """A code that no bus gives, and a 200, are judged by the rules of the file."""
    rules = [{"http": [500], "path": "fault.code", "equals": ["42"], "then": "reject"}]
    async with Town(Says.json({"fault": {"code": 42}}, status=500), Says.json({"fault": {"code": 900901}})) as town:
        bus = await town.lgsp()
        adapter = await town.adapter(lgsp_config(bus, outcomes=rules))
        refused, odd = await town.send(adapter), await town.send(adapter)
    assert isinstance(refused, Rejected)
    assert isinstance(odd, Ambiguous)


WSDL = Path(__file__).parents[1] / "samples" / "soap" / "dossiers.wsdl"
SOAP_SYSTEM = """
id = "residents"
role = "system"
adapter = "soap"
name = { vi = "Dân cư" }
[options]
wsdl = "sample.wsdl"
validate_replies = false
[options.operations."*"]
operation = "gui"
mapping = "dossier"
[[options.outcomes]]
path = "maLoi"
equals = ["00"]
then = "delivered"
[[options.outcomes]]
http = ["5xx"]
path = "fault.reason"
then = "reject"
"""
SOAP_MAPPING = """
version = "1"
[[row]]
to = "giaoDich"
from = "delivery.id"
[[row]]
to = "maHoSo"
from = "code:province"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A configuration directory with the sample WSDL of the SOAP tests."""
    path = tmp_path_factory.mktemp("xroad")
    shutil.copy(WSDL, path / "sample.wsdl")
    return path


async def soap_provider(seen):
    """Answer as a provider must: with the header as it came."""
    header = seen.body.partition(b"Header>")[2].partition(b"Header>")[0].rpartition(b"</")[0]
    xmlns = b'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:sample:1"'
    body = b"<t:guiTraLoi><t:maLoi>00</t:maLoi></t:guiTraLoi>"
    prefix = b"<soap:Envelope " + xmlns + b"><soap:Header>" + header + b"</soap:Header>"
    return Says(
        body=prefix + b"<soap:Body>" + body + b"</soap:Body></soap:Envelope>", headers={"Content-Type": "text/xml"}
    )


async def test_soap_carries_who_calls_what_in_its_header(folder):
    """PR-MESS 4.0: a strict security server and a provider that copies the header."""
    async with Town(aside=soap_provider) as town:
        server = await town.xroad()
        config = a_config(server.address + "/", XROAD | {"user": "CB-001"}, text=SOAP_SYSTEM)
        adapter = await town.adapter(config, directory=folder, dossier=SOAP_MAPPING)
        first, again = await town.send(adapter), await town.send(adapter)
    assert isinstance(first, Delivered)
    carried = server.carried[0]
    assert (carried.client, carried.service) == (OURS, f"{THEIRS}/gui")
    assert dict(first.trace.proof) == {"X-Road-Id": carried.id, "requestHash": carried.request_hash}
    assert again.trace.request_digest == first.trace.request_digest


@pytest.mark.parametrize(
    ("code", "kind"),
    [("Server.ServerProxy.AccessDenied", Retryable), ("Server.ServerProxy.NetworkError", Ambiguous)],
)
async def test_xroads_own_faults_are_not_the_partners(folder, code, kind):
    """The rule for the partner's fault does not take X-Road's for it."""
    async with Town(aside=soap_provider) as town:
        server = await town.xroad()
        server.fail(code)
        adapter = await town.adapter(
            a_config(server.address + "/", XROAD, text=SOAP_SYSTEM), directory=folder, dossier=SOAP_MAPPING
        )
        outcome = await town.send(adapter)
    assert isinstance(outcome, kind)
    assert "as it was told to" in outcome.reason.detail


async def test_a_providers_fault_is_heard_as_ever(folder):
    """A SOAP fault without X-Road's faultDetail is the partner's."""
    fault = "<faultcode>soap:Server.ServerProxy.X</faultcode><faultstring>không hợp lệ</faultstring>"
    body = f"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault>{fault}</e:Fault></e:Body></e:Envelope>"
    async with Town(Says(status=500, body=body.encode(), headers={"Content-Type": "text/xml"})) as town:
        server = await town.xroad()
        adapter = await town.adapter(
            a_config(server.address + "/", XROAD, text=SOAP_SYSTEM), directory=folder, dossier=SOAP_MAPPING
        )
        outcome = await town.send(adapter)
    assert isinstance(outcome, Rejected)


@pytest.mark.parametrize(
    ("transport", "keys"),
    [
        ({"kind": "xroad", "client": "VN/GOV", "service": "VN/GOV/G12"}, {"client", "service"}),
        ({"kind": "xroad", "client": OURS, "service": "VN/GOV/000.00.00.G12"}, {"service"}),
        ({"kind": "xroad", "client": OURS, "service": "VN/GOV/G12/a b"}, {"service"}),
        ({"kind": "xroad_adapter", "dstcode": "G22"}, {"dstcode"}),
    ],
)
def test_a_name_that_no_security_server_finds_is_refused(transport, keys):
    """At `check`, all at once."""
    with pytest.raises(ConfigError) as caught:
        build(a_config("http://127.0.0.1:9", transport), a_context(FakeClock()))
    assert {problem.key for problem in caught.value.problems} == {f"options.transport.{key}" for key in keys}


def test_what_is_of_the_other_protocol_is_refused(folder):
    """SOAP has no header for it, and X-Road no SOAP 1.2."""
    transport = XROAD | {"represented_party": "COM/1"}
    with pytest.raises(ConfigError) as caught:
        build(
            a_config("http://127.0.0.1:9", transport, text=SOAP_SYSTEM, version="1.2"),
            a_context(FakeClock(), directory=folder, dossier=SOAP_MAPPING),
        )
    assert {problem.key for problem in caught.value.problems} == {
        "options.transport.represented_party",
        "options.version",
    }


def test_what_a_way_says_is_never_a_yes():
    """A rule on `transport` cannot deliver."""
    rules = [{"transport": ["client.*"], "then": "delivered"}, {"transport": ["a*b"], "then": "retry"}]
    with pytest.raises(ConfigError) as caught:
        build(a_config("http://127.0.0.1:9", XROAD, outcomes=rules), a_context(FakeClock()))
    assert {problem.key for problem in caught.value.problems} == {"options.outcomes[0].then", "options.outcomes[1]"}
