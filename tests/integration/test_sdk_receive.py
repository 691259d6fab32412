"""A partner's own calls by configuration, both ways: its body becomes events, our receipts its reply."""

import json
from datetime import UTC, datetime

import pytest

from gateway.core.errors import ConfigError
from gateway.core.ids import DossierId, MessageId
from gateway.core.message import Code, Conflict, Exists, Payload, Receipt, Refused
from gateway.core.reason import Reason, Why
from gateway.ports.adapter import Call, CallUnreadable
from gateway.sdk import build
from tests.adapters import context_of, system_of

SYSTEM = """
id = "driver_licence"
role = "system"
adapter = "rest"
mode = "off"
name = { vi = "Giấy phép lái xe" }
[options]
operations = {}
[options.receive.trangthai]
mapping = "status_in"
each = "data"
reply = { error_code = "0", message = "thành công", so_luong = "{count}", bien_nhan = "{receipt.message_id}" }
refusal = { error_code = "-1", message = "{reason}" }
"""
MAPPING = """
version = "1"
[[row]]
to = "kind"
value = "status.changed"
[[row]]
to = "source_event_id"
from = "item.MaSuKien"
required = true
[[row]]
to = "dossier.references[]"
each = "item.DanhSachMa"
rows = [{ to = "scheme", from = "item.Loai" }, { to = "code", from = "item.Ma" }]
[[row]]
to = "occurred_at"
from = "item.ThoiDiemXuLy"
format = "yyyyMMddHHmmss"
[[row]]
to = "text"
from = "item.NoiDungXuLy"
[[row]]
to = "data.status"
from = "item.TrangThai"
as = "int"
table = { 1 = 1, 2 = 2, 4 = 4, 9 = 9 }
otherwise = ""
[[row]]
to = "data.source_status.table"
value = "TrangThaiHoSo"
[[row]]
to = "data.source_status.code"
from = "item.TrangThai"
"""
ITEM = {
    "MaSuKien": "E-1",
    "DanhSachMa": [{"Loai": "province", "Ma": "H52-1"}, {"Loai": "unit", "Ma": "GPLX-1"}],
    "ThoiDiemXuLy": "20260302080000",
    "NoiDungXuLy": "Đang xử lý",
    "TrangThai": "4",
}
RECEIPT = Receipt(
    message_id=MessageId("m-9"),
    dossier_id=DossierId("d-1"),
    revision=1,
    accepted_at=datetime(2026, 3, 2, tzinfo=UTC),
    deliveries=(),
    duplicate=False,
    matched=True,
)


def _refused(why):
    return Refused(Reason(why))


def an_adapter(mapping=MAPPING, system=SYSTEM):
    return build(system_of(system), context_of(mappings={"status_in": mapping}))


def a_call(*items, body=None, path="trangthai"):
    raw = body if body is not None else json.dumps({"data": items}, ensure_ascii=False).encode()
    return Call(method="POST", path=path, query={}, headers={}, body=Payload(body=raw, media_type="application/json"))


async def drafts(call):
    return (await an_adapter().receive(call)).drafts


async def test_reads_every_item_into_a_draft():
    """Codes, time, status verbatim and as a number, the raw call kept, the partner's id as dedup key."""
    first, second = await drafts(a_call(ITEM, ITEM | {"MaSuKien": "E-2", "TrangThai": "9"}))
    assert first.kind == "status.changed"
    assert first.codes == (Code("province", "H52-1"), Code("unit", "GPLX-1"))
    assert first.occurred_at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert (first.status.status, first.status.code, first.text) == (4, "4", "Đang xử lý")
    assert (first.source, first.operation, first.dedup_key) == ("driver_licence", "callback:trangthai", "E-1")
    assert json.loads(first.raw.body)["data"][1]["MaSuKien"] == "E-2"
    assert (second.dedup_key, second.status.status) == ("E-2", 9)


async def test_a_status_that_no_table_knows_is_kept_verbatim():
    """Model rule 3: a foreign code gives no number, never a refusal."""
    (draft,) = await drafts(a_call(ITEM | {"TrangThai": "11"}))
    assert (draft.status.status, draft.status.code) == (None, "11")


