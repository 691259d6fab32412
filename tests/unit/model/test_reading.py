"""What senders post becomes an event, or every fault at once in their own names."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.message import Payload
from gateway.model.envelope import event_of_message
from gateway.model.event import ReadEvent, encode_event
from gateway.model.fault import Fault, Invalid
from gateway.model.faults import decode_json, message, validate
from gateway.model.names import Vocabulary
from gateway.model.reading import read_dossier, read_event, read_items
from gateway.model.types import Dossier, Identity, Person, SourceStatus
from gateway.testing.deliveries import a_message


def event(kind: str = "status.changed", **data: Any) -> dict[str, Any]:
    return {"kind": kind, "dossier": {"code": "H52.12-260302-0001"}, "data": data}


def dossier(**fields: Any) -> dict[str, Any]:
    return {
        "code": "H52.12-260302-0001",
        "procedure": {"code": "1.001193"},
        "owner": {"name": {"whole": "Lò Thị Mẫu"}},
        **fields,
    }


def faults(raw: object, names: Vocabulary = Vocabulary.ENGLISH, at: str = "") -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_event(raw, names=names, at=at)
    return {fault.path: fault.code for fault in refused.value.faults}


def test_names_every_fault_at_once_by_english_names() -> None:
    """Envelope, body and rules are checked together."""
    raw = {**event(status=3, closing="granted", reson="x"), "occurred_at": "2026-03-02", "text": 5, "extra": {}}
    assert faults(raw) == {
        "extra": "unknown_key",
        "occurred_at": "pattern",
        "text": "type",
        "data.reson": "unknown_key",
        "data.reason": "required",
        "data.closing": "not_allowed",
    }


def test_names_every_fault_at_once_by_national_names() -> None:
    """A sender of national names reads national names."""
    raw = {
        "LoaiSuKien": "dossier.submitted",
        "HoSo": {"MaHoSo": "H52-1"},
        "DuLieu": {
            "ThuTuc": {},
            "ChuHoSo": {"HoTen": {"HoVaTen": "A"}, "SoDienThoai": 5, "NgaySinh": "1958-02-30"},
            "TaiLieuNop": [{"DanhSachTepDinhKem": [{"KichThuoc": -1}]}],
            "TrangThaiHoSo": 11,
        },
    }
    assert faults(raw, Vocabulary.NATIONAL, at="items[3]") == {
        "items[3].DuLieu.ThuTuc.MaTTHC": "required",
        "items[3].DuLieu.ChuHoSo.SoDienThoai": "type",
        "items[3].DuLieu.ChuHoSo.NgaySinh": "pattern",
        "items[3].DuLieu.TaiLieuNop[0].DanhSachTepDinhKem[0].KichThuoc": "range",
        "items[3].DuLieu.TaiLieuNop[0].DanhSachTepDinhKem[0].TepDinhKemId": "required",
        "items[3].DuLieu.TrangThaiHoSo": "range",
    }


def test_english_names_are_unknown_among_national_ones_and_answered_with_the_right_one() -> None:
    """The two vocabularies are never mixed in silence."""
    with pytest.raises(Invalid) as refused:
        read_event({"kind": "status.changed"}, names=Vocabulary.NATIONAL)
    assert Fault(path="kind", code="unknown_key", suggestion="LoaiSuKien") in refused.value.faults


@pytest.mark.parametrize(("wrong", "right"), [("resaon", "reason"), ("Status", "status"), ("closings", "closing")])
def test_suggests_the_nearest_known_key(wrong: str, right: str) -> None:
    """A misspelled key is answered with the key that was meant."""
    with pytest.raises(Invalid) as refused:
        read_event(event(status=4, **{wrong: "x"}))
    assert refused.value.faults[-1] == Fault(path=f"data.{wrong}", code="unknown_key", suggestion=right)


def test_never_repeats_a_value() -> None:
    """G9: a fault names places and expectations, never what stood there."""
    with pytest.raises(Invalid) as refused:
        read_event(event("dossier.submitted", **dossier(owner={"name": {"whole": 1}, "tax_code": "SECRET\u0007"})))
    assert "SECRET" not in str(refused.value) + repr(refused.value.faults)


def test_names_at_most_a_hundred_faults() -> None:
    """A hostile document cannot make the answer large."""
    raw = event(status=4, **{f"k{number}": 1 for number in range(500)})
    assert len(faults(raw)) == 100


@pytest.mark.parametrize("status", [3, 8])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_reason_is_required_at_not_received_and_stopped(status: int, reason: str | None) -> None:
    """The citizen is told why."""
    given = {} if reason is None else {"reason": reason}
    assert faults(event(status=status, **given)) == {"data.reason": "required"}
    read_event(event(status=status, reason="Không đủ thành phần hồ sơ"))


@pytest.mark.parametrize("status", range(1, 11))
def test_closing_is_allowed_at_completed_and_result_returned_only(status: int) -> None:
    """Only a dossier that is done can say how it closed."""
    raw = event(status=status, closing="granted", reason="x")
    if status in (9, 10):
        read_event(raw)
    else:
        assert faults(raw) == {"data.closing": "not_allowed"}


def test_a_foreign_status_code_is_kept_verbatim_and_never_refused() -> None:
    """The status is null; the source's own table, code and words stay."""
    source = {"table": "BTP", "code": "99", "text": "Đang chờ"}
    read = read_event(event(source_status=source))
    assert read.data.status is None
    assert read.data.source_status == SourceStatus(table="BTP", code="99", text="Đang chờ")


