"""The other side of ``driver_licence``: a ministry's REST system that speaks as the national portal does.

Login session in the body, every scalar as text, ``error_code`` inside HTTP 200, «đã tồn tại» for what it has already.
It is down at first, sometimes commits and drops its reply, lets sessions expire, and calls back in its own format.
Everything it holds is invented.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import cast

from aiohttp import ClientSession, web

from gateway.testing.simulator import ASKS_FEE, ASKS_PAPER, LOSES_REPLY, Caller, Journal, Place, part_of, serve

_VIETNAM = timezone(timedelta(hours=7))
_PAGE = 100  #: dossiers of one page of its list
_SESSION_CALLS = 100  #: a session is good for so many calls, then it expires in the middle


@dataclass(slots=True)
class Case:
    """One dossier as this ministry has it."""

    code: str
    unit_code: str
    scenario: int
    issued: int = 0
    arrived: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def event(self, kind: str) -> asyncio.Event:
        """Return the signal that something of this kind has arrived."""
        return self.arrived.setdefault(kind, asyncio.Event())


class Ministry:
    """All that the ministry knows and does."""

    def __init__(self, place: Place, journal: Journal, caller: Caller, *, drop: float) -> None:
        self._place = place
        self._journal = journal
        self._caller = caller
        self._random = random.Random(place.seed)  # noqa: S311 - faults need a seed, not secrecy
        self._drop = drop
        self._sessions: dict[str, int] = {}
        self._taken: dict[str, Case] = {}
        self._cases: dict[str, Case] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def login(self, request: web.Request) -> web.Response:
        """Answer ``mapi/login`` with a session."""
        asked = await request.json()
        if asked.get("username") != "sample" or asked.get("password") != "sample-only":
            return web.json_response({"error_code": "-1", "message": "Sai tên đăng nhập hoặc mật khẩu"})
        session = f"{self._random.getrandbits(96):024x}"
        self._sessions[session] = _SESSION_CALLS
        return web.json_response({"error_code": "0", "session": session})

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer ``mapi/g``: the service is named in the body, and so is the session."""
        asked = await request.json()
        if not self._is_logged_in(asked.get("session", "")):
            return web.json_response({"error_code": "-2", "message": "Phiên làm việc đã hết hạn"})
        if asked["service"] == "DanhSachHoSoMC":
            return self._list(int(asked.get("sau") or 0))
        transaction, item = asked["MaGiaoDich"], asked["data"][0]
        self._journal.write("request", delivery=transaction, dossier=item["MaHoSo"], service=asked["service"])
        is_first = item["MaHoSo"] not in self._cases
        await asyncio.sleep(self._random.uniform(0.005, 0.04))
        if transaction in self._taken:
            answer = self._answer("3", "Giao dịch đã tồn tại", self._taken[transaction])
        else:
            answer = self._answer("0", "thành công", await self._take(asked["service"], transaction, item))
        is_lost = self._random.random() < self._drop or (is_first and part_of(item["MaHoSo"]) == LOSES_REPLY)
        if is_lost and request.transport is not None:
            self._journal.write("dropped", delivery=transaction)
            request.transport.abort()
        self._journal.write("replied", delivery=transaction)
        return answer

    def _list(self, after: int) -> web.Response:
        """Return a page of what this ministry has, and where the next one begins, if there is one."""
        end = after + _PAGE
        page = [{"MaHoSo": code, "MaHoSoDonVi": case.unit_code} for code, case in list(self._cases.items())[after:end]]
        going_on = {"tiep": str(end)} if end < len(self._cases) else {}
        return web.json_response({"error_code": "0", "message": "thành công", "danhsach": page, **going_on})

    def _is_logged_in(self, session: str) -> bool:
        left = self._sessions.get(session, 0)
        self._sessions[session] = left - 1
        return left > 0

    @staticmethod
    def _answer(code: str, message: str, case: Case) -> web.Response:
        result = [{"MaHoSo": case.code, "MaHoSoDonVi": case.unit_code}]
        return web.json_response({"error_code": code, "message": message, "result": result})

    async def _take(self, service: str, transaction: str, item: dict[str, object]) -> Case:
        """Commit the effect, once per transaction, and let the work on it begin."""
        code, event = str(item["MaHoSo"]), str(item.get("MaSuKien", ""))
        kind = str(item.get("LoaiSuKien", "dossier"))
        is_new = code not in self._cases
        case = self._cases.setdefault(code, Case(code, f"GPLX-{len(self._cases) + 1:06d}", part_of(code)))
        self._taken[transaction] = case
        self._journal.write("effect", dossier=code, event=event, kind=kind, service=service)
        case.event("dossier.amended" if kind == "dossier" and not is_new else kind).set()
        if is_new:
            if case.scenario == EARLY:
                await self._say(case, "trangthai", {"TrangThai": "2"}, codes=("unit",))
            self._start(case, item)
        return case

    def _start(self, case: Case, item: dict[str, object]) -> None:
        task = asyncio.create_task(self._work(case, item))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, case: Case, item: dict[str, object]) -> None:
        """Process one dossier as its number asks for."""
        files = item.get("TaiLieuNop")
        if isinstance(files, list):
            await self._fetch(case, cast("list[dict[str, str]]", files))
        if case.scenario != EARLY:
            await self._say(case, "trangthai", {"TrangThai": "2"})
        if case.scenario in WITHDRAWN:
            await case.event("withdrawal.requested").wait()
            await self._say(case, "ruthoso", {})
        else:
            await self._process(case)
        self._journal.write("finished", dossier=case.code)

    async def _process(self, case: Case) -> None:
        if case.scenario == AMENDED:
            await case.event("dossier.amended").wait()
        if case.scenario in (SUPPLEMENTED, ASKS_PAPER):
            await self._ask_for_a_paper(case)
        if case.scenario in (SUPPLEMENTED, ASKS_FEE):
            await self._ask_for_a_fee(case)
        await self._say(case, "trangthai", {"TrangThai": "4"})
        await self._finish(case)

    async def _ask_for_a_paper(self, case: Case) -> None:
        number = f"BS-{case.unit_code}"
        await self._say(case, "bosung", {"HoSoBoSungId": number, "NoiDungBoSung": "Bổ sung giấy khám sức khỏe"})
        await case.event("supplement.submitted").wait()

    async def _ask_for_a_fee(self, case: Case) -> None:
        fee = {"MaPhiLePhi": "LP01", "TenPhiLePhi": "Lệ phí cấp giấy phép", "Gia": "135000"}
        await self._say(case, "lephi", fee)
        await case.event("fee.paid").wait()

    async def _finish(self, case: Case) -> None:
        first = {"LoaiKetQua": "cap_moi", "GiayToId": f"{case.unit_code}-1", "SoKyHieu": f"01/{case.unit_code}"}
        await self._say(case, "ketqua", {**first, "TenGiayTo": "Giấy phép"})
        if case.scenario == SUPPLEMENTED:
            again = {"LoaiKetQua": "dinh_chinh", "GiayToId": f"{case.unit_code}-2", "ThayThe": f"{case.unit_code}-1"}
            await self._say(case, "ketqua", {**again, "TenGiayTo": "Giấy phép (đính chính)"})
        await self._say(case, "trangthai", {"TrangThai": "9", "LoaiKetThuc": "1"})

    async def _say(
        self,
        case: Case,
        path: str,
        fields: dict[str, str],
        *,
        codes: Iterable[str] = ("province", "unit"),
    ) -> None:
        """Call the gateway back until it says that it has it."""
        case.issued += 1
        event = f"{case.unit_code}/{case.issued}"
        known = {"province": case.code, "unit": case.unit_code}
        item = {
            "MaSuKien": event,
            "DanhSachMa": [{"Loai": scheme, "Ma": known[scheme]} for scheme in codes],
            "ThoiDiemXuLy": datetime.now(_VIETNAM).strftime("%Y%m%d%H%M%S"),
            "NoiDungXuLy": "Cán bộ đã xử lý hồ sơ",
            **fields,
        }
        self._journal.write("issued", dossier=case.code, event=event, kind=_kind(path, fields))
        body = json.dumps({"data": [item]}, ensure_ascii=False).encode()
        status, answer = await self._caller.call(
            "POST", f"/callbacks/driver_licence/{path}", body, {"Content-Type": "application/json"}
        )
        if b'"error_code":"0"' not in answer.replace(b" ", b""):
            self._journal.write("refused", dossier=case.code, event=event, status=status, answer=answer.decode()[:500])

    async def _fetch(self, case: Case, files: list[dict[str, str]]) -> None:
        """Download the dossier's files from the gateway and check them."""
        for file in files:
            path = "/" + file["DuongDanTaiTepTin"].split("://")[-1].split("/", 1)[-1]
            status, content = await self._caller.call("GET", path, b"", {})
            good = status == web.HTTPOk.status_code and hashlib.sha256(content).hexdigest() == file["HashTepTin"]
            self._journal.write("file" if good else "bad_file", dossier=case.code, size=len(content), status=status)


SUPPLEMENTED, WITHDRAWN, AMENDED, EARLY = 1, (2, 3), 4, 5


def _kind(path: str, fields: dict[str, str]) -> str:
    if path == "ketqua":
        return "result.issued" if fields["LoaiKetQua"] == "cap_moi" else "result.corrected"
    return {
        "trangthai": "status.changed",
        "bosung": "supplement.requested",
        "lephi": "fee.requested",
        "ruthoso": "withdrawal.accepted",
    }[path]


async def run() -> None:
    """Serve until told to stop."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--down-for", type=float, default=3)
    parser.add_argument("--drop", type=float, default=0.1)
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    async with ClientSession() as session:
        ministry = Ministry(place, journal, Caller(place, session), drop=arguments.drop)
        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/mapi/login", ministry.login)
        app.router.add_post("/mapi/g", ministry.call)
        await serve(app, place.port, down_for=arguments.down_for)
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
