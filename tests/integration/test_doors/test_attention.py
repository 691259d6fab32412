"""``GET /v1/ops/attention``: what needs a person, with what to do next."""

from datetime import timedelta

import pytest

from gateway.cli.api import api
from gateway.cli.desk import Desk
from gateway.cli.failures import Failed
from gateway.core.delivery import DoubtMark, State
from gateway.core.reason import Reason, Why
from gateway.testing.books import CIVIL_STATUS, a_draft, a_planner, a_settlement, a_status
from gateway.testing.clock import MONDAY_MORNING
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR


async def trouble(gate):
    """One held in doubt, one dead, one that nobody can place."""
    plan = a_planner(FakeIds(7))
    await gate.store.accept([a_draft("H01-1"), a_draft("H01-2")], plan=plan)
    ends = [(State.HELD, Why.TIMEOUT, DoubtMark.SET), (State.DEAD, Why.REFUSED_BY_PARTNER, DoubtMark.KEEP)]
    taken = await gate.store.claim(slots(CIVIL_STATUS))
    for delivery, (state, why, doubt) in zip(taken, ends, strict=True):
        reason = Reason(why, "Nguyễn Văn Mẫu 014000000001")
        await gate.store.settle(a_settlement(delivery, state, doubt=doubt, reason=reason), plan=plan)
    await gate.store.accept([a_status("H01-unknown")], plan=plan)
    return [delivery.id for delivery in taken]


async def listed(gate, query="", **options):
    reply = await gate.get(f"/v1/ops/attention{query}", who=OPERATOR, **options)
    assert reply.status == 200, reply.json
    return reply.json


async def test_each_cause_says_what_happened_since_when_and_what_to_do(gate):
    """G2, G9: visible until a person decides, and without a word of the partner's."""
    held, _ = await trouble(gate)
    found = await listed(gate)
    assert found["total"] == 3
    assert [item["key"] for item in found["items"]] == [
        "held/civil_status/timeout",
        "held/operators/unmatched",
        "dead/civil_status/refused_by_partner",
    ]
    first, placed, last = found["items"]
    assert first["text"] == "Chờ quyết định"
    assert (first["number"], first["since"]) == (1, "2026-03-02T01:00:00Z")
    (example,) = first["examples"]
    assert (example["code"], example["delivery_id"]) == ("H01-1", held)
    assert first["next"]["command"] == "held list --system civil_status"
    assert "judge" in first["next"]["text"]
    assert "--cancelled" in placed["next"]["text"]
    assert "dead retry" in last["next"]["text"]
    assert "Mẫu" not in str(found)
    assert "0140" not in str(found)


async def test_it_speaks_the_caller_s_language(gate):
    await trouble(gate)
    found = await listed(gate, headers={"Accept-Language": "en"})
    assert found["items"][0]["text"] == "Held: a person decides"


async def test_it_is_cut_by_system_and_by_the_page(gate):
    await trouble(gate)
    assert [item["system"] for item in (await listed(gate, "?system=operators"))["items"]] == ["operators"]
    first = await listed(gate, "?limit=2")
    second = await listed(gate, f"?limit=2&cursor={first['next']}")
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, "")
    assert (await listed(gate, "?cursor=99"))["items"] == []


async def test_nothing_to_do_is_an_empty_list(gate, body):
    await gate.post("/v1/dossiers", body())
    assert await listed(gate) == {"items": [], "total": 0, "next": "", "pressure": []}


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?cursor=x", "?cursor=-1", "?cursor=1234567"])
async def test_nonsense_is_a_wrong_parameter(gate, query):
    assert (await gate.get(f"/v1/ops/attention{query}", who=OPERATOR)).status == 400


async def test_the_list_is_for_operators(gate):
    assert (await gate.get("/v1/ops/attention")).status == 403


async def test_the_command_line_speaks_to_the_same_doors(gate, body):
    """What a desk reads over HTTP is what the doors say, page by page."""
    await trouble(gate)
    due = (MONDAY_MORNING - timedelta(days=1)).isoformat()
    await gate.post("/v1/dossiers", body("H01-late", due_at=due))
    async with api(gate.url, gate.keys[OPERATOR], "the test") as served:
        desk = Desk(served)
        found = await desk.attention("operators", "", 10)
        late = await desk.due("overdue", CIVIL_STATUS, "", 10)
        with pytest.raises(Failed, match="cursor"):
            await desk.due("all", "", "nonsense", 10)
    assert [item.key for item in found.items] == ["held/operators/unmatched"]
    assert [(item.codes[0].code, item.deadline.outlook) for item in late.items] == [("H01-late", "overdue")]
