"""``/v1/files``: bytes in and out."""

import asyncio
import base64
import hashlib
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest
from aiohttp import ClientPayloadError, FormData
from structlog.testing import capture_logs

from gateway.app.fetch import FetchRules
from gateway.core.reason import Reason, Why
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_planner
from gateway.testing.ids import FakeIds
from tests.forms import DECLARED, field, file, form

PDF = b"%PDF-1.7\r\n" + bytes(range(256)) * 40


async def test_an_uploaded_file_reaches_whom_it_was_sent_to_and_nobody_else(gate, body):
    """G9: own or sent to me only."""
    headers = {"Content-Type": "application/pdf", "X-File-Name": quote("Đơn đề nghị.pdf")}
    stored = await gate.post("/v1/files", raw=PDF, headers=headers)
    assert stored.status == 201
    assert stored.json["name"] == "Đơn đề nghị.pdf"
    assert stored.json["sha256"] == hashlib.sha256(PDF).hexdigest()
    path = stored.headers["Location"]
    assert (await gate.get(path, who=CIVIL_STATUS)).status == 404
    files = [{"id": stored.json["id"], "name": "Đơn đề nghị.pdf"}]
    reply = await gate.post("/v1/dossiers", body(components=[{"name": "Đơn", "files": files}]))
    assert reply.status == 202, reply.body
    got = await gate.get(path, who=CIVIL_STATUS, headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    assert (got.status, got.body, got.headers["X-Request-Id"]) == (200, PDF, "a" * 32)
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%C4%90")
    assert (await gate.get(path, who=LAND)).code == "file.not_found"


async def test_a_part_of_a_form_is_taken_as_well(gate):
    form = FormData(quote_fields=False)
    form.add_field("file", PDF, filename="../../etc/passwd", content_type="application/pdf")
    reply = await gate.post("/v1/files", raw=form)
    assert reply.status == 201, reply.body
    assert (reply.json["name"], reply.json["size"]) == ("passwd", len(PDF))


async def test_a_form_with_two_parts_is_refused(gate):
    form = FormData()
    form.add_field("a", PDF, filename="a.pdf")
    form.add_field("b", PDF, filename="b.pdf")
    reply = await gate.post("/v1/files", raw=form)
    assert (reply.status, reply.code) == (400, "multipart.invalid")
    assert not gate.blobs.objects


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"--edge\r\nContent-Dis",
        b"--edge\r\nContent Disposition\r\n\r\nabc\r\n--edge--\r\n",
        b"--edge\r\nA: \0\r\n\r\nabc\r\n--edge--\r\n",
        b"--edge\r\nA: " + b"a" * 20_000 + b"\r\n\r\nabc\r\n--edge--\r\n",
        b"--edge\r\n" + b"A: b\r\n" * 5000 + b"\r\nabc\r\n--edge--\r\n",
        form(field("_charset_", "z" * 100))[:-4],
        form(file("a", PDF))[:-8],
        form(file("a", PDF), field("b", "x")),
        form(field("a", "YWJj", "Content-Transfer-Encoding: base64")),
    ],
    ids=["empty", "cut-head", "no-header", "nul", "long", "many", "charset", "cut", "two", "encoded"],
)
async def test_a_form_that_cannot_be_read_is_refused_and_keeps_nothing(gate, raw):
    reply = await gate.post("/v1/files", raw=raw, headers={"Content-Type": DECLARED})
    assert (reply.status, reply.code) == (400, "multipart.invalid")
    assert not gate.blobs.objects


@pytest.mark.parametrize(
    "declared", ["sha-256=:A=" + "A" * 42 + ":", "sha-256=:QUJD:", "sha-512=:x:, sha-256=abc", "sha-256=:ộ:"]
)
async def test_a_digest_that_cannot_be_read_is_not_left_unchecked(gate, declared):
    headers = {"Content-Type": "application/pdf", "Content-Digest": declared}
    reply = await gate.post("/v1/files", raw=PDF, headers=headers)
    assert (reply.status, reply.code) == (400, "parameter.invalid")
    assert not gate.blobs.objects


async def test_a_file_beyond_the_limit_is_refused(gate):
    async def chunks():
        for _ in range(9):
            yield bytes(32 * 1024)

    reply = await gate.post("/v1/files", raw=chunks(), headers={"Content-Type": "application/pdf"})
    assert (reply.status, reply.code) == (413, "file.too_large")
    assert not gate.blobs.objects


