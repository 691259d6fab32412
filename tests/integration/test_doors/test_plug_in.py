"""The plug-in door: the national portal's protocol in, events out, answers in its words."""

import asyncio
import base64
import json
import unicodedata
from typing import ClassVar

import pytest

from gateway.core.errors import StoreUnavailable
from gateway.core.routing import UnknownDossier
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_book, a_route, a_system
from tests.encodings import as_windows_1258
from tests.integration.test_doors.conftest import OPERATOR, PASSWORD

BASE = f"/dvcqg/{PORTAL}/mapi"
CODE = "H52.12-261126-0001"


def a_dossier(code=CODE, **changes):
    return {
        "MaHoSo": code,
        "MaTTHC": "1.001193.000.00.00.H52",
        "TenTTHC": "Đăng ký khai sinh",
        "MaLinhVuc": "G15-HT01",
        "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": "2",
        "ChuHoSo": "Lò Văn Mẫu",
        "SoGiayToChuHoSo": "014000000001",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "",
        "SoDienThoai": "0900000001",
        "TrichYeuHoSo": "Đăng ký khai sinh cho con",
        "NgayTiepNhan": "20261126083000",
        "NgayHenTra": "",
        "TrangThaiHoSo": "2",
        "HinhThuc": "0",
        "DonViXuLy": "UBND xã mẫu",
        "TruongLa": "không có trong bảng",
        **changes,
    }


def a_step(code=CODE, status="4", at="20261126093000", **changes):
    return {
        "MaHoSo": code,
        "NguoiXuLy": "Quàng Thị Mẫu",
        "ChucDanh": "Chuyên viên",
        "ThoiDiemXuLy": at,
        "PhongBanXuLy": "Phòng Tư pháp",
        "NoiDungXuLy": "Thẩm định hồ sơ",
        "TrangThai": status,
        "NgayBatDau": "",
        "NgayKetThucTheoQuyDinh": "20261128170000",
        **changes,
    }


async def log_in(gate, username="dvc_mau", password=PASSWORD, base=BASE):
    return await gate.post(f"{base}/login", {"username": username, "password": password}, who=None)


async def call(gate, service, data=None, base=BASE, session=None, **params):
    if session is None:
        session = (await log_in(gate)).json["session"]
    sent = {"session": session, "madonvi": "H52", "service": service, **params}
    if data is not None:
        sent["data"] = data
    return await gate.post(f"{base}/g", sent, who=None)


async def messages(gate, code=CODE):
    (view,) = await gate.store.dossiers(code)
    return (await gate.store.timeline(view.id)).messages


async def test_a_portal_logs_in_and_its_dossier_is_on_disk_when_it_is_told_so(gate):
    """G1: in the protocol's words."""
    reply = await log_in(gate)
    assert reply.json["error_code"] == "0"
    reply = await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
    assert (reply.status, reply.json["error_code"]) == (200, "0"), reply.json
    assert "thành công" in reply.json["message"]
    (view,) = await gate.store.dossiers(CODE)
    dossier = json.loads(view.document)
    assert dossier["procedure"]["code"] == "1.001193"
    assert dossier["procedure"]["local_code"] == "1.001193.000.00.00.H52"
    assert dossier["receiving_unit"] == {"code": "H52.12"}
    assert dossier["received_at"] == "2026-11-26T08:30:00+07:00"
    assert dossier["owner"]["identities"] == [{"number": "014000000001"}]
    assert (dossier["channel"], dossier["status"]) == ("online", 2)
    assert view.agency == "H52.12"


async def test_a_dossier_whose_number_names_no_unit_is_received_by_the_one_that_calls(gate):
    """Its route may hang on it."""
    assert (await call(gate, "DongBoHoSoMC", [a_dossier("HS/1")], isUpdating="False")).json["error_code"] == "0"
    (view,) = await gate.store.dossiers("HS/1")
    assert (json.loads(view.document)["receiving_unit"], view.agency) == ({"code": "H52"}, "H52")


