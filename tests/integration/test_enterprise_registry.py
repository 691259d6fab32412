"""The register of enterprises by its shipped file: every golden exchange of a question and its answer."""

import json

import pytest

from gateway.core.ids import KeyId, SystemId
from gateway.core.message import Actor, ActorKind
from gateway.core.query import Found, Nothing, Officer, Query, QueryId
from gateway.testing.clock import FakeClock
from gateway.testing.partner import Says
from tests.integration.shipped import TIME, behaviour, built, exchanges, talking

EXCHANGES = exchanges("enterprise_registry")


def a_question(request):
    """Return an officer's question."""
    return Query(
        id=QueryId("0195-query-1"),
        system=SystemId("enterprise_registry"),
        operation="enterprise",
        request=request,
        officer=Officer(name="Nguyễn Thị Mẫu", code="CB-07", unit="Phòng mẫu"),
        purpose="Thẩm tra hồ sơ",
        actor=Actor(kind=ActorKind.SYSTEM, name="portal", key_id=KeyId("k1")),
    )


class Door:
    """Gives a new token on every call, or refuses each."""

    def __init__(self, *, closed):
        self._closed = closed
        self.tokens = 0

    async def __call__(self, seen):
        if seen.path != "/token":
            return None
        if self._closed:
            return Says.json({"error": "invalid_client"}, status=401)
        self.tokens += 1
        return Says.json({"access_token": f"t{self.tokens}", "token_type": "Bearer", "expires_in": 3600})


async def asked(told):
    """Ask what an exchange asks; return the answer as the file writes it, and the calls that the register saw."""
    door = Door(closed=told.get("login") == "refused")
    script = [behaviour(call["reply"]) for call in told["calls"]]
    async with talking("enterprise_registry", *(script or [Says()]), aside=door) as (adapter, partner):
        answer = await adapter.query(a_question(told["ask"]), deadline=FakeClock().monotonic() + TIME)
    shown = {"is": type(answer).__name__.lower()}
    if isinstance(answer, Found):
        shown["answer"] = json.loads(answer.document.body)
    elif not isinstance(answer, Nothing):
        shown["why"] = str(answer.reason.code)
    calls = [one for one in partner.seen if one.path != "/token"]
    return shown, [
        {"method": one.method, "path": one.path, "authorization": one.headers["Authorization"]} for one in calls
    ]


@pytest.mark.parametrize("file", EXCHANGES, ids=lambda file: file.stem)
async def test_a_golden_exchange(file):
    """The question as it leaves, and what its answer means; a question is repeated only for a fresh token."""
    told = json.loads(file.read_text(encoding="utf-8"))
    answer, calls = await asked(told)
    assert answer == told["outcome"]
    assert calls == [call["request"] for call in told["calls"]]


def test_what_can_be_asked_is_what_the_manifest_says():
    assert set(built("enterprise_registry").queries()) == {"enterprise"}
