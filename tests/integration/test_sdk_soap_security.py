"""WS-Security towards a partner: what it verifies of our requests, and what we believe of its replies."""

import tomllib
from base64 import b64decode
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from lxml import etree

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.outcome import Absent, Ambiguous, Delivered, Retryable, Unknown
from gateway.core.reason import Why
from gateway.ports.adapter import NoAnswer
from gateway.ports.secrets import Secret
from gateway.sdk import build
from gateway.security.certificates import read_certificates, read_key_pair
from gateway.security.wsse.believing import believe
from gateway.security.wsse.policy import Expected, Sending, Signing
from gateway.security.wsse.protecting import protect
from gateway.security.wsse.usernames import Account
from gateway.stores.memory import MemoryStore
from gateway.testing.adapter_contract import opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.certificates import certified
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.ids import FakeIds
from gateway.testing.partner import LoopbackPartner, Says
from gateway.testing.secured import Counter
from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion
from gateway.wire.soap_message import SoapMessage, pack
from gateway.wire.xml import XmlLimits, parse
from gateway.wire.zeep_codec import load_wsdl
from tests.adapters import context_of, system_of
from tests.soap_service import write_fault, write_reply

SYSTEM = """
id = "business_registry"
role = "system"
adapter = "soap"
name = { vi = "Đăng ký kinh doanh" }
secrets = { wss_key = "env:KEY", next_key = "env:NEXT", wss_password = "env:PASSWORD" }
[options]
wsdl = "registry.wsdl"
[options.operations."dossier.submitted"]
operation = "gui"
mapping = "dossier"
[[options.outcomes]]
path = "maLoi"
equals = ["00"]
then = "delivered"
[[options.outcomes]]
contains = ["00"]
then = "delivered"
"""
SIGNED = """
[options.security.send.signature]
keys = ["next_key", "wss_key"]
[options.security.send.username]
user = "province"
[options.security.expect]
certificates = ["certificates/old.pem", "certificates/new.pem"]
"""
LOOKUP = """
[options.operations."dossier.submitted".lookup]
operation = "gui"
mapping = "dossier"
found = [{ path = "maLoi", equals = ["00"] }]
absent = [{ path = "maLoi", equals = ["01"] }]
"""
NEWS = """
[options.news.results]
by = "cursor"
next = "body.maLoi"
operation = "gui"
mapping = "question"
events = "events"
[[options.news.results.outcomes]]
path = "maLoi"
then = "found"
"""
ASKED = {
    "question": 'version = "1"\n[[row]]\nto = "giaoDich"\nvalue = "1"',
    "events": 'version = "1"\nrow = [{ to = "kind", value = "status.changed" }, { to = "dossier.code", value = "H1" }]',
}
MAPPING = 'version = "1"\n[[row]]\nto = "giaoDich"\nfrom = "delivery.id"'
FILES = MAPPING + '\n[[row]]\nto = "tep[]"\neach = "files"\nrows = [{ to = "noiDung", from = "item.content" }]'
WSDL = """<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:sample:2" targetNamespace="urn:sample:2">
  <wsdl:types><xs:schema targetNamespace="urn:sample:2" elementFormDefault="qualified">
    <xs:element name="gui"><xs:complexType><xs:sequence><xs:element name="giaoDich" type="xs:string"/>
    <xs:element name="tep" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="noiDung" type="xs:base64Binary"/></xs:sequence></xs:complexType></xs:element></xs:sequence>
    </xs:complexType></xs:element>
    <xs:element name="guiTraLoi"><xs:complexType><xs:sequence><xs:element name="maLoi" type="xs:string"/></xs:sequence>
    </xs:complexType></xs:element>
  </xs:schema></wsdl:types>
  <wsdl:message name="in"><wsdl:part name="p" element="t:gui"/></wsdl:message>
  <wsdl:message name="out"><wsdl:part name="p" element="t:guiTraLoi"/></wsdl:message>
  <wsdl:portType name="P"><wsdl:operation name="gui"><wsdl:input message="t:in"/><wsdl:output message="t:out"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="B" type="t:P"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="gui"><soap:operation soapAction="urn:gui"/><wsdl:input><soap:body use="literal"/></wsdl:input>
    <wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
  <wsdl:service name="S"><wsdl:port name="B" binding="t:B"><soap:address location="http://127.0.0.1:9/"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>"""