async def test_steps_keep_their_order_and_a_repeated_chunk_adds_nothing(gate):
    """G3, G7: the same step is the same event, whatever was said in between."""
    await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
    chunk = [a_step(at=f"202611260930{second:02d}") for second in range(10)]
    for _ in range(2):
        reply = await call(gate, "CapNhatTienDoHoSoMC", chunk)
        assert reply.json["error_code"] == "0"
        assert [item["error_code"] for item in reply.json["result"]] == ["0"] * 10
    said = await messages(gate)
    assert [message.kind for message in said] == ["dossier.submitted", *["progress.recorded"] * 10]
    assert [message.occurred_at.second for message in said[1:]] == list(range(10))
    (view,) = await gate.store.dossiers(CODE)
    assert [status.status.status for status in view.statuses] == [4]


@pytest.mark.parametrize(
    "base",
    [
        f"/dvcqg/{PORTAL}",
        f"/dvcqg/{PORTAL}/ket-noi/tuy-y",
        "/XrdAdapter/RestService/forward/mapi",
        "/VXPAdapter/RestService/forward/mapi",
        "/cong-dvcqg/mapi",
    ],
)
async def test_the_same_door_stands_at_every_path_that_a_portal_may_have_configured(gate_with, base):
    async with gate_with(prefixes=("/cong-dvcqg",)) as gate:
        session = (await log_in(gate, base=base)).json["session"]
        query = "g?dstcode=VN:GOV:000.00.00.G22:vpcpdvcprovider&providerurl=http%3A%2F%2Fdvc.example"
        sent = {"session": session, "service": "DongBoHoSoMC", "isUpdating": "False", "data": [a_dossier()]}
        headers = {
            "lgspaccesstoken": "eyJBY2Nlc3NLZXkiOiAiIn0=",
            "dstcode": "VN:GOV:000.00.00.G22:x",
            "Charset": "utf-8",
        }
        reply = await gate.post(f"{base}/{query}", sent, who=None, headers=headers)
        assert reply.json["error_code"] == "0"


async def test_an_api_key_is_a_password_and_ends_with_it(gate):
    """A session is worth no more than the key that it was given for."""
    session = (await log_in(gate, PORTAL, gate.keys[PORTAL])).json["session"]
    assert (await call(gate, "DongBoHoSoMC", [a_dossier()], session=session)).json["error_code"] == "0"
    (key,) = [key for key in await gate.store.all() if key.name == PORTAL]
    reply = await gate.call("DELETE", f"/v1/ops/keys/{key.id}", who=OPERATOR)
    assert reply.status < 300
    gate.clock.advance(2)
    reply = await call(gate, "CapNhatTienDoHoSoMC", [a_step()], session=session)
    assert reply.json["error_code"] == "-1"
    assert "Session không hợp lệ" in reply.json["message"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("dvc_mau", "sai"), ("khong_co", PASSWORD), ("", ""), (CIVIL_STATUS, None), (OPERATOR, None), (PORTAL, "gw_x")],
)
async def test_nobody_else_logs_in_and_nobody_learns_why(gate, username, password):
    """Ministries and operators neither: the door is the portals'."""
    reply = await log_in(gate, username, gate.keys[username] if password is None else password)
    assert (reply.status, reply.json["error_code"]) == (200, "-1")
    assert reply.json["message"].startswith("Đăng nhập không thành công")
    assert "session" not in reply.json


async def test_a_login_at_another_systems_path_is_refused(gate):
    reply = await log_in(gate, base=f"/dvcqg/{CIVIL_STATUS}/mapi")
    assert reply.json["error_code"] == "-1"
    session = (await log_in(gate)).json["session"]
    reply = await call(gate, "TraCuuHoSo", base=f"/dvcqg/{CIVIL_STATUS}/mapi", session=session, mahoso=CODE)
    assert "Session không hợp lệ" in reply.json["message"]


async def test_guessing_is_bounded(gate):
    """Ten wrong passwords a minute; then even the right one waits."""
    wrong = "sai"
    for _ in range(10):
        assert "Đăng nhập không thành công" in (await log_in(gate, password=wrong)).json["message"]
    reply = await log_in(gate)
    assert "quá nhiều lần" in reply.json["message"]
    assert reply.headers["Retry-After"] == "60"
    gate.clock.advance(61)
    assert (await log_in(gate)).json["error_code"] == "0"


