"""Files to SOAP partners: however large, whichever way the system's file says, and the same way every time."""

import base64
import hashlib
import tomllib
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import pytest
from aiohttp import web

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError, StoreFull
from gateway.core.outcome import Ambiguous, Delivered, Rejected, Retryable, Shadowed
from gateway.core.reason import Why
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.loopback import served
from gateway.testing.partner import LoopbackPartner, Says
from gateway.wire.content_type import ContentType
from gateway.wire.related import Related
from gateway.wire.soap import SoapVersion
from gateway.wire.xml import parse
from gateway.wire.xop import detach
from gateway.wire.zeep_codec import load_wsdl
from tests.adapters import context_of, opened, system_of
from tests.soap_service import read_request, write_reply

WSDL = """<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="urn:sample:files" targetNamespace="urn:sample:files">
  <wsdl:types><xs:schema targetNamespace="urn:sample:files" elementFormDefault="qualified">
    <xs:element name="gui"><xs:complexType><xs:sequence>
      <xs:element name="maHoSo" type="xs:string"/>
      <xs:element name="tep" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="ten" type="xs:string"/>
        <xs:choice><xs:element name="noiDung" type="xs:base64Binary"/><xs:element name="diaChi" type="xs:anyURI"/>
        <xs:element name="chuoi" type="xs:string"/></xs:choice>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="guiTraLoi"><xs:complexType><xs:sequence><xs:element name="maLoi" type="xs:string"/>
      <xs:element name="bienNhan" type="xs:base64Binary" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="diaChi" type="xs:anyURI" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:schema></wsdl:types>
  <wsdl:message name="guiIn"><wsdl:part name="p" element="t:gui"/></wsdl:message>
  <wsdl:message name="guiOut"><wsdl:part name="p" element="t:guiTraLoi"/></wsdl:message>
  <wsdl:portType name="P"><wsdl:operation name="gui"><wsdl:input message="t:guiIn"/><wsdl:output message="t:guiOut"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="B11" type="t:P"><soap:binding style="document"
    transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="gui"><soap:operation soapAction="urn:gui"/>
    <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
  </wsdl:operation></wsdl:binding>
  <wsdl:binding name="B12" type="t:P"><soap12:binding style="document"
    transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="gui"><soap12:operation
    soapAction="urn:gui"/><wsdl:input><soap12:body use="literal"/></wsdl:input><wsdl:output><soap12:body use="literal"/>
  </wsdl:output></wsdl:operation></wsdl:binding>
</wsdl:definitions>"""
SYSTEM = """
id = "business_registry"
role = "system"
adapter = "soap"
name = { vi = "Đăng ký kinh doanh" }
doubt = { "dossier.*" = { doubt = "resend", dedup_window = "7d" } }
[options]
wsdl = "files.wsdl"
version = "%(version)s"
attachments = "%(attachments)s"
[options.operations."dossier.submitted"]
operation = "gui"
mapping = "dossier"
keep_files = %(keep)s
[options.operations."dossier.submitted".facts]
digest = "bienNhan[0].sha256"
id = "bienNhan[0].id"
address = "diaChi.sha256"
part = "bienNhan[0].content_id"
[[options.outcomes]]
path = "maLoi"
equals = ["00"]
then = "delivered"
"""
MAPPING = """
version = "1"
[[row]]
to = "maHoSo"
from = "code:province"
[[row]]
to = "tep[]"
each = "files"
rows = [{ to = "ten", from = "item.name" }, { to = "%s", from = "item.stream", required = true }]
"""
TIME = 5.0
FILES = {"đơn.pdf": b"\r\n%PDF\r\n", "ảnh.png": b"\0" * 3_000_001, "rỗng.txt": b""}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("config")
    (path / "files.wsdl").write_text(WSDL)
    return path


