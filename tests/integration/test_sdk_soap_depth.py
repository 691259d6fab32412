"""The SOAP adapter beyond one plain call: headers, faults, addresses, and replies that want to do harm."""

import gzip
import shutil
import tomllib
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.ids import DeliveryId
from gateway.core.outcome import Ambiguous, Delivered, Rejected, Retryable
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.partner import Hurries, LoopbackPartner, Says
from gateway.wire.soap import FaultCode, SoapProblem, SoapVersion
from gateway.wire.xml import parse, to_bytes
from gateway.wire.zeep_codec import load_wsdl
from tests.adapters import context_of, opened, system_of
from tests.machine import resident
from tests.soap_service import fault_detail, read_request, write_fault

WSDL = Path(__file__).parents[1] / "unit" / "wire" / "wsdl" / "pitfalls.wsdl"
P = "urn:example:pitfalls"
WSA = "http://www.w3.org/2005/08/addressing"
SYSTEM = """
id = "old_ministry"
role = "system"
adapter = "soap"
name = { vi = "Bộ cũ" }
doubt = { "dossier.submitted" = { doubt = "lookup" } }
[options]
wsdl = "pitfalls.wsdl"
words = ["must", "fault.reason"]
[options.operations."dossier.submitted"]
operation = "tell"
mapping = "dossier"
soap_header = { session = { token = "{system.id}/{delivery.id}" } }
must_understand = ["session"]
facts = { trace = "soap_header.trace" }
[options.operations."dossier.submitted".lookup]
operation = "tell"
mapping = "dossier"
found = [{ path = "must", equals = ["yes"] }]
absent = [{ path = "must", equals = ["no"] }]
[options.operations."dossier.amended"]
operation = "tell"
mapping = "files"
[options.operations."withdrawal.requested"]
operation = "note"
mapping = "number"
[[options.operations."withdrawal.requested".outcomes]]
http = [202]
then = "delivered"
[[options.outcomes]]
path = "must"
equals = ["ok"]
then = "delivered"
[[options.outcomes]]
http = ["2xx", "4xx", "5xx"]
path = "fault.name"
equals = ["refused"]
also = [{ http = ["2xx", "4xx", "5xx"], path = "fault.detail.refusal.number", equals = [12] }]
then = "reject"
[[options.outcomes]]
http = ["2xx", "4xx", "5xx"]
path = "fault.detail.limit"
then = "retry"
"""
MAPPING = 'version = "1"\n[[row]]\nto = "must"\nfrom = "delivery.id"'
FILES = """
version = "1"
[[row]]
to = "must"
from = "delivery.id"
[[row]]
to = "file"
from = "files[0].stream"
"""
NUMBER = 'version = "1"\n[[row]]\nto = "_value_1"\nvalue = 7'
TIME = 5.0
MIB = 1024 * 1024
V11, V12 = SoapVersion


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("config")
    shutil.copy(WSDL, path / WSDL.name)
    return path


@pytest.fixture(scope="module")
def wsdl(folder):
    return load_wsdl(folder / WSDL.name)


def a_system(address, *options, reply=None):
    limits = "" if reply is None else f"[limits]\nreply = {reply}\n"
    return system_of(SYSTEM.replace("[options]\n", "\n".join((f"{limits}[options]", *options, ""))), f"{address}/ws")


def a_context(folder, clock=None, blobs=None):
    mappings = {"dossier": MAPPING, "number": NUMBER, "files": FILES}
    return context_of(clock=clock, blobs=blobs, mappings=mappings, directory=folder)


@asynccontextmanager
async def talking(folder, script, *options, clock=None, aside=None, reply=None, blobs=None):
    async with LoopbackPartner(*script, aside=aside) as partner:
        config = a_system(partner.address, *options, reply=reply)
        async with opened(config, a_context(folder, clock, blobs)) as adapter:
            yield adapter, partner


async def sent(folder, says, *options, reply=None):
    async with talking(folder, [says], *options, reply=reply) as (adapter, _):
        return await adapter.send(a_delivery(), deadline=TIME)


def xml(body, status=200, **headers):
    return Says(status=status, body=body, headers={"Content-Type": "text/xml; charset=utf-8", **headers})


def envelope(body, header=""):
    header = f"<e:Header>{header}</e:Header>" if header else ""
    return f"<e:Envelope xmlns:e='{V11.namespace}'>{header}<e:Body>{body}</e:Body></e:Envelope>".encode()


OK = f"<told xmlns='{P}'><must>ok</must></told>"