def test_a_status_change_states_some_status() -> None:
    """Neither ours nor the source's is nothing."""
    assert faults(event()) == {"data.status": "required"}


@pytest.mark.parametrize(
    ("kind", "data", "missing"),
    [
        ("result.corrected", {"id": "R2"}, "data.replaces"),
        ("withdrawal.refused", {}, "data.reason"),
        ("supplement.requested", {"id": "B1"}, "data.content"),
        ("deadline.changed", {"action": "extend"}, "data.due_at"),
        ("reference.assigned", {}, "data.references"),
        ("fee.requested", {"code": "LP1"}, "data.amount"),
    ],
)
def test_each_kind_asks_for_what_makes_sense_of_it(kind: str, data: dict[str, Any], missing: str) -> None:
    """What a kind cannot do without is required."""
    assert faults(event(kind, **data)) == {missing: "required"}


def test_an_unknown_kind_is_refused_with_the_nearest_one() -> None:
    """Refused by name."""
    with pytest.raises(Invalid) as refused:
        read_event(event("status.chnged"))
    assert refused.value.faults == (Fault(path="kind", code="kind_unknown", suggestion="status.changed"),)


@pytest.mark.parametrize("kind", ["shipment.sent", "document.received"])
def test_reserved_kinds_are_refused_as_reserved(kind: str) -> None:
    """They get lanes of their own one day."""
    assert faults(event(kind)) == {"kind": "kind_reserved"}


def test_a_partners_own_kind_is_carried_opaque() -> None:
    """The data of ``x.<system>.<name>`` is any JSON, unread."""
    raw = {**event("x.land_office.plot_split"), "data": [1, {"b": None}]}
    assert read_event(raw).data == [1, {"b": None}]


def test_an_event_names_its_dossier() -> None:
    """By code, by references, or by the dossier that it carries."""
    assert faults({"kind": "withdrawal.requested"}) == {"dossier.code": "required"}
    read_event({"kind": "withdrawal.requested", "dossier": {"references": [{"scheme": "national", "code": "G22"}]}})
    assert isinstance(read_event({"kind": "dossier.submitted", "data": dossier()}).data, Dossier)


def test_codes_are_composed_and_texts_are_left_alone() -> None:
    """Rule 9: NFC for codes; what a citizen wrote stays as it came."""
    decomposed = "Đa\u0302n"
    read = read_event({"kind": "withdrawal.requested", "dossier": {"code": decomposed}, "text": decomposed})
    assert (read.event.dossier.code, read.event.text) == ("Đân", decomposed)


