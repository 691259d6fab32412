"""Civil status is asked how dossiers stand: every status, results with their papers, and answers that are no use."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest

from gateway.core.asking import OpenDossier
from gateway.core.reason import Why
from gateway.ports.adapter import Asks, NoAnswer
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.partner import Drops, Says
from tests.integration.test_civil_status import SYSTEM, TIME, talking

CODE = "H52.11-260302-0001"
PDF = b"%PDF-1.7\n" + b"birth certificate " * 20_000
MARKER = "JVBERi"


def opened(*codes):
    return [OpenDossier(id=f"d-{code}", codes={"province": code}) for code in codes or (CODE,)]


def an_item(status="3", **changes):
    return {
        "maHoSoMCDT": CODE,
        "maHoSoLT": "LT-1",
        "trangThai": status,
        "thoiGianThucHien": "03/03/2026 09:30:00",
        "noiDungXuLy": "Đang xử lý",
        "nguoiXuLy": "Cầm Văn Mẫu",
        "chucDanh": "Công chức",
        "phongBanXuLy": "Tư pháp",
        **changes,
    }


def an_answer(*items):
    return Says.json({"status": "1", "statusDescription": "Thành công", "value": list(items)})


async def asked(*script, stream="KS", codes=(CODE,), blobs=None, **options):
    async with talking(*script, blobs=blobs, **options) as (adapter, partner, clock):
        page = await adapter.poll(stream, "", open_dossiers=opened(*codes), deadline=clock.monotonic() + TIME)
        return page, [one for one in partner.seen if not one.path.startswith("/token")]


def body(draft):
    return json.loads(draft.payload.body)


async def test_a_question_is_about_the_open_dossiers_of_one_module():
    page, (seen,) = await asked(an_answer(), codes=("A", "B"))
    assert seen.path == "/hotich/1.0/traCuuTrangThai"
    assert seen.json == {"maTinh": "14", "module": "KS", "maDinhDanhHoSo": ["A", "B"]}
    assert (page.drafts, page.unreadable, page.cursor, page.more) == ([], [], "", False)


async def test_it_is_asked_by_turns_a_stream_for_each_module():
    async with talking(an_answer()) as (adapter, partner, clock):
        assert isinstance(adapter, Asks)
        assert adapter.streams() == ("KS", "KT", "KH", "XN", "BS", "LTKS")
        assert adapter.turn("LTKS").procedures == {"2.002621"}
        assert adapter.turn("KS").limit == 1000
        await adapter.poll("KS", "", open_dossiers=(), deadline=clock.monotonic() + TIME)
        assert partner.seen == []


async def test_a_full_page_leaves_its_place_and_a_short_one_ends_the_round():
    poll = {**SYSTEM["options"]["poll"], "batch": 2}
    full, _ = await asked(an_answer(), codes=("A", "B"), poll=poll)
    assert (full.cursor, full.more) == ("d-B", True)
    short, _ = await asked(an_answer(), codes=("C",), poll=poll)
    assert (short.cursor, short.more) == ("", False)


@pytest.mark.parametrize(
    ("theirs", "ours"), [("1", 4), ("2", 5), ("3", 4), ("4", 9), ("5", 10), ("6", 3), ("7", 4), ("8", None)]
)
async def test_every_status_is_told_beside_the_ministrys_own(theirs, ours):
    """Model rule 3: a foreign code is no reason to refuse; its own words stay as they are."""
    page, _ = await asked(an_answer(an_item(theirs)))
    stated = body(page.drafts[0])
    assert stated["kind"] == "status.changed"
    assert stated["data"].get("status") == ours
    assert stated["data"]["source_status"] == {"table": "hotich.trangThai", "code": theirs}
    assert stated["occurred_at"].startswith("2026-03-03T09:30:00")
    assert stated["dossier"] == {"code": CODE, "references": [{"scheme": "chain", "code": "LT-1"}]}
    assert stated["actor"] == {"name": "Cầm Văn Mẫu", "position": "Công chức", "unit": "Tư pháp"}


async def test_a_refusal_always_has_a_reason():
    said, _ = await asked(an_answer(an_item("6", noiDungXuLy="Thiếu giấy chứng sinh")))
    unsaid, _ = await asked(an_answer(an_item("6", noiDungXuLy="", ghiChu=None)))
    assert body(said.drafts[0])["data"]["reason"] == "Thiếu giấy chứng sinh"
    assert body(unsaid.drafts[0])["data"]["reason"] == "Không nêu lý do"


@pytest.mark.parametrize(
    ("until", "respond_by", "content"),
    [
        ("10/03/2026", "2026-03-10T23:59:59+07:00", "Bổ sung giấy chứng sinh"),
        ("10/03/2026 17:00", "2026-03-10T17:00:00+07:00", "Bổ sung giấy chứng sinh"),
        ("2026-03-10T17:00:00.000", "2026-03-10T17:00:00+07:00", "Bổ sung giấy chứng sinh"),
        ("hết tuần sau", None, "Bổ sung giấy chứng sinh (hạn bổ sung: hết tuần sau)"),
        (None, None, "Bổ sung giấy chứng sinh"),
    ],
)
async def test_papers_are_asked_for_until_the_day_that_the_ministry_names(until, respond_by, content):
    """A day that nobody can read was left out, and the citizen never heard of it."""
    page, _ = await asked(an_answer(an_item("2", noiDungXuLy="Bổ sung giấy chứng sinh", hanBoSungHoSo=until)))
    status, supplement = map(body, page.drafts)
    assert status["data"]["status"] == 5
    assert supplement["kind"] == "supplement.requested"
    assert supplement["data"]["content"] == content
    assert supplement["data"].get("respond_by") == respond_by


def a_result(text):
    return {"soDinhDanh": "014226000001", "soDangKy": "12", "quyenSo": "1", "trangSo": "3", "giayKhaiSinh": text}


async def test_a_result_comes_with_its_paper_before_the_end_that_it_brings():
    blobs = MemoryBlobs()
    held = {**a_result(base64.b64encode(PDF).decode()), "ngayDangKy": "03/03/2026"}
    page, _ = await asked(an_answer(an_item("4", ketQuaXuLy=held)), blobs=blobs)
    issued, done = page.drafts
    result = body(issued)["data"]
    (blob,) = issued.blobs
    assert blobs.objects[blob.key] == PDF
    assert (blob.sha256, blob.name, blob.content_type) == (
        hashlib.sha256(PDF).hexdigest(),
        "giayKhaiSinh.pdf",
        "application/pdf",
    )
    assert result["files"] == [{"id": blob.file_id, "name": "giayKhaiSinh.pdf"}]
    assert (result["name"], result["code"], result["number"]) == ("Giấy khai sinh", "KQ.G15.000031", "12")
    assert result["register"] == {"number": "12", "book": "1", "page": "3"}
    assert result["issued_on"] == "2026-03-03"
    assert json.loads(result["data"]["data"])["soDinhDanh"] == "014226000001"
    assert (body(done)["data"]["status"], body(done)["data"]["closing"]) == (9, "granted")


async def test_a_result_that_was_handed_over_before_we_asked_is_issued():
    """G2: the ministry goes from 3 to 5 between two questions, and nobody asks about a finished dossier again."""
    page, _ = await asked(an_answer(an_item("5", ketQuaXuLy=a_result(base64.b64encode(PDF).decode()))))
    assert [(draft.kind, [blob.size for blob in draft.blobs]) for draft in page.drafts] == [
        ("result.issued", [len(PDF)]),
        ("status.changed", []),
    ]
    assert (body(page.drafts[1])["data"]["status"], body(page.drafts[1])["data"]["closing"]) == (10, "granted")


async def test_a_papers_contents_are_never_kept_as_text():
    """G9: what is kept of the answer knows a paper by its digest."""
    page, _ = await asked(an_answer(an_item("4", ketQuaXuLy=a_result(base64.b64encode(PDF).decode()))))
    for draft in page.drafts:
        assert MARKER.encode() not in draft.payload.body + draft.raw.body
        assert b"sha256:" in draft.raw.body


async def test_a_result_may_come_as_a_text_of_json():
    held = json.dumps(a_result(base64.b64encode(PDF).decode()))
    page, _ = await asked(an_answer(an_item("4", ketQuaXuLy=held)))
    assert [body(draft)["kind"] for draft in page.drafts] == ["result.issued", "status.changed"]
    assert MARKER.encode() not in page.drafts[0].raw.body


async def test_the_same_item_states_the_same_events_again():
    """G7: an unchanged status is absorbed, however often it is asked about; a changed word is news."""
    item = an_item("4", ketQuaXuLy=a_result(base64.b64encode(PDF).decode()))
    first, _ = await asked(an_answer(item))
    again, _ = await asked(an_answer(item))
    other, _ = await asked(an_answer({**item, "ghiChu": "đính chính"}))
    assert [(d.dedup_key, d.digest) for d in first.drafts] == [(d.dedup_key, d.digest) for d in again.drafts]
    assert len({d.dedup_key for d in (*first.drafts, *other.drafts)}) == 4
    assert all(draft.dedup_key.startswith(f"{CODE}/4/03/03/2026 09:30:00/") for draft in first.drafts)


@pytest.mark.parametrize("shape", [lambda held: [held], lambda held: json.dumps([held])])
async def test_a_result_alone_in_a_list_is_the_result(shape):
    """G2: the dossier was told to be finished, and its certificate by nobody. A browser's base64 is base64."""
    paper = f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"
    page, _ = await asked(an_answer(an_item(4.0, ketQuaXuLy=shape(a_result(paper)))))
    assert [(draft.kind, [blob.size for blob in draft.blobs]) for draft in page.drafts] == [
        ("result.issued", [len(PDF)]),
        ("status.changed", []),
    ]
    assert body(page.drafts[1])["data"]["status"] == 9