@pytest.mark.parametrize(
    ("old", "new", "text", "remedy"),
    [
        ('data.status"', 'data.statuss"', "fills `data.statuss`", "did you mean 'status'?"),
        ("data.source_status.code", "data.source_status.cod", "fills `data.source_status.cod`", "'code'?"),
        ("source_event_id", "maSuKien", "fills `maSuKien`, and our event has no such field", "known: "),
        ("references[]", "refs[]", "fills `dossier.refs.scheme`", "known: code, references, scheme"),
        (
            "status.changed",
            "status.chnged",
            "makes a 'status.chnged' of it (`value` of",
            "did you mean 'status.changed'?",
        ),
        (
            "status.changed",
            "result.returned",
            "makes a 'result.returned' of it (`value` of its row `kind`), which this system cannot state",
            "did you mean 'result.corrected'?; of its own: x.driver_licence.<name>",
        ),
        ("status.changed", "x.tax.note", "makes a 'x.tax.note' of it (`value`", "of its own: x.driver_licence.<name>"),
        (
            'value = "status.changed"',
            'from = "item.l"\ntable = { a = "status.changed" }\notherwise = "status.chnged"',
            "makes a 'status.chnged' of it (`otherwise` of",
            "did you mean 'status.changed'?",
        ),
        (
            'value = "status.changed"',
            'from = "item.l"\ntable = { a = "status.changed" }\ndefault = "status.chnged"',
            "makes a 'status.chnged' of it (`default` of",
            "",
        ),
        (
            'value = "status.changed"',
            'from = "item.l"\ntable = { a = "status.changed", b = "status.chnged" }',
            "makes a 'status.chnged' of it (`table.b` of",
            "",
        ),
        (
            '[[row]]\nto = "kind"\nvalue = "status.changed"',
            '[tables.loai]\n7 = "status.chnged"\n[[row]]\nto = "kind"\nfrom = "item.l"\ntable = "loai"',
            "makes a 'status.chnged' of it (`tables.loai.7` of",
            "",
        ),
    ],
)
def test_a_table_that_makes_no_event_of_ours_is_named(old, new, text, remedy):
    """Else `check` would praise the file, and each of the system's calls be refused."""
    assert old in MAPPING
    with pytest.raises(ConfigError) as caught:
        an_adapter(MAPPING.replace(old, new))
    problem = caught.value.problems[0]
    assert problem.key == "options.receive.trangthai.mapping"
    assert problem.text.startswith(f"`status_in` {text}")
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("kind", "targets"),
    [
        ('from = "item.loai"', ["data.whatever"]),
        ('value = "x.driver_licence.note"', ["data.whatever"]),
        ('value = "result.issued"', ["data.files", "files"]),
        ('from = "item.loai"\ntable = { a = "result.issued", b = "status.changed" }', ["data.status", "data.name"]),
        ('from = "item.loai"\ntable = { a = "result.issued" }\notherwise = "status.changed"', ["data.status"]),
        ('from = "item.loai"\ntable = { a = "result.issued" }\ndefault = "status.changed"', ["data.status"]),
        ('from = "item.loai"\ntable = { a = "result.issued", b = "" }\notherwise = ""', ["data.name"]),
    ],
)
def test_what_may_be_an_event_of_ours_is_left_alone(kind, targets):
    """A kind that the call says, one of the system's own, bytes of a file, fields of several kinds."""
    bytes_ = '[]"\neach = "item.tep"\nrows = [{ to = "name", from = "item.t" }, { to = "base64", from = "item.n" }]\n'
    plain = '"\nfrom = "item.x"\n'
    rows = (f'[[row]]\nto = "{one}{bytes_ if one.endswith("files") else plain}' for one in targets)
    assert an_adapter(f'version = "1"\n[[row]]\nto = "kind"\n{kind}\n{"".join(rows)}').guard("trangthai") is None


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (a_call(body=b"<xml/>"), "JSON"),
        (a_call(body=b"[" * 5000 + b"]" * 5000), ""),
        (a_call(body=b"[]"), "thiếu danh sách data"),
        (a_call(), "thiếu danh sách data"),
        (a_call(*[ITEM] * 201), "quá 200 mục"),
        (a_call(ITEM, ITEM | {"MaSuKien": ""}), "mục 2: thiếu hoặc không đọc được: item.MaSuKien (thiếu)"),
        (a_call(ITEM | {"ThoiDiemXuLy": "hôm qua"}), "item.ThoiDiemXuLy (không phải ngày theo dạng yyyyMMddHHmmss)"),
        (a_call(ITEM | {"DanhSachMa": []}), "mục 1: "),
        (a_call("not an object"), "mục 1: "),
    ],
)
async def test_what_cannot_be_read_is_refused_whole_in_the_partners_format(call, problem):
    """The place is named, in the partner's own names; no value is repeated."""
    with pytest.raises(CallUnreadable) as caught:
        await an_adapter().receive(call)
    reply = json.loads(caught.value.reply.body.body)
    assert caught.value.reply.status == 400
    assert reply["error_code"] == "-1"
    assert problem in reply["message"]
    assert "hôm qua" not in reply["message"]