@pytest.mark.parametrize("code", ["a\n", "a\x00", "a\x7f", "", "x" * 101])
def test_a_code_holds_to_the_one_hard_rule(code: str) -> None:
    """At most 100 characters, none of them a control character."""
    assert set(faults({"kind": "withdrawal.requested", "dossier": {"code": code}})) == {"dossier.code"}


@pytest.mark.parametrize(
    ("code", "stray"),
    [
        ("H52 ", "U+0020"),
        ("\u00a0H52", "U+00A0"),
        ("H\u200b52", "U+200B"),
        ("\u200fH52", "U+200F"),
        ("H52\ufeff", "U+FEFF"),
    ],
)
def test_a_code_that_looks_like_another_one_is_refused(code: str, stray: str) -> None:
    """It would begin, or speak of, another dossier, and no eye could tell: wherever a dossier is named."""
    named = {"dossier": {"code": code, "references": [{"scheme": "national", "code": code}]}}
    with pytest.raises(Invalid) as refused:
        read_event({"kind": "withdrawal.requested", **named})
    assert {(fault.path, fault.code, fault.expected) for fault in refused.value.faults} == {
        ("dossier.code", "stray", stray),
        ("dossier.references[0].code", "stray", stray),
    }
    assert faults({"kind": "dossier.submitted", "data": dossier(code=code)}) == {"data.code": "stray"}


@pytest.mark.parametrize("code", ["000.00.00.H52,2026/03/02,15/UBND-VX", "12/HS 2026"])
def test_codes_may_hold_slashes_commas_and_blanks(code: str) -> None:
    """A DocumentId does."""
    assert read_event({"kind": "withdrawal.requested", "dossier": {"code": code}}).event.dossier.code == code


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x85", "\ufffe", "\ud800"])
def test_texts_hold_no_control_characters(bad: str) -> None:
    """They could not travel as XML."""
    assert faults({**event(status=4), "text": f"a{bad}"}) == {"text": "control"}


def test_texts_may_have_lines_and_tabs() -> None:
    """As browsers send them."""
    text = "Một\r\n\tHai\\u0000"
    assert read_event({**event(status=4), "text": text}).event.text == text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_a_time_that_leaves_the_calendar_in_utc_is_refused(moment: str) -> None:
    """It would fail later, where nobody can be told."""
    assert faults({**event(status=4), "occurred_at": moment}) == {"occurred_at": "range"}


@pytest.mark.parametrize("date", ["1958", "1958-03", "1958-03-07", "2024-02-29", "2000-02-29"])
def test_partial_dates_are_as_exact_as_the_papers(date: str) -> None:
    """Rule 10: many citizens know only the year."""
    assert validate({"number": "1", "issued_on": date}, Identity).issued_on == date


@pytest.mark.parametrize(
    "date", ["58", "1958-13", "1958-02-29", "1900-02-29", "1958-04-31", "1958\n", "1958-3", "١٩٥٨"]
)
def test_dates_that_no_calendar_has_are_refused(date: str) -> None:
    """Days are checked against month and leap year."""
    with pytest.raises(Invalid) as refused:
        validate({"number": "1", "issued_on": date}, Identity)
    assert [fault.path for fault in refused.value.faults] == ["issued_on"]


@pytest.mark.parametrize(("ward", "is_good"), [("00", True), ("03646", True), ("3", False), ("123456", False)])
def test_a_ward_has_two_to_five_digits_and_a_district_may_be_missing(ward: str, *, is_good: bool) -> None:
    """Rule 10."""
    raw = {"name": {"whole": "A"}, "addresses": [{"province": "14", "ward": ward}]}
    if is_good:
        assert validate(raw, Person).addresses[0].district is None
    else:
        with pytest.raises(Invalid):
            validate(raw, Person)


def test_forms_are_kept_byte_for_byte() -> None:
    """Rule 11: a signed XML is never normalised."""
    data = '<?xml version="1.0"?>\r\n<a  b = "1">\ta\u0302</a >'
    read = read_dossier({"dossier": dossier(form={"media_type": "application/xml", "data": data})})
    assert read.data.form.data == data