async def test_papers_that_the_ministry_does_not_name_are_asked_for():
    """The portal hears at once that the dossier waits; a person would have told it later."""
    page, _ = await asked(an_answer(an_item("2", noiDungXuLy="", ghiChu=" ")))
    assert body(page.drafts[1])["data"]["content"] == "Không nêu giấy tờ cần bổ sung"


@pytest.mark.parametrize(
    "item",
    [
        an_item("4", ketQuaXuLy=[{"soDangKy": "1"}, {"soDangKy": "2"}]),
        an_item("4", ketQuaXuLy="[1]"),
        an_item("4", ketQuaXuLy='"giấy"'),
        "văn bản",
        {"trangThai": "3"},
        an_item(""),
        an_item("4", ketQuaXuLy={"giayKhaiSinh": "không phải base64 " * 500}),
        an_item("4", ketQuaXuLy="{"),
        an_item(maHoSoMCDT="x" * 101),
    ],
)
async def test_an_item_that_cannot_be_read_stands_in_nobodys_way(item):
    """G2: it is kept as it came, without contents of papers; its neighbours go on."""
    page, _ = await asked(an_answer(item, an_item("3")))
    assert len(page.drafts) == 1
    (one,) = page.unreadable
    assert len(one.raw.body) < 2000
    assert one.problem


