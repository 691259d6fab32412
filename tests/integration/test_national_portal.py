"""The national portal's adapter: what is called for each event, what each answer means, and what arrives from it."""

import json
import tomllib
import unicodedata
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gateway.config.settings import SystemConfig
from gateway.core.errors import ConfigError
from gateway.core.existing import OnFirstExists
from gateway.core.files import fetched_id, public_id
from gateway.core.ids import DossierId, FileId, MessageId, SystemId
from gateway.core.message import Actor, ActorKind, Exists, Payload, Receipt
from gateway.core.outcome import Absent, Ambiguous, Delivered, Rejected, Retryable, Shadowed, Unknown
from gateway.core.query import Declined, Found, Nothing, Officer, Query, QueryId, Unanswered
from gateway.core.reason import Why
from gateway.ports.adapter import Call, CallUnreadable, Looks, Probes, Queries, Receives, Rehearses
from gateway.ports.secrets import Secret
from gateway.sdk import Context, build
from gateway.security.links import LINK_PATH, FileLinks
from gateway.testing.adapter_contract import AdapterContract, opened
from gateway.testing.blobs import MemoryBlobs
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import a_delivery, a_message
from gateway.testing.partner import Drops, LoopbackPartner, Says
from gateway.testing.secrets import FakeSecrets
from tests.encodings import as_windows_1258

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "adapters" / "national_portal"
EXCHANGES = sorted((FOLDER / "exchanges").glob("*.json"))
CODE, NATIONAL = "H52.11-260302-0001", "G22.99.01-260302-0001"
LINKS = FileLinks(keys=(Secret("k" * 32),))
TIME = 5.0
DOSSIER = {
    "code": CODE,
    "procedure": {
        "code": "1.000894",
        "name": "Đăng ký kết hôn",
        "field_code": "G15-HT01",
        "field_name": "Hộ tịch",
    },
    "receiving_unit": {"code": "H52.11", "name": "Bộ phận Tiếp nhận và Trả kết quả"},
    "owner": {
        "type": "citizen",
        "name": {"whole": "Lò Văn Mẫu"},
        "identities": [{"type": "1", "number": "014000000001"}],
        "phone": "0900000001",
        "vneid_verified": True,
    },
    "summary": "Đăng ký kết hôn",
    "channel": "online",
    "submitted_at": "2026-03-02T08:00:00+07:00",
    "received_at": "2026-03-02T01:30:00Z",
}
YES = {"error_code": "0", "message": "thành công", "result": [{"MaHoSo": CODE}]}
NONE = {"error_code": 0, "message": "Không tìm thấy hồ sơ", "result": []}
STATUS = {"status": 4}
NOTE = {"text": "Đang thẩm định", "status": 4, "occurred_at": "2026-03-03T02:00:00Z", "actor": {"name": "Lò Thị Mẫu"}}


def system(address="http://127.0.0.1:9", **options):
    table = tomllib.loads((ROOT / "config" / "systems" / "national_portal.toml").read_text(encoding="utf-8"))
    table["endpoint"] = {"sandbox": address}
    table["options"] |= options
    return msgspec.convert(table, SystemConfig)


def context(clock=None, blobs=None):
    folder = ROOT / "config" / "mappings"
    tables = {f"national_portal/{file.stem}": tomllib.loads(file.read_text()) for file in folder.glob("national_*/*")}
    return Context(
        clock=clock or FakeClock(),
        secrets=FakeSecrets({"env:NATIONAL_PORTAL_USERNAME": "sample", "env:NATIONAL_PORTAL_PASSWORD": "sample-only"}),
        blobs=blobs or MemoryBlobs(),
        mappings=tables,
        directory=ROOT / "config",
        public_url="http://127.0.0.1:8080",
        links=LINKS,
    )


def a_dispatch(kind="dossier.submitted", data=None, *, dossier=None, facts=None, files=(), text="", **changes):
    """Return a delivery to the national portal."""
    base = a_delivery(a_message(kind, data=data if data is not None else DOSSIER, text=text, blobs=tuple(files)))
    body = json.dumps(dossier or DOSSIER, ensure_ascii=False).encode()
    snapshot = replace(base.dossier, document=Payload(body=body, media_type="application/json"), facts=facts or {})
    return replace(base, destination=SystemId("national_portal"), dossier=snapshot, **changes)