NOW = FakeClock().now()
TOMORROW = NOW + timedelta(days=1)
OURS = read_certificates(certified("gateway", ends=TOMORROW)[1])
NEXT = read_certificates(certified("gateway of tomorrow", begins=TOMORROW)[1])
THEIRS = read_key_pair(certified("registry")[0])
STRANGER = read_key_pair(certified("stranger")[0])
SECRETS = {
    "env:KEY": certified("gateway", ends=TOMORROW)[0].decode(),
    "env:NEXT": certified("gateway of tomorrow", begins=TOMORROW)[0].decode(),
    "env:PASSWORD": "mật khẩu",
}
PROVED = Sending(timestamp=timedelta(minutes=5), signing=Signing(pairs=(THEIRS,)))
V11 = SoapVersion.V11
TIME = 5.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("config")
    (path / "registry.wsdl").write_text(WSDL)
    (path / "certificates").mkdir()
    (path / "certificates/old.pem").write_bytes(certified("registry")[1])
    (path / "certificates/ended.pem").write_bytes(certified("registry of old", ends=TOMORROW)[1])
    (path / "certificates/new.pem").write_bytes(certified("registry of tomorrow")[1])
    return path


@pytest.fixture(scope="module")
def wsdl(folder):
    return load_wsdl(folder / "registry.wsdl")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(clock):
    return MemoryStore(clock=clock, ids=FakeIds())


def built(folder, address, text=SIGNED, **parts):
    context = context_of(
        clock=parts.get("clock"),
        secrets=SECRETS,
        blobs=parts.get("blobs"),
        mappings={"dossier": parts.get("mapping", MAPPING), **ASKED},
        directory=folder,
        uses=parts.get("store"),
        random=Counter(),
        proves=parts.get("proves", True),
    )
    return build(system_of(SYSTEM + text, f"{address}/ws"), context)


@asynccontextmanager
async def talking(folder, *script, **parts):
    async with LoopbackPartner(*script) as partner, opened(built(folder, partner.address, **parts)) as adapter:
        yield adapter, partner


def yes(wsdl, code="00"):
    return parse(write_reply(wsdl, "gui", V11, {"maLoi": code}))


def said(envelope, sending=PROVED, *, now=NOW, status=200, random=None):
    message = SoapMessage(version=V11, envelope=envelope)
    protect(message, sending, now=now, random=random or Counter())
    packed = pack(message)
    return Says(status=status, body=packed.body, headers=packed.headers)


def verified(seen, expected, now=NOW):
    return believe(parse(seen.body), expected, now=now, limits=XmlLimits())


async def test_a_signed_request_with_our_name_is_believed_by_the_partner(folder, wsdl, clock, store):
    """Body, Timestamp and token, by the key that is valid today; the partner's rules are ours."""
    account = Account(user="province", passwords=(Secret("mật khẩu"),))
    async with talking(folder, said(yes(wsdl)), clock=clock, store=store) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
        assert isinstance(outcome, Delivered)
        assert verified(partner.seen[0], Expected(certificates=OURS, account=account)).signer == OURS[0].name


async def test_the_next_key_signs_from_its_first_day_on(folder, wsdl, store):
    """Without a restart, and without anybody who changes a file at midnight."""
    clock = FakeClock(NOW + timedelta(days=2))
    reply = said(yes(wsdl), now=clock.now())
    async with talking(folder, reply, clock=clock, store=store) as (adapter, partner):
        assert isinstance(await adapter.send(a_delivery(), deadline=TIME), Delivered)
        assert verified(partner.seen[0], Expected(certificates=NEXT), clock.now()).signer == NEXT[0].name


