"""The other side of ``land`` in the tutorial: a REST ministry that deduplicates by our id. All of it is invented.

JSON with a key in ``X-Khoa``, as ``docs/tutorials/land.json`` describes it; calls back with a token of its own.
"""

from __future__ import annotations

import asyncio
from typing import cast

from aiohttp import web

from gateway.testing.office import News, Office, Voice, run

_KEY = "sample-only-land-key"
_FIELDS = ("maHoSo", "maThuTuc", "nguoiNop")


class Land:
    """The land office as its callers see it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def app(self) -> web.Application:
        """Return what it serves."""
        app = web.Application(client_max_size=32 << 20)
        app.router.add_post("/api/ho-so", self.take)
        return app

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer ``POST /api/ho-so``; the same ``Idempotency-Key`` again has no effect again."""
        if request.headers.get("X-Khoa") != _KEY:
            return web.json_response({"ma": "97", "moTa": "Sai khoá truy cập"}, status=401)
        asked = cast("dict[str, object]", await request.json())
        delivery = request.headers.get("Idempotency-Key", "").strip('"')
        code = str(asked.get("maHoSo") or "")
        facts = {"kind": "dossier.submitted", "summary": str(asked.get("trichYeu") or "")}
        self._office.journal.write("request", dossier=code, delivery=delivery, **facts)
        missing = [name for name in _FIELDS if not asked.get(name)]
        if missing:
            told = f"Thiếu thông tin bắt buộc: {', '.join(missing)}"
            self._office.refuse(code, delivery, told)
            return web.json_response({"ma": "01", "moTa": told}, status=422)
        if not self._office.has(code, delivery):
            self._office.take(code, "dossier.submitted", delivery)
        self._office.reply(request, code, delivery)
        return web.json_response({"ma": "00", "moTa": "Đã tiếp nhận", "soBienNhan": f"DD-{code}"})


def words(news: News) -> dict[str, object]:
    """Return a call-back as this ministry writes it."""
    return {"maSuKien": news.id, "maHoSo": news.code, "loai": news.kind, "noiDung": dict(news.fields)}


if __name__ == "__main__":
    _VOICE = Voice(path="/callbacks/land/trang-thai", words=words, result="Giấy chứng nhận quyền sử dụng đất mẫu")
    asyncio.run(run(__doc__ or "", _VOICE, lambda office: Land(office).app()))
