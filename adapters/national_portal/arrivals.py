"""Invented dossiers as citizens might submit them at the national portal."""

from __future__ import annotations

import hashlib

FILE_PATH = "/tep/"  #: below the simulator's own address, with the dossier's code behind it


def a_file(code: str) -> bytes:
    """Return the file that belongs to a dossier."""
    return f"%PDF-1.7\n% sample of {code}, nobody's data\n%%EOF\n".encode()


def a_dossier(code: str, address: str) -> dict[str, object]:
    """Return a dossier of this national code, without a code of the province; its file lies at this address."""
    file = {
        "TepDinhKemId": f"{code}-1",
        "TenTepDinhKem": "Tờ khai đăng ký kết hôn.pdf",
        "DuongDanTaiTepTin": f"{address}{FILE_PATH}{code}",
        "HashTepTin": hashlib.sha256(a_file(code)).hexdigest(),
    }
    return {
        "MaHoSo": code,
        "MaTTHC": "1.000894",
        "TenTTHC": "Đăng ký kết hôn",
        "MaLinhVuc": "G15-HT01",
        "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": "2",
        "ChuHoSo": "Quàng Thị Mẫu",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "sample-tech-id",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "014000000002"}],
        "SoDienThoai": "0900000002",
        "TrichYeuHoSo": "Đăng ký kết hôn (hồ sơ mẫu)",
        "NgayNopHoSo": "20260302080000",
        "MaDonVi": "H52.101",
        "DonViXuLy": "UBND xã mẫu",
        "TrangThaiHoSo": "1",
        "NoiNopHoSo": "1",
        "TaiLieuNop": [file],
    }