async def test_an_unknown_path_is_not_found():
    """Only declared paths are served."""
    with pytest.raises(CallUnreadable) as caught:
        await an_adapter().receive(a_call(ITEM, path="khac"))
    assert caught.value.reply.status == 404


async def test_replies_as_the_partner_expects():
    """The template, filled from the receipt."""
    reply = (await an_adapter().receive(a_call(ITEM))).render([RECEIPT])
    assert reply.status == 200
    assert reply.body.media_type == "application/json; charset=utf-8"
    assert json.loads(reply.body.body) == {
        "error_code": "0",
        "message": "thành công",
        "so_luong": "1",
        "bien_nhan": "m-9",
    }


async def test_one_item_that_was_not_accepted_refuses_the_call():
    """The partner sends it again; what was accepted is absorbed as a duplicate."""
    reply = (await an_adapter().receive(a_call(ITEM, ITEM))).render([RECEIPT, Conflict(MessageId("m-1"))])
    assert json.loads(reply.body.body)["message"].startswith("mục 2: ")


@pytest.mark.parametrize(
    ("result", "happened", "remedy", "code"),
    [
        (
            Conflict(MessageId("m-1")),
            "cùng mã sự kiện nhưng nội dung khác",
            "cần mã sự kiện mới",
            "idempotency.conflict",
        ),
        (Exists(code="H52-1", revision=2), "hồ sơ đã có với nội dung khác", "hãy kiểm tra mã hồ sơ", "dossier.exists"),
        (_refused(Why.KIND_NOT_YOURS), "Hệ thống driver_licence không được phát", "Kiểm tra lại", "kind.not_yours"),
        (_refused(Why.NOT_AUTHORISED), "không được giao hồ sơ này", "hỏi người vận hành", "dossier.not_yours"),
        (_refused(Why.UNKNOWN_DOSSIER), "Không có hồ sơ nào mang mã này", "Kiểm tra mã", "dossier.not_found"),
        (_refused(Why.CODES_CONFLICT), "thuộc về những hồ sơ khác nhau", "Kiểm tra lại các mã", "codes.conflict"),
        (_refused(Why.UNFETCHABLE), "cổng không bao giờ tải được", "", "unfetchable"),
    ],
)
async def test_an_item_that_was_not_accepted_is_told_what_happened_where_and_what_to_do(result, happened, remedy, code):
    """In the words of our own doors: a code alone says nothing to the ministry's developer, who may look it up."""
    reply = (await an_adapter().receive(a_call(ITEM, ITEM))).render([RECEIPT, result])
    message = json.loads(reply.body.body)["message"]
    assert message.startswith("mục 2: ")
    assert message.endswith(f" ({code})")
    assert happened in message
    assert remedy in message
    assert "None" not in message


async def test_a_kind_that_is_not_the_systems_is_refused():
    """A ministry does not speak for the gateway; the call says so, the model refuses."""
    mapping = MAPPING.replace('value = "status.changed"', 'from = "item.Loai"')
    assert len((await an_adapter(mapping).receive(a_call(ITEM | {"Loai": "status.changed"}))).drafts) == 1
    with pytest.raises(CallUnreadable):
        await an_adapter(mapping).receive(a_call(ITEM | {"Loai": "relay.delivered"}))


def test_a_template_with_an_unknown_name_is_a_problem_of_the_file():
    """Checked with the configuration."""
    with pytest.raises(ConfigError, match=r"options.receive.trangthai: `raison`"):
        an_adapter(system=SYSTEM.replace("{reason}", "{raison}"))