async def test_every_try_proves_itself_anew(folder, wsdl, clock, store):
    """The same words under the same id; another nonce, another signature."""
    async with talking(folder, said(yes(wsdl)), clock=clock, store=store) as (adapter, partner):
        for _ in range(2):
            await adapter.send(a_delivery(), deadline=TIME)
        first, second = (verified(seen, Expected(certificates=OURS)) for seen in partner.seen)
        assert first.once.token != second.once.token
        bodies = [etree.tostring(one.envelope.find("{*}Body")[0], method="c14n") for one in (first, second)]
        assert bodies[0] == bodies[1]


async def test_no_prefix_of_a_signed_message_changes_its_meaning_further_in(folder, wsdl, store):
    """JAX-WS makes other prefixes of such a message, and then its digests are others."""
    async with talking(folder, said(yes(wsdl)), store=store) as (adapter, partner):
        await adapter.send(a_delivery(), deadline=TIME)
    root = parse(partner.seen[0].body)
    for element in root.iterdescendants("*"):
        outer = element.getparent().nsmap
        assert {**element.nsmap, **outer} == element.nsmap, element.tag


async def test_without_a_valid_key_nothing_leaves_and_nothing_is_refused(folder, wsdl, store):
    """An operator puts another key there, and it goes on."""
    text = SIGNED.replace('"next_key", ', "")
    clock = FakeClock(NOW + timedelta(days=2))
    async with talking(folder, said(yes(wsdl)), text=text, clock=clock, store=store) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
        assert isinstance(outcome, Retryable)
        assert outcome.reason.code is Why.CREDENTIALS
        assert not partner.seen


async def test_without_a_valid_certificate_of_the_partners_nothing_leaves(folder, store):
    """Nothing would prove its replies: each delivery from that midnight on would be in doubt, and for a person."""
    text = SIGNED.replace("old.pem", "ended.pem").replace(', "certificates/new.pem"', "")
    clock = FakeClock(NOW + timedelta(days=2))
    async with talking(folder, text=text, clock=clock, store=store) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
        assert isinstance(outcome, Retryable)
        assert outcome.reason.code is Why.CREDENTIALS
        assert "security.expect.certificates" in outcome.reason.detail
        assert not partner.seen


async def test_without_a_valid_key_nobody_is_asked_for_news(folder, store):
    """Who reads the log of polls is told that it is a matter of keys."""
    text = SIGNED.replace('"next_key", ', "") + NEWS
    clock = FakeClock(NOW + timedelta(days=2))
    async with talking(folder, text=text, clock=clock, store=store) as (adapter, partner):
        with pytest.raises(NoAnswer) as caught:
            await adapter.poll("results", "", open_dossiers=(), deadline=TIME)
        assert caught.value.reason.code is Why.CREDENTIALS
        assert not partner.seen


async def test_what_would_be_sent_is_shown_without_keys_and_without_seals(folder):
    """G9: a look at another version reads no secret and proves nothing: no key need be valid for it."""
    only_tomorrow = SIGNED.replace('"next_key", "wss_key"', '"next_key"')
    async with opened(built(folder, "http://127.0.0.1:9", only_tomorrow, proves=False)) as adapter:
        [shown] = await adapter.outline(a_delivery())
    assert shown["gui.giaoDich"] == a_delivery().id
    assert not [path for path in shown if "Security" in path or "Encrypted" in path]


def changed(envelope):
    reply = said(envelope)
    return replace(reply, body=reply.body.replace(b"<ns0:maLoi>01<", b"<ns0:maLoi>00<").replace(b">01<", b">00<"))