async def login(seen):
    if seen.path == "/mapi/login":
        return Says.json({"error_code": "00", "session": "s1"})
    return None


async def sent(delivery, *script, blobs=None, **changes):
    """Make one attempt; return its outcome and the calls that the portal saw, login left out."""
    clock = FakeClock()
    async with LoopbackPartner(*script, aside=login) as partner:
        config = msgspec.structs.replace(system(partner.address), **changes)
        async with opened(build(config, context(clock, blobs))) as adapter:
            outcome = await adapter.send(delivery, deadline=clock.monotonic() + TIME)
        return outcome, [one.json for one in partner.seen if one.path != "/mapi/login"]


def services(calls):
    return [(call["service"], call.get("isUpdating")) for call in calls]


def of_exchange(told):
    """Return the delivery that an exchange is about."""
    given = dict(told["delivery"])
    if given.pop("in_doubt", False):
        given["in_doubt_since"] = a_delivery().due_at
    if "dossier" in given:
        given["dossier"] = {**DOSSIER, **given["dossier"]}
    return a_dispatch(given.pop("kind"), given.pop("data", None), **given)


def reply(told):
    if told == "dropped":
        return Drops()
    body = told["body"]
    return Says(
        status=told.get("http", 200),
        body=body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode(),
        headers=told.get("headers", {}),
    )


async def played(told):
    """Return an exchange's outcome as its file writes it, and the calls that were made."""
    script = [reply(call["reply"]) for call in told["calls"]]
    outcome, calls = await sent(of_exchange(told), *(script or [Says()]))
    shown = {"is": type(outcome).__name__.lower()}
    if not isinstance(outcome, Delivered):
        shown["why"] = str(outcome.reason.code)
    if isinstance(outcome, Rejected) and outcome.holds:
        shown["holds"] = True
    for name in ("facts", "notes"):
        if getattr(outcome, name, None):
            shown[name] = dict(getattr(outcome, name))
    return shown, calls


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
async def test_a_golden_exchange(file):
    """Every request as it leaves, every outcome by its answer."""
    told = json.loads(file.read_text(encoding="utf-8"))
    outcome, calls = await played(told)
    assert outcome == told["outcome"]
    assert calls == [call["request"] for call in told["calls"]]


class TestContract(AdapterContract):
    """The national portal's adapter keeps what every adapter keeps."""

    def build(self, address, clock):
        return build(system(address), context(clock))

    def delivery(self):
        return a_dispatch()

    def accepted(self):
        return Says.json(YES)

    async def aside(self, seen):
        if seen.body and seen.json.get("service") == "TraCuuHoSo":
            return Says.json(NONE)
        return await login(seen)


@pytest.mark.parametrize("code", [0, "0", "00"])
async def test_a_code_alone_is_a_yes(code):
    outcome, _ = await sent(a_dispatch(facts={"known": "1"}), Says.json({"error_code": code}))
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize("code", ["3", "-3", 3, -3, None, ""])
async def test_where_the_code_leaves_it_open_the_message_decides(code):
    """G5: neither a code that means «processed» nor no code at all is a yes by itself."""
    for message, kind in (
        ("Cập nhật thành công", Delivered),
        ("Cập nhật KHÔNG thành công", Rejected),
        ("Yêu cầu bị gián đoạn", Retryable),
        ("", Ambiguous),
    ):
        told = Says.json({"error_code": code, "message": message})
        outcome, _ = await sent(a_dispatch(facts={"known": "1"}), told)
        assert isinstance(outcome, kind), message


async def test_another_code_is_no_yes_whatever_its_message_says():
    """G5: «thành công» stands in many a refusal."""
    told = Says.json({"error_code": "57", "message": "Đăng nhập thành công, chờ xử lý"})
    outcome, _ = await sent(a_dispatch(facts={"known": "1"}), told)
    assert isinstance(outcome, Ambiguous)