async def test_a_file_that_differs_from_its_digest_is_not_kept(gate):
    headers = {"Content-Type": "application/pdf", "X-Sha256": "0" * 64}
    reply = await gate.post("/v1/files", raw=PDF, headers=headers)
    assert (reply.status, reply.code) == (422, "file.mismatch")
    assert not gate.blobs.objects


@pytest.mark.parametrize("name", ["X-Sha256", "Content-Digest"])
async def test_a_file_that_is_what_its_digest_says_is_kept(gate, name):
    """In hex of either case, or as RFC 9530 has it."""
    digest = hashlib.sha256(PDF)
    said = {"X-Sha256": digest.hexdigest().upper()}
    said["Content-Digest"] = f"sha-512=:eA==:, sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    headers = {"Content-Type": "application/pdf", name: said[name]}
    reply = await gate.post("/v1/files", raw=PDF, headers=headers)
    assert (reply.status, reply.json["sha256"]) == (201, digest.hexdigest())
    other = await gate.post("/v1/files", raw=PDF[::-1], headers=headers)
    assert (other.status, other.code) == (422, "file.mismatch")


async def test_a_part_that_was_compressed_is_not_kept_as_if_it_were_the_file(gate):
    raw = form(field("tep", "x", "Content-Encoding: gzip"))
    reply = await gate.post("/v1/files", raw=raw, headers={"Content-Type": DECLARED})
    assert (reply.status, reply.code) == (415, "encoding.unsupported")
    assert not gate.blobs.objects


async def test_a_file_that_stops_half_way_is_not_kept(gate):
    head = "POST /v1/files HTTP/1.1\r\nContent-Type: application/pdf\r\nContent-Length: 1000"
    await gate.raw(head, b"x" * 400)
    assert not gate.blobs.objects


async def test_a_file_that_is_not_ones_own_cannot_be_named(gate, body):
    """Every place that names it, in the sender's own names."""
    stored = await gate.post("/v1/files", raw=PDF, headers={"Content-Type": "application/pdf"}, who=LAND)
    files = [{"id": stored.json["id"]}]
    reply = await gate.post("/v1/dossiers", {**body(components=[{"name": "A", "files": files}]), "files": files})
    assert reply.status == 422
    found = {error["path"]: error["code"] for error in reply.json["errors"]}
    assert found == {"files[0].id": "file.not_found", "dossier.components[0].files[0].id": "file.not_found"}
    assert "Tải tệp lên lại" in reply.json["errors"][0]["message"]
    assert not await gate.store.find()


async def test_a_digest_that_is_not_that_of_the_file_is_refused(gate, body):
    """Of an upload, and of an address that is given with two; where one is given, it is what the file must have."""
    stored = (await gate.post("/v1/files", raw=PDF, headers={"Content-Type": "application/pdf"})).json
    one, other, address = stored["sha256"], "0" * 64, "https://files.example/a"
    wrong = [{"id": stored["id"], "sha256": other}]
    twice = [{"url": address, "sha256": one}, {"url": address, "sha256": other}, {"url": address}]
    sent = {**body(components=[{"name": "A", "files": wrong}]), "files": [*wrong, *twice]}
    reply = await gate.post("/v1/dossiers", sent)
    assert (reply.status, reply.code) == (422, "body.invalid")
    found = {error["path"]: error["code"] for error in reply.json["errors"]}
    paths = ("dossier.components[0].files[0].sha256", "files[0].sha256", "files[1].sha256")
    assert found == dict.fromkeys(paths, "differs")
    assert "SHA-256 của tệp" in reply.json["errors"][0]["message"]
    assert not await gate.store.find()
    withdrawn = {"url": address, "sha256": other, "removed": True}
    files = [{"id": stored["id"], "sha256": one}, twice[0], twice[2], withdrawn]
    assert (await gate.post("/v1/dossiers", {**body(), "files": files})).status == 202
    ((_, pending),) = await gate.store.fetches(limit=9)
    assert (pending.url, pending.sha256) == (address, one)


async def test_a_file_whose_bytes_are_gone_is_not_asked_for_again(gate):
    """Who was sent it cannot upload it: 404 would tell them to."""
    stored = (await gate.post("/v1/files", raw=PDF, headers={"Content-Type": "application/pdf"})).json
    gate.blobs.objects.clear()
    reply = await gate.get(f"/v1/files/{stored['id']}")
    assert (reply.status, reply.code) == (410, "file.gone")
    assert "operators" in reply.json["detail"] or "vận hành" in reply.json["detail"]