async def test_declared_headers_go_out_and_come_back(folder):
    """A session's token, which the partner may not skip; a number of theirs, kept as a fact."""
    async with talking(folder, [xml(envelope(OK, f"<trace xmlns='{P}'>77</trace>"))]) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Delivered)
    assert dict(outcome.facts) == {"trace": "77"}
    session = parse(partner.seen[0].body).find("{*}Header/{*}session")
    assert session.get(V11.tag("mustUnderstand")) == "1"
    assert session.findtext("{*}token") == f"old_ministry/{a_delivery().id}"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ('soap_header = { session = { token = "{nothing.here}" } }', r"soap_header.*nothing\.here"),
        ('must_understand = ["sesion"]', "must_understand.*sesion"),
    ],
)
def test_headers_that_cannot_be_made_are_named_at_the_start(folder, options, problem):
    """Every problem with its key."""
    key = options.partition(" ")[0]
    lines = [options if line.startswith(key) else line for line in SYSTEM.splitlines()]
    config = msgspec.convert(tomllib.loads("\n".join(lines)), SystemConfig)
    with pytest.raises(ConfigError, match=problem):
        build(config, a_context(folder))


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_declared_faults_are_judged_by_the_rules(folder, wsdl, version, status):
    """By their WSDL names and by what stands in their details, under any status, in both versions."""
    spoken = SoapVersion.V11 if version == "1.1" else SoapVersion.V12
    problem = SoapProblem(FaultCode.SERVER, vi="Từ chối", en="refused")
    found = []
    for name, values in (("refused", {"number": 12}), ("refused", {"number": 13}), ("limited", {"_value_1": 3})):
        fault = write_fault(spoken, problem, fault_detail(wsdl.operation("tell", spoken), name, values))
        found.append(type(await sent(folder, xml(fault, status), f'version = "{version}"')))
    assert found == [Rejected, Ambiguous, Retryable]


@pytest.mark.parametrize(("says", "means"), [(Says(status=202), Delivered), (Says(), Ambiguous)])
async def test_a_one_way_operation_is_answered_by_its_status(folder, says, means):
    """202 without a body is all that there is; a 200 that says nothing is still no yes."""
    delivery = a_delivery(a_message("withdrawal.requested", data={}))
    async with talking(folder, [says]) as (adapter, partner):
        outcome = await adapter.send(delivery, deadline=TIME)
    assert isinstance(outcome, means)
    assert parse(partner.seen[0].body).findtext("{*}Body/{*}trace") == "7"


ADDRESSING = 'addressing = "2005/08"'


def answering(body, *, relates="{}", status=200, more=""):
    """Answer whatever is asked, with the headers of WS-Addressing that a stack would write."""

    async def aside(seen):
        asked = parse(seen.body).findtext(f"{{*}}Header/{{{WSA}}}MessageID")
        named = f"<a:RelatesTo xmlns:a='{WSA}'>{relates.format(asked)}</a:RelatesTo>" if relates else ""
        action = f"<a:Action xmlns:a='{WSA}' xmlns:e='{V11.namespace}' e:mustUnderstand='1'>{P}/answer</a:Action>"
        return xml(envelope(body, action + named + more), status)

    return aside


async def test_a_message_says_what_it_is_where_it_goes_and_whom_to_answer(folder):
    """WS-Addressing 1.0, section 3: Action, MessageID, To and an anonymous ReplyTo."""
    async with talking(folder, [xml(b"")], ADDRESSING, aside=answering(OK)) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Delivered)
    header = parse(partner.seen[0].body).find("{*}Header")
    assert header.findtext(f"{{{WSA}}}Action") == "urn:example:pitfalls/told-so"
    assert header.findtext(f"{{{WSA}}}To") == f"{partner.address}/ws"
    assert header.findtext(f"{{{WSA}}}ReplyTo/{{{WSA}}}Address") == f"{WSA}/anonymous"
    assert header.findtext(f"{{{WSA}}}MessageID").startswith("urn:uuid:")


