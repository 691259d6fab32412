"""The other side of ``national_portal``: the national portal's «kết nối một cửa» interface, strict about what is known.

A session is needed and expires, an unknown service and a missing field are refused in its words, ``isUpdating`` must be
true, «đã tồn tại» is said of what it has, and every file is downloaded by its link and compared with its SHA-256. A
progress note is written down as often as it comes. Everything it holds is invented.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from adapters.national_portal.arrivals import FILE_PATH, a_dossier, a_file
from adapters.national_portal.catalogues import CATALOGUES, PROCEDURES
from gateway.testing.simulator import LOOPBACK, LOSES_REPLY, Caller, Journal, Place, serve

_DATE = re.compile(r"\d{14}", re.ASCII)
_STATUSES = frozenset(map(str, range(1, 11)))
#: What every working client sends of a dossier.
_REQUIRED = (
    *("MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong"),
    *("SoDienThoai", "TrichYeuHoSo", "NgayTiepNhan", "TrangThaiHoSo", "HinhThuc", "DonViXuLy", "NoiNopHoSo"),
    *("HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID", "DuocThanhToanTrucTuyen"),
)
_PRESENT = ("NgayHenTra", "DinhDanhCHS")
_REQUIRED_OF_NOTES = ("MaHoSo", "ThoiDiemXuLy", "TrangThai")
_REQUIRED_OF_STATES = ("MaHoSo", "NgayXuLy", "TrangThai")
_LONGEST = {"TrichYeuHoSo": 1000, "GhiChu": 2000, "NguoiXuLy": 50}
#: How the same «done» is written, in turn: what working clients have met.
_YES: tuple[object, ...] = (0, "0", "00")
_EXISTS: tuple[object, ...] = ("3", "-3", None)

Item = Mapping[str, object]


class Refusal(Exception):
    """What the portal says instead of doing it."""

    def __init__(self, message: str, code: object = "-1") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How it misbehaves: each a share of all calls."""

    drop: float = 0.0  #: commits, then closes the connection
    html: float = 0.0  #: answers a page instead of JSON, without having taken anything
    unavailable: float = 0.0  #: 503 with Retry-After
    slow: float = 0.0  #: waits three seconds before it begins
    codes: bool = False  #: says «done» in every way that was met: int, text, «3» and «-3», null, no code at all
    session_calls: int = 100  #: a session is good for so many calls, then it ends in the middle

    @classmethod
    def add(cls, parser: ArgumentParser) -> None:
        """Add the switches to a parser."""
        for name in ("drop", "html", "unavailable", "slow"):
            parser.add_argument(f"--{name}", type=float, default=0.0)
        parser.add_argument("--codes", action="store_true")
        parser.add_argument("--session-calls", type=int, default=100)


