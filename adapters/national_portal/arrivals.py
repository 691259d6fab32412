"""Invented dossiers as citizens might submit them at the national portal."""

from __future__ import annotations


def a_dossier(code: str) -> dict[str, object]:
    """Return a dossier of this national code, without a code of the province and without files."""
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
        "TaiLieuNop": [],
    }