class Partner:
    """A ministry's server that reads whatever comes, as MIME or as XML."""

    def __init__(self, folder, handle=None):
        self._handle = handle or self._take
        self.wsdl = load_wsdl(folder / "files.wsdl")
        self.arrived = []
        self.bodies = []
        self.address = ""

    @asynccontextmanager
    async def serving(self):
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/ws", self._handle)
        async with served(app) as port:
            self.address = f"http://127.0.0.1:{port}/ws"
            yield self

    async def _take(self, request):
        body = await request.read()
        self.bodies.append(body)
        declared = ContentType.parse(request.headers["Content-Type"])
        root, parts = body, {}
        if declared.media_type == "multipart/related":
            related = Related(declared, _once(body), _keep, most=1 << 20)
            root, parts = (await related.root()).data, await related.rest()
        envelope = parse(root)
        markers = detach(envelope)
        assert len(markers) in (0, len(parts))
        self.arrived.append([self._file(element, markers, parts) for element in envelope.iter("{*}tep")])
        version = SoapVersion.V12 if b"2003/05/soap-envelope" in root else SoapVersion.V11
        reply = write_reply(self.wsdl, "gui", version, {"maLoi": "00"})
        return web.Response(body=reply, headers={"Content-Type": version.content_type()})

    @staticmethod
    def _file(element, markers, parts):
        name, content = (child.text or "" for child in element)
        where = markers.get(content) or content.removeprefix("cid:").replace("%40", "@")
        return name, hashlib.sha256(parts.get(where, b"")).hexdigest() if parts else content


async def _once(body):
    yield body


async def _keep(_head, chunks):
    return b"".join([chunk async for chunk in chunks])


def a_system(address, **options):
    text = SYSTEM % {"version": "1.1", "attachments": "mtom", "keep": "true", **options}
    return system_of(f"{text}[limits]\nreply_files = {options.get('files', 1 << 20)}\n", address)


def a_context(folder, blobs, field="noiDung"):
    return context_of(blobs=blobs, mappings={"dossier": MAPPING % field}, directory=folder)


def with_files(blobs, files):
    return a_delivery(a_message(blobs=tuple(blobs.hold(content, name=name) for name, content in files.items())))


@asynccontextmanager
async def talking(folder, blobs, field="noiDung", **options):
    async with (
        Partner(folder).serving() as partner,
        opened(a_system(partner.address, **options), a_context(folder, blobs, field)) as adapter,
    ):
        yield adapter, partner


DIGESTS = [(name, hashlib.sha256(content).hexdigest()) for name, content in FILES.items()]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(("attachments", "field"), [("mtom", "noiDung"), ("swa", "diaChi"), ("swa", "chuoi")])
async def test_files_travel_beside_the_envelope(folder, attachments, field, version):
    """The partner has every byte of every file, under its name."""
    blobs = MemoryBlobs()
    async with talking(folder, blobs, field, attachments=attachments, version=version) as (adapter, partner):
        outcome = await adapter.send(with_files(blobs, FILES), deadline=TIME)
    assert isinstance(outcome, Delivered)
    assert partner.arrived == [DIGESTS]


@pytest.mark.parametrize("field", ["noiDung", "chuoi"])
async def test_files_travel_inside_the_envelope_where_nothing_else_is_said(folder, field):
    """As base64, in a field for bytes or in one for text."""
    blobs = MemoryBlobs()
    async with talking(folder, blobs, field, attachments="inline") as (adapter, partner):
        outcome = await adapter.send(with_files(blobs, FILES), deadline=TIME)
    assert isinstance(outcome, Delivered)
    call = read_request(partner.wsdl, partner.bodies[0], "text/xml")
    assert [file["ten"] for file in call.values["tep"]] == list(FILES)
    if field == "noiDung":
        assert [file.get("noiDung", b"") for file in call.values["tep"]] == list(FILES.values())


