"""A partner's own call as ``multipart/form-data``: its fields are the document, its files go to disk as they come."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway.core.message import Payload
from gateway.ports.adapter import Call, FormField
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS
from tests.adapters import context_of, system_of
from tests.forms import DECLARED, field, file, form

KEY = "khoá của bộ, đủ dài"
SYSTEM = f"""
id = "{CIVIL_STATUS}"
role = "system"
adapter = "rest"
mode = "off"
name = {{ vi = "Hộ tịch" }}
secrets = {{ khoa = "env:KHOA" }}
[options.receive.kq]
mapping = "in"
format = "form"
lists = ["tep"]
reply = {{ nhan = "{{receipt.message_id}}", ten = "{{body.tep[0].name}}" }}
auth = [{{ kind = "api_key", key = "khoa", name = "X-Khoa" }}, {{ kind = "gateway_key" }}]
[options.receive.goi]
mapping = "inside"
format = "form"
lists = ["tep"]
inside = [{{ path = "du_lieu" }}]
[options.receive.trangthai]
mapping = "status"
format = "form"
[options.receive.json]
mapping = "in"
"""
MAPPING = """
version = "1"
row = [
  { to = "kind", value = "result.issued" },
  { to = "source_event_id", from = "body.id" },
  { to = "dossier.code", from = "body.ma", required = true },
  { to = "data.name", from = "body.ten" },
  { to = "data.files[]", each = "body.tep", rows = [
    { to = "name", from = "item.name" },
    { to = "media_type", from = "item.media_type" },
    { to = "base64", from = "item.base64" },
  ] },
]
"""
STATUS = """
version = "1"
row = [
  { to = "kind", value = "status.changed" },
  { to = "dossier.code", from = "body.ma", required = true },
  { to = "data.status", from = "body.trang_thai", as = "int" },
]
"""
PDF = b"\r\n%PDF-1.7\r\n" + bytes(range(256)) * 100 + b"\r\n--edg\r\n"
FIELDS = [field("id", "E-1"), field("ma", "H01-1"), field("ten", "Giấy chứng nhận mẫu")]
PROOF = {"X-Khoa": KEY}


def adapter(blobs):
    mappings = {"in": MAPPING, "inside": MAPPING.replace("body.ma", "body.du_lieu.ma"), "status": STATUS}
    return build(system_of(SYSTEM), context_of(secrets={"env:KHOA": KEY}, blobs=blobs, mappings=mappings))


@pytest.fixture
async def gate(gate_with, body):
    blobs = MemoryBlobs()
    async with gate_with(receivers={CIVIL_STATUS: adapter(blobs)}, blobs=blobs) as opened:
        await opened.post("/v1/dossiers", body())
        yield opened


async def call(gate, raw, headers=PROOF, *, path="kq", who=None):
    sent = {"Content-Type": DECLARED, **headers}
    return await gate.post(f"/callbacks/{CIVIL_STATUS}/{path}", raw=raw, headers=sent, who=who)


async def kept(gate, reply):
    """The files of an accepted result, as they can be downloaded."""
    assert reply.status == 200, reply.body
    message = await gate.store.message(reply.json["nhan"])
    return [(blob.name, (await gate.get(f"/v1/files/{blob.file_id}")).body) for blob in message.blobs]


async def test_who_is_let_in_by_what_its_file_says_is_heard(gate_with):
    """As by a key of ours: the system is there."""
    heard = []
    async with gate_with(receivers={CIVIL_STATUS: adapter(MemoryBlobs())}, heard=heard.append) as gate:
        await call(gate, form(*FIELDS), {"X-Khoa": "of somebody else"})
        assert heard == []
        await call(gate, form(*FIELDS))
        assert heard == [CIVIL_STATUS]


async def test_fields_and_files_in_any_order_are_one_event(gate):
    """G7: byte for byte; sent again in another order it is the same event, and its first receipt."""
    files = [file("tep", PDF, "C:/kq/Kết quả.pdf"), file("tep", b"anh", "anh.png", "image/png")]
    first = await call(gate, form(*files, *FIELDS))
    assert await kept(gate, first) == [("Kết quả.pdf", PDF), ("anh.png", b"anh")]
    assert first.json["ten"] == "Kết quả.pdf"
    assert (await call(gate, form(*FIELDS, *files))).json["nhan"] == first.json["nhan"]
    assert len(gate.accepted) == 2


async def test_a_file_goes_to_disk_while_it_arrives(gate):
    """It is never whole in memory: the store has its beginning while its end is still to be sent."""
    data = form(file("tep", b"x" * 200_000), *FIELDS)

    async def sending():
        yield data[:100_000]
        await gate.blobs.arriving.wait()
        yield data[100_000:]

    async with asyncio.timeout(4):
        reply = await call(gate, sending())
    assert await kept(gate, reply) == [("kq.pdf", b"x" * 200_000)]


async def test_what_is_kept_of_a_form_are_its_fields_and_what_its_files_are():
    """Never a file's bytes, nor what stands for them while it is read."""

    class Form:
        async def read(self, *, texts, files):
            assert (set(texts), files) == (set(), True)
            blob = MemoryBlobs().hold(PDF, name="kq.pdf")
            return [
                FormField(name="ma", text="H01-1"),
                FormField(name="ten", text="x"),
                FormField(name="tep", file=blob),
            ]

    nothing = Payload(body=b"", media_type=DECLARED)
    (draft,) = (
        await adapter(MemoryBlobs()).receive(
            Call(method="POST", path="kq", query={}, headers={}, body=nothing, form=Form())
        )
    ).drafts
    facts = {"name": "kq.pdf", "media_type": "application/pdf", "size": len(PDF), "sha256": draft.blobs[0].sha256}
    assert json.loads(draft.raw.body) == {"ma": "H01-1", "ten": "x", "tep": facts}