async def test_who_fails_on_purpose_keeps_no_key_out(gate):
    """Behind a proxy everybody comes from one address, and a portal's name is no secret; nobody guesses a key."""
    for _ in range(11):
        await log_in(gate, PORTAL, "sai")
    assert "quá nhiều lần" in (await log_in(gate, PORTAL, "gw_x")).json["message"]
    assert (await log_in(gate, PORTAL, gate.keys[PORTAL])).json["error_code"] == "0"


async def test_an_expired_session_is_told_from_one_that_never_was(gate):
    session = (await log_in(gate)).json["session"]
    gate.clock.advance(31 * 60)
    assert "Session đã hết hạn" in (await call(gate, "DongBoHoSoMC", [a_dossier()], session=session)).json["message"]
    for wrong in ("gws.x.y", session[:-3] + "AAA", "x" * 5000, session.replace(".", "")):
        reply = await call(gate, "DongBoHoSoMC", [a_dossier()], session=wrong)
        assert "Session không hợp lệ" in reply.json["message"]
    assert "Thiếu session" in (await call(gate, "DongBoHoSoMC", [a_dossier()], session="")).json["message"]
    assert not await gate.store.dossiers(CODE)


async def test_an_access_token_is_a_session(gate):
    """LGSP: client_credentials, in Basic or in the form; then Bearer."""
    basic = base64.b64encode(f"dvc_mau:{PASSWORD}".encode()).decode()
    form = f"grant_type=client_credentials&client_id=dvc_mau&client_secret={PASSWORD}".encode()
    asked = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, headers, body in (
        ("/token", {"Authorization": f"Basic {basic}"}, b"grant_type=client_credentials"),
        (f"/dvcqg/{PORTAL}/token", {}, form),
    ):
        reply = await gate.post(path, who=None, raw=body, headers={**asked, **headers})
        assert (reply.json["token_type"], reply.json["expires_in"]) == ("Bearer", 1800)
        sent = {"service": "DongBoHoSoMC", "data": [a_dossier()]}
        bearer = {"Authorization": f"Bearer {reply.json['access_token']}"}
        assert (await gate.post(f"{BASE}/g", sent, headers=bearer)).json["error_code"] == "0"
    reply = await gate.post("/token", who=None, raw=form.replace(b"mat-khau", b"sai"), headers=asked)
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    reply = await gate.post("/token", who=None, raw=b"grant_type=password", headers=asked)
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