async def test_a_delivery_keeps_its_message_id_and_a_question_never_does(folder):
    """A partner may drop what it has seen: that is right for a resend, and wrong for a second look-up."""
    clock = FakeClock()
    async with talking(folder, [xml(b"")], ADDRESSING, clock=clock, aside=answering(OK)) as (adapter, partner):
        for ask in (adapter.send, adapter.send, adapter.lookup, adapter.lookup):
            await ask(a_delivery(), deadline=clock.monotonic() + TIME)
            clock.advance(1)
        await adapter.send(a_delivery(id=DeliveryId("another")), deadline=clock.monotonic() + TIME)
    ids = [parse(one.body).findtext(f"{{*}}Header/{{{WSA}}}MessageID") for one in partner.seen]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    ("relates", "more", "why"),
    [
        ("urn:uuid:0195-of-somebody-else", "", Why.REPLY_UNTRUSTED),
        ("{}", f"<a:Action xmlns:a='{WSA}'>again</a:Action>", Why.REPLY_UNTRUSTED),
        ("{}", "<b:To xmlns:b='http://schemas.xmlsoap.org/ws/2004/08/addressing'>x</b:To>", Why.REPLY_UNTRUSTED),
        ("{}", "", None),
        ("", "", None),
    ],
)
async def test_a_reply_that_answers_another_message_is_no_answer(folder, relates, more, why):
    """G5: it would be delivered by its body; nobody knows what was done with ours."""
    aside = answering(OK, relates=relates, more=more)
    async with talking(folder, [xml(b"")], ADDRESSING, aside=aside) as (adapter, _):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    if why is None:
        assert isinstance(outcome, Delivered)
    else:
        assert isinstance(outcome, Ambiguous)
        assert outcome.reason.code is why
        assert "WS-Addressing" in outcome.reason.detail


@pytest.mark.parametrize(
    ("attributes", "means"),
    [
        ("e:mustUnderstand='1'", Ambiguous),
        ("e:mustUnderstand='true'", Ambiguous),
        ("e:mustUnderstand='0'", Delivered),
        ("e:mustUnderstand='1' e:actor='urn:somebody-else'", Delivered),
        ("", Delivered),
    ],
)
async def test_a_header_that_must_be_understood_makes_the_reply_unreadable(folder, attributes, means):
    """G5: SOAP says that it must not be processed; the file may say that this one is harmless."""
    says = xml(envelope(OK, f"<x:Quota xmlns:x='urn:x' xmlns:e='{V11.namespace}' {attributes}>1</x:Quota>"))
    outcome = await sent(folder, says)
    assert isinstance(outcome, means)
    if means is Ambiguous:
        assert outcome.reason.code is Why.REPLY_UNREADABLE
        assert "{urn:x}Quota must be understood" in outcome.reason.detail
    assert isinstance(await sent(folder, says, 'ignored_headers = ["{urn:x}Quota"]'), Delivered)


LOGIN = b"<html><head><title>Login</title></head><body><form action='/login'>ok</form></body></html>"


@pytest.mark.parametrize(
    ("says", "means", "why"),
    [
        (Says(body=LOGIN, headers={"Content-Type": "text/html"}), Ambiguous, Why.REPLY_UNREADABLE),
        (xml(LOGIN), Ambiguous, Why.REPLY_UNREADABLE),
        (Says(status=302, headers={"Location": "/login"}), Ambiguous, Why.REDIRECTED),
        (Says(status=307, headers={"Location": "http://127.0.0.1:1/ws"}), Ambiguous, Why.REDIRECTED),
        (Says(status=401, body=LOGIN), Retryable, Why.CREDENTIALS),
        (Says(status=404, body=LOGIN), Retryable, Why.CLIENT_ERROR),
        (Says(status=502, body=LOGIN), Ambiguous, Why.SERVER_ERROR),
    ],
)
async def test_what_is_no_answer_of_the_service_is_never_taken_for_one(folder, says, means, why):
    """zeep makes "Unknown fault occured" of each and hides the status (#563, #892); no redirect is followed."""
    async with talking(folder, [says]) as (adapter, partner):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, means)
    assert outcome.reason.code is why
    assert len(partner.seen) == 1


FAULT = "<e:Fault><faultcode>e:Client</faultcode><faultstring>sai</faultstring></e:Fault>"
BLIND = '\n[[options.outcomes]]\nhttp = [200]\nthen = "delivered"\n'


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "fault", ["<e:Fault/>", "<e:Fault><faultcode> e: </faultcode></e:Fault>", "<e:Fault><e:Code/></e:Fault>"]
)
async def test_a_fault_that_names_no_code_is_no_yes_and_no_refusal(folder, fault, status):
    """G5: neither for a rule that looks at the status alone, nor for what an undeclared 4xx means."""
    async with LoopbackPartner(xml(envelope(fault), status)) as partner:
        config = system_of(SYSTEM + BLIND, f"{partner.address}/ws")
        async with opened(config, a_context(folder)) as adapter:
            outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.SERVER_ERROR


@pytest.mark.parametrize(
    "body",
    [
        OK + FAULT,
        FAULT + OK,
        FAULT + FAULT.replace("Client", "Server"),
        f"{OK}</e:Body><e:Body>{FAULT}",
        f"{FAULT}</e:Body><e:Body>{OK}",
        f"{OK}</e:Body>{FAULT}<e:Body>",
    ],
)
async def test_a_reply_that_says_two_things_says_nothing(folder, body):
    """G5: a yes beside a fault, in one Body or in two, is no yes and no refusal."""
    outcome = await sent(folder, xml(envelope(body)))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNREADABLE


async def test_a_fault_whose_detail_stands_beside_it_is_a_fault(folder):
    """As SOAP encoding writes it: what is only referred to has an `id`."""
    outcome = await sent(folder, xml(envelope(f"{FAULT}<multiRef id='id0'>E01</multiRef>"), 500))
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.CLIENT_ERROR


async def test_a_fault_in_what_is_no_envelope_is_none(folder):
    """Whatever it looks like: a `Client` fault would be a refusal."""
    outcome = await sent(folder, xml(f"<x><Body>{FAULT.replace('e:', '')}</Body></x>".encode()))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.REPLY_UNREADABLE


def compressed(body):
    return xml(gzip.compress(body), **{"Content-Encoding": "gzip"})


#: Each is made where it is used: every process of a run collects this file.
BOMBS = {
    "gzip": lambda: compressed(envelope("<a>" + " " * (256 * MIB) + "</a>")),
    "elements": lambda: xml(envelope("<a>" + "<b/>" * 100_001 + "</a>")),
    "depth": lambda: xml(envelope("<a>" * 10_000 + "</a>" * 10_000)),
    "attributes": lambda: xml(envelope("<a " + " ".join(f"a{n}='x'" for n in range(200_000)) + "/>")),
    "multiref": lambda: xml(
        envelope(OK + "".join(f"<m id='i{n}'><p href='#i{n + 1}'/><p href='#i{n + 1}'/></m>" for n in range(40)))
    ),
    "entities": lambda: xml(
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>" + envelope("<a>&b;</a>")
    ),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_reply_made_to_exhaust_us_is_unreadable_and_memory_stays_bounded(folder, name):
    """8 MiB is the limit of a reply; what it becomes in memory is bounded by it."""
    async with talking(folder, [BOMBS[name]()]) as (adapter, _):
        before = resident(forget=True)
        outcome = await adapter.send(a_delivery(), deadline=30.0)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code in {Why.REPLY_UNREADABLE, Why.REPLY_TOO_LARGE}
    assert resident() - before < 80 * MIB


async def test_a_reply_before_the_message_was_read_is_no_answer(folder):
    """G5: it says that all is well and cannot speak of the whole: whoever sent it has not seen the file."""
    blobs = MemoryBlobs()
    file = blobs.hold(bytes(16 * MIB), name="ban-do.pdf")
    async with talking(folder, [Hurries(says=xml(envelope(OK)))], blobs=blobs) as (adapter, partner):
        outcome = await adapter.send(a_delivery(a_message("dossier.amended", blobs=(file,))), deadline=TIME)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is Why.EARLY_REPLY
    assert not partner.seen


async def test_a_text_of_more_than_10_mb_is_read_where_the_system_allows_it(folder):
    """A result as base64 in one element: libxml2 stops at 10 million characters unless told otherwise."""
    file = "QUJD" * (3 * MIB)
    says = xml(envelope(f"<told xmlns='{P}'><file>{file}</file><must>ok</must></told>"))
    assert isinstance(await sent(folder, says, reply=32 * MIB), Delivered)
    refused = await sent(folder, says)
    assert isinstance(refused, Ambiguous)
    assert refused.reason.code is Why.REPLY_TOO_LARGE


async def test_values_that_zeep_would_lose_make_the_reply_unreadable(folder):
    """G5: a value that is lost is no yes; the operator is told which field, never what stood there."""
    says = xml(envelope(f"<told xmlns='{P}'><when>hôm qua</when><must>ok</must></told>"))
    outcome = await sent(folder, says, "validate_replies = false")
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.detail == "told.when: cannot be read as the WSDL's type"


async def test_a_message_travels_as_it_was_composed(folder, wsdl):
    """SOAP 1.2 without an action has none in its Content-Type; 1.1 says its own in SOAPAction."""
    async with talking(folder, [xml(envelope(OK))], 'version = "1.2"') as (adapter, partner):
        await adapter.send(a_delivery(), deadline=TIME)
    assert partner.seen[0].headers["Content-Type"] == "application/soap+xml; charset=utf-8"
    assert "SOAPAction" not in partner.seen[0].headers
    root = parse(partner.seen[0].body)
    assert root.tag == V12.tag("Envelope")
    assert read_request(wsdl, to_bytes(root), partner.seen[0].headers["Content-Type"]).operation == "tell"
