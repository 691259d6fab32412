"""A few rows of the national catalogues, in the upper-case names of their replies; for the simulator only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Row = Mapping[str, object]

PROCEDURES: Sequence[Row] = (
    {
        "MATTHC": "1.000894",
        "TENTTHC": "Đăng ký kết hôn",
        "MACOQUANCONGBO": "G15",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "G15-HT01", "TENLINHVUC": "Hộ tịch"}],
        "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G15.000001", "TENKETQUA": "Giấy chứng nhận kết hôn"}],
        "TRANGTHAI": "1",
    },
    {
        "MATTHC": "1.001193",
        "TENTTHC": "Đăng ký khai sinh",
        "MACOQUANCONGBO": "G15",
        "LINHVUCTHUCHIEN": [{"MALINHVUC": "G15-HT01", "TENLINHVUC": "Hộ tịch"}],
        "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.G15.000031", "TENKETQUA": "Giấy khai sinh"}],
        "TRANGTHAI": "1",
    },
)
#: By service.
CATALOGUES: Mapping[str, Sequence[Row]] = {
    "LayDanhSachTTHC": tuple({name: one[name] for name in ("MATTHC", "TENTTHC")} for one in PROCEDURES),
    "LayDVC": ({"MADVC": "1.000894.01", "TENDVC": "Đăng ký kết hôn"},),
    "LayDanhMucCoQuan": ({"MADONVI": "G15", "TENDONVI": "Bộ Tư pháp"},),
    "LayDanhMucLinhVuc": ({"MALINHVUC": "G15-HT01", "TENLINHVUC": "Hộ tịch"},),
}
