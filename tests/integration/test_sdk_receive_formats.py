"""A partner's own calls in its own format: XML, forms, documents inside texts, files, and an answer for each item."""

import asyncio
import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from gateway.core.errors import ConfigError
from gateway.core.ids import DossierId, MessageId
from gateway.core.message import Conflict, Payload, Receipt
from gateway.ports.adapter import Call, CallUnreadable
from gateway.sdk import build
from gateway.testing.blobs import MemoryBlobs
from tests.adapters import context_of, system_of
from tests.threads import Counting

SYSTEM = """
id = "land"
role = "system"
adapter = "rest"
mode = "off"
name = {{ vi = "Đất đai" }}
[options.receive.moi]
mapping = "in"
{table}
"""
STATUS = """
version = "1"
[[row]]
to = "kind"
value = "status.changed"
[[row]]
to = "dossier.code"
from = "{code}"
required = true
[[row]]
to = "data.status"
from = "{status}"
as = "int"
required = true
"""
RESULT = """
version = "1"
[[row]]
to = "kind"
value = "result.issued"
[[row]]
to = "dossier.code"
from = "body.ma"
[[row]]
to = "data.name"
value = "Giấy chứng nhận mẫu"
[[row]]
to = "data.files[]"
each = "body.tep"
rows = [
  { to = "name", from = "item.ten" },
  { to = "media_type", from = "item.kieu" },
  { to = "base64", from = "item.noiDung" },
  { to = "url", from = "item.duongDan" },
]
"""
RECEIPT = Receipt(
    message_id=MessageId("m-9"),
    dossier_id=DossierId("d-1"),
    revision=1,
    accepted_at=datetime(2026, 3, 2, tzinfo=UTC),
    deliveries=(),
    duplicate=False,
    matched=True,
)


def adapter(table: str, mapping: str, blobs: MemoryBlobs | None = None):
    return build(system_of(SYSTEM.format(table=table)), context_of(blobs=blobs, mappings={"in": mapping}))


def a_call(body: bytes = b"", method: str = "POST", **query: str) -> Call:
    return Call(method=method, path="moi", query=query, headers={}, body=Payload(body=body, media_type=""))


def status(code: str, number: str) -> str:
    return STATUS.format(code=code, status=number)


XML = 'format = "xml"\nmedia_type = "application/xml; charset=utf-8"\n'
XML += "reply = '<kq><ma>0</ma><hs>{body.ThongBao.Ma}</hs><bn>{receipt.message_id}</bn></kq>'\n"
XML += "refusal = '<kq><ma>-1</ma><loi>{reason}</loi></kq>'"


async def test_xml_is_read_by_its_local_names_and_answered_in_xml():
    """Prefixes are chance; what the caller said is escaped where the reply repeats it."""
    body = '<a:ThongBao xmlns:a="urn:mau"><a:Ma>H01-&lt;1&gt;</a:Ma><a:TrangThai moi="4"/></a:ThongBao>'
    received = await adapter(XML, status("body.ThongBao.Ma", "body.ThongBao.TrangThai.@moi")).receive(
        a_call(body.encode())
    )
    (draft,) = received.drafts
    assert (draft.codes[0].value, draft.status.status) == ("H01-<1>", 4)
    reply = received.render([RECEIPT])
    assert reply.body.media_type == "application/xml; charset=utf-8"
    assert reply.body.body.decode() == "<kq><ma>0</ma><hs>H01-&lt;1&gt;</hs><bn>m-9</bn></kq>"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><ThongBao><Ma>&x;</Ma></ThongBao>',
        b"<ThongBao>" + b"<a>" * 200 + b"</a>" * 200 + b"</ThongBao>",
        b"<ThongBao>" + b"<a/>" * 100_001 + b"</ThongBao>",
        b"<ThongBao><Ma>1</ThongBao>",
        b"<ThongBao><?php echo 1 ?></ThongBao>",
        b"{}",
        b"",
    ],
    ids=["dtd", "deep", "wide", "broken", "instruction", "json", "empty"],
)
async def test_hostile_xml_is_refused_in_the_partners_words(body: bytes):
    with pytest.raises(CallUnreadable) as caught:
        await adapter(XML, status("body.ThongBao.Ma", "body.ThongBao.TrangThai")).receive(a_call(body))
    reply = caught.value.reply
    assert (reply.status, reply.body.media_type) == (400, "application/xml; charset=utf-8")
    assert reply.body.body.startswith(b"<kq><ma>-1</ma><loi>XML kh")