async def test_a_file_inside_the_data_is_told_with_what_is_known_of_it(gate, body):
    """As one beside them is: its receiver proves it, and saves it under its name."""
    headers = {"Content-Type": "application/pdf", "X-File-Name": "don.pdf"}
    stored = (await gate.post("/v1/files", raw=PDF, headers=headers)).json
    files = [{"id": stored["id"]}, {"id": stored["id"], "name": "Đơn"}]
    fees = [{"id": stored["id"], "amount": 1}]
    await gate.post("/v1/dossiers", body(components=[{"name": "A", "files": files}], fees=fees))
    data = (await gate.get("/v1/events", who=TAX)).json["items"][0]["event"]["data"]
    known = {"id": stored["id"], "url": f"/v1/files/{stored['id']}", "sha256": stored["sha256"], "size": len(PDF)}
    typed = {**known, "media_type": "application/pdf"}
    assert data["components"][0]["files"] == [{**typed, "name": "don.pdf"}, {**typed, "name": "Đơn"}]
    assert data["fees"] == fees


async def test_an_address_that_no_file_can_come_from_is_refused_at_once(gate, body):
    """Its delivery would wait for ever, and only the operators would learn of it, an hour later."""
    barred = ("http://10.0.0.1/a", "http://[::1]/a", "http://me@files.example/a", "http://?a", "/v1/files/f-1")
    no_port = ("http://[a]@", "http://files.example:99999/a", "http://files.example:a/a", "http://files.example:0/a")
    beside = ("http://portal.lan:9200/a", "https://portal.lan/a")
    files = [{"url": url} for url in (*barred, *no_port, *beside, "https://files.example/a", "http://portal.lan/a")]
    reply = await gate.post(
        "/v1/dossiers", {**body(components=[{"name": "A", "files": files[:1]}]), "files": files[1:]}
    )
    assert (reply.status, reply.code) == (422, "body.invalid")
    found = {error["path"]: error["code"] for error in reply.json["errors"]}
    paths = ("dossier.components[0].files[0].url", *(f"files[{place}].url" for place in range(10)))
    assert found == dict.fromkeys(paths, "unfetchable")
    assert "địa chỉ ngoài mạng nội bộ" in reply.json["errors"][0]["message"]
    assert not await gate.store.find()
    taken = await gate.post("/v1/dossiers", {**body(), "files": files[11:]})
    assert (taken.status, taken.json["files"]) == (202, "pending")


async def test_who_named_a_file_sees_why_it_does_not_come(gate, body):
    """In the dossier, its timeline and each delivery; never its address, and to others only with what goes to them."""
    named = {"url": "https://files.example/a?token=t-1", "name": "don.pdf"}
    assert (await gate.post("/v1/dossiers", {**body(), "files": [named]})).status == 202
    ((message, pending),) = await gate.store.fetches(limit=9)
    gone = Reason(Why.FILE_NOT_THERE, "HTTP 404")
    again_in = timedelta(seconds=2)
    await gate.store.miss(message, pending.file_id, gone, again_in=again_in, plan=a_planner(FakeIds(9)))
    (delivery, *_) = (await gate.get("/v1/dossiers/H01-1/timeline")).json["deliveries"]
    (file,) = delivery["files"]
    reason = {"code": "file_not_there", "text": "Không có tệp ở địa chỉ đã nêu", "words": "HTTP 404"}
    assert (file["id"], file["name"], file["reason"]) == (pending.file_id, "don.pdf", reason)
    assert file["tried_at"]
    assert (await gate.get(f"/v1/deliveries/{delivery['id']}")).json["files"] == [file]
    mine, theirs = [(await gate.get("/v1/dossiers/H01-1", who=who)).json for who in (PORTAL, CIVIL_STATUS)]
    assert (mine["files"], theirs.get("files")) == ([file], None)
    assert b"t-1" not in (await gate.get("/v1/dossiers/H01-1/timeline")).body