@pytest.mark.parametrize(
    ("encode", "charset", "kind"),
    [
        (lambda words: unicodedata.normalize("NFD", words).encode(), "utf-8", Rejected),
        (as_windows_1258, "windows-1258", Rejected),
        (as_windows_1258, "utf-8", Ambiguous),
        (lambda words: words.encode("utf-16"), "utf-16", Ambiguous),
    ],
    ids=["NFD", "windows-1258", "windows-1258 that nobody declared", "UTF-16"],
)
async def test_words_are_understood_in_the_encodings_that_are_met(encode, charset, kind):
    """G5: what cannot be read is no yes and no no."""
    body = encode('{"error_code": "3", "message": "Không thành công: mã số đã hỏng"}')
    reply = Says(body=body, headers={"Content-Type": f"application/json; charset={charset}"})
    outcome, _ = await sent(a_dispatch(facts={"known": "1"}), reply)
    assert isinstance(outcome, kind)


async def test_what_it_has_from_others_is_brought_up_to_date_only_where_the_file_says_so():
    """Model rule 6: a dossier that is there already did not come from this delivery."""
    found = Says.json(YES)
    outcome, calls = await sent(a_dispatch(), found)
    assert isinstance(outcome, Retryable)
    assert services(calls) == [("TraCuuHoSo", None)]
    outcome, calls = await sent(a_dispatch(notes=dict(outcome.notes)), found)
    assert isinstance(outcome, Delivered)
    assert services(calls) == [("DongBoHoSoMC", "True")]
    outcome, _ = await sent(a_dispatch(), found, on_first_exists=OnFirstExists.HOLD)
    assert isinstance(outcome, Rejected)
    assert outcome.holds


async def test_a_lost_note_does_not_repeat_the_dossier():
    """What is done is kept as a note: only the second call is made again."""
    change = a_dispatch("status.changed", STATUS, facts={"known": "1"})
    outcome, calls = await sent(change, Says.json(YES), Drops())
    assert isinstance(outcome, Ambiguous)
    assert services(calls) == [("DongBoHoSoMC", "True"), ("CapNhatTienDoHoSoMC", None)]
    outcome, calls = await sent(replace(change, notes=dict(outcome.notes)), Says.json(YES))
    assert isinstance(outcome, Delivered)
    assert services(calls) == [("CapNhatTienDoHoSoMC", None)]


async def test_existence_proves_a_new_dossier_and_nothing_else():
    """G4: neither a note nor a change arrived because the dossier is there."""
    async with LoopbackPartner(Says.json(YES), aside=login) as partner:
        clock = FakeClock()
        async with opened(build(system(partner.address), context(clock))) as adapter:
            kinds = ("dossier.submitted", "dossier.amended", "status.changed", "progress.recorded")
            assert [kind for kind in kinds if adapter.looks_up(kind)] == ["dossier.submitted"]
            deadline = clock.monotonic() + TIME
            found = await adapter.lookup(a_dispatch(), deadline=deadline)
            assert isinstance(found, Delivered)
            assert dict(found.facts) == {"known": "1", "status": "1"}
            note = a_dispatch("progress.recorded", NOTE)
            assert isinstance(await adapter.lookup(note, deadline=deadline), Unknown)
            update = a_dispatch(notes={"sent_as": "dossier.amended"})
            assert isinstance(await adapter.lookup(update, deadline=deadline), Absent)
            assert [one.json["service"] for one in partner.seen[1:]] == ["TraCuuHoSo"]


@pytest.mark.parametrize("result", [[], [None], [{}], {}, None, ""])
async def test_a_list_of_nothing_shows_no_dossier(result):
    """G5: what may be lost is not taken for delivered because a list has a place for it."""
    async with LoopbackPartner(Says.json({"error_code": "0", "result": result}), aside=login) as partner:
        clock = FakeClock()
        async with opened(build(system(partner.address), context(clock))) as adapter:
            found = await adapter.lookup(a_dispatch(), deadline=clock.monotonic() + TIME)
    assert isinstance(found, Absent)


async def test_a_session_that_is_gone_is_no_dossier_that_is_not_there():
    """G4: both are told with «không tồn tại»; taken for a no, what may have arrived would be sent again."""
    gone = Says.json({"error_code": "-1", "message": "Phiên làm việc không tồn tại"})
    async with LoopbackPartner(gone, Says.json(YES), aside=login) as partner:
        clock = FakeClock()
        async with opened(build(system(partner.address), context(clock))) as adapter:
            found = await adapter.lookup(a_dispatch(), deadline=clock.monotonic() + TIME)
    assert isinstance(found, Delivered)
    assert [one.path for one in partner.seen] == ["/mapi/login", "/mapi/g"] * 2


