"""What the commands about registers ask a serving gateway, over its API."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from msgspec import Raw

from gateway.cli.api import Api
from gateway.cli.lists import a_time
from gateway.ingress.query_bodies import AnswerBody, QueriesBody, QueryBody, QueryRecordBody


class HttpQuestions:
    """A part of ``cli.over_http.HttpDesk``; every method raises Failed."""

    _api: Api

    async def ask(self, system: str, operation: str, asked: QueryBody) -> AnswerBody:
        """Put one question to a system."""
        path = f"/v1/systems/{quote(system, safe='')}/queries/{quote(operation, safe='')}"
        raw = await self._api.post(path, asked, dict[str, object])
        answer = Raw(msgspec.json.encode(raw.pop("answer")))
        return msgspec.convert({**raw, "answer": answer}, AnswerBody)

    async def queries(self, system: str, since: str, limit: int) -> tuple[QueryRecordBody, ...]:
        """Return who has asked, the newest first."""
        query = {"system": system, "since": a_time(since).isoformat() if since else "", "limit": str(limit)}
        given = {name: value for name, value in query.items() if value}
        return (await self._api.get("/v1/ops/queries", QueriesBody, given)).items