async def test_a_form_with_a_document_inside_is_read_and_answered_as_a_form():
    """JSON in base64 in a field, as some portals send it."""
    table = 'format = "form"\nmedia_type = "application/x-www-form-urlencoded"\n'
    table += 'inside = [{ path = "du_lieu", base64 = true }]\nreply = { ma = "0", hoSo = "{body.du_lieu.ma}" }'
    inner = base64.b64encode(json.dumps({"ma": "H01-1&x", "tt": "5"}).encode()).decode()
    received = await adapter(table, status("body.du_lieu.ma", "body.du_lieu.tt")).receive(
        a_call(f"khoa=a&khoa=b&du_lieu={inner.replace('+', '%2B').replace('=', '%3D')}".encode())
    )
    (draft,) = received.drafts
    assert (draft.codes[0].value, draft.status.status) == ("H01-1&x", 5)
    assert parse_qs(received.render([RECEIPT]).body.body.decode()) == {"ma": ["0"], "hoSo": ["H01-1&x"]}


async def test_a_call_that_is_a_text_may_hold_the_call():
    """ASP.NET writes JSON once more where a program hands it text."""
    reads = adapter('inside = [{ path = "$" }]', status("body.ma", "body.tt"))
    (draft,) = (await reads.receive(a_call(json.dumps('{"ma": "H01-1", "tt": 5}').encode()))).drafts
    assert (draft.codes[0].value, draft.status.status) == ("H01-1", 5)
    with pytest.raises(CallUnreadable, match=r"thiếu \$"):
        await reads.receive(a_call(b'{"ma": "H01-1", "tt": 5}'))


@pytest.mark.parametrize("in_base64", [True, False])
async def test_a_document_inside_is_read_as_other_stacks_write_it(in_base64):
    """Lines of 76 letters of base64, a blank line before XML, and .NET's utf-16 in what is text already."""
    inner = "<?xml version='1.0' encoding='utf-16'?>\n<hs><ma>\n H01-1\n</ma><tt>5 </tt></hs>"
    text = base64.encodebytes(inner.encode("utf-16")).decode() if in_base64 else f"\ufeff\r\n{inner}"
    table = f'inside = [{{ path = "xml", format = "xml", base64 = {str(in_base64).lower()} }}]'
    received = await adapter(table, status("body.xml.hs.ma", "body.xml.hs.tt")).receive(
        a_call(json.dumps({"xml": text}).encode())
    )
    (draft,) = received.drafts
    assert (draft.codes[0].value, draft.status.status) == ("H01-1", 5)


@pytest.mark.parametrize("body", [b"%ff=1&x", b"\xc4\x91=1", b"&".join([b"a=1"] * 1001), b"du_lieu=***"])
async def test_a_form_that_cannot_be_read_is_refused(body: bytes):
    table = 'format = "form"\ninside = [{ path = "du_lieu", base64 = true }]'
    with pytest.raises(CallUnreadable):
        await adapter(table, status("body.du_lieu.ma", "body.du_lieu.tt")).receive(a_call(body))