async def test_a_question_that_cannot_be_answered_sends_nothing():
    """isUpdating is not guessed."""
    outcome, calls = await sent(a_dispatch(), Says(body=b"<html>"))
    assert isinstance(outcome, Retryable)
    assert services(calls) == [("TraCuuHoSo", None)]


async def test_files_go_by_links_that_open_without_a_key():
    """Model rule 12: made on sending, for this system, of every file, a result's too."""
    blobs = MemoryBlobs()
    paper = replace(blobs.hold(b"%PDF-1", name="Đơn.pdf"), file_id=FileId("f-1"))
    result = {"id": "kq-1", "name": "Giấy chứng nhận kết hôn", "files": [{"id": "f-1"}]}
    papers = [{"name": "Tờ khai", "code": "TP-1", "files": [{"id": "f-1"}, {"name": "cũ.pdf", "removed": True}]}]
    dossier = {**DOSSIER, "results": [result], "components": papers}
    delivery = a_dispatch(dossier=dossier, facts={"known": "1"}, files=(paper,))
    _, calls = await sent(delivery, Says.json(YES), blobs=blobs)
    item = calls[0]["data"][0]
    kept, removed = item["TaiLieuNop"]
    link = kept["DuongDanTaiTepTin"]
    assert (kept["TenTepDinhKem"], kept["MaThanhPhanHoSo"], kept["IsDeleted"]) == ("Đơn.pdf", "TP-1", "False")
    assert (removed["IsDeleted"], removed["DuongDanTaiTepTin"]) == ("True", "")
    assert link.startswith(f"http://127.0.0.1:8080{LINK_PATH}")
    grant = LINKS.read(link.rpartition("/")[2])
    assert (grant.file, grant.system) == ("f-1", "national_portal")
    assert item["DanhSachGiayToKetQua"][0]["DuongDanTepTinKetQua"] == link


async def test_a_link_opens_the_bytes_that_the_dossier_was_stated_with():
    """Also where its file was named by an address that has served others for the event that is sent."""
    blobs, url = MemoryBlobs(), "https://portal.example/don.pdf"
    papers = [replace(blobs.hold(data, name="Đơn.pdf"), file_id=fetched_id(url)) for data in (b"%PDF-1", b"%PDF-2")]
    dossier = {**DOSSIER, "components": [{"name": "Tờ khai", "files": [{"url": url}]}]}
    delivery = a_dispatch(dossier=dossier, facts={"known": "1"}, files=papers[1:])
    delivery = replace(delivery, dossier=replace(delivery.dossier, blobs=tuple(papers[:1])))
    _, calls = await sent(delivery, Says.json(YES), blobs=blobs)
    (shown,) = calls[0]["data"][0]["TaiLieuNop"]
    grant = LINKS.read(shown["DuongDanTaiTepTin"].rpartition("/")[2])
    assert grant.file == shown["TepDinhKemId"] == public_id(papers[0]) != public_id(papers[1])


async def test_every_file_of_a_result_has_an_entry():
    """G2: of a certificate and its annex the portal heard of one only; a paper without a file is told by its name."""
    blobs = MemoryBlobs()
    files = tuple(replace(blobs.hold(b"%PDF-" + name.encode(), name=name), file_id=FileId(name)) for name in "ab")
    results = [{"id": "kq-1", "name": "Giấy phép", "files": [{"id": "a"}, {"id": "b"}]}, {"id": "kq-2", "name": "Sổ"}]
    delivery = a_dispatch(dossier={**DOSSIER, "results": results}, facts={"known": "1"}, files=files)
    _, calls = await sent(delivery, Says.json(YES), blobs=blobs)
    told = calls[0]["data"][0]["DanhSachGiayToKetQua"]
    assert [(one["TenGiayTo"], one["GiayToId"]) for one in told] == [
        ("Giấy phép", "a"),
        ("Giấy phép", "b"),
        ("Sổ", "kq-2"),
    ]
    links = [LINKS.read(one["DuongDanTepTinKetQua"].rpartition("/")[2]).file for one in told[:2]]
    assert links == ["a", "b"]