@pytest.mark.parametrize(("attachments", "field"), [("mtom", "noiDung"), ("swa", "diaChi"), ("inline", "noiDung")])
async def test_a_repetition_has_the_same_bytes(folder, attachments, field):
    """G4: a partner that deduplicates by content sees one delivery; the attempts' digests agree."""
    blobs = MemoryBlobs()
    async with talking(folder, blobs, field, attachments=attachments) as (adapter, partner):
        delivery = with_files(blobs, FILES)
        rehearsed = await adapter.rehearse(delivery)
        first, second = [await adapter.send(delivery, deadline=TIME) for _ in range(2)]
    assert partner.bodies[0] == partner.bodies[1]
    assert isinstance(rehearsed, Shadowed)
    assert rehearsed.trace.request_digest == first.trace.request_digest == second.trace.request_digest


async def test_one_operation_may_differ_from_its_system(folder):
    blobs = MemoryBlobs()
    async with Partner(folder).serving() as partner:
        config = a_system(partner.address, attachments="inline")
        config.options["operations"]["dossier.submitted"]["attachments"] = "mtom"
        async with opened(config, a_context(folder, blobs)) as adapter:
            await adapter.send(with_files(blobs, FILES), deadline=TIME)
    assert partner.arrived == [DIGESTS]


async def test_a_file_that_is_not_what_it_was_leaves_nobody(folder):
    """Not even in part: it is read to its end before the first byte is sent."""
    blobs = MemoryBlobs()
    delivery = with_files(blobs, FILES)
    blobs.objects[delivery.message.blobs[1].key] = b"changed"
    async with talking(folder, blobs) as (adapter, partner):
        outcome = await adapter.send(delivery, deadline=TIME)
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.FILE_MISSING
    assert partner.bodies == []


async def test_a_file_in_a_field_that_cannot_hold_it_is_refused_by_ourselves(folder):
    """An address is no base64: the WSDL asks for another way, and the field is named."""
    blobs = MemoryBlobs()
    async with talking(folder, blobs, "noiDung", attachments="swa") as (adapter, partner):
        outcome = await adapter.send(with_files(blobs, FILES), deadline=TIME)
    assert isinstance(outcome, Rejected)
    assert "noiDung" in outcome.reason.detail
    assert partner.bodies == []


def test_a_way_that_does_not_exist_is_named_at_the_start(folder):
    with pytest.raises(ConfigError, match="attachments"):
        build(a_system("http://127.0.0.1:9", attachments="zip"), a_context(folder, MemoryBlobs()))


XOP = 'xmlns:x="http://www.w3.org/2004/08/xop/include"'
PDF = b"\r\n%PDF\r\n" * 20_000
RECEIPT = '<bienNhan><x:Include href="cid:1%40partner"/></bienNhan>'


def answer(fields=RECEIPT, version=SoapVersion.V11):
    body = f'<guiTraLoi xmlns="urn:sample:files" {XOP}><maLoi>00</maLoi>{fields}</guiTraLoi>'
    return f'<s:Envelope xmlns:s="{version.namespace}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def packaged(root, *parts, version=SoapVersion.V11):
    """A reply with files, as a foreign stack sends it."""
    kind = version.media_type
    framed = [f'Content-Type: application/xop+xml; type="{kind}"\r\nContent-ID: <r>\r\n\r\n'.encode() + root]
    framed += [
        f"content-type: application/pdf\r\nContent-ID:\r\n <{name}>\r\n\r\n".encode() + data for name, data in parts
    ]
    body = b"".join(b"--b=\r\n" + one + b"\r\n" for one in framed) + b"--b=--"
    declared = f'multipart/related; boundary="b="; type="application/xop+xml"; start-info="{kind}"'
    return Says(body=body, headers={"Content-Type": declared})


@asynccontextmanager
async def asking(folder, *script, blobs=None, **options):
    """An adapter whose partner answers so."""
    async with LoopbackPartner(*script) as partner:
        config = a_system(partner.address, **options)
        async with opened(config, a_context(folder, blobs or MemoryBlobs())) as adapter:
            yield adapter


