"""The other side of ``enterprise_registry``: a register that answers who an enterprise is, and does nothing else.

Strict about tokens, parameters and the shape of a number; everything it knows is invented.
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import Final

from aiohttp import web

from gateway.testing.simulator import Journal, Place, serve

TOKEN_CALLS: Final = 100  #: a token is good for so many questions, then it is refused in the middle
_NUMBER = re.compile(r"\d{10}(-\d{3})?")
_PAGE, _DROPPED, _NAMELESS = "9503", "9504", "9505"


class Register:
    """All that the register knows and does."""

    def __init__(self, place: Place, journal: Journal, *, calls: int = TOKEN_CALLS, drop: float = 0.0) -> None:
        self._journal = journal
        self._calls = calls
        self._drop = drop
        self._random = random.Random(place.seed)  # noqa: S311 - faults need a seed, not secrecy
        self._tokens: dict[str, int] = {}
        self._told: set[str] = set()

    def app(self) -> web.Application:
        """Return the register's two doors."""
        app = web.Application()
        app.router.add_post("/token", self.token)
        app.router.add_get("/apiDKKD/DoanhNghiep/chiTietDoanhNghiep", self.enterprise)
        return app

    async def token(self, request: web.Request) -> web.Response:
        """Answer ``/token`` by client credentials."""
        asked = await request.post()
        given = (asked.get("grant_type"), asked.get("client_id"), asked.get("client_secret"))
        if given != ("client_credentials", "sample", "sample-only"):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = f"{self._random.getrandbits(96):024x}"
        self._tokens[token] = self._calls
        self._journal.write("token")
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    async def enterprise(self, request: web.Request) -> web.Response:
        """Answer ``chiTietDoanhNghiep``."""
        if not self._is_known(request.headers.get("Authorization", "")):
            return web.json_response({"message": "Token không hợp lệ hoặc đã hết hạn"}, status=401)
        number = request.query.get("msdn", "")
        if set(request.query) != {"msdn"} or not _NUMBER.fullmatch(number):
            return web.json_response({"message": "Tham số msdn không hợp lệ"}, status=400)
        self._journal.write("asked", number=number)
        if number.endswith(_PAGE):
            return web.Response(text="<html><body>Hệ thống đang bảo trì</body></html>", content_type="text/html")
        if (number.endswith(_DROPPED) or self._random.random() < self._drop) and request.transport is not None:
            self._journal.write("dropped", number=number)
            request.transport.abort()
        else:
            self._journal.write("repeated" if number in self._told else "told", number=number)
            self._told.add(number)
        return web.json_response({"GetEntCert": [entry(number)] if number.startswith("99") else []})

    def _is_known(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        left = self._tokens.get(token, 0)
        self._tokens[token] = left - 1
        return left > 0


def entry(number: str) -> dict[str, object]:
    """Return an invented enterprise."""
    found: dict[str, object] = {
        "MaSoDoanhNghiep": number,
        "TenDoanhNghiep": f"CÔNG TY TNHH MẪU {number[-4:]}",
        "LoaiHinh": "Công ty trách nhiệm hữu hạn một thành viên",
        "TinhTrang": "Đang hoạt động",
        "NgayDangKy": "15/03/2021",
        "DiaChi": "Số 1, đường Mẫu, phường Mẫu",
        "NguoiDaiDien": [{"HoTen": "Nguyễn Văn Mẫu", "ChucDanh": "Giám đốc", "SoDinhDanh": "001099000001"}],
    }
    if number.endswith(_NAMELESS):
        del found["TenDoanhNghiep"]
    return found


async def run() -> None:
    """Serve until told to stop."""
    parser = Place.parser(__doc__ or "")
    parser.add_argument("--down-for", type=float, default=0)
    parser.add_argument("--drop", type=float, default=0, help="share of questions read without an answer")
    arguments = parser.parse_args()
    place = Place.of(arguments)
    journal = Journal(place.journal)
    await serve(Register(place, journal, drop=arguments.drop).app(), place.port, down_for=arguments.down_for)
    journal.close()


if __name__ == "__main__":
    asyncio.run(run())