async def test_one_item_that_a_bus_took_out_of_its_list_is_an_item():
    """G2: WSO2 turns a list of one into what it holds; asked about one dossier, the module would stand still."""
    page, _ = await asked(Says.json({"status": "1", "value": an_item("3")}))
    assert (len(page.drafts), page.unreadable) == (1, [])


@pytest.mark.parametrize(
    ("says", "why", "wait"),
    [
        (Says.json({"status": "0", "statusDescription": "Lỗi"}), Why.REPLY_UNMATCHED, None),
        (Says(body=b"<html>"), Why.REPLY_UNREADABLE, None),
        (Says(body=b"[]"), Why.REPLY_UNMATCHED, None),
        (Says.json({"status": "1", "value": "x"}), Why.REPLY_UNMATCHED, None),
        (Says(status=503, headers={"Retry-After": "90"}), Why.THROTTLED, timedelta(seconds=90)),
        (Drops(), Why.RESET, None),
    ],
)
async def test_an_answer_that_is_none_moves_nothing(says, why, wait):
    with pytest.raises(NoAnswer) as caught:
        await asked(says)
    assert (caught.value.reason.code, caught.value.retry_after) == (why, wait)


async def test_so_many_results_that_nobody_can_read_them_are_asked_for_in_parts():
    """A reply larger than `limits.reply` halves the question; one dossier too large is told, and passed."""
    large = an_answer(an_item("4", ketQuaXuLy=a_result("A" * (40 << 20))))
    codes = [f"C-{number}" for number in range(3)]
    async with talking(large) as (adapter, partner, clock):
        with pytest.raises(NoAnswer):
            await adapter.poll("KS", "", open_dossiers=opened(*codes), deadline=clock.monotonic() + 60)
        assert adapter.turn("KS").limit == 1
        page = await adapter.poll("KS", "", open_dossiers=opened(codes[0]), deadline=clock.monotonic() + 60)
        assert (page.cursor, page.more) == (f"d-{codes[0]}", True)
        assert b"reply too large" in page.unreadable[0].raw.body
        partner.script(an_answer())
        await adapter.poll("KS", "", open_dossiers=opened(codes[1]), deadline=clock.monotonic() + 60)
        assert adapter.turn("KS").limit == 2