async def heard(folder, says, *, blobs=None, **options):
    async with asking(folder, says, blobs=blobs, **options) as adapter:
        return await adapter.send(a_delivery(), deadline=TIME)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("large", [False, True])
async def test_a_file_beside_a_reply_is_kept(folder, version, large):
    """Byte for byte; the mapping names it. The record of the attempt holds the partner's words, not the file."""
    soap = SoapVersion.V12 if version == "1.2" else SoapVersion.V11
    blobs, delivery = MemoryBlobs(), a_delivery()
    if large:  # a request that is streamed goes another way through the client than a short one
        delivery = with_files(blobs, {"a": b"x" * 100_000})
    reply = packaged(answer(version=soap), ("1@partner", PDF), version=soap)
    async with asking(folder, reply, blobs=blobs, version=version) as adapter:
        outcome = await adapter.send(delivery, deadline=TIME)
    assert isinstance(outcome, Delivered)
    assert outcome.facts["digest"] == hashlib.sha256(PDF).hexdigest()
    assert outcome.facts["id"].startswith("in-")
    assert list(blobs.objects.values())[-1] == PDF
    assert b"guiTraLoi" in outcome.trace.reply.body
    assert b"%PDF" not in outcome.trace.reply.body
    assert outcome.trace.reply.media_type.startswith(soap.media_type)


async def test_a_file_that_nobody_keeps_is_read_over(folder):
    """The reply counts all the same."""
    blobs = MemoryBlobs()
    outcome = await heard(folder, packaged(answer(), ("1@partner", PDF)), blobs=blobs, keep="false")
    assert isinstance(outcome, Delivered)
    assert dict(outcome.facts) == {"part": "1@partner"}
    assert not blobs.objects


async def test_files_inside_a_reply_are_kept_like_those_beside_it(folder):
    """A mapping need not know which way the partner sends them; an address of a part is one of them (swaRef)."""
    blobs = MemoryBlobs()
    inside = f"<bienNhan>{base64.b64encode(PDF).decode()}</bienNhan><diaChi>cid:2</diaChi>"
    outcome = await heard(folder, packaged(answer(inside), ("2", b"two")), blobs=blobs)
    digests = [hashlib.sha256(content).hexdigest() for content in (PDF, b"two")]
    assert [outcome.facts["digest"], outcome.facts["address"]] == digests
    plain = Says(body=answer(inside.replace("cid:2", "urn:x")), headers={"Content-Type": "text/xml"})
    assert (await heard(folder, plain, blobs=blobs)).facts["digest"] == digests[0]


async def test_a_reply_is_read_while_it_comes(folder):
    """Its file is on its way to the store while the partner still sends."""
    blobs = MemoryBlobs()
    says = packaged(answer(), ("1@partner", PDF))

    async def handle(request):
        await request.read()
        response = web.StreamResponse(headers=says.headers)
        await response.prepare(request)
        await response.write(says.body[:100_000])
        await blobs.arriving.wait()
        await response.write(says.body[100_000:])
        return response

    async with (
        Partner(folder, handle).serving() as partner,
        opened(a_system(partner.address), a_context(folder, blobs)) as adapter,
    ):
        outcome = await adapter.send(a_delivery(), deadline=TIME)
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (packaged(answer()), Why.REPLY_UNREADABLE),
        (packaged(answer(RECEIPT * 2), ("1@partner", PDF)), Why.REPLY_UNREADABLE),
        (packaged(answer(), ("1@partner", b"one"), ("1@partner", b"two")), Why.REPLY_UNREADABLE),
        (Says(body=answer(), headers={"Content-Type": "text/xml"}), Why.REPLY_UNREADABLE),
        (replace(packaged(answer(), ("1@partner", PDF)), body=b"--b=\r\n\r\n"), Why.REPLY_UNREADABLE),
        (replace(packaged(answer(), ("1@partner", PDF)), body=b"<html/>"), Why.REPLY_UNREADABLE),
        (packaged(b"<html/>", ("1@partner", PDF)), Why.REPLY_UNREADABLE),
        (packaged(answer() + b" " * 9_000_000, ("1@partner", PDF)), Why.REPLY_TOO_LARGE),
        (packaged(answer(), ("1@partner", b"x" * 400_000)), Why.REPLY_TOO_LARGE),
    ],
)
async def test_a_reply_whose_files_cannot_be_followed_is_no_yes(folder, says, reason):
    """G5: neither delivered nor refused, and the adapter goes on."""
    outcome = await heard(folder, says, files=300_000)
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason.code is reason


