"""Files beside a partner's own call: MTOM, and SOAP with Attachments, under a mapping that sees no difference."""

import asyncio
import base64
import hashlib
import hmac
import re

import pytest

from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS
from gateway.wire.soap import SoapVersion
from tests.adapters import context_of, system_of
from tests.packages import include, packaged

V12 = SoapVersion.V12
KEY, SEAL = "khoá của bộ, đủ dài", "dấu của bộ, đủ dài"
SYSTEM = f"""
id = "{CIVIL_STATUS}"
role = "system"
adapter = "rest"
mode = "off"
name = {{ vi = "Hộ tịch" }}
secrets = {{ khoa = "env:KHOA", dau = "env:DAU" }}
[options.receive.kq]
mapping = "in"
format = "xml"
lists = ["HoSo", "Tep"]
each = "Envelope.Body.KetQua.HoSo"
media_type = "text/xml"
reply = "<nhan>{{receipt.message_id}}</nhan>"
refusal = "<loi>{{reason}}</loi>"
auth_status = 500
auth = [
  {{ kind = "api_key", key = "khoa", name = "X-Khoa" }},
  {{ kind = "hmac", key = "dau", header = "X-Dau" }},
]
"""
MAPPING = """
version = "1"
row = [
  { to = "kind", value = "result.issued" },
  { to = "source_event_id", from = "item.Id" },
  { to = "dossier.code", from = "item.Ma", required = true },
  { to = "data.name", value = "Giấy chứng nhận mẫu" },
  { to = "data.files[]", each = "item.Tep", rows = [
    { to = "name", from = "item.@ten" },
    { to = "base64", from = "item.#text" },
  ] },
]
"""
EDGY = b"\r\n%PDF-1.7\r\n" + bytes(range(256)) * 100 + b"\r\n"
PROOF = {"X-Khoa": KEY}


def adapter(blobs, mapping=MAPPING):
    secrets = {"env:KHOA": KEY, "env:DAU": SEAL}
    return build(system_of(SYSTEM), context_of(secrets=secrets, blobs=blobs, mappings={"in": mapping}))


@pytest.fixture
async def gate(gate_with, body):
    blobs = MemoryBlobs()
    async with gate_with(receivers={CIVIL_STATUS: adapter(blobs)}, blobs=blobs) as opened:
        await opened.post("/v1/dossiers", body())
        yield opened


def result(content, *, code="H01-1", id_="E-1"):
    """One item with one file; the attribute beside it is what stacks add."""
    return f'<k:HoSo><k:Id>{id_}</k:Id><k:Ma>{code}</k:Ma><k:Tep ten="kq.pdf">{content}</k:Tep></k:HoSo>'


def envelope(*items, version=SoapVersion.V11):
    body = f'<k:KetQua xmlns:k="urn:mau">{"".join(items)}</k:KetQua>'
    return f'<s:Envelope xmlns:s="{version.namespace}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


async def call(gate, message, headers=PROOF):
    data, declared = message
    path = f"/callbacks/{CIVIL_STATUS}/kq"
    return await gate.post(path, raw=data, headers={"Content-Type": declared, **headers}, who=None)


async def kinds(gate):
    (view,) = await gate.store.dossiers("H01-1")
    return [message.kind for message in (await gate.store.timeline(view.id)).messages]


async def kept(gate, reply):
    """The files of an accepted result, as they can be downloaded."""
    found = re.fullmatch("<nhan>(.+)</nhan>", reply.body.decode())
    assert (reply.status, bool(found)) == (200, True), reply.body
    message = await gate.store.message(found[1])
    return [(blob.name, (await gate.get(f"/v1/files/{blob.file_id}")).body) for blob in message.blobs]


async def test_however_a_file_comes_it_is_the_same_event(gate):
    """G7: inside, by MTOM under both versions, by swaRef, by href; byte for byte, and one event."""
    inline = envelope(result(base64.b64encode(EDGY).decode()))
    ways = [
        (inline, "text/xml"),
        packaged(envelope(result(include("1%40x"))), [("1@x", EDGY)]),
        packaged(envelope(result(include("2")), version=V12), [("2", EDGY)], version=V12),
        packaged(envelope(result("cid:1%40x")), [("1@x", EDGY)], swa=True),
        packaged(envelope(result("").replace("<k:Tep", '<k:Tep href="cid:1@x"')), [("1@x", EDGY)], swa=True),
    ]
    replies = [await call(gate, way) for way in ways]
    assert await kept(gate, replies[0]) == [("kq.pdf", EDGY)]
    assert {reply.body for reply in replies} == {replies[0].body}


