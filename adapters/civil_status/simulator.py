"""The other side of ``civil_status``: an LGSP, and the ministry's register behind it, as far as the facts go.

Strict about forms, modules, addresses and dates; it names every wrong field in one text. Tokens expire in the middle;
the LGSP is busy or shows a page; replies are committed and dropped. Dossiers move on while they are asked about. A
sequence that ends in 9005 wants papers, 9504 commits and drops the reply; every twentieth is refused. All is invented.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import cast

from aiohttp import web

from gateway.testing.simulator import ASKS_PAPER, LOSES_REPLY, Journal, Place, serve

_VIETNAM = timezone(timedelta(hours=7))
_CHAINED = frozenset({"LTKS", "LTKT", "LTKH"})
_MODULES = _CHAINED | {"KS", "KT", "KH", "XN", "BS"}
_PROVINCE = "14"
_MOST = 1000  #: dossiers of one question
_LETTERS = 100  #: of a name
_LOOKS = 2  #: questions that hear the same status before it changes
#: What a status states beside itself, in the order in which it is told.
_STATED: Mapping[str, tuple[str, ...]] = {
    "2": ("status.changed", "supplement.requested"),
    "4": ("result.issued", "status.changed"),
}
_KEY, _SECRET = "sample", "sample-only"
_PDF = b"%PDF-1.4\n% an invented certificate\n%%EOF\n"

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often it behaves badly."""

    drop: float = 0.0  #: commits a registration and drops the reply
    page: float = 0.0  #: shows a page instead of an answer
    busy: float = 0.0  #: is busy, and says for how long
    calls: int = 100  #: that a token is good for


@dataclass(slots=True)
class Case:
    """One dossier in the register."""

    code: str
    module: str
    chain: str
    status: str = "1"
    at: str = ""
    looks: int = 0
    answered: bool = False  #: papers that were asked for are here

    @property
    def number(self) -> int:
        """Return its number in the day."""
        return int(self.code.rsplit("-", 1)[-1])

    def next(self) -> str:
        """Return the status that follows; the same one where it ends or waits."""
        if self.status == "1":
            return "2" if self.number % 10_000 == ASKS_PAPER and not self.answered else "3"
        if self.status == "2":
            return "3" if self.answered else "2"
        if self.status == "3":
            return "6" if self.number % 20 == 7 else "4"  # noqa: PLR2004 - every twentieth
        return self.status