def test_a_dossier_becomes_its_event() -> None:
    """``POST /v1/dossiers`` is the short form of ``dossier.submitted``."""
    read = read_dossier({"dossier": dossier(), "source_event_id": "e1", "test": True})
    assert isinstance(read, ReadEvent)
    assert (read.event.kind, read.event.dossier.code, read.event.source_event_id, read.event.test) == (
        "dossier.submitted",
        "H52.12-260302-0001",
        "e1",
        True,
    )


def test_a_dossier_without_any_code_is_refused_in_the_senders_names() -> None:
    """Nothing could ever be matched with it."""
    body = {"HoSo": {"ThuTuc": {"MaTTHC": "1.1"}, "ChuHoSo": {"HoTen": {"HoVaTen": "A"}}}}
    with pytest.raises(Invalid) as refused:
        read_dossier(body, names=Vocabulary.NATIONAL)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("HoSo.MaHoSo", "required")]


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", ["Lò Thị Đào", "Lo\u0300", "a\x7fb", "a\x85b", "a\ufffeb", "a\x01b", '"'])
def test_a_body_says_what_its_values_say(text: str, *, escaped: bool) -> None:
    """Whether text is composed and free of control characters is seen in the body itself, or in the values of it."""
    raw = {"dossier": dossier(code=text, owner={"name": {"whole": text}})}
    body = json.dumps(raw, ensure_ascii=escaped, indent=1).encode()

    def read(given: bytes | None) -> object:
        try:
            return read_dossier(raw, body=given)
        except Invalid as error:
            return error.faults

    assert read(body) == read(None)


def test_an_amendment_takes_the_code_of_its_address() -> None:
    """A missing code is filled in, another one is refused."""
    without = {name: value for name, value in dossier().items() if name != "code"}
    read = read_dossier({"dossier": without}, kind="dossier.amended", code="H52-9")
    assert (read.event.kind, read.event.dossier.code, read.data.code) == ("dossier.amended", "H52-9", "H52-9")
    with pytest.raises(Invalid):
        read_dossier({"dossier": dossier()}, kind="dossier.amended", code="H52-9")


def test_one_event_and_a_batch_are_told_apart() -> None:
    """One event is a batch of one; items are read by themselves."""
    assert read_items(event()) == (event(),)
    assert read_items({"items": [1, 2]}) == (1, 2)
    assert read_items({"DanhSachSuKien": [1]}, names=Vocabulary.NATIONAL) == (1,)


@pytest.mark.parametrize("body", [{"items": []}, {"items": [1] * 201}, {"items": 1}, {"items": [1], "more": 2}])
def test_a_batch_holds_one_to_two_hundred_items_and_nothing_else(body: dict[str, Any]) -> None:
    """The envelope's own faults refuse the whole."""
    with pytest.raises(Invalid):
        read_items(body)


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'{"a":1,}', "json", "byte 7"),
        (b"", "json", "byte 0"),
        (b'{"a":', "json", "byte 5"),
        (b'\xef\xbb\xbf{"a": 1}', "json", "a byte order mark at its beginning"),
        (b'"\xff"', "json", "the first byte that is not UTF-8: 1"),
        ('{"a": "ệ"}'.encode("utf-16"), "json", "the first byte that is not UTF-8: 0"),
        (b"[" * 100_000, "depth", "nested at most 32 deep"),
        (b"[" * 33 + b"]" * 33, "depth", "nested at most 32 deep"),
    ],
)
def test_json_that_cannot_be_read_is_refused_with_its_place(body: bytes, code: str, place: str) -> None:
    """Malformed, truncated, not UTF-8, or nested without end."""
    with pytest.raises(Invalid) as refused:
        decode_json(body)
    assert refused.value.faults == (Fault(path="", code=code, expected=place),)