async def test_a_package_waits_for_room_for_its_document_and_is_then_refused(gate_with, server):
    """It is read into memory, whatever comes behind it."""
    async with gate_with(receivers={CIVIL_STATUS: adapter(MemoryBlobs())}, server=server(bodies=4096)) as gate:
        reply = await call(gate, packaged(envelope(result(include("1")), "x" * 8000), [("1", EDGY)]))
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2")
        assert await gate.is_empty()


async def test_a_file_at_an_address_that_none_can_come_from_is_refused_in_the_partners_words(gate_with, body):
    """It would be waited for, and only the operators would learn of it; what was taken before is not refused."""
    barred = set()
    mapping = MAPPING.replace('to = "base64"', 'to = "url"')
    receivers = {CIVIL_STATUS: adapter(MemoryBlobs(), mapping)}
    async with gate_with(receivers=receivers, may_fetch=lambda url: url not in barred) as gate:
        await gate.post("/v1/dossiers", body())
        first, second = (envelope(result(f"http://10.0.0.1/{name}", id_=name)) for name in ("a", "b"))
        taken = await call(gate, (first, "text/xml"))
        barred |= {"http://10.0.0.1/a", "http://10.0.0.1/b"}
        assert (await call(gate, (first, "text/xml"))).body == taken.body
        refused = await call(gate, (second, "text/xml"))
        words = "Tệp được nêu bằng địa chỉ mà cổng không bao giờ tải được (unfetchable)"
        assert (refused.status, refused.body.decode()) == (400, f"<loi>mục 1: {words}</loi>")
        assert [kind for kind in await kinds(gate) if kind == "result.issued"] == ["result.issued"]


async def test_a_digest_beside_a_file_is_held_against_it(gate_with, body):
    """Model rule 12: what differs is refused, in the partner's words, and nothing of it is accepted."""
    blobs = MemoryBlobs()
    mapping = MAPPING.replace('{ to = "name", from', '{ to = "sha256", from = "item.@bam" }, { to = "name", from')
    async with gate_with(receivers={CIVIL_STATUS: adapter(blobs, mapping)}, blobs=blobs) as gate:
        await gate.post("/v1/dossiers", body())
        said = result(base64.b64encode(EDGY).decode())
        right, wrong = (
            envelope(said.replace("<k:Tep ", f'<k:Tep bam="{digest}" '))
            for digest in (hashlib.sha256(EDGY).hexdigest(), "0" * 64)
        )
        refused = await call(gate, (wrong, "text/xml"))
        assert (refused.status, b"data.files[0].sha256" in refused.body) == (400, True)
        assert "result.issued" not in await kinds(gate)
        assert await kept(gate, await call(gate, (right, "text/xml"))) == [("kq.pdf", EDGY)]


async def test_a_file_goes_to_disk_while_it_arrives(gate):
    """It is never whole in memory: the store has its beginning while its end is still to be sent."""
    data, declared = packaged(envelope(result(include("1"))), [("1", b"x" * 200_000)])

    async def sending():
        yield data[:100_000]
        await gate.blobs.arriving.wait()
        yield data[100_000:]

    async with asyncio.timeout(4):
        reply = await call(gate, (sending(), declared))
    assert await kept(gate, reply) == [("kq.pdf", b"x" * 200_000)]


async def test_only_what_an_event_names_is_kept(gate):
    """A part that no row takes is read over, and so is one that nothing refers to."""
    root = envelope(result(include("1"))).replace(
        b"</k:KetQua>", b"<Anh>" + include("2").encode() + b"</Anh></k:KetQua>"
    )
    assert (await call(gate, packaged(root, [("1", b"one"), ("2", b"two"), ("3", b"three")]))).status == 200
    assert list(gate.blobs.objects.values()) == [b"one"]


ONE = [("1", b"one")]
GOOD = envelope(result(include("1")))