async def test_a_document_in_a_field_is_opened_even_under_a_files_name(gate):
    """Spring and the Blob of browsers write one for a part of JSON."""
    document = file("du_lieu", b'{"ma": "H01-1"}', "blob", "application/json")
    reply = await call(gate, form(file("tep", PDF), document, FIELDS[2]), path="goi", who=CIVIL_STATUS)
    assert reply.status == 200, reply.body
    assert list(gate.blobs.objects.values()) == [PDF]


async def test_a_form_waits_for_room_for_its_fields_and_is_then_refused(gate_with, server):
    """They are read into memory, like every document."""
    async with gate_with(receivers={CIVIL_STATUS: adapter(MemoryBlobs())}, server=server(bodies=4096)) as gate:
        reply = await call(gate, form(*FIELDS[:2], field("ten", "x" * 8000)))
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2")
        assert await gate.is_empty()


async def test_a_form_waits_for_room_for_its_files_and_is_then_refused(gate_with, server):
    """Of all files under way so much is in memory; this is another partner's, which does not come to its end."""
    blobs = MemoryBlobs()
    receivers = {CIVIL_STATUS: adapter(blobs)}
    async with gate_with(receivers=receivers, blobs=blobs, server=server(bodies=4096)) as gate:
        _, writer = await asyncio.open_connection("127.0.0.1", gate.port)
        head = f"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gate.keys[CIVIL_STATUS]}"
        writer.write(f"{head}\r\nContent-Length: 8000\r\n\r\n".encode() + b"x" * 2000)
        async with asyncio.timeout(4):
            await blobs.arriving.wait()
        reply = await call(gate, form(*FIELDS, file("tep", PDF)))
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2")
        writer.close()
        assert await gate.is_empty()


async def test_nobody_keeps_a_file_before_he_is_known(gate):
    reply = await call(gate, form(file("tep", PDF), *FIELDS), {"X-Khoa": "khác"})
    assert (reply.status, reply.json) == (401, {"error": "không rõ bên gọi"})
    assert not gate.blobs.objects


@pytest.mark.parametrize("path", ["json", "trangthai", "khong-co"])
async def test_a_path_that_takes_no_file_keeps_none(gate, path):
    """Rule of the doors: another format, a table without files, no such path."""
    raw = form(file("tep", PDF), field("ma", "H01-1"), field("trang_thai", "4"))
    reply = await call(gate, raw, path=path, who=CIVIL_STATUS)
    assert reply.status == {"json": 400, "trangthai": 200, "khong-co": 404}[path]
    assert not gate.blobs.objects


GOOD = form(*FIELDS, file("tep", PDF))


@pytest.mark.parametrize(
    ("raw", "status", "told"),
    [
        (GOOD[:-6], 400, "phần 4"),
        (b"", 400, "bản tin"),
        (form(*FIELDS, (b"Content-Type: application/pdf\r\n", PDF)), 400, "phần 4"),
        (form(field("ma", "x"), (b'Content-Disposition: form-data; name="ten"\r\n', b"\xff")), 400, "phần 2"),
        (form((b'Content-Disposition: form-data; name="a"; name="b"\r\n', b"")), 400, "phần 1"),
        (form(*(field("a", "") for _ in range(300))), 400, "256 phần"),
        (form(field("a", "x" * 40_000), field("b", "x" * 40_000)), 413, "phần 2"),
        (form(*FIELDS, file("tep", b"x" * (256 * 1024 + 1))), 413, "phần 4"),
        (form(*FIELDS, *(file("tep", b"x" * 200_000) for _ in range(2))), 413, "327680"),
        (form(file("tep", PDF), FIELDS[0]), 400, "body.ma"),
    ],
    ids=["cut", "empty", "nameless", "charset", "twice", "parts", "fields", "file", "whole", "mapping"],
)
async def test_what_is_refused_names_the_part_and_leaves_nothing(gate, raw, status, told):
    reply = await call(gate, raw)
    assert (reply.status, told in reply.body.decode()) == (status, True), reply.body
    assert len(gate.accepted) == 1
    await gate.blobs.sweep(older_than=timedelta(), kept=gate.store.is_kept)
    assert not gate.blobs.objects


async def test_a_slow_form_is_cut_off(gate_with, server):
    blobs = MemoryBlobs()
    settings = server(upload_timeout="50ms")
    async with gate_with(server=settings, receivers={CIVIL_STATUS: adapter(blobs)}, blobs=blobs) as gate:
        head = f"POST /callbacks/{CIVIL_STATUS}/goi HTTP/1.1\r\nContent-Type: {DECLARED}\r\nContent-Length: 90000"
        answer = await gate.raw(head, GOOD[:-100], end=False, who=CIVIL_STATUS)
        assert answer.startswith(b"HTTP/1.1 408")
        assert not blobs.objects
