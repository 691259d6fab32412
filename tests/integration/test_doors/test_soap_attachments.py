"""Files beside the envelope at ``/soap/v1/events``: MTOM and SOAP with Attachments, kept only for what is accepted."""

import asyncio
import base64
import hashlib

import pytest
from lxml import etree

from gateway.core.pressure import Strain
from gateway.testing.books import CIVIL_STATUS
from gateway.wire.soap import SoapVersion
from tests.packages import packaged

NS = "urn:provincial-gateway:events:v1"
XOP = "http://www.w3.org/2004/08/xop/include"
EDGY = b"\r\n%PDF-1.7\r\n" + bytes(range(256)) * 100 + b"\r\n"
RESULT = """<item><dossier><code>{code}</code></dossier><sourceEventId>{id}</sourceEventId><resultIssued>
<name>Giấy chứng nhận</name>{files}</resultIssued></item>"""
FILE = "<files><name>{name}</name>{more}{content}</files>"
INCLUDE = f'<content><x:Include xmlns:x="{XOP}" href="cid:{{}}"/></content>'
VERSIONS = pytest.mark.parametrize("version", list(SoapVersion))


def include(content_id):
    return INCLUDE.format(content_id)


def a_file(content, *, name="kq.pdf", more=""):
    return FILE.format(name=name, content=content, more=more)


def result(*files, id_="r-1", code="H01-1"):
    return RESULT.format(id=id_, files="".join(files), code=code)


def submit(*items):
    return f'<submitEvents xmlns="{NS}">{"".join(items)}</submitEvents>'


def envelope(body, version=SoapVersion.V11, header=""):
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{version.namespace}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def package(body, parts, *, version=SoapVersion.V11, swa=False, start=""):
    """A whole message, and its Content-Type."""
    return packaged(envelope(body, version), parts, version=version, swa=swa, start=start)


async def call(gate, message, *, version=SoapVersion.V11, who=CIVIL_STATUS, headers=None):
    """The body's one child; a Fault under 500, anything else under 200."""
    data, declared = message
    reply = await gate.post("/soap/v1/events", raw=data, headers={"Content-Type": declared, **(headers or {})}, who=who)
    assert reply.headers["Content-Type"].startswith(version.media_type)
    child = etree.fromstring(reply.body).find(f"{{{version.namespace}}}Body")[0]
    assert (reply.status == 500) == (child.tag == version.tag("Fault"))
    return child


def text(element, name):
    return element.findtext(f".//{{{NS}}}{name}")


async def stored(gate, answer):
    """The files of an accepted event, as they can be downloaded."""
    message = await gate.store.message(text(answer, "messageId"))
    return [(blob.name, (await gate.get(f"/v1/files/{blob.file_id}")).body) for blob in message.blobs]


@VERSIONS
@pytest.mark.parametrize("start", ["", '; start="<root@x>"'])
async def test_a_file_beside_the_envelope_reaches_the_portal(gate, body, version, start):
    """MTOM: byte for byte, also where a file begins and ends with line ends; its id and digest are in the event."""
    await gate.post("/v1/dossiers", body())
    item = result(a_file(include("1%40x")), a_file(include("2"), name="ảnh.png"))
    message = package(submit(item), [("1@x", EDGY), ("2", b"")], version=version, start=start)
    answer = await call(gate, message, version=version)
    assert text(answer, "files") == "ready"
    assert await stored(gate, answer) == [("kq.pdf", EDGY), ("ảnh.png", b"")]
    kept = await gate.store.message(text(answer, "messageId"))
    assert kept.blobs[0].sha256 == hashlib.sha256(EDGY).hexdigest()
    assert kept.blobs[0].content_type == "application/pdf"
    assert hashlib.sha256(EDGY).hexdigest().encode() in kept.payload.body


@pytest.mark.parametrize("content", ["<content>cid:1%40x</content>", '<content href="cid:1@x"/>'])
@VERSIONS
async def test_a_file_may_be_referred_to_by_its_address(gate, body, version, content):
    """SOAP with Attachments: swaRef, and the older href."""
    await gate.post("/v1/dossiers", body())
    message = package(submit(result(a_file(content))), [("1@x", EDGY)], version=version, swa=True)
    answer = await call(gate, message, version=version)
    assert await stored(gate, answer) == [("kq.pdf", EDGY)]


async def test_it_is_the_same_event_whichever_way_its_file_came(gate, body):
    """G7: a ministry that turns MTOM on between two tries gets the first receipt."""
    await gate.post("/v1/dossiers", body())
    inline = envelope(submit(result(a_file(f"<content>{base64.b64encode(EDGY).decode()}</content>"))))
    first = await call(gate, (inline, "text/xml"))
    again = await call(gate, package(submit(result(a_file(include("1")))), [("1", EDGY)]))
    other = await call(gate, package(submit(result(a_file(include("1")))), [("1", b"other")]))
    assert text(again, "messageId") == text(first, "messageId")
    assert text(again, "duplicate") == "true"
    assert text(other, "code") == "idempotency.conflict"