def sealed(data):
    return {"X-Dau": hmac.digest(SEAL.encode(), data, "sha256").hex()}


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Khoa": "khác"}, sealed(packaged(GOOD, ONE)[0]), sealed(GOOD)],
    ids=["nothing", "wrong", "signed-whole", "signed-document"],
)
async def test_nobody_keeps_a_file_before_he_is_known(gate, headers):
    """MTOM: a signature over the body is known at its end only; it opens the path to what comes alone."""
    reply = await call(gate, packaged(GOOD, ONE), headers)
    assert (reply.status, reply.body.decode()) == (500, "<loi>không rõ bên gọi</loi>")
    assert not gate.blobs.objects
    alone = envelope(result("QUJD"))
    assert (await call(gate, (alone, "text/xml"), sealed(alone))).status == 200


@pytest.mark.parametrize(
    ("shown", "status"),
    [("", 500), (f"\r\nX-Khoa: {KEY}", 200), (f"\r\nX-Khoa: x\r\nX-Khoa: {KEY}", 500)],
    ids=["ours", "once", "twice"],
)
async def test_only_what_is_declared_and_shown_once_opens_the_path(gate, shown, status):
    """G9: no key of ours, and no header that a proxy may have read otherwise than we do."""
    raw = envelope(result("QUJD"))
    path = f"/callbacks/{CIVIL_STATUS}/kq"
    head = f"POST {path} HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: {len(raw)}{shown}"
    answer = await gate.raw(f"{head}\r\nConnection: close", raw, end=False, who=CIVIL_STATUS)
    assert answer.startswith(f"HTTP/1.1 {status}".encode()), answer


@pytest.mark.parametrize(
    ("root", "told"),
    [
        (envelope(result(include("1")), result(include("1"), id_="E-2")), "trỏ tới hai lần"),
        (envelope(result(include("1"))).replace(b"cid:1", b"http://169.254.169.254/"), "không có href"),
        (envelope(result("QUJD" + include("1"))), "nội dung duy nhất"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "XML"),
        (envelope("<a>" * 5_000 + "</a>" * 5_000), "XML"),
        (envelope(result(include("1"), code="")), "item.Ma"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_the_partners_words_and_keeps_no_file(gate, root, told):
    reply = await call(gate, packaged(root, ONE))
    assert (reply.status, reply.headers["Content-Type"]) == (400, "text/xml")
    assert re.fullmatch(f"<loi>.*{told}.*</loi>", reply.body.decode())
    assert not gate.blobs.objects


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (packaged(GOOD, []), "attachments.invalid"),
        (packaged(GOOD, [*ONE, ("1", b"again")]), "attachments.invalid"),
        ((packaged(GOOD, ONE)[0][:-5], packaged(GOOD, ONE)[1]), "attachments.invalid"),
        (packaged(GOOD, [*ONE, *((f"p{number}", b"") for number in range(300))]), "attachments.invalid"),
        (packaged(GOOD, [("1", b"x" * (256 * 1024 + 1))]), "file.too_large"),
        (packaged(GOOD, [("1", b"x" * 250_000), ("2", b"y" * 100_000)]), "body.too_large"),
        (packaged(GOOD + b" " * 70_000, ONE), "body.too_large"),
    ],
    ids=["missing", "double", "cut", "parts", "file", "together", "root"],
)
async def test_what_does_not_come_whole_is_refused_as_at_every_door(gate, message, code):
    reply = await call(gate, message)
    assert reply.code == code
    assert len(gate.accepted) == 1


async def test_a_file_is_one_items_own(gate_with, body):
    """A mapping that gives it to each of two: neither its bytes nor its name are shared, and the call is refused."""
    mapping = MAPPING.replace('each = "item.Tep"', 'each = "body.Envelope.Body.KetQua.Tep"')
    blobs = MemoryBlobs()
    async with gate_with(receivers={CIVIL_STATUS: adapter(blobs, mapping)}, blobs=blobs) as gate:
        await gate.post("/v1/dossiers", body())
        shared = f'<k:Tep ten="chung.pdf">{include("1")}</k:Tep>'
        reply = await call(gate, packaged(envelope(shared, result(""), result("", id_="E-2")), ONE))
        assert (reply.status, "mục 2: data.files[0]" in reply.body.decode()) == (400, True)
        assert len(gate.accepted) == 1