@dataclass(slots=True)
class Register:
    """All that the ministry knows and does."""

    journal: Journal
    faults: Faults
    random: random.Random
    now: Callable[[], datetime]
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    cases: dict[str, Case] = field(default_factory=dict[str, Case])

    def app(self) -> web.Application:
        """Return its doors."""
        app = web.Application(client_max_size=256 << 20)
        app.router.add_post("/token", self.token)
        app.router.add_post("/hotich/1.0/dangKyHoTich", self.register)
        app.router.add_post("/apiLienThongKSKT/1.0/nhanHoSoDKHT", self.register)
        app.router.add_post("/hotich/1.0/traCuuTrangThai", self.answer)
        return app

    async def token(self, request: web.Request) -> web.Response:
        """Give a token by client credentials, in a header or in the form."""
        form = await request.post()
        shown = request.headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(f"{_KEY}:{_SECRET}".encode()).decode()
        in_form = (form.get("client_id"), form.get("client_secret")) == (_KEY, _SECRET)
        if form.get("grant_type") != "client_credentials" or not (shown == basic or in_form):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = f"{self.random.getrandbits(128):032x}"
        self.tokens[token] = self.faults.calls
        granted = {"access_token": token, "scope": "default", "token_type": "Bearer", "expires_in": 3600}
        return web.json_response(granted)

    def _refused(self, request: web.Request) -> web.Response | None:
        """Return what the LGSP answers in the ministry's place."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.tokens[token] = self.tokens.get(token, 0) - 1
        if self.tokens[token] < 0:
            fault = {"fault": {"code": 900901, "message": "Invalid Credentials"}}
            return web.json_response(fault, status=401)
        if self.random.random() < self.faults.busy:
            return web.Response(status=503, headers={"Retry-After": "1"})
        return None

    async def register(self, request: web.Request) -> web.StreamResponse:
        """Take a registration, or papers that were asked for."""
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        body = cast("Body", await request.json())
        code = str(body.get("maHoSoMCDT") or body.get("maHoSo") or "")
        shown = request.headers.get("Idempotency-Key", "").strip('"')
        self.journal.write("request", dossier=code, delivery=shown, module=body.get("module"))
        answer = self._judge(request, body, code)
        self.journal.write("replied", dossier=code, delivery=shown)
        return answer

    def _judge(self, request: web.Request, body: Body, code: str) -> web.Response:
        wrong = " ".join(problems(request.path, body))
        if wrong:
            self.journal.write("refused", dossier=code, answer=wrong)
            return _no("01", wrong)
        case = self.cases.get(code)
        if case is not None and not (case.status == "2" and not case.answered):
            return _no("02", f"Hồ sơ {code} đã được tiếp nhận")
        if case is None and self.random.random() < self.faults.page:
            return web.Response(text="<html><body>Hệ thống đang bảo trì</body></html>", content_type="text/html")
        self._take(body, code, case)
        loses = case is None and (code.endswith(str(LOSES_REPLY)) or self.random.random() < self.faults.drop)
        if loses and request.transport is not None:
            self.journal.write("dropped", dossier=code, delivery=request.headers.get("Idempotency-Key", "").strip('"'))
            request.transport.abort()
        return web.json_response({"status": "1", "statusDescription": "Thành công"})

    def _take(self, body: Body, code: str, case: Case | None) -> None:
        """Commit the effect; only a first registration may lose its reply, since papers are never sent twice."""
        files = cast("list[object]", body.get("fileDinhKem") or [])
        kind = "supplement.submitted" if case else "dossier.submitted"
        if case is None:
            self.cases[code] = Case(code, str(body["module"]), str(body.get("maHoSoLT") or ""), at=self._stamp())
        else:
            case.answered = True
        self.journal.write("effect", dossier=code, event=kind, kind=kind, files=len(files))

    async def answer(self, request: web.Request) -> web.Response:
        """Say how dossiers stand; each moves on after it was asked about a few times."""
        refusal = self._refused(request)
        if refusal is not None:
            return refusal
        body = cast("Body", await request.json())
        codes = body.get("maDinhDanhHoSo")
        if body.get("maTinh") != _PROVINCE or body.get("module") not in _MODULES or not isinstance(codes, list):
            return _no("01", "maTinh, module hoặc maDinhDanhHoSo không đúng định dạng")
        asked = cast("list[str]", codes)
        if len(asked) > _MOST:
            return _no("01", f"maDinhDanhHoSo có độ dài vượt quá {_MOST}")
        known = (self.cases.get(code) for code in asked)
        items = [self._item(case) for case in known if case is not None and case.module == body["module"]]
        return web.json_response({"status": "1", "statusDescription": "Thành công", "value": items})

    def _item(self, case: Case) -> dict[str, object]:
        case.looks += 1
        following = case.next()
        if case.looks > _LOOKS and following != case.status:
            case.status, case.at, case.looks = following, self._stamp(), 1
        if case.looks == 1:
            self._issue(case)
        item: dict[str, object] = {
            "maHoSoMCDT": case.code,
            "maHoSoLT": case.chain,
            "trangThai": case.status,
            "thoiGianThucHien": case.at,
            "noiDungXuLy": _WORDS[case.status],
            "nguoiXuLy": "Cầm Văn Mẫu",
            "chucDanh": "Công chức tư pháp - hộ tịch",
            "phongBanXuLy": "Tư pháp",
        }
        if case.status == "2":
            item["hanBoSungHoSo"] = (self.now().astimezone(_VIETNAM) + timedelta(days=7)).strftime("%d/%m/%Y")
        if case.status == "4":
            item["ketQuaXuLy"] = self._result(case)
        return item

    def _result(self, case: Case) -> dict[str, str]:
        return {
            "soDinhDanh": f"0142260{case.number % 100_000:05d}",
            "soDangKy": str(case.number),
            "quyenSo": "01/2026",
            "trangSo": str(case.number % 200 + 1),
            "ngayDangKy": case.at[:10],
            "giayKhaiSinh": base64.b64encode(_PDF).decode(),
        }

    def _issue(self, case: Case) -> None:
        """Note what it states: the beginning of the id that the gateway gives each event of it."""
        for kind in _STATED.get(case.status, ("status.changed",)):
            event = f"{case.code}/{case.status}/{case.at}/"
            self.journal.write("issued", dossier=case.code, event=event, kind=kind, module=case.module)
        if case.status in {"4", "6"}:
            self.journal.write("finished", dossier=case.code)

    def _stamp(self) -> str:
        return self.now().astimezone(_VIETNAM).strftime("%d/%m/%Y %H:%M:%S")


_WORDS: Mapping[str, str] = {
    "1": "Hồ sơ đã gửi, chờ tiếp nhận",
    "2": "Đề nghị bổ sung giấy chứng sinh",
    "3": "Hồ sơ đủ điều kiện, đang xử lý",
    "4": "Đã đăng ký hộ tịch",
    "6": "Hồ sơ không đủ điều kiện đăng ký",
}


def _no(code: str, words: str) -> web.Response:
    body = {"status": "0", "statusDescription": "Thất bại", "errorCode": code, "errorDescription": words}
    return web.json_response(body)


def problems(path: str, body: Body) -> list[str]:
    """Return what is wrong with a registration, a sentence for each field."""
    older = "maHoSo" in body
    is_text = {name: isinstance(body.get(name), str) and body[name] != "" for name in ("maDonVi", "module", "data")}
    wrong = [f"Trường {name} không được để trống." for name, is_there in is_text.items() if not is_there]
    if not (body.get("maHoSoMCDT") or body.get("maHoSo")):
        wrong.append("Trường maHoSoMCDT không được để trống.")
    if body.get("module") not in _MODULES or (body.get("module") in _CHAINED) != path.startswith("/apiLienThong"):
        wrong.append("Mã module không tồn tại trong danh mục.")
    shape = r"\d{4}-\d\d-\d\d" if older else r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d"
    if not re.fullmatch(shape, str(body.get("ngayTiepNhan", ""))):
        wrong.append("Trường ngayTiepNhan không đúng định dạng.")
    return wrong + _form_problems(str(body.get("data", "")), older=older) + _file_problems(body)


def _form_problems(text: str, *, older: bool) -> list[str]:
    """Return what is wrong with the form inside."""
    if older:
        whole = re.fullmatch(r"<hotich><hoso>(.*)</hoso></hotich>", text, re.DOTALL)
        fields: dict[str, object] = dict(re.findall(r"<(\w+)>([^<]*)</\1>", whole[1])) if whole else {}
    else:
        fields = _decoded(text)
    if not fields:
        return ["Trường data không đúng định dạng."]
    wrong = [
        f"Trường {name} có độ dài vượt quá {_LETTERS} ký tự."
        for name, value in fields.items()
        if isinstance(value, str) and len(value) > _LETTERS
    ]
    return wrong if fields.get("nycHoTen") else [*wrong, "Trường nycHoTen không được để trống."]


def _decoded(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _file_problems(body: Body) -> list[str]:
    wrong: list[str] = []
    for file in cast("list[dict[str, str]]", body.get("fileDinhKem") or []):
        try:
            binascii.a2b_base64(file["duLieuTepDinhKem"], strict_mode=True)
        except (KeyError, ValueError):
            wrong.append("Trường duLieuTepDinhKem không đúng định dạng.")
    return wrong


def _faults(arguments: argparse.Namespace) -> Faults:
    return Faults(drop=arguments.drop, page=arguments.page, busy=arguments.busy, calls=arguments.calls)


async def run() -> None:
    """Serve until told to stop."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--down-for", type=float, default=0)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--page", type=float, default=0.05)
    parser.add_argument("--busy", type=float, default=0.05)
    parser.add_argument("--calls", type=int, default=100, help="that a token is good for")
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    seeded = random.Random(place.seed)  # noqa: S311 - faults need a seed, not secrecy
    register = Register(journal, _faults(arguments), seeded, lambda: datetime.now(_VIETNAM))
    await serve(register.app(), place.port, down_for=arguments.down_for)
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