async def test_a_query_alone_is_enough_where_the_file_says_so():
    """Some partners only ever GET."""
    table = 'format = "query"\nmethods = ["GET"]\n'
    table += 'reply = { ok = "{count:int}", that = "{receipt:raw}", has = "{query.tt:bool}" }'
    asked = adapter(table, status("query.ma", "query.tt"))
    received = await asked.receive(a_call(method="GET", ma="H01-1", tt="1"))
    assert received.drafts[0].codes[0].value == "H01-1"
    reply = json.loads(received.render([RECEIPT]).body.body)
    assert (reply["ok"], reply["that"]["message_id"], reply["has"]) == (1, "m-9", True)
    with pytest.raises(CallUnreadable) as caught:
        await asked.receive(a_call(method="POST", ma="H01-1", tt="4"))
    assert (caught.value.reply.status, caught.value.reply.headers) == (405, {"Allow": "GET"})


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ({"kieu": "supplement.submitted", "ma": "H"}, "không được gửi loại sự kiện này"),
        ({"kieu": "result.issued", "ten": "Giấy", "ma": "H", "tep": [{"noiDung": "another"}]}, "chỉ nêu tệp bằng url"),
    ],
)
async def test_a_partner_states_only_what_is_its_own(call: dict[str, object], why: str):
    """Its words choose the kind and name the files: neither another's kind, nor a file that it has not sent."""
    table = RESULT.replace('value = "result.issued"', 'from = "body.kieu"').replace('"base64"', '"id"')
    table = table.replace('value = "Giấy chứng nhận mẫu"', 'from = "body.ten"')
    with pytest.raises(CallUnreadable, match=why):
        await adapter("", table).receive(a_call(json.dumps(call).encode()))


@pytest.mark.parametrize("number", ["9" * 5000, "x", "²"])
async def test_a_reply_does_not_fail_over_what_its_caller_calls_a_number(number: str):
    """It was accepted: a partner that hears of an error says it again."""
    table = 'format = "query"\nmethods = ["GET"]\nreply = { ok = "{count:int}", so = "{query.so:int}" }'
    received = await adapter(table, status("query.ma", "query.tt")).receive(
        a_call(method="GET", ma="H", tt="4", so=number)
    )
    assert json.loads(received.render([RECEIPT]).body.body) == {"ok": 1, "so": None}


BATCH = """
each = "data"
reply = { ma = "0", nhan = "{accepted:int}", loi = "{refused:int}", ketQua = "{items}" }
[options.receive.moi.answers]
accepted = { ma = "{item.ma}", ok = true, bienNhan = "{receipt.message_id}" }
refused = { ma = "{item.ma}", ok = false, lyDo = "{reason}" }
"""


async def test_each_item_of_a_batch_has_its_own_answer():
    """What cannot be read, and what is not accepted, hold up none of their neighbours; the order stays."""
    items = [{"ma": "H01-1", "tt": "4"}, {"ma": "H01-2"}, {"ma": "H01-3", "tt": "9"}, {"ma": "H01-4", "tt": "4"}]
    received = await adapter(BATCH, status("item.ma", "item.tt")).receive(a_call(json.dumps({"data": items}).encode()))
    assert [draft.codes[0].value for draft in received.drafts] == ["H01-1", "H01-3", "H01-4"]
    late = replace(RECEIPT, message_id=MessageId("m-10"))
    reply = json.loads(received.render([RECEIPT, Conflict(MessageId("m-1")), late]).body.body)
    assert (reply["ma"], reply["nhan"], reply["loi"]) == ("0", 2, 2)
    assert [(one["ma"], one["ok"], one.get("bienNhan")) for one in reply["ketQua"]] == [
        ("H01-1", True, "m-9"),
        ("H01-2", False, None),
        ("H01-3", False, None),
        ("H01-4", True, "m-10"),
    ]
    assert "item.tt" in reply["ketQua"][1]["lyDo"]


async def test_one_item_of_xml_is_a_list_too_and_is_answered_as_text():
    """A list of one looks like no list in XML."""
    table = 'format = "xml"\nmedia_type = "text/xml"\neach = "DS.HS"\n'
    table += "reply = '<KQ n=\"{count}\">{items}</KQ>'\nrefusal = '<KQ/>'\n"
    table += "[options.receive.moi.answers]\naccepted = '<ok ma=\"{item.Ma}\"/>'\nrefused = '<loi>{reason}</loi>'\n"
    received = await adapter(table, status("item.Ma", "item.TT")).receive(
        a_call(b"<DS><HS><Ma>&quot;1</Ma><TT>4</TT></HS></DS>")
    )
    assert received.render([RECEIPT]).body.body == b'<KQ n="1"><ok ma="&quot;1"/></KQ>'