async def test_new_again_is_known_and_new_with_other_content_exists_already(gate):
    """G7: a retry is harmless; THX-like clients send it as an update then."""
    assert (await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")).json["error_code"] == "0"
    again = await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
    assert (again.json["error_code"], "thành công" in again.json["message"]) == ("0", True)
    changed = [a_dossier(TrangThaiHoSo="4")]
    reply = await call(gate, "DongBoHoSoMC", changed, isUpdating="False")
    assert (reply.json["error_code"], "đã tồn tại" in reply.json["error_message"]) == ("-3", True)
    for _ in range(2):
        assert (await call(gate, "DongBoHoSoMC", changed, isUpdating="True")).json["error_code"] == "0"
    assert [message.kind for message in await messages(gate)] == ["dossier.submitted", "dossier.amended"]


async def test_an_update_that_says_nothing_new_is_told_to_nobody_though_steps_came_between(gate):
    """A timer that sends everything again makes no revision; going back to what was said before does."""
    await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
    await call(gate, "DongBoHoSoMC", [a_dossier(GhiChu="hai")], isUpdating="True")
    await call(gate, "CapNhatTienDoHoSoMC", [a_step()])
    assert (await call(gate, "DongBoHoSoMC", [a_dossier(GhiChu="hai")], isUpdating="True")).json["error_code"] == "0"
    (view,) = await gate.store.dossiers(CODE)
    assert view.revision == 2
    two = [a_dossier(GhiChu="ba"), a_dossier(GhiChu="hai")]
    assert (await call(gate, "DongBoHoSoMC", two, isUpdating="True")).json["error_code"] == "0"
    (view,) = await gate.store.dossiers(CODE)
    assert (view.revision, json.loads(view.document)["note"]) == (4, "hai")


async def test_one_bad_object_refuses_no_other_and_is_named_in_the_senders_words(gate):
    """Nine of ten are taken; the call is refused, and sending it again is harmless."""
    codes = [f"H52.12-261126-{number:04d}" for number in range(1, 11)]
    batch = [a_dossier(code) for code in codes]
    batch[3] = a_dossier(codes[3], NgayTiepNhan="26/11/2026", KenhThucHien="9", TaiLieuNop=[{"IsDeleted": "có"}])
    for _ in range(2):
        reply = await call(gate, "DongBoHoSoMC", batch, isUpdating="False")
        assert reply.json["error_code"] == "-1"
        assert [item["error_code"] for item in reply.json["result"]] == ["0"] * 3 + ["-1"] + ["0"] * 6
        for name in ("data[3].NgayTiepNhan", "data[3].KenhThucHien", "data[3].TaiLieuNop[0].IsDeleted", "1/10"):
            assert name in reply.json["message"], reply.json["message"]
        assert "26/11/2026" not in reply.body.decode()
    assert [len(await gate.store.dossiers(code)) for code in codes] == [1, 1, 1, 0, *[1] * 6]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"MaHoSo": ""}, "data[0].MaHoSo"),
        ({"MaTTHC": ""}, "data[0].MaTTHC"),
        ({"TrichYeuHoSo": "x" * 1001}, "data[0].TrichYeuHoSo"),
        ({"MaHoSo": ["x"]}, "data[0].MaHoSo"),
        ({"TaiLieuNop": {}}, "data[0].TaiLieuNop"),
        ({"TaiLieuNop": ["x"]}, "data[0].TaiLieuNop[0]"),
        ({"TaiLieuNop": [{"DuongDanTaiTepTin": "ftp://x"}]}, "data[0].TaiLieuNop[0].DuongDanTaiTepTin"),
        (
            {"TaiLieuNop": [{"TenTepDinhKem": "x"}, {"DuongDanTaiTepTin": "http://10.0.0.1/x"}]},
            "data[0].TaiLieuNop[1].DuongDanTaiTepTin",
        ),
        ({"DanhSachLePhi": [{"TenPhiLePhi": "x", "Gia": "100.000"}]}, "data[0].DanhSachLePhi[0].Gia"),
        ({"DanhSachLePhi": [{"TenPhiLePhi": "x"}]}, "data[0].DanhSachLePhi[0].Gia"),
        ({"SoGiayToChuHoSo": "x" * 101}, "data[0].SoGiayToChuHoSo"),
        ({"DSKetNoiCSDL": [{"MaCSDL": "x" * 101}]}, "data[0].DSKetNoiCSDL[0]"),
        ({"NgayNopHoSo": "20260230000000"}, "data[0].NgayNopHoSo"),
        ({"ChuHoSo": "Lò\u0000Mẫu"}, "data[0].ChuHoSo"),
    ],
)
async def test_every_fault_is_named_as_the_sender_names_the_field(gate, changes, name):
    reply = await call(gate, "DongBoHoSoMC", [a_dossier(**changes)], isUpdating="False")
    assert (reply.status, reply.json["error_code"]) == (200, "-1")
    assert f"{name}:" in reply.json["message"], reply.json["message"]
    assert not await gate.store.find()