async def test_every_scalar_is_text_and_long_texts_are_cut():
    """Words in NFC, a summary of 1,000 characters."""
    long = {**DOSSIER, "summary": "Đơn đề nghị " * 200, "due_at": "2026-03-09T17:00:00+07:00"}
    _, calls = await sent(a_dispatch(dossier=long, facts={"known": "1"}), Says.json(YES))
    item = calls[0]["data"][0]
    assert all(isinstance(value, str | list) for value in item.values())
    assert len(item["TrichYeuHoSo"]) == 1000
    assert item["TrichYeuHoSo"].startswith("Đơn đề nghị ")
    assert (item["NgayTiepNhan"], item["NgayHenTra"], item["NgayTra"]) == ("20260302083000", "20260309170000", "")


async def test_the_destination_goes_in_the_header_or_the_query():
    value = {"value": "VN:GOV:sample"}
    for place in ("header", "query"):
        async with LoopbackPartner(Says.json(YES), aside=login) as partner:
            clock = FakeClock()
            config = system(partner.address, dstcode={**value, "in": place})
            async with opened(build(config, context(clock))) as adapter:
                await adapter.send(a_dispatch(facts={"known": "1"}), deadline=clock.monotonic() + TIME)
            call = partner.seen[-1]
            assert (call.headers.get("dstcode") == "VN:GOV:sample") is (place == "header")
            assert ("dstcode=VN:GOV:sample" in call.path) is (place == "query")


async def test_a_file_that_lets_existence_prove_a_note_is_refused():
    """G4: the declaration would be false."""
    config = system()
    config = msgspec.structs.replace(config, doubt={"*": config.doubt["dossier.submitted"]})
    with pytest.raises(ConfigError, match="does not prove"):
        build(config, context())


async def test_shadow_mode_renders_every_step_and_sends_nothing():
    adapter = build(system(), context())
    assert isinstance(await adapter.rehearse(a_dispatch("status.changed", STATUS)), Shadowed)
    bad = a_dispatch(dossier={**DOSSIER, "procedure": {"code": "1.000894"}})
    refused = await adapter.rehearse(bad)
    assert isinstance(refused, Rejected)
    assert refused.reason.code is Why.CANNOT_RENDER


async def test_every_call_is_shown_in_its_order():
    """A status is told in the dossier and as a note: both can change with a mapping."""
    adapter = build(system(), context())
    told = await adapter.outline(a_dispatch("status.changed", STATUS, facts={"known": "1"}))
    assert [call["service"] for call in told] == ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"]
    assert told[0]["data[0].MaHoSo"] == CODE
    refused = await adapter.outline(a_dispatch(dossier={**DOSSIER, "procedure": {"code": "1.000894"}}))
    assert refused.code is Why.CANNOT_RENDER


def test_the_manifest_says_what_the_adapter_does():
    told = tomllib.loads((FOLDER / "manifest.toml").read_text(encoding="utf-8"))
    adapter = build(system(), context())
    assert told["name"] == FOLDER.name
    assert isinstance(adapter, Looks)
    assert isinstance(adapter, Rehearses)
    assert isinstance(adapter, Probes)
    assert isinstance(adapter, Receives)
    assert isinstance(adapter, Queries)
    assert set(told["answers"]) == set(adapter.queries())


ARRIVES = {
    "MaHoSo": NATIONAL,
    "MaTTHC": "1.000894",
    "TenTTHC": "Đăng ký kết hôn",
    "ChuHoSo": "Quàng Thị Mẫu",
    "LoaiDoiTuong": "1",
    "NgayNopHoSo": "20260302080000",
    "TrichYeuHoSo": "Đăng ký kết hôn",
    "TaiLieuNop": [{"TenTepDinhKem": "Đơn.pdf", "DuongDanTaiTepTin": "http://127.0.0.1:9004/tep/1"}],
}


def a_call(document, path="nhanhsdvcqg"):
    body = Payload(body=json.dumps(document, ensure_ascii=False).encode(), media_type="application/json")
    return Call(method="POST", path=path, query={}, headers={}, body=body)