async def test_an_answer_of_more_items_than_a_page_holds_is_too_large_as_well():
    """G6: each item would be kept for a person, a million of them before anybody else's dossier."""
    async with talking(an_answer(*range(10_001))) as (adapter, _, clock):
        with pytest.raises(NoAnswer, match="reply_too_large"):
            await adapter.poll("KS", "", open_dossiers=opened("A", "B"), deadline=clock.monotonic() + TIME)
        assert adapter.turn("KS").limit == 1


async def test_an_item_nested_deeper_than_we_look_is_kept_for_a_person():
    """G2: it stands in nobody's way; the question was put again and again."""
    deep = b'{"maHoSoMCDT": "A", "x": ' + b"[" * 600 + b"]" * 600 + b"}"
    said = b'{"status": "1", "value": [%b, %b]}' % (deep, json.dumps(an_item()).encode())
    page, _ = await asked(Says(body=said, headers={"Content-Type": "application/json"}))
    assert [len(page.unreadable), len(page.drafts)] == [1, 1]


class Register:
    """A ministry that refuses every question in which a code is that it does not know."""

    def __init__(self, *unknown):
        self.unknown = set(unknown)
        self.asked = []

    async def __call__(self, seen):
        if seen.path.startswith("/token"):
            return Says.json({"access_token": "t", "expires_in": 3600})
        if "traCuu" not in seen.path:
            return None
        codes = seen.json["maDinhDanhHoSo"]
        self.asked.append(codes)
        if self.unknown & set(codes):
            return Says.json({"status": "0", "errorDescription": "Mã hồ sơ không hợp lệ"})
        return an_answer(*(an_item(maHoSoMCDT=code) for code in codes))


async def rounds(adapter, clock, codes, count):
    """Ask as the relay does: on behind the last one, from the same place after no answer; return what came."""
    drafts, unread, failures, after = [], [], 0, ""
    for _ in range(count):
        behind = [one for one in opened(*codes) if one.id > after][: adapter.turn("KS").limit]
        try:
            page = await adapter.poll("KS", after, open_dossiers=behind, deadline=clock.monotonic() + TIME)
        except NoAnswer:
            failures += 1
            continue
        drafts += [draft.codes[0].value for draft in page.drafts]
        unread += page.unreadable
        after = page.cursor
    return drafts, unread, failures


CODES = [f"C-{number:02}" for number in range(16)]


@pytest.mark.parametrize("unknown", [("C-05",), ("C-00",), ("C-15",), ("C-03", "C-04", "C-05")])
async def test_a_code_that_the_ministry_refuses_stops_nobody_elses_news(unknown):
    """G2: all of its module heard nothing more. A person is told which one it is, with the ministry's words."""
    register = Register(*unknown)
    async with talking(door=register) as (adapter, _, clock):
        drafts, unread, _ = await rounds(adapter, clock, CODES, 40)
        assert set(drafts) == {*CODES} - {*unknown}
        assert {json.loads(one.raw.body)["maDinhDanhHoSo"][0] for one in unread} == {*unknown}
        assert {one.problem for one in unread} == {"Mã hồ sơ không hợp lệ"}
        register.asked.clear()
        _, unread, failures = await rounds(adapter, clock, CODES, 4)
        assert (unread, failures) == ([], 0)
        assert not {*unknown} & {code for codes in register.asked for code in codes}


async def test_a_ministry_that_refuses_everything_has_a_bad_day():
    """Nobody is told of each dossier; when it is over, all are asked about again."""
    register = Register(*CODES)
    async with talking(door=register) as (adapter, _, clock):
        drafts, unread, failures = await rounds(adapter, clock, CODES, 16)
        assert (drafts, unread, failures) == ([], [], 16)
        register.unknown.clear()
        drafts, unread, _ = await rounds(adapter, clock, CODES, 12)
    assert (set(drafts), unread) == ({*CODES}, [])


async def test_a_session_that_has_ended_is_renewed_for_a_question_too():
    """What the file says of credentials holds for questions: the stream stood still until the token's own end."""
    ended = Says.json({"status": "0", "errorCode": "TOKEN_EXPIRED"})
    outcomes = [{"path": "errorCode", "equals": ["TOKEN_EXPIRED"], "then": "credentials"}]
    page, seen = await asked(ended, an_answer(an_item()), outcomes=[*outcomes, *SYSTEM["options"]["outcomes"]])
    assert len(page.drafts) == 1
    assert [one.headers["Authorization"] for one in seen] == ["Bearer t1", "Bearer t2"]