async def test_a_whole_object_comes_through(gate):
    """Everything that the protocol says and the model has; what it has not is kept as it came."""
    whole = a_dossier(
        DinhDanhCHS=[{"LoaiDinhDanh": "1", "SoDinhDanh": "014000000001"}],
        DSKetNoiCSDL=[{"MaCSDL": "1"}, {"MaCSDL": "7"}],
        DuocThanhToanTrucTuyen="1",
        TaiKhoanDuocXacThucVoiVNeID="1",
        TaiLieuNop=[
            {
                "TepDinhKemId": "55",
                "TenTepDinhKem": "Giấy chứng sinh.pdf",
                "IsDeleted": "False",
                "MaThanhPhanHoSo": "KQ.G15.000031",
                "DuongDanTaiTepTin": "https://tep.example/Giấy chứng sinh.pdf",
                "DuocSoHoa": "1",
            },
            {"TenTepDinhKem": "cũ.pdf", "IsDeleted": "True", "DuongDanTaiTepTin": "https://tep.example/cu.pdf"},
            {"TepDinhKemId": "56", "MaThanhPhanHoSo": "KQ.G15.000032", "DuocSoHoa": "0"},
        ],
        DanhSachLePhi=[
            {"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP1", "HinhThucThu": "1", "Gia": 8000, "LoaiPhiLePhi": "2"}
        ],
        DanhSachTepDinhKemKhac=[{"TenGiayTo": "Giấy khác", "SoLuong": "2", "LoaiGiayTo": "1"}],
        DanhSachHoSoBoSung=[{"HoSoBoSungId": "7", "NoiDungBoSung": "Bổ sung", "NgayBoSung": "20261127080000"}],
        DanhSachGiayToKetQua=[
            {"GiayToId": "9", "TenGiayTo": "Giấy khai sinh", "DuongDanTepTinKetQua": "https://tep.example/kq.pdf"}
        ],
    )
    assert (await call(gate, "DongBoHoSoMC", [whole], isUpdating="False")).json["error_code"] == "0"
    (message,) = await messages(gate)
    assert [file.url for file in message.pending] == [
        "https://tep.example/Gi%E1%BA%A5y%20ch%E1%BB%A9ng%20sinh.pdf",
        "https://tep.example/kq.pdf",
    ]
    (view,) = await gate.store.dossiers(CODE)
    dossier = json.loads(view.document)
    assert dossier["owner"]["identities"] == [{"type": "1", "number": "014000000001"}]
    assert dossier["databases_used"] == ["1", "7"]
    assert dossier["components"][1]["files"] == [{"name": "cũ.pdf", "removed": True}]
    assert dossier["components"][2] == {"code": "KQ.G15.000032", "digitised": False}  # on paper: no file comes
    assert dossier["fees"][0]["amount"] == 8000
    assert dossier["supplements"][0]["requested_at"] == "2026-11-27T08:00:00+07:00"


async def test_a_foreign_status_is_carried_as_it_came(gate):
    await call(gate, "DongBoHoSoMC", [a_dossier(TrangThaiHoSo="11")], isUpdating="False")
    assert (await call(gate, "CapNhatTienDoHoSoMC", [a_step(status="11")])).json["error_code"] == "0"
    (view,) = await gate.store.dossiers(CODE)
    assert [(item.status.status, item.status.code) for item in view.statuses] == [(None, "11")]


async def test_a_dossier_is_looked_up_in_our_own_books(gate):
    reply = await call(gate, "TraCuuHoSo", mahoso=CODE)
    assert (reply.json["error_code"], reply.json["message"]) == ("-1", "Hồ sơ không tồn tại")
    await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
    await gate.post(
        "/v1/events", {"kind": "status.changed", "dossier": {"code": CODE}, "data": {"status": 4}}, who=CIVIL_STATUS
    )
    (found,) = (await call(gate, "TraCuuHoSo", mahoso=CODE)).json["result"]
    assert (found["MaHoSo"], found["MaTTHC"], found["TrangThaiHoSo"]) == (CODE, "1.001193", "2")
    assert found["NgayTiepNhan"] == "20261126083000"
    assert [(item["HeThong"], item["TrangThai"]) for item in found["DanhSachTrangThai"]] == [(CIVIL_STATUS, "4")]
    assert "Lò Văn Mẫu" not in json.dumps(found, ensure_ascii=False)


async def test_the_status_of_a_dossier_from_the_national_portal_goes_to_it(gate_with):
    book = a_book(systems=[a_system(PORTAL, unknown_dossier=UnknownDossier.RELAY)], routes=[a_route(CIVIL_STATUS)])
    said = {
        "MaHoSo": "G22.99-261126-0007",
        "MaHoSoDonVi": CODE,
        "NoiDung": "Thiếu giấy tờ",
        "NgayXuLy": "20261126100000",
    }
    async with gate_with(book=book) as gate:
        reply = await call(gate, "DongBoTrangThaiHoSo", {**said, "TrangThai": "3"}, type="2")
        assert reply.json["error_code"] == "0", reply.json
        (view,) = await gate.store.dossiers(CODE, scheme="province")
        assert {(code.scheme, code.value) for code in view.codes} >= {("national", "G22.99-261126-0007")}
        reply = await call(gate, "DongBoTrangThaiHoSo", {**said, "TrangThai": "8", "NoiDung": ""}, type="2")
        assert "data[0].NoiDung:" in reply.json["message"]
        papers = [{"TenTepDinhKem": "x", "DuongDanTaiTepTin": "http://10.0.0.1/x"}]
        reply = await call(gate, "DongBoTrangThaiHoSo", {**said, "TrangThai": "4", "TaiLieuXuLy": papers}, type="2")
        assert "data[0].TaiLieuXuLy[0].DuongDanTaiTepTin:" in reply.json["message"]