@pytest.mark.parametrize("item", [b"[]", b"{}", b'{"a":0}', b"0"])
def test_a_document_of_millions_of_values_is_refused_before_it_is_read(item: bytes) -> None:
    """G6: they fit into one, and take half a second, or seconds, in which nothing else runs."""
    signs = sum(map(item.count, b"[{:")) + 1
    with pytest.raises(Invalid) as refused:
        decode_json(b"[" + (item + b",") * (500_000 // signs + 1) + b"0]")
    most = "at most 500000 opening brackets, commas and colons"
    assert refused.value.faults == (Fault(path="", code="crowd", expected=most),)
    assert decode_json(b"[" + (item + b",") * (499_999 // signs) + b"0]") is not None


def test_a_document_of_as_many_fields_is_refused_before_it_is_read() -> None:
    """G6: each of another name; six hundred thousand of them take half a second."""
    with pytest.raises(Invalid) as refused:
        decode_json(b"{" + b",".join(b'"%d":0' % number for number in range(250_001)) + b"}")
    assert refused.value.faults[0].code == "crowd"


@pytest.mark.parametrize("number", ["8.98846567431158e307", "2.2250738585072011e-308", "1.2345678901234567890123e-300"])
def test_numbers_that_are_hard_to_round_hold_nothing_up(number: str) -> None:
    """G6: msgspec alone takes ten microseconds for each: three seconds for those of one document."""
    many = 8 * 1024 * 1024 // (len(number) + 1)
    began = time.process_time()
    read = decode_json(b"[" + b",".join([number.encode()] * many) + b"]")
    assert time.process_time() - began < 1
    assert read == [float(number)] * many


def test_such_numbers_hold_nothing_up_where_they_are_sent_on_either() -> None:
    """G6: data of a system's own kind is carried as it is, and read with each try and each page of a feed."""
    many = [8.98846567431158e307] * 300_000
    read = read_event({"kind": "x.portal.note", "dossier": {"code": "H52-1"}, "data": {"a": many}})
    stored = replace(a_message(), payload=Payload(body=encode_event(read.event), media_type="application/json"))
    began = time.process_time()
    event = event_of_message(stored, {})
    assert time.process_time() - began < 1
    assert event.data == {"a": many}


@pytest.mark.parametrize("number", ["0.1", "-0.0", "1e5", "1E-400", "18446744073709551616", "9007199254740993.0"])
def test_a_number_is_what_it_says(number: str) -> None:
    """As Python itself reads it, its kind and its sign too."""
    assert repr(decode_json(number.encode())) == repr(json.loads(number))


def test_of_a_name_that_is_given_twice_the_last_counts_and_goes_on_alone() -> None:
    """RFC 8259 leaves it open: whoever reads what we write reads what we have read."""
    body = json.dumps(event(status=2)).replace('"status": 2', '"status": 9, "status": 2').encode()
    written = encode_event(read_event(decode_json(body)).event)
    assert json.loads(written)["data"] == {"status": 2}
    assert b"9" not in written


@pytest.mark.parametrize("number", ["1e400", "-1e999", "NaN", "-Infinity"])
def test_what_no_number_can_be_is_no_json(number: str) -> None:
    """A number without end would be null in what is kept of it."""
    with pytest.raises(Invalid) as refused:
        decode_json(b'{"a": ' + number.encode() + b"}")
    assert refused.value.faults[0].code == "json"


def test_nesting_within_the_bound_is_read() -> None:
    """32 levels are enough for everybody."""
    assert decode_json(b"[" * 32 + b"]" * 32) is not None


def test_faults_are_told_in_vietnamese_and_english() -> None:
    """What is wrong, what is expected, and the nearest known name."""
    fault = Fault(path="x", code="unknown_key", suggestion="reason")
    assert message(fault, "vi") == "Tên trường không có trong mô hình. Có phải ý bạn là «reason»?"
    fault = Fault(path="x", code="enum", expected="one of: a, b")
    assert message(fault, "en") == "Not a listed value; expected: one of: a, b."
    assert message(fault, "vi") == "Giá trị không có trong danh mục; cần: một trong: a, b."