@pytest.mark.parametrize(
    "path",
    [
        "nhanhsdvcqg",
        "XrdAdapter/RestService/forward/nhanhsdvcqg",
        "VXPAdapter/RestService/forward/nhanhsdvcqg",
    ],
)
async def test_a_dossier_that_arrives_from_there_is_a_submission(path):
    """Model rule 20: under the national code, its files to be fetched, answered in the portal's own words."""
    adapter = build(system(), context())
    call = a_call({"data": [ARRIVES]}, path)
    (draft,) = (await adapter.receive(call)).drafts
    assert (draft.kind, draft.source) == ("dossier.submitted", "national_portal")
    assert [(code.scheme, code.value) for code in draft.codes] == [("national", NATIONAL)]
    assert json.loads(draft.document.body)["origin"] == "national_portal"
    assert [(one.name, one.url) for one in draft.pending] == [("Đơn.pdf", "http://127.0.0.1:9004/tep/1")]


async def test_a_paper_that_was_taken_back_there_is_named_and_not_fetched():
    """Nothing answers at its address any more: the update would wait for it for ever."""
    old = {"TenTepDinhKem": "Cũ.pdf", "DuongDanTaiTepTin": "http://127.0.0.1:9004/tep/0", "IsDeleted": "True"}
    papers = [{**ARRIVES["TaiLieuNop"][0], "IsDeleted": "False"}, old]
    call = a_call({"isUpdating": "True", "data": [{**ARRIVES, "TaiLieuNop": papers}]})
    (draft,) = (await build(system(), context()).receive(call)).drafts
    assert [one.name for one in draft.pending] == ["Đơn.pdf"]
    told = [(one["name"], one.get("removed")) for one in json.loads(draft.document.body)["files"]]
    assert told == [("Đơn.pdf", None), ("Cũ.pdf", True)]


@pytest.mark.parametrize(
    ("said", "kind"), [("True", "dossier.amended"), (True, "dossier.amended"), (False, "dossier.submitted")]
)
async def test_whether_it_is_an_update_may_be_said_as_text_or_truth(said, kind):
    """Its own clients write text; what writes JSON by itself has truths."""
    padded = {**ARRIVES, "MaHoSo": f"{NATIONAL}   ", "NgayHenTra": "              "}
    (draft,) = (await build(system(), context()).receive(a_call({"isUpdating": said, "data": [padded]}))).drafts
    assert (draft.kind, draft.codes[0].value) == (kind, NATIONAL)


async def test_a_dossier_that_arrives_in_an_older_encoding_is_the_same_dossier():
    """windows-1258 where it is declared; what is not in the declared encoding is refused, and nothing is made up."""
    body = as_windows_1258(json.dumps({"data": [ARRIVES]}, ensure_ascii=False))
    adapter, call = build(system(), context()), a_call({})
    old = replace(call, body=Payload(body=body, media_type="application/json; charset=windows-1258"))
    (draft,) = (await adapter.receive(old)).drafts
    assert json.loads(draft.document.body)["owner"]["name"]["whole"] == ARRIVES["ChuHoSo"]
    with pytest.raises(CallUnreadable):
        await adapter.receive(replace(old, body=Payload(body=body, media_type="application/json")))
    with pytest.raises(CallUnreadable, match="bảng mã"):
        await adapter.receive(replace(old, body=replace(old.body, body=b"\x8d" + body)))


async def test_it_is_told_that_it_was_taken_only_after_the_accept():
    """G1: the adapter answers from the receipt; a refusal of the gateway is the portal's refusal."""
    received = await build(system(), context()).receive(a_call({"data": [ARRIVES]}))
    receipt = Receipt(
        message_id=MessageId("m-1"),
        dossier_id=DossierId("d-1"),
        revision=1,
        accepted_at=FakeClock().now(),
        deliveries=(),
        duplicate=False,
        matched=True,
    )
    assert json.loads(received.render((receipt,)).body.body)["error_code"] == "0"
    assert json.loads(received.render((Exists(code=NATIONAL, revision=1),)).body.body)["error_code"] == "-1"


async def test_what_cannot_be_read_is_refused_in_the_portals_own_words():
    """G9: the place is named, never the value."""
    adapter = build(system(), context())
    with pytest.raises(CallUnreadable) as caught:
        await adapter.receive(a_call({"data": [{**ARRIVES, "ChuHoSo": ""}]}))
    told = json.loads(caught.value.reply.body.body)
    assert (caught.value.reply.status, told["error_code"]) == (200, "-1")
    assert "ChuHoSo" in told["message"]
    assert NATIONAL not in told["message"]


