"""The national name of every field: the one table behind both vocabularies.

Names that working systems of the national interface use stand as they are; the rest is formed in their style.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.model import bodies, event
from gateway.model.types import (
    actor,
    address,
    coded,
    component,
    dossier,
    fee,
    file,
    form,
    person,
    procedure,
    progress,
    reference,
    result,
    status,
    supplement,
    unit,
)
from gateway.model.types.shapes import Record


def _row(words: str) -> Mapping[str, str]:
    """Read ``field=name`` pairs."""
    return MappingProxyType(dict(pair.split("=", 1) for pair in words.split()))


_ENVELOPE = """
source_event_id=MaSuKienNguon occurred_at=ThoiDiemXayRa occurred_precision=DoChinhXacThoiDiem actor=NguoiXuLy
text=NoiDung files=DanhSachTepDinhKem test=DuLieuThu
"""
_POSTED = f"{_ENVELOPE} kind=LoaiSuKien dossier=HoSo data=DuLieu causes=SuKienNguyenNhan corrects=SuKienDuocDinhChinh"
_STORED = f"""
{_POSTED} id=MaSuKien source=HeThongNguon accepted_at=ThoiDiemTiepNhan revision=PhienBanHoSo anomalies=DanhSachBatThuong
"""
_PERSON = """
type=LoaiDoiTuong name=HoTen identities=DanhSachDinhDanh account_id=MaDoiTuong
vneid_verified=TaiKhoanDuocXacThucVoiVNeID tax_code=MST birth_date=NgaySinh gender=GioiTinh ethnicity=DanToc
nationality=QuocTich phone=SoDienThoai email=Email fax=Fax addresses=DanhSachDiaChi
"""
_FEE = """
id=LePhiId code=MaPhiLePhi name=TenPhiLePhi kind=LoaiPhiLePhi amount=Gia collect_at=HinhThucThu
notice_no=MaThongBaoThue decision_no=SoQuyetDinh decision_date=NgayQuyetDinh payer=NguoiNopTien payee=TKThuHuong
due_on=HanNop state=TrangThaiThanhToan paid_at=ThoiGianThanhToan transaction=MaThamChieu lookup_code=MaTraCuuTT
receipt_file=UrlFileChungTu
"""
_WITHIN_PERIOD = "due_before=NgayHenTraTruoc"

_TABLE: dict[type[Record], str] = {
    event.NewEvent: _POSTED,
    event.Event: _STORED,
    event.NewDossier: f"{_ENVELOPE} dossier=HoSo references=DanhSachMaHoSo",
    event.EventBatch: "items=DanhSachSuKien",
    event.DossierRef: "code=MaHoSo scheme=LoaiMaHoSo references=DanhSachMaHoSo",
    event.DossierLink: "id=HoSoId code=MaHoSo references=DanhSachMaHoSo",
    reference.Reference: "scheme=LoaiMaHoSo code=MaHoSo",
    actor.Actor: "name=HoTen position=ChucDanh unit=PhongBanXuLy officer_code=MaCanBo",
    coded.Coded: "table=DanhMuc table_version=PhienBanDanhMuc code=Ma name=Ten",
    address.Address: """
        use=LoaiDiaChi country=QuocGia province=MaTinh district=MaHuyen ward=MaXa detail=DiaChiChiTiet
        whole=DiaChiDayDu
    """,
    unit.Unit: "code=MaDonVi name=TenDonVi tier=CapDonVi",
    unit.Territory: "province=MaTinh district=MaHuyen ward=MaXa",
    procedure.Procedure: """
        code=MaTTHC local_code=MaTTHCDiaPhuong name=TenTTHC service_code=MaDVC field_code=MaLinhVuc
        field_name=TenLinhVuc case=TruongHop process=MaQuyTrinh level=MucDo
    """,
    person.Name: "whole=HoVaTen family=Ho middle=ChuDem given=Ten",
    person.Identity: "type=LoaiDinhDanh number=SoDinhDanh issued_on=NgayCap issued_by=NoiCap",
    person.Person: _PERSON,
    person.Submitter: f"{_PERSON} relation=QuanHe",
    person.Subject: f"{_PERSON} role=VaiTro",
    form.Form: "schema=MaBieuMau version=PhienBanBieuMau media_type=KieuDuLieu encoding=MaHoa data=DuLieuBieuMau",
    file.Signature: "format=DinhDangChuKy signer=NguoiKy serial=SoChungThu signed_at=ThoiDiemKy",
    file.FileRef: """
        id=TepDinhKemId url=DuongDanTaiTepTin sha256=HashTepTin role=LoaiTep name=TenTepDinhKem
        media_type=KieuDuLieu size=KichThuoc removed=IsDeleted signature=ChuKySo
    """,
    component.Component: """
        code=MaThanhPhanHoSo name=TenThanhPhanHoSo originals=SoBanChinh copies=SoBanSao copy_kind=LoaiBan
        digitised=DuocSoHoa reused=DuocTaiSuDung from_store=DuocLayTuKhoDMQG substitutes_result=MaKetQuaThayThe
        files=DanhSachTepDinhKem
    """,
    fee.Payer: "name=HoTenNguoiNopTien tax_code=MaSoThue identity_number=SoDinhDanhNguoiNop",
    fee.Payee: "account=SoTaiKhoan bank_code=MaNHThuHuong name=TenTKThuHuong",
    fee.Fee: _FEE,
    bodies.FeePayment: f"{_FEE} reason=LyDo",
    supplement.Supplement: f"""
        id=HoSoBoSungId requested_by=NguoiYeuCauBoSung requested_at=NgayBoSung content=NoiDungBoSung
        respond_by=HanBoSungHoSo papers=DanhSachGiayToBoSung fees=DanhSachLePhiBoSung
        received_by=NguoiTiepNhanBoSung received_at=NgayTiepNhanBoSung state=TrangThaiBoSung
        {_WITHIN_PERIOD} due_after=NgayHenTraMoi
    """,
    result.Register: "number=SoDangKy book=QuyenSo page=TrangSo",
    result.Result: """
        id=GiayToId code=MaGiayToKetQua name=TenGiayTo number=SoKyHieu register=ThongTinSoDangKy issued_on=NgayCap
        issuer=CoQuanCap signer=NguoiKy position=ChucVuNguoiKy valid_until=NgayHetHan data=DuLieuKetQua
        files=DuongDanTepTinKetQua replaces=GiayToBiThayThe reason=LyDo signature=ChuKySo
    """,
    progress.Progress: """
        actor=NguoiXuLy occurred_at=ThoiDiemXuLy text=NoiDungXuLy status=TrangThai started_at=NgayBatDau
        regulated_end=NgayKetThucTheoQuyDinh
    """,
    status.SourceStatus: "table=BangTrangThai code=MaTrangThai text=TenTrangThai",
    dossier.Relation: "kind=LoaiQuanHe scheme=LoaiMaHoSo code=MaHoSo",
    dossier.Dossier: """
        code=MaHoSo receipt_number=SoBienNhan relations=HoSoLienQuan origin=NguonDangKy channel=KenhThucHien
        submitted_via=NoiNopHoSo module=Module procedure=ThuTuc receiving_unit=DonViTiepNhan
        processing_unit=DonViXuLy registration_unit=DonViDangKy territory=DiaBan owner=ChuHoSo
        submitter=ThongTinNguoiNop representative=UyQuyen subjects=DanhSachDoiTuong form=ToKhai
        summary=TrichYeuHoSo note=GhiChu other_info=ThongTinKhac submitted_at=NgayNopHoSo
        received_at=NgayTiepNhan due_at=NgayHenTra processed_at=NgayKetThucXuLy returned_at=NgayTra
        refused_at=NgayTuChoi return_note=ThongTinTra return_method=HinhThuc return_address=DiaChiTra
        status=TrangThaiHoSo closing=HinhThucKetThuc reason=LyDoTuChoi digitised=HoSoCoThanhPhanSoHoa
        databases_used=DSKetNoiCSDL online_payment=DuocThanhToanTrucTuyen components=TaiLieuNop
        other_papers=DanhSachTepDinhKemKhac files=DanhSachTepDinhKem fees=DanhSachLePhi
        supplements=DanhSachHoSoBoSung results=DanhSachGiayToKetQua progress=TienDo
    """,
    bodies.AmendmentRequest: "reason=LyDo fields=TruongThongTin respond_by=HanSuaDoi",
    bodies.Transfer: "from_unit=DonViChuyen to_unit=DonViNhan reason=LyDo transferred_at=NgayChuyen",
    bodies.Assignment: "references=DanhSachMaHoSo",
    bodies.StatusChange: """
        status=TrangThaiHoSo source_status=TrangThaiNguon reason=LyDo closing=HinhThucKetThuc due_at=NgayHenTra
        unit=DonViXuLy
    """,
    bodies.DeadlineChange: f"action=LoaiThayDoi {_WITHIN_PERIOD} due_at=NgayHenTraMoi reason=LyDo",
    bodies.SupplementAnswer: """
        id=HoSoBoSungId content=NoiDungBoSung submitted_at=NgayNopBoSung papers=DanhSachGiayToBoSung form=ToKhai
    """,
    bodies.SupplementClosure: "id=HoSoBoSungId result=KetQuaBoSung reason=LyDo due_after=NgayHenTraMoi",
    bodies.Withdrawal: """
        reason=LyDo requested_by=NguoiYeuCau requested_at=NgayYeuCau decided_at=NgayQuyetDinh
    """,
    bodies.Revocation: "id=GiayToId number=SoKyHieu reason=LyDo revoked_on=NgayThuHoi",
    bodies.Dispute: "id=GiayToId number=SoKyHieu reason=LyDo",
    bodies.Return: "id=GiayToId returned_at=NgayTra method=HinhThuc receiver=NguoiNhan note=GhiChu",
    bodies.RelayNews: """
        system=HeThong delivery_id=MaLuotGui event_id=MaSuKien event_kind=LoaiSuKien reason=LyDo words=NoiDungPhanHoi
        partner_code=MaPhanHoi next_try=LanGuiTiepTheo
    """,
    bodies.Unmatched: "event_id=MaSuKien event_kind=LoaiSuKien references=DanhSachMaHoSo reason=LyDo",
}
#: Struct to field to national name.
NATIONAL: Mapping[type[Record], Mapping[str, str]] = MappingProxyType({key: _row(row) for key, row in _TABLE.items()})