async def test_a_full_disk_leaves_the_doubt(folder):
    """What the partner said is not known whole."""

    class Full(MemoryBlobs):
        async def put(self, *_source, **_about):
            raise StoreFull("full")

    outcome = await heard(folder, packaged(answer(), ("1@partner", PDF)), blobs=Full())
    assert isinstance(outcome, Ambiguous)
    inside = f"<bienNhan>{base64.b64encode(PDF).decode()}</bienNhan>"
    outcome = await heard(folder, Says(body=answer(inside), headers={"Content-Type": "text/xml"}), blobs=Full())
    assert isinstance(outcome, Ambiguous)


async def test_a_fault_beside_which_files_travel_is_a_fault(folder):
    fault = b"<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>"
    root = answer("").replace(answer("")[answer("").index(b"<guiTraLoi") : answer("").index(b"</s:Body>")], fault)
    outcome = await heard(folder, packaged(root, ("1@partner", PDF)))
    assert isinstance(outcome, Retryable)
    assert outcome.reason.code is Why.CLIENT_ERROR


NEWS = """
[options.news.results]
by = "cursor"
next = "body.maLoi"
operation = "gui"
mapping = "question"
events = "news"
keep_files = true
[[options.news.results.outcomes]]
path = "maLoi"
then = "found"
"""
QUESTION = 'version = "1"\n[[row]]\nto = "maHoSo"\nfrom = "asked.size"'
EVENTS = """version = "1"
[[row]]
to = "kind"
value = "result.issued"
[[row]]
to = "dossier.code"
value = "H01-1"
[[row]]
to = "data.name"
value = "Giấy chứng nhận"
[[row]]
to = "data.files[]"
each = "item.bienNhan"
rows = [{ to = "id", from = "item.id" }, { to = "name", value = "kq.pdf" }]
"""


@pytest.mark.parametrize("beside", [True, False])
async def test_a_file_in_an_answer_becomes_the_news_file(folder, beside):
    """A ministry that is asked for its results gives them by MTOM, or as base64: the event names the stored file."""
    blobs = MemoryBlobs()
    inside = f"<bienNhan>{base64.b64encode(PDF).decode()}</bienNhan>"
    alone = Says(body=answer(inside), headers={"Content-Type": "text/xml"})
    says = packaged(answer(), ("1@partner", PDF)) if beside else alone
    async with LoopbackPartner(says) as partner:
        table = tomllib.loads(SYSTEM % {"version": "1.1", "attachments": "inline", "keep": "false"} + NEWS)
        table["endpoint"] = {"sandbox": partner.address}
        mappings = {"dossier": tomllib.loads(MAPPING % "noiDung")}
        mappings |= {"question": tomllib.loads(QUESTION), "news": tomllib.loads(EVENTS)}
        context = replace(a_context(folder, blobs), mappings=mappings)
        async with opened(msgspec.convert(table, SystemConfig), context) as adapter:
            page = await adapter.poll("results", "", open_dossiers=(), deadline=TIME)
    assert page.unreadable == []
    (file,) = page.drafts[0].blobs
    assert (file.name, file.size, file.sha256) == ("kq.pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert file.content_type == ("application/pdf" if beside else "application/octet-stream")
    assert blobs.objects[file.key] == PDF