async def test_a_file_goes_to_disk_while_it_arrives(gate, body):
    """It is never whole in memory: the store has its beginning while its end is still to be sent."""
    await gate.post("/v1/dossiers", body())
    data, declared = package(submit(result(a_file(include("1")))), [("1", b"x" * 200_000)])

    async def sending():
        yield data[:100_000]
        await gate.blobs.arriving.wait()
        yield data[100_000:]

    async with asyncio.timeout(4):
        answer = await call(gate, (sending(), declared))
    assert await stored(gate, answer) == [("kq.pdf", b"x" * 200_000)]


async def test_a_file_that_nothing_refers_to_is_read_over(gate, body):
    """MTOM: whoever sends more than the envelope names fills no disk."""
    await gate.post("/v1/dossiers", body())
    answer = await call(gate, package(submit(result(a_file(include("1")))), [("0", b"zero"), ("1", b"one")]))
    assert await stored(gate, answer) == [("kq.pdf", b"one")]
    assert list(gate.blobs.objects.values()) == [b"one"]


FAULTY = """<item><dossier><code>H01-1</code></dossier><sourceEventId>r-0</sourceEventId>{files}
<statusChanged><status>3</status></statusChanged></item>"""


async def test_a_faulty_item_takes_its_files_along_and_not_its_neighbours(gate, body):
    """Nothing is kept for what is not accepted."""
    await gate.post("/v1/dossiers", body())
    bad, good = FAULTY.format(files=a_file(include("1"))), result(a_file(include("2")))
    answer = await call(gate, package(submit(bad, good), [("1", b"one"), ("2", b"two")]))
    assert text(answer[0], "code") == "body.invalid"
    assert await stored(gate, answer[1]) == [("kq.pdf", b"two")]
    assert list(gate.blobs.objects.values()) == [b"two"]


@pytest.mark.parametrize("content", [include("1"), f"<content>{base64.b64encode(b'one').decode()}</content>"])
async def test_a_file_that_is_not_what_its_sender_says_is_refused(gate, body, content):
    """Inside the envelope as well as beside it."""
    await gate.post("/v1/dossiers", body())
    before = await gate.store.find()
    wrong = f"<files><sha256>{'0' * 64}</sha256><name>kq.pdf</name>{content}</files>"
    answer = await call(gate, package(submit(result(wrong)), [("1", b"one")]))
    assert (text(answer, "code"), text(answer, "path")) == ("body.invalid", "sha256")
    (error,) = answer.iterfind(".//{*}errors")
    assert text(error, "code") == "differs"
    assert await gate.store.find() == before


ACKNOWLEDGE = "<acknowledge xmlns='{}'><cursor>{{}}</cursor></acknowledge>"


@pytest.mark.parametrize("operation", ["<getEvents xmlns='{}'/>", ACKNOWLEDGE])
async def test_stacks_that_always_send_packages_may_ask_too(gate, operation):
    """WCF and JAX-WS wrap every message once MTOM is on."""
    cursor = text(await call(gate, package(f"<getEvents xmlns='{NS}'/>", [])), "next")
    answer = await call(gate, package(operation.format(NS).format(cursor), []))
    assert not answer.tag.endswith("Fault")
    whole, declared = package(operation.format(NS).format(cursor), [])
    assert text(await call(gate, (whole[:-6], declared)), "code") == "attachments.invalid"


GOOD = submit(result(a_file(include("1"))))
ONE = [("1", b"one")]


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (package(GOOD, []), "did not come"),
        (package(GOOD, [("2", b"two")]), "did not come"),
        (package(GOOD, [*ONE, ("1", b"again")]), "same Content-ID"),
        (package(submit(result(a_file(include("1")), a_file(include("1")))), ONE), "twice"),
        (package(submit(result(a_file(include("1")), a_file("<content>cid:1</content>"))), ONE), "twice"),
        (package(submit(result(a_file(include("1").replace("<content>", "<content>QUJD")))), ONE), "only child"),
        (package(submit(result(a_file("", name=include("1")[9:-10]))), ONE), "no file"),
        (package(GOOD.replace("cid:1", "http://169.254.169.254/"), ONE), "no href"),
        ((envelope(GOOD), "text/xml"), "came alone"),
        ((package(GOOD, ONE)[0][:-5], package(GOOD, ONE)[1]), "ends before"),
        ((package(GOOD, ONE)[0][:-40], package(GOOD, ONE)[1]), "ends before"),
        ((package(GOOD, ONE)[0], 'multipart/related; boundary="other"'), "ends before"),
        ((package(GOOD, ONE)[0], "multipart/related"), "no boundary"),
        ((package(GOOD, ONE)[0], package(GOOD, ONE, start='; start="<none>"')[1]), "`start`"),
        (package(GOOD, [("1>\r\nContent-Transfer-Encoding: base64\r\nX: <", b"!!!!")]), "not base64"),
        (package(GOOD, [("1>\r\nContent-Transfer-Encoding: x-zip\r\nX: <", b"one")]), "not known"),
    ],
)
async def test_what_is_no_whole_message_is_refused_as_a_whole(gate, body, message, problem):
    """A Client fault that says what is wrong; nothing is accepted, and no file has a name by which to find it."""
    await gate.post("/v1/dossiers", body())
    before = await gate.store.find()
    fault = await call(gate, message)
    assert text(fault, "code") == "attachments.invalid"
    assert problem in text(fault, "textEn")
    assert "Gói MIME bị từ chối" in text(fault, "text")
    assert await gate.store.find() == before