async def test_files_in_base64_go_to_the_store_and_files_by_address_are_fetched_later():
    """The event names them; what is kept of a long call does not repeat their bytes."""
    blobs, paper = MemoryBlobs(), b"%PDF-1.7 " + bytes(100_000)
    files = [
        {"ten": "a.pdf", "kieu": "application/pdf", "noiDung": base64.b64encode(paper).decode()},
        {"ten": "b.pdf", "duongDan": "http://127.0.0.1:9/b.pdf"},
    ]
    received = await adapter("", RESULT, blobs).receive(a_call(json.dumps({"ma": "H01-1", "tep": files}).encode()))
    (draft,) = received.drafts
    (blob,) = draft.blobs
    assert (blob.name, blob.content_type, blob.size) == ("a.pdf", "application/pdf", len(paper))
    assert blobs.objects[blob.key] == paper
    assert [one.url for one in draft.pending] == ["http://127.0.0.1:9/b.pdf"]
    assert len(draft.raw.body) < 1000


async def test_what_is_no_base64_names_its_place_and_keeps_nothing():
    blobs = MemoryBlobs()
    with pytest.raises(CallUnreadable, match=r"data.files\[0\].base64"):
        await adapter("", RESULT, blobs).receive(
            a_call(json.dumps({"ma": "H01-1", "tep": [{"ten": "a", "noiDung": "không phải"}]}).encode())
        )
    assert not blobs.objects


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('reply = "<a/>"', "a reply of type application/json is written as a table"),
        (
            'media_type = "text/xml"\nrefusal = "<a/>"\nreply = { a = "1" }',
            "a reply of type text/xml is written as a text",
        ),
        ('[options.receive.moi.answers]\naccepted = {}\nrefused = { a = "{reason}" }', "name it in `each`"),
        ('reply = { a = "{item.x}" }', "`item.x`"),
        ('format = "yaml"', "yaml"),
        ('inside = [{ path = "a b" }]', "not a path"),
        ("secure_replies = true\nauth = [{ kind = 'gateway_key' }]", "nothing is agreed of what replies carry"),
        ("secure_replies = true\nauth = [{ kind = 'gateway_key' }]", "`reply`: it is no XML"),
        ("secure_replies = true", "say in `auth` how it calls"),
    ],
)
def test_what_the_file_gets_wrong_is_told_at_once(table: str, told: str):
    with pytest.raises(ConfigError, match=told):
        adapter(table, status("body.ma", "body.tt"))


async def test_a_large_call_is_read_beside_everything_else():
    """G6: 16 MiB of XML or JSON take a second or more to read."""
    threads = Counting(1)
    asyncio.get_running_loop().set_default_executor(threads)
    reads = adapter("", status("body.ma", "body.tt"))
    given = []
    for rest in ("", "x" * 70_000):
        before = threads.given
        await reads.receive(a_call(json.dumps({"ma": "H01-1", "tt": 5, "khac": rest}).encode()))
        given.append(threads.given - before)
    assert given == [0, 1]


async def test_a_document_in_base64_that_is_none_refuses_the_call_in_our_words():
    """G2: its sender is told that its own words are wrong, and not to come again."""
    table = 'inside = [{ path = "du_lieu", format = "json", base64 = true }]'
    reads = adapter(table, status("body.du_lieu.ma", "body.du_lieu.tt"))
    for text in ("không phải base64", "AAA", "Đ"):
        with pytest.raises(CallUnreadable, match="du_lieu không đọc được"):
            await reads.receive(a_call(json.dumps({"du_lieu": text}, ensure_ascii=False).encode()))
