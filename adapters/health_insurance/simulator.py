"""The other side of ``health_insurance``: makes out a child's card once its birth is registered. All of it is invented.

JSON with a bearer token; HTTP codes say what is meant; remembers ``Idempotency-Key`` and answers the second call alike.
"""

from __future__ import annotations

import asyncio
from typing import cast

from aiohttp import web

from gateway.testing.office import News, Office, Voice, run

_SAMPLE = "Bearer sample-only"
_CARD = ("procedure", "part_of", "holder", "birth_certificate")


class HealthInsurance:
    """The insurer as its callers see it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def app(self) -> web.Application:
        """Return what it serves."""
        app = web.Application(client_max_size=32 << 20)
        app.router.add_put("/cards/{code}", self.take)
        app.router.add_post("/cards/{code}/events", self.take)
        return app

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Answer ``PUT /cards/{code}`` and ``POST /cards/{code}/events``."""
        if request.headers.get("Authorization") != _SAMPLE:
            return web.json_response({"error": "token"}, status=401)
        code, delivery = request.match_info["code"], request.headers.get("Idempotency-Key", "")
        asked = cast("dict[str, object]", await request.json())
        kind = str(asked.get("kind") or "")
        self._office.journal.write("request", dossier=code, delivery=delivery, kind=kind)
        status, fault = self._fault(request, asked, code)
        if fault:
            self._office.refuse(code, delivery, fault)
            return web.json_response({"error": fault}, status=status)
        if not self._office.has(code, delivery):
            self._office.take(code, kind, delivery)
        self._office.reply(request, code, delivery)
        return web.json_response({"accepted": True, "insurance_no": f"TE-{code}"}, status=status)

    def _fault(self, request: web.Request, asked: dict[str, object], code: str) -> tuple[int, str]:
        """Return the HTTP code, and what is wrong; nothing where nothing is."""
        if not asked.get("kind") or not request.headers.get("Idempotency-Key"):
            return 400, "kind, Idempotency-Key"
        missing = [name for name in _CARD if not asked.get(name)]
        if request.method == "PUT" and missing:
            return 422, ", ".join(missing)
        if request.method == "POST" and not self._office.knows(code):
            return 404, "card"
        return 202, ""


def words(news: News) -> dict[str, object]:
    """Return a call-back as this insurer writes it."""
    return {"id": news.id, "card": news.code, "kind": news.kind, "data": dict(news.fields)}


if __name__ == "__main__":
    _VOICE = Voice(path="/callbacks/health_insurance/news", words=words, result="Thẻ bảo hiểm y tế")
    asyncio.run(run(__doc__ or "", _VOICE, lambda office: HealthInsurance(office).app()))