async def test_a_dossier_from_there_is_answered_by_its_own_service():
    """DongBoTrangThaiHoSo, under the code that the portal gave it, with ours beside it."""
    theirs = {**DOSSIER, "code": None, "origin": "national_portal"}
    for codes in ({"national": NATIONAL}, {"national": NATIONAL, "province": CODE}):
        delivery = a_dispatch("status.changed", {"status": 2}, dossier=theirs, codes=codes)
        delivery = replace(delivery, message=replace(delivery.message, codes=()))
        outcome, calls = await sent(delivery, Says.json(YES))
        assert isinstance(outcome, Delivered)
        (call,) = calls
        assert (call["service"], call["type"], call["data"]["MaHoSo"]) == ("DongBoTrangThaiHoSo", "2", NATIONAL)
        assert (call["data"]["TrangThai"], call["data"]["MaHoSoDonVi"]) == ("2", codes.get("province", ""))


def a_question(operation="dossier", request=None):
    return Query(
        id=QueryId("0195-query-1"),
        system=SystemId("national_portal"),
        operation=operation,
        request={"code": NATIONAL} if request is None else request,
        officer=Officer(name="Lò Thị Mẫu", code="CB-07", unit="Bộ phận Một cửa"),
        purpose="Trả lời công dân",
        actor=Actor(kind=ActorKind.SYSTEM, name="portal"),
    )


SHOWN = {
    "MaHoSo": CODE,
    "MaTTHC": "1.000894",
    "TrangThaiHoSo": "4",
    "NgayTiepNhan": "20260302083000",
    "NgayHenTra": "",
    "ChuHoSo": "Lò Văn Mẫu",
}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({**YES, "result": [SHOWN]}, Found),
        ({**YES, "result": SHOWN}, Unanswered),
        (NONE, Nothing),
        ({"error_code": "0", "message": "thành công"}, Nothing),
        ({"error_code": "-1", "message": "Hồ sơ không tồn tại"}, Nothing),
        ({"error_code": "-1", "message": "Tham số không hợp lệ"}, Declined),
        ({"error_code": "-1", "message": "Phiên làm việc đã hết hạn"}, Unanswered),
        ({"error_code": "7", "message": "?"}, Unanswered),
    ],
)
async def test_an_officer_asks_for_a_dossier_by_any_code(reply, kind):
    """TraCuuHoSo by the code given; only what the reply says is an answer, and never whose dossier it is."""
    clock = FakeClock()
    async with LoopbackPartner(Says.json(reply), aside=login) as partner:
        async with opened(build(system(partner.address), context(clock))) as adapter:
            assert isinstance(adapter, Queries)
            answer = await adapter.query(a_question(), deadline=clock.monotonic() + TIME)
        call = next(one.json for one in partner.seen if one.path != "/mapi/login")
    assert isinstance(answer, kind)
    assert (call["service"], call["mahoso"], call["madonvi"]) == ("TraCuuHoSo", NATIONAL, "H52")
    if isinstance(answer, Found):
        assert json.loads(answer.document.body) == {
            "code": CODE,
            "procedure": {"code": "1.000894"},
            "status": "4",
            "received_at": "2026-03-02T08:30:00+07:00",
        }


@pytest.mark.parametrize(
    ("operation", "request_", "call"),
    [
        ("procedure", {"code": "1.000894"}, {"service": "LayThuTuc", "maTTHC": "1.000894"}),
        ("procedures", {}, {"service": "LayDanhSachTTHC"}),
        ("services", {}, {"service": "LayDVC"}),
        ("agencies", {}, {"service": "LayDanhMucCoQuan"}),
        ("fields", {}, {"service": "LayDanhMucLinhVuc"}),
    ],
)
async def test_a_procedure_and_the_catalogues_are_asked_for_in_the_same_session(operation, request_, call):
    clock = FakeClock()
    async with LoopbackPartner(Says.json(YES), aside=login) as partner:
        config = system(partner.address, share="/mapi/share")
        async with opened(build(config, context(clock))) as adapter:
            answer = await adapter.query(a_question(operation, request_), deadline=clock.monotonic() + TIME)
        asked = partner.seen[-1]
    assert isinstance(answer, Found)
    assert asked.path == "/mapi/share"
    assert {**call, "session": "s1", "madonvi": "H52"} == asked.json