REPLIES = {
    "plain": lambda wsdl: said(yes(wsdl), Sending()),
    "only a timestamp": lambda wsdl: said(yes(wsdl), replace(PROVED, signing=None)),
    "a stranger's": lambda wsdl: said(yes(wsdl), replace(PROVED, signing=Signing(pairs=(STRANGER,)))),
    "changed": lambda wsdl: changed(yes(wsdl, "01")),
    "old": lambda wsdl: said(yes(wsdl), now=NOW - timedelta(minutes=7)),
    "from the future": lambda wsdl: said(yes(wsdl), now=NOW + timedelta(minutes=2)),
    "sha1": lambda wsdl: said(
        yes(wsdl), replace(PROVED, signing=Signing(pairs=(THEIRS,), algorithm="rsa-sha1", digest="sha1"))
    ),
    "a plain fault": lambda _: Says(
        status=500,
        body=write_fault(V11, SoapProblem(FaultCode.CLIENT, vi="từ chối", en="no")),
        headers={"Content-Type": "text/xml"},
    ),
    "no envelope": lambda _: Says(status=200, body=b"<ok>00</ok>", headers={"Content-Type": "text/xml"}),
    "a page": lambda _: Says(status=404, body=b"<html>00</html>", headers={"Content-Type": "text/html"}),
    "a doctype": lambda _: Says(status=200, body=b"<!DOCTYPE a [<!ENTITY b '00'>]><a>&b;</a>"),
}


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("status", [None, 200, 400, 500])
async def test_a_reply_that_proves_nothing_leaves_the_dossier_in_doubt(folder, wsdl, store, name, status):
    """G5: neither a yes nor a no of whoever sits between us counts, whatever the rules would make of its words."""
    reply = REPLIES[name](wsdl)
    reply = reply if status is None else replace(reply, status=status)
    async with talking(folder, reply, store=store) as (adapter, _):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNTRUSTED
    assert "00" not in outcome.reason.detail


async def test_a_signed_fault_counts(folder, store):
    fault = parse(write_fault(V11, SoapProblem(FaultCode.CLIENT, vi="từ chối", en="no")))
    async with talking(folder, said(fault, status=500), store=store) as (adapter, _):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.CLIENT_ERROR


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [(401, {}, Why.CREDENTIALS), (429, {}, Why.THROTTLED), (503, {"Retry-After": "5"}, Why.THROTTLED)],
)
async def test_who_refuses_before_the_partner_reads_needs_no_signature(folder, store, status, headers, why):
    """What stands before the partner has no key of its, and what it says costs nothing but time."""
    async with talking(folder, Says(status=status, body=b"busy", headers=headers), store=store) as (adapter, _):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is why


async def test_a_reply_that_was_given_to_another_dossier_answers_nothing(folder, wsdl, clock, store):
    """G5: known to every worker: here to another adapter over the same store."""
    recorded = said(yes(wsdl))
    other = replace(a_delivery(), id="0195-delivery-2")
    async with talking(folder, recorded, clock=clock, store=store) as (first, _):
        assert isinstance(await first.send(a_delivery(), deadline=TIME), Delivered)
        assert isinstance(await first.send(a_delivery(), deadline=TIME), Delivered), "its own answer, once more"
    async with talking(folder, recorded, clock=clock, store=store) as (second, _):
        outcome = await second.send(other, deadline=TIME)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNTRUSTED


async def test_the_answer_to_a_look_up_answers_no_later_one(folder, wsdl, clock, store):
    """G4: a «no» that was recorded before the dossier was sent would have it sent a second time."""
    recorded, said_now = said(yes(wsdl, "01")), said(yes(wsdl, "01"), now=NOW + timedelta(minutes=1))
    async with talking(folder, recorded, recorded, said_now, text=SIGNED + LOOKUP, clock=clock, store=store) as (
        adapter,
        _,
    ):
        assert isinstance(await adapter.lookup(a_delivery(), deadline=TIME), Absent)
        clock.advance(60)
        again = await adapter.lookup(a_delivery(), deadline=clock.monotonic() + TIME)
        anew = await adapter.lookup(a_delivery(), deadline=clock.monotonic() + TIME)
    assert isinstance(again, Unknown)
    assert again.reason.code is Why.REPLY_UNTRUSTED
    assert isinstance(anew, Absent)


async def test_a_file_inside_the_message_is_signed_with_it(folder, wsdl, clock, store):
    blobs = MemoryBlobs()
    delivery = a_delivery(a_message(blobs=(blobs.hold(b"%PDF-1.7", name="a.pdf"),)))
    parts = {"clock": clock, "store": store, "blobs": blobs, "mapping": FILES}
    async with talking(folder, said(yes(wsdl)), **parts) as (adapter, partner):
        assert isinstance(await adapter.send(delivery, deadline=TIME), Delivered)
    found = verified(partner.seen[0], Expected(certificates=OURS)).envelope
    assert b64decode(found.findtext(".//{urn:sample:2}noiDung")) == b"%PDF-1.7"


