"""The other side of ``residence``: registers where a child lives, once its birth is registered. All of it is invented.

JSON with a key in ``X-API-Key``; knows a dossier by its code and each paper by ``maGiaoDich``; can be asked (``GET``).
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import cast

from aiohttp import web

from gateway.testing.office import News, Office, Voice, run

_VIETNAM = timezone(timedelta(hours=7))
_KEY = "sample-only"
_GOOD = frozenset({"00", "09"})  #: taken now, and taken before
_FIELDS = ("maHoSo", "maGiaoDich", "loai")
_OF_DOSSIER = ("maThuTuc", "hoSoGoc", "hoTen", "giayKhaiSinh")


class Residence:
    """The register of residence as its callers see it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def app(self) -> web.Application:
        """Return what it serves."""
        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/cutru/hoso", self.take)
        app.router.add_get("/cutru/giaodich", self.find)
        return app

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /cutru/hoso``: strict about what a paper must say."""
        if request.headers.get("X-API-Key") != _KEY:
            return web.json_response({"ma": "97", "moTa": "Sai khoá truy cập"}, status=401)
        asked = cast("dict[str, object]", await request.json())
        code, delivery, kind = (str(asked.get(name) or "") for name in _FIELDS)
        self._office.journal.write("request", dossier=code, delivery=delivery, kind=kind)
        fault, text = self._fault(asked, code, delivery, kind)
        if fault not in _GOOD:
            self._office.refuse(code, delivery, text)
            return web.json_response({"ma": fault, "moTa": text})
        if fault == "00":
            self._office.take(code, kind, delivery)
        self._office.reply(request, code, delivery)
        return web.json_response({"ma": fault, "moTa": text, "soTiepNhan": f"CT-{code}"})

    def _fault(self, asked: dict[str, object], code: str, delivery: str, kind: str) -> tuple[str, str]:
        """Return what is wrong with a paper; 00 where nothing is."""
        is_whole = kind.startswith("dossier.")
        missing = [name for name in (*_FIELDS, *(_OF_DOSSIER if is_whole else ())) if not asked.get(name)]
        if missing:
            return "01", f"Thiếu thông tin bắt buộc: {', '.join(missing)}"
        if self._office.has(code, delivery):
            return "09", "Giao dịch đã tiếp nhận"
        if self._office.knows(code) == (kind == "dossier.submitted"):
            return ("08", "Hồ sơ đã tồn tại") if self._office.knows(code) else ("02", "Hồ sơ không tồn tại")
        return "00", "Đã tiếp nhận"

    async def find(self, request: web.Request) -> web.Response:
        """Answer ``GET /cutru/giaodich``: whether a paper has arrived."""
        if request.headers.get("X-API-Key") != _KEY:
            return web.json_response({"ma": "97", "moTa": "Sai khoá truy cập"}, status=401)
        code, delivery = request.query.get("maHoSo", ""), request.query.get("maGiaoDich", "")
        return web.json_response({"ma": "00", "daTiepNhan": "1" if self._office.has(code, delivery) else "0"})


def words(news: News) -> dict[str, object]:
    """Return a call-back as this register writes it."""
    at = datetime.now(_VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
    known = {"maSuKien": news.id, "maHoSo": news.code, "loai": news.kind, "thoiGian": at}
    return {**known, "noiDung": dict(news.fields)}


if __name__ == "__main__":
    _VOICE = Voice(path="/callbacks/residence/thongbao", words=words, result="Thông báo đăng ký thường trú")
    asyncio.run(run(__doc__ or "", _VOICE, lambda office: Residence(office).app()))
