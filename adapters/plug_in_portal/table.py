"""The portal's own table of dossiers: invented, and changed by time as desks change them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from gateway.testing.simulator import ASKS_FEE, ASKS_PAPER, LOSES_REPLY

_PROVINCE = ".000.00.00.H52"  #: the ending that a province gives a national code
VIETNAM = timezone(timedelta(hours=7))
#: Procedures that many provinces have; a name proves nothing.
PROCEDURES = {
    "1.001193": "Đăng ký khai sinh",
    "1.000894": "Đăng ký kết hôn",
    "1.000656": "Đăng ký khai tử",
    "1.004873": "Cấp Giấy xác nhận tình trạng hôn nhân",
    "2.000635": "Cấp bản sao trích lục hộ tịch",
}
#: More of them, for portals that are told to have them.
OTHERS = {
    "1.002809": "Đổi giấy phép lái xe",
    "2.000488": "Cấp Phiếu lý lịch tư pháp cho công dân",
    "2.001583": "Đăng ký thành lập công ty TNHH một thành viên",
    "2.001610": "Đăng ký thành lập doanh nghiệp tư nhân",
    "2.002621": "Liên thông khai sinh, thường trú, thẻ BHYT cho trẻ dưới 6 tuổi",
}
#: Lĩnh vực of those that are not of civil status.
_FIELDS = {
    "1.002809": ("G04-GT01", "Đường bộ"),
    "2.000488": ("G15-LT01", "Lý lịch tư pháp"),
    "2.001583": ("G05-KD01", "Thành lập và hoạt động của doanh nghiệp"),
    "2.001610": ("G05-KD01", "Thành lập và hoạt động của doanh nghiệp"),
}
#: What a dossier passes: its status, and what is written of the step.
_WAY = (("2", "Tiếp nhận hồ sơ"), ("4", "Chuyển chuyên viên thẩm định"), ("4", "Trình lãnh đạo"), ("9", "Có kết quả"))
#: How far ten dossiers of one day get: most have come in, one is worked on, one is done.
_COURSES = (1, 1, 1, 1, 1, 1, 1, 1, 2, len(_WAY))
#: Sequences by which a sandbox's partners ask for a supplement, for a fee, or drop their reply.
MAGIC = (ASKS_PAPER, ASKS_FEE, LOSES_REPLY)

_NAMES = ("Lò Văn Hương", "Quàng Thị Yến", "Cà Minh Đạt", "Tòng Ngọc Phượng", "Vì Xuân Nghĩa", "Giàng Thu Huệ")


@dataclass(slots=True, kw_only=True)
class Row:
    """One dossier of the portal, with the flags by which it knows what it has synced."""

    number: int
    dossier: dict[str, object]
    steps: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    is_synced: bool = False  #: as it stands now
    was_synced: bool = False  #: ever
    steps_synced: int = 0

    @property
    def code(self) -> str:
        """Return its MaHoSo."""
        return str(self.dossier["MaHoSo"])

    @property
    def procedure(self) -> str:
        """Return the national code of its procedure."""
        return str(self.dossier["MaTTHC"]).removesuffix(_PROVINCE)

    @property
    def way(self) -> Sequence[tuple[str, str]]:
        """Return the steps that it takes, in the end: each a status, and words."""
        return _WAY[: _COURSES[self.number % len(_COURSES)]]

    @property
    def is_done(self) -> bool:
        """Whether everything about it is synced, and nothing more will happen."""
        return self.is_synced and len(self.steps) == len(self.way) == self.steps_synced

    def go_on(self, now: datetime) -> None:
        """Take the next step at the desk: the dossier changes, and so must be synced again."""
        if len(self.steps) == len(self.way):
            return
        status, words = self.way[len(self.steps)]
        at = now + timedelta(seconds=len(self.steps))
        self.steps.append(
            {
                "MaHoSo": self.code,
                "NguoiXuLy": "Cán bộ mẫu",
                "ChucDanh": "Chuyên viên",
                "ThoiDiemXuLy": stamp(at),
                "PhongBanXuLy": "Bộ phận Một cửa",
                "NoiDungXuLy": words,
                "TrangThai": status,
                "NgayBatDau": "",
                "NgayKetThucTheoQuyDinh": "",
            }
        )
        if self.dossier["TrangThaiHoSo"] != status:
            self.dossier = {**self.dossier, "TrangThaiHoSo": status}
            self.is_synced = False


def rows(count: int, seed: int, now: datetime, *, files: str, procedures: dict[str, str]) -> list[Row]:
    """Return so many dossiers; the last of them bear a sandbox's magic numbers, and are of the last procedure."""
    chance = random.Random(seed)  # noqa: S311 - reproducible samples, no secrets
    numbers = [*range(1, count + 1)]
    if count > len(MAGIC):
        numbers[-len(MAGIC) :] = MAGIC
    each = [*procedures.items()]
    chosen = [each[-1] if number in MAGIC else each[number % len(each)] for number in numbers]
    return [
        Row(number=number, dossier=_dossier(number, procedure, chance, now, files))
        for number, procedure in zip(numbers, chosen, strict=True)
    ]


def stamp(at: datetime) -> str:
    """Return a time as the protocol writes it."""
    return at.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def _dossier(
    number: int, procedure: tuple[str, str], chance: random.Random, now: datetime, files: str
) -> dict[str, object]:
    code, name = procedure
    field_code, field_name = _FIELDS.get(code, ("G15-HT01", "Hộ tịch"))
    owner = chance.choice(_NAMES)
    papers = [_paper(number, files)] if number % 3 == 0 else []
    return {
        "MaHoSo": f"H52.101-{now.astimezone(VIETNAM):%y%m%d}-{number:04d}",
        "MaTTHC": code + _PROVINCE,
        "TenTTHC": name,
        "MaLinhVuc": field_code,
        "TenLinhVuc": field_name,
        "KenhThucHien": "1",
        "ChuHoSo": owner,
        "SoGiayToChuHoSo": f"014{chance.randrange(10**9):09d}",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "",
        "Email": "",
        "SoDienThoai": f"09{chance.randrange(10**8):08d}",
        "TrichYeuHoSo": f"{name} cho {owner}",
        "NgayNopHoSo": stamp(now),
        "NgayTiepNhan": stamp(now),
        "NgayHenTra": stamp(now + timedelta(days=7)),
        "TrangThaiHoSo": "1",
        "HinhThuc": "0",
        "DonViXuLy": "UBND xã mẫu",
        "NoiNopHoSo": "2",
        "HoSoCoThanhPhanSoHoa": "0",
        "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": "0",
        "DinhDanhCHS": [],
        "DSKetNoiCSDL": [],
        "TaiLieuNop": papers,
        "DanhSachLePhi": [],
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
    }


def _paper(number: int, files: str) -> dict[str, object]:
    return {
        "TepDinhKemId": str(number),
        "TenTepDinhKem": f"Giấy tờ {number}.pdf",
        "IsDeleted": "False",
        "MaThanhPhanHoSo": "",
        "DuongDanTaiTepTin": f"{files}/tep/{number}.pdf",
        "DuocSoHoa": "0",
        "DuocTaiSuDung": "0",
        "DuocLayTuKhoDMQG": "0",
        "MaKetQuaThayThe": "",
    }