async def test_what_nobody_remembers_is_not_believed(folder, wsdl):
    async with talking(folder, said(yes(wsdl))) as (adapter, _):
        assert isinstance(await adapter.send(a_delivery(), deadline=TIME), Ambiguous)


async def test_a_name_alone_proves_us_and_asks_nothing_of_the_reply(folder, wsdl):
    text = '[options.security.send]\ntimestamp = false\nusername = { user = "province", kind = "text" }'
    async with talking(folder, said(yes(wsdl), Sending()), text=text) as (adapter, partner):
        assert isinstance(await adapter.send(a_delivery(), deadline=TIME), Delivered)
    account = Account(user="province", passwords=(Secret("mật khẩu"),), kinds=frozenset({"text"}))
    assert verified(partner.seen[0], Expected(account=account)).once is None


def problems(folder, text):
    with pytest.raises(ConfigError) as refused:
        built(folder, "http://127.0.0.1:9", text)
    return {problem.key: problem.text for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('[options.security.expect]\ncertificates = ["nothing.pem"]', "expect.certificates", "no file"),
        ('[options.security.expect]\ncertificates = ["../secret.pem"]', "expect.certificates", "no file"),
        ('[options.security.expect]\ncertificates = ["registry.wsdl"]', "expect.certificates", "no certificate in PEM"),
        ('[options.security.expect]\nskew = "10s"', "expect", "asks for nothing"),
        ("[options.security.send]\nconfirm = true", "send.confirm", "a confirmation must be signed"),
        ("[options.security.send]\nconfirm = true\nsignature = {}", "send.confirm", "a request confirms nothing"),
        ('[options.security.send.signature]\nkeys = ["lost"]', "send.signature.keys", "has no `lost`"),
        ('[options.security.send.signature]\nkeys = ["wss_password"]', "send.signature.keys", "no private key"),
        ('[options.security.send.signature]\nalgorithm = "ecdsa-sha256"', "send.signature.algorithm", "kind of key"),
        ("[options.security.send]\ntimestamp = false\nsignature = {}", "send.timestamp", "needs one"),
    ],
)
def test_what_cannot_be_agreed_is_named_before_anything_is_sent(folder, text, key, words):
    found = problems(folder, text)
    assert words in found[f"options.security.{key}"]
    assert "mật khẩu" not in str(found)


def test_files_beside_a_signed_message_are_refused_in_the_file(folder):
    text = '[options.operations."dossier.amended"]\noperation = "gui"\nattachments = "mtom"\n' + SIGNED
    assert "covers nothing" in problems(folder, text)['options.operations."dossier.amended".attachments']


STREAMED = """version = "1"
[[row]]
to = "giaoDich"
from = "files[0].stream"
"""


def test_a_file_that_is_read_after_the_message_was_signed_is_named_at_the_start(folder):
    """The signature would stand over what only marks the file's place."""
    table = tomllib.loads(SYSTEM + SIGNED)
    lookup = {"operation": "gui", "mapping": "dossier", "found": [{"path": "maLoi"}], "absent": [{"path": "maLoi"}]}
    table["options"]["operations"]["dossier.submitted"]["lookup"] = lookup
    table["endpoint"] = {"sandbox": "http://127.0.0.1:9"}
    store = MemoryStore(clock=FakeClock(), ids=FakeIds())
    context = context_of(
        secrets=SECRETS, mappings={"dossier": STREAMED}, directory=folder, uses=store, random=Counter()
    )
    with pytest.raises(ConfigError) as refused:
        build(msgspec.convert(table, SystemConfig), context)
    place = 'options.operations."dossier.submitted"'
    assert [problem.key for problem in refused.value.problems] == [place, f"{place}.lookup"]
    assert "signed" in refused.value.problems[0].text