async def test_an_address_that_serves_other_bytes_later_is_two_files(gate, body):
    """G2: whoever follows an event's link gets the bytes that this event names, also once the dossier was amended."""
    for place, data in ((("POST", "/v1/dossiers"), PDF), (("PUT", "/v1/dossiers/H01-1"), PDF[::-1])):
        files = [{"url": "https://files.example/a", "name": "don.pdf", "sha256": hashlib.sha256(data).hexdigest()}]
        reply = await gate.call(*place, body(components=[{"name": "Đơn", "files": files}]))
        assert reply.status == 202, reply.body
        ((message, pending),) = await gate.store.fetches(limit=9)
        await gate.store.attach(message, pending.file_id, gate.blobs.hold(data, name="don.pdf"))
    events = [item["event"] for item in (await gate.get("/v1/events", who=TAX)).json["items"]]
    shown = [event["data"]["components"][0]["files"][0] for event in events]
    got = [await gate.get(file["url"], who=TAX) for file in shown]
    assert [reply.body for reply in got] == [PDF, PDF[::-1]]
    assert [file["sha256"] for file in shown] == [hashlib.sha256(reply.body).hexdigest() for reply in got]
    assert (await gate.get(shown[1]["url"], who=LAND)).code == "file.not_found"
    again = body("H01-2", components=[{"name": "Đơn", "files": [{"id": shown[1]["id"]}]}])
    assert (await gate.post("/v1/dossiers", again)).status == 202
    (other,) = [item["event"] for item in (await gate.get("/v1/events", who=TAX)).json["items"]][2:]
    file = other["data"]["components"][0]["files"][0]
    assert (await gate.get(file["url"], who=TAX)).body == PDF[::-1]
    assert file == {**shown[1], "id": file["id"], "url": file["url"]}


async def test_a_repeat_has_the_first_receipt_though_its_file_may_not_be_fetched_any_more(gate_with, body):
    """G7: the configuration has changed meanwhile; what was promised is not refused, and a new dossier is."""
    places = {"http://portal.lan", "http://10.0.0.1"}
    named, key = {**body(), "files": [{"url": "http://10.0.0.1/a"}]}, {"Idempotency-Key": '"k-1"'}
    async with gate_with(may_fetch=lambda url: FetchRules.to(places, limit=1).allow(url)) as gate:
        first = await gate.post("/v1/dossiers", named, headers=key)
        places.discard("http://10.0.0.1")
        again = await gate.post("/v1/dossiers", named, headers=key)
        assert (first.status, again.status, again.json["duplicate"]) == (202, 202, True)
        assert again.json["message_id"] == first.json["message_id"]
        other = await gate.post("/v1/dossiers", {**named, **body("H01-2")}, headers=key)
        assert (other.status, other.code) == (422, "idempotency.conflict")
        new = await gate.post("/v1/dossiers", {**named, **body("H01-2")})
        assert (new.status, new.json["errors"][0]["code"]) == (422, "unfetchable")
        assert len(await gate.store.find()) == 2


async def test_a_header_that_cannot_be_read_is_named(gate):
    for name, value in (("X-File-Name", "%FF"), ("X-Sha256", "abc")):
        reply = await gate.post("/v1/files", raw=b"x", headers={"Content-Type": "text/plain", name: value})
        assert (reply.status, reply.code) == (400, "parameter.invalid")
        assert name in reply.json["detail"]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("multipart/form-data", b"--x\r\n\r\nabc\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        ),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(gate, kind, raw):
    """No boundary, no part, no end, encoded, nested."""
    reply = await gate.post("/v1/files", raw=raw, headers={"Content-Type": kind})
    assert reply.status == 400, reply.body
    assert not gate.blobs.objects


async def test_a_file_that_has_become_shorter_breaks_off(gate):
    """Its caller would wait for the rest, and take what comes next on the connection for it."""
    made = await gate.post("/v1/files", raw=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
    (key,) = gate.blobs.objects
    gate.blobs.objects[key] = b"%PDF"
    with capture_logs() as lines, pytest.raises(ClientPayloadError):
        await gate.get(f"/v1/files/{made.json['id']}")
    assert "request failed" in [line["event"] for line in lines]


class Stalling(MemoryBlobs):
    """A store that gives the beginning of a file and then nothing more."""

    @asynccontextmanager
    async def open(self, blob):
        async def chunks():
            yield self.objects[blob.key][:4]
            await asyncio.Event().wait()

        yield chunks()


async def test_a_file_that_takes_too_long_breaks_off(gate_with, server):
    """A refusal behind its beginning would be taken for the rest of it."""
    async with gate_with(server=server(upload_timeout="100ms"), blobs=Stalling()) as gate:
        made = await gate.post("/v1/files", raw=b"%PDF-1.7", headers={"Content-Type": "application/pdf"})
        with pytest.raises(ClientPayloadError):
            await gate.get(f"/v1/files/{made.json['id']}")