async def test_the_catalogue_is_ours_and_what_is_not_ours_is_said(gate):
    found = (await call(gate, "LayThuTuc", maTTHC="1.001193.H52")).json["result"][0]
    assert (found["TENTTHC"], found["LINHVUCTHUCHIEN"][0]["TENLINHVUC"]) == ("Đăng ký khai sinh", "Hộ tịch")
    assert (await call(gate, "LayDanhSachTTHC")).json["result"] == [
        {"MATTHC": "1.001193", "TENTTHC": "Đăng ký khai sinh"}
    ]
    assert (await call(gate, "LayDanhMucLinhVuc")).json["result"][0]["TENLINHVUC"] == "Hộ tịch"
    assert (await call(gate, "LayDanhMucCoQuan")).json["result"] == []
    for service, words in (
        ("LayThuTuc", "không có thủ tục"),
        ("TraCuuTechID", "chưa được phục vụ"),
        ("x'<", "DongBoHoSoMC"),
    ):
        reply = await call(gate, service)
        assert reply.json["error_code"] == "-1"
        assert words in reply.json["message"]
        assert "x'<" not in reply.body.decode()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "JSON"),
        (b"", "JSON"),
        (b"<html>", "JSON"),
        (b"[]", "Sai kiểu"),
        (b"null", "Sai kiểu"),
        (b'{"service":"DongBoHoSoMC"}', "Thiếu session"),
        (b'{"service":{"a":1},"session":[]}', "session:"),
        (b'{"username":{"a":1}}', "username:"),
        (b'{"a":' + b"[" * 100 + b"]" * 100 + b"}", "quá sâu"),
        ('{"service":"Đăng"}'.encode("utf-16"), "UTF-8"),
        ('{"service":"Đơn"}'.encode("cp1258"), "UTF-8"),
        (b'{"x":"' + b"y" * 70_000 + b'"}', "quá"),
    ],
)
async def test_whatever_comes_is_refused_in_the_protocols_words(gate, raw, words):
    """HTTP 200, error_code, no trace of ours, nothing kept."""
    reply = await gate.post(f"{BASE}/g", raw=raw, who=None, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.json["error_code"]) == (200, "-1")
    assert words in reply.json["message"], reply.json["message"]
    assert "Traceback" not in reply.body.decode()
    assert await gate.is_empty()


@pytest.mark.parametrize(("raw", "connection"), [(b"[]", None), (b"x" * 70_000, "close")])
async def test_a_call_that_was_read_leaves_the_connection_for_the_next(gate, raw, connection):
    """However wrong it is: only behind one that was cut off more of it may come."""
    reply = await gate.post(f"{BASE}/g", raw=raw, who=None, headers={"Content-Type": "application/json"})
    assert (reply.json["error_code"], reply.headers.get("Connection")) == ("-1", connection)


async def test_neither_new_nor_update_is_a_guess(gate):
    reply = await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="có lẽ")
    assert (reply.json["error_code"], "isUpdating:" in reply.json["message"]) == ("-1", True)
    assert not await gate.store.dossiers(CODE)


@pytest.mark.parametrize("data", [[], None, "", [None], ["x"], [[]], 7, [a_dossier()] * 201])
async def test_what_is_no_list_of_objects_is_refused(gate, data):
    reply = await call(gate, "DongBoHoSoMC", data, isUpdating="False")
    assert (reply.status, reply.json["error_code"]) == (200, "-1"), reply.json


async def test_windows_1258_is_read_where_it_is_declared(gate):
    session = (await log_in(gate)).json["session"]
    sent = {"session": session, "service": "DongBoHoSoMC", "data": [a_dossier(ChuHoSo="Lò Thị Phượng")]}
    body = as_windows_1258(json.dumps(sent, ensure_ascii=False))
    plain = {"Content-Type": "application/json"}
    assert "UTF-8" in (await gate.post(f"{BASE}/g", raw=body, who=None, headers=plain)).json["message"]
    for headers in ({"Content-Type": "application/json; charset=windows-1258"}, {**plain, "Charset": "windows-1258"}):
        reply = await gate.post(f"{BASE}/g", raw=body, who=None, headers=headers)
        assert reply.json["error_code"] == "0", reply.json
    (view,) = await gate.store.dossiers(CODE)
    assert json.loads(view.document)["owner"]["name"]["whole"] == "Lò Thị Phượng"