@dataclass(slots=True)
class Portal:
    """All that the national portal knows and does."""

    journal: Journal
    session: ClientSession = field(repr=False)
    faults: Faults = field(default_factory=Faults)
    address: str = ""  #: where its files can be had
    notes_once: bool = False  #: the same note is written down once: no fact, but what a demo may assume
    seed: int = 1
    dossiers: dict[str, Item] = field(default_factory=dict[str, Item])
    notes: dict[str, list[Item]] = field(default_factory=dict[str, list[Item]])
    theirs: set[str] = field(default_factory=set[str])  #: dossiers that were submitted here
    _sessions: dict[str, int] = field(default_factory=dict[str, int])
    _dropped: set[str] = field(default_factory=set[str])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    _chance: random.Random = field(init=False, repr=False)
    _answers: int = 0

    def __post_init__(self) -> None:
        """Begin the dice, which need a seed and not secrecy."""
        self._chance = random.Random(self.seed)  # noqa: S311 - faults need a seed, not secrecy

    async def login(self, request: web.Request) -> web.Response:
        """Answer ``mapi/login`` with a session."""
        asked = await request.json()
        if asked.get("username") != "sample" or asked.get("password") != "sample-only":
            return _said("-1", "Sai tên đăng nhập hoặc mật khẩu")
        session = f"{self._chance.getrandbits(96):024x}"
        self._sessions[session] = self.faults.session_calls
        return web.json_response({"error_code": 0, "session": session, "result": []})

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one service."""
        weather = await self._weather()
        if weather is not None:
            return weather
        asked = cast("dict[str, object]", await request.json())
        service = str(asked.get("service", ""))
        if not self._is_logged_in(str(asked.get("session", ""))):
            return _said("-2", "Phiên làm việc đã hết hạn")
        code = _code_of(asked)
        self.journal.write("request", dossier=code, service=service, delivery=request.headers.get("Idempotency-Key"))
        try:
            answer = self._serve(service, asked)
        except Refusal as refusal:
            self.journal.write("refused", dossier=code, service=service, answer=str(refusal))
            return _said(refusal.code, str(refusal))
        if service != "TraCuuHoSo" and self._is_to_drop(code, service) and request.transport is not None:
            self.journal.write("dropped", dossier=code, service=service)
            request.transport.abort()
        self.journal.write("replied", dossier=code, service=service)
        return answer

    async def push(self, caller: Caller, code: str, path: str) -> bytes:
        """Hand a dossier of this code to the province, as if a citizen had submitted it here; return the answer."""
        self.theirs.add(code)
        self.journal.write("issued", dossier=code, kind="dossier.submitted", event=code)
        body = json.dumps({"data": [a_dossier(code, self.address)]}, ensure_ascii=False).encode()
        _, answer = await caller.call("POST", path, body, {"Content-Type": "application/json"})
        return answer

    async def file(self, request: web.Request) -> web.Response:
        """Answer with the file of a dossier that was submitted here."""
        code = request.match_info["code"]
        if code not in self.theirs:
            raise web.HTTPNotFound
        self.journal.write("fetched", dossier=code)
        return web.Response(body=a_file(code), content_type="application/pdf")

    async def settle(self) -> None:
        """Wait for the downloads that are under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _weather(self) -> web.Response | None:
        if self._is_hit(self.faults.slow):
            await asyncio.sleep(3)
        if self._is_hit(self.faults.unavailable):
            return web.Response(status=503, headers={"Retry-After": "1"}, text="bảo trì")
        if self._is_hit(self.faults.html):
            return web.Response(text="<html><body>Cổng đang bảo trì</body></html>", content_type="text/html")
        return None

    def _is_hit(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def _is_logged_in(self, session: str) -> bool:
        left = self._sessions.get(session, 0)
        self._sessions[session] = left - 1
        return left > 0

    def _is_to_drop(self, code: str, service: str) -> bool:
        """The magic number loses the first reply to each service; the switch loses any."""
        if code.endswith(str(LOSES_REPLY)) and (mark := f"{code} {service}") not in self._dropped:
            self._dropped.add(mark)
            return True
        return self._is_hit(self.faults.drop)

    def _serve(self, service: str, asked: Item) -> web.Response:
        match service:
            case "DongBoHoSoMC":
                return self._synchronise(asked)
            case "CapNhatTienDoHoSoMC":
                return self._note(asked)
            case "TraCuuHoSo":
                return self._find(asked)
            case "DongBoTrangThaiHoSo":
                return self._state(asked)
            case "LayThuTuc":
                return _found([one for one in PROCEDURES if one["MATTHC"] == asked.get("maTTHC")])
            case "LayDanhSachTTHC" | "LayDVC" | "LayDanhMucCoQuan" | "LayDanhMucLinhVuc":
                return _found(CATALOGUES[service])
            case _:
                raise Refusal(f"Không có dịch vụ {service}")

    def _synchronise(self, asked: Item) -> web.Response:
        updating = asked.get("isUpdating")
        if updating not in {"True", "False"}:
            raise Refusal("isUpdating phải là True hoặc False")
        items = _items(asked)
        for item in items:
            _check(item, _REQUIRED, status="TrangThaiHoSo")
            missing = [name for name in _PRESENT if name not in item]
            if missing:
                raise Refusal(f"Thiếu trường {', '.join(missing)}")
            code = str(item["MaHoSo"])
            if updating == "False" and code in self.dossiers:
                raise Refusal(f"Hồ sơ {code} đã tồn tại", self._turn(_EXISTS) if self.faults.codes else "3")
            if updating == "True" and code not in self.dossiers:
                raise Refusal(f"Hồ sơ {code} không tồn tại")
        for item in items:
            self._keep(item, updating=updating == "True")
        return self._done([{"MaHoSo": item["MaHoSo"]} for item in items])

    def _keep(self, item: Item, *, updating: bool) -> None:
        code = str(item["MaHoSo"])
        again = updating and _stated(item) == _stated(self.dossiers[code])
        self.dossiers[code] = item
        self.journal.write(
            "repeated" if again else "effect",
            dossier=code,
            service="DongBoHoSoMC",
            kind="update" if updating else "new",
            status=item["TrangThaiHoSo"],
        )
        for file in cast("list[dict[str, str]]", item["TaiLieuNop"]):
            task = asyncio.create_task(self._download(code, file))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _note(self, asked: Item) -> web.Response:
        items = _items(asked)
        for item in items:
            _check(item, _REQUIRED_OF_NOTES, status="TrangThai")
            if str(item["MaHoSo"]) not in self.dossiers:
                raise Refusal(f"Hồ sơ {item['MaHoSo']} không tồn tại")
        for item in items:
            code, notes = str(item["MaHoSo"]), self.notes.setdefault(str(item["MaHoSo"]), [])
            if not (self.notes_once and item in notes):
                notes.append(item)
                self.journal.write(
                    "effect",
                    dossier=code,
                    service="CapNhatTienDoHoSoMC",
                    kind="note",
                    status=item["TrangThai"],
                    time=item["ThoiDiemXuLy"],
                )
        return self._done([])

    def _find(self, asked: Item) -> web.Response:
        code = str(asked.get("mahoso", ""))
        if not code:
            raise Refusal("Thiếu mahoso")
        if code not in self.dossiers:
            return _said("0", "Không tìm thấy hồ sơ")
        return web.json_response({"error_code": "0", "message": "thành công", "result": [self.dossiers[code]]})

    def _state(self, asked: Item) -> web.Response:
        item = asked.get("data")
        if asked.get("type") != "2" or not isinstance(item, dict):
            raise Refusal("type phải là 2, data phải là một đối tượng")
        stated = cast("Item", item)
        _check(stated, _REQUIRED_OF_STATES, status="TrangThai")
        code = str(stated["MaHoSo"])
        if code not in self.theirs:
            raise Refusal(f"Hồ sơ {code} không nộp tại Cổng DVCQG")
        self.journal.write(
            "effect",
            dossier=code,
            service="DongBoTrangThaiHoSo",
            kind="state",
            status=stated["TrangThai"],
            unit=stated.get("MaHoSoDonVi", ""),
        )
        return self._done([])

    def _done(self, result: list[dict[str, object]]) -> web.Response:
        """Say yes; with the switch on, in every way in which working systems say it."""
        if not self.faults.codes:
            return web.json_response({"error_code": "0", "message": "thành công", "result": result})
        self._answers += 1
        ways: tuple[dict[str, object], ...] = (
            *({"error_code": code} for code in _YES),
            {"error_code": "3", "message": "Cập nhật thành công"},
            {"error_code": "-3", "error_message": "Đã xử lý thành công"},
            {"error_code": None, "message": "thành công"},
            {"message": "Đồng bộ thành công"},
        )
        return web.json_response({**ways[self._answers % len(ways)], "result": result})

    def _turn(self, codes: tuple[object, ...]) -> object:
        self._answers += 1
        return codes[self._answers % len(codes)]

    async def _download(self, code: str, file: Mapping[str, str]) -> None:
        """Get one file by its link, without any key, and compare it."""
        try:
            address = file["DuongDanTaiTepTin"]
            async with self.session.get(address, timeout=ClientTimeout(total=60)) as reply:
                content = await reply.read()
                good = reply.status == web.HTTPOk.status_code
        except (ClientError, OSError, TimeoutError):
            content, good = b"", False
        good = good and hashlib.sha256(content).hexdigest() == file.get("HashTepTin")
        place = urlsplit(file.get("DuongDanTaiTepTin", "")).path[:10]
        self.journal.write("file" if good else "bad_file", dossier=code, size=len(content), place=place)


def application(portal: Portal) -> web.Application:
    """Return the web application of the portal."""
    app = web.Application(client_max_size=32 << 20)
    app.router.add_post("/mapi/login", portal.login)
    app.router.add_post("/mapi/g", portal.call)
    app.router.add_get(FILE_PATH + "{code}", portal.file)
    return app


def _said(code: object, message: str) -> web.Response:
    return web.json_response({"error_code": code, "message": message, "result": []})


def _found(result: Sequence[Mapping[str, object]]) -> web.Response:
    """Answer a catalogue; an empty result means that there is nothing under this code."""
    return web.json_response({"error_code": "0", "message": "thành công" if result else "", "result": result})


def _items(asked: Item) -> list[Item]:
    items = asked.get("data")
    if not isinstance(items, list) or not items:
        raise Refusal("data phải là danh sách")
    return cast("list[Item]", items)


def _check(item: Item, required: tuple[str, ...], *, status: str) -> None:
    """Refuse what no working client would send."""
    missing = [name for name in required if not item.get(name)]
    if missing:
        raise Refusal(f"Thiếu trường bắt buộc: {', '.join(missing)}")
    odd = [name for name, value in item.items() if not isinstance(value, str | list)]
    if odd:
        raise Refusal(f"Giá trị phải là chuỗi: {', '.join(odd)}")
    if item[status] not in _STATUSES:
        raise Refusal(f"{status} không có trong danh mục")
    if long := [name for name, most in _LONGEST.items() if len(str(item.get(name, ""))) > most]:
        raise Refusal(f"Quá dài: {', '.join(long)}")
    dates = [name for name in item if name.startswith(("Ngay", "ThoiDiem"))]
    if bad := [name for name in dates if item[name] and not _DATE.fullmatch(str(item[name]))]:
        raise Refusal(f"Sai định dạng ngày yyyyMMddHHmmss: {', '.join(bad)}")


def _stated(item: Item) -> Item:
    """Return what a dossier says, without the links to its files: each call makes them anew."""
    files = cast("list[dict[str, str]]", item["TaiLieuNop"])
    return {**item, "TaiLieuNop": [{**file, "DuongDanTaiTepTin": ""} for file in files]}


def _code_of(asked: Item) -> str:
    return str(_first(asked.get("data")).get("MaHoSo") or asked.get("mahoso") or "")


def _first(data: object) -> Item:
    if isinstance(data, list):
        return _first(next(iter(cast("list[object]", data)), None))
    return cast("Item", data) if isinstance(data, dict) else {}


async def run() -> None:
    """Serve until told to stop; with ``--push N`` hand N dossiers over first."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--down-for", type=float, default=0)
    parser.add_argument("--notes-once", action="store_true", help="write the same progress note down once")
    parser.add_argument("--push", type=int, default=0, help="how many dossiers are submitted here")
    Faults.add(parser)
    arguments = parser.parse_args()
    place = Place.of(arguments)
    faults = Faults(
        drop=arguments.drop,
        html=arguments.html,
        unavailable=arguments.unavailable,
        slow=arguments.slow,
        codes=arguments.codes,
        session_calls=arguments.session_calls,
    )
    journal = Journal(place.journal)
    async with ClientSession() as session:
        portal = Portal(
            journal,
            session,
            faults,
            address=f"http://{LOOPBACK}:{place.port}",
            notes_once=arguments.notes_once,
            seed=place.seed,
        )
        pushing = asyncio.create_task(_push(portal, Caller(place, session), arguments.push))
        await serve(application(portal), place.port, down_for=arguments.down_for)
        pushing.cancel()
    journal.close()


async def _push(portal: Portal, caller: Caller, count: int) -> None:
    for number in range(1, count + 1):
        await portal.push(caller, f"G22.99.01-260302-{number:04d}", "/callbacks/national_portal/nhanhsdvcqg")


if __name__ == "__main__":
    asyncio.run(run())