@pytest.mark.parametrize(
    "message",
    [
        package(submit("<item/>"), ONE),
        package(f"<unknown xmlns='{NS}'/>", ONE),
        packaged(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ONE),
        packaged(b"not xml", ONE),
        packaged(envelope("<a>" * 5_000 + "</a>" * 5_000), ONE),
    ],
)
async def test_a_refused_envelope_keeps_no_file(gate, message):
    """It is judged before a byte of a file is kept."""
    assert (await call(gate, message)).tag.endswith("Fault")
    assert not gate.blobs.objects


@pytest.mark.parametrize("body", [GOOD, GOOD.replace("r-1", "x" * 201)])
async def test_the_envelope_in_a_package_says_its_own_version(gate, body):
    """npm soap labels every package as SOAP 1.1; what is in it is answered as what it is, in faults too."""
    data, _ = package(body, ONE, version=SoapVersion.V12)
    answer = await call(gate, (data, package(body, ONE)[1]), version=SoapVersion.V12)
    assert answer.tag.endswith("Fault") == ("x" * 201 in body)


async def test_a_signature_beside_which_files_travel_is_refused(gate):
    """It could not cover them."""
    signed = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    fault = await call(gate, packaged(envelope(GOOD, header=signed), ONE))
    assert "base64" in "".join(fault.itertext())
    assert not gate.blobs.objects


async def test_sizes_are_bounded(gate, gate_with, server, body):
    """The envelope by `body_limit`, each file by `file_limit`, and all of it by both together."""
    await gate.post("/v1/dossiers", body())
    too_large = await call(gate, package(GOOD, [("1", b"x" * (256 * 1024 + 1))]))
    assert text(too_large, "code") == "file.too_large"
    long_root = await call(gate, package(GOOD + " " * 70_000, ONE))
    assert text(long_root, "code") == "body.too_large"
    together = await call(gate, package(GOOD, [("1", b"x" * 250_000), ("2", b"y" * 100_000)]))
    assert text(together, "code") == "body.too_large"
    many = await call(gate, package(GOOD, [*ONE, *((f"p{number}", b"") for number in range(300))]))
    assert text(many, "code") == "attachments.invalid"
    assert "more than 256 parts" in text(many, "textEn")
    assert len(gate.accepted) == 1
    async with gate_with(server=server(bodies=64 * 1024)) as narrow:
        await narrow.post("/v1/dossiers", body())
        answer = await call(narrow, package(GOOD, [("1", EDGY)]))
        assert await stored(narrow, answer) == [("kq.pdf", EDGY)]


async def test_compressed_packages_are_refused(gate):
    """What a few bytes become is the sender's choice."""
    fault = await call(gate, package(GOOD, ONE), headers={"Content-Encoding": "gzip"})
    assert text(fault, "code") == "encoding.unsupported"


async def test_a_sender_that_stops_half_way_leaves_nothing_accepted(gate, body):
    await gate.post("/v1/dossiers", body())
    before = await gate.store.find()
    data, declared = package(GOOD, [("1", b"x" * 200_000)])
    head = f"POST /soap/v1/events HTTP/1.1\r\nContent-Type: {declared}\r\nContent-Length: {len(data)}"
    answer = await gate.raw(head, data[:150_000], who=CIVIL_STATUS)
    assert b"200 OK" not in answer
    assert await gate.store.find() == before
    assert not gate.blobs.objects


async def test_a_sender_that_is_too_slow_is_told(gate_with, server, body):
    async with gate_with(server=server(upload_timeout="200ms")) as slow:
        await slow.post("/v1/dossiers", body())
        data, declared = package(GOOD, [("1", b"x" * 200_000)])
        head = f"POST /soap/v1/events HTTP/1.1\r\nContent-Type: {declared}\r\nContent-Length: {len(data)}"
        answer = await slow.raw(head, data[:150_000], end=False, who=CIVIL_STATUS)
        assert b"body.timeout" in answer
        assert not slow.blobs.objects


async def test_no_file_is_kept_where_the_disk_has_no_room(gate_with, body):
    """It is refused before its bytes are read; what comes without files still passes."""
    async with gate_with(strain=lambda: Strain(room=100)) as gate:
        await gate.post("/v1/dossiers", body())
        fault = await call(gate, package(GOOD, [("1", EDGY)]))
        assert text(fault, "code") == "store.full"
        assert not gate.blobs.objects
        by_url = "<files><url>https://a.example/1</url></files>"
        answer = await call(gate, package(submit(result(by_url)), [("1", EDGY)]))
        assert not answer.tag.endswith("Fault")