async def test_a_byte_order_mark_and_any_media_type_are_let_pass(gate):
    session = (await log_in(gate)).json["session"]
    sent = json.dumps({"session": session, "service": "LayDanhSachTTHC"}).encode()
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        reply = await gate.post(f"{BASE}/g", raw=b"\xef\xbb\xbf" + sent, who=None, headers=headers)
        assert reply.json["error_code"] == "0", reply.json


async def test_a_portal_whose_columns_are_padded_says_the_same(gate):
    """CHAR columns come filled up: codes were refused, and a step's status left out without a word."""
    padded = a_dossier(f"{CODE}   ", KenhThucHien="2 ", NgayTiepNhan="20261126083000  ", SoBienNhan="BN-1  ")
    assert (await call(gate, "DongBoHoSoMC", [padded], isUpdating="False")).json["error_code"] == "0"
    step = a_step(f"{CODE}   ", status="4 ", at="20261126093000 ")
    assert (await call(gate, "CapNhatTienDoHoSoMC", [step])).json["error_code"] == "0"
    submitted, told = await messages(gate)
    assert {code.value for code in submitted.codes} >= {CODE}
    assert json.loads(told.payload.body)["data"]["status"] == 4
    refused = await call(gate, "DongBoHoSoMC", [a_dossier(f"{CODE}\u200b")], isUpdating="False")
    assert "MaHoSo" in refused.json["message"]


async def test_a_decomposed_code_is_the_same_code(gate):
    """NFD is taken, and composed in codes only."""
    code = "H52.Đơn-261126-0001"
    for form in ("NFD", "NFC"):
        spelled = unicodedata.normalize(form, code)
        reply = await call(gate, "DongBoHoSoMC", [a_dossier(spelled)], isUpdating="False")
        assert reply.json["error_code"] == "0"
    assert len(await messages(gate, code)) == 1


class Failing:
    """An inbox that loses its store in the middle."""

    def __init__(self, store):
        self._store = store

    async def accept(self, *_args, **_options):
        raise StoreUnavailable("the commit failed")


async def test_nothing_is_success_before_it_is_durable(gate_with):
    """G1: a store that fails is a refusal, and so is a gateway under pressure."""
    async with gate_with(inbox=Failing) as gate:
        reply = await call(gate, "DongBoHoSoMC", [a_dossier()], isUpdating="False")
        assert (reply.status, reply.json["error_code"]) == (200, "-1")
        assert "Cơ sở dữ liệu tạm thời không dùng được" in reply.json["message"]
        assert reply.headers["Retry-After"] == "5"


class Watched:
    """An inbox that remembers what it was given."""

    drafts: ClassVar = []

    def __init__(self, store):
        self._store = store
        self.drafts.clear()

    async def accept(self, drafts, **options):
        self.drafts.extend(drafts)
        return await self._store.accept(drafts, **options)


@pytest.mark.parametrize("updating", ["False", "True"])
async def test_nothing_is_answered_before_the_accept_is_durable(slow, updating):
    """G1: the answer waits for the commit."""
    gate, inbox = slow
    session = (await log_in(gate)).json["session"]
    sent = asyncio.create_task(call(gate, "DongBoHoSoMC", [a_dossier()], session=session, isUpdating=updating))
    await inbox.begun.wait()
    done, _ = await asyncio.wait((sent,), timeout=0.05)
    assert not done
    inbox.may_commit.set()
    assert (await sent).json["error_code"] == "0"


async def test_the_senders_own_object_is_kept_without_its_session(gate_with):
    """G9: the raw document is the object as it came, with what no row takes; a credential is no part of it."""
    async with gate_with(inbox=Watched) as gate:
        session = (await log_in(gate)).json["session"]
        await call(gate, "DongBoHoSoMC", [a_dossier()], session=session, isUpdating="False")
    (draft,) = Watched.drafts
    assert json.loads(draft.raw.body) == a_dossier()
    assert session.encode() not in draft.raw.body
