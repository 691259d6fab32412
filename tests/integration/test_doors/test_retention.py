"""What is left of a dossier that reached its age, through the doors: a mark, its receipts, a stable refusal."""

from datetime import timedelta

from gateway.core.delivery import State
from gateway.core.retention import Rule
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX, a_planner, a_settlement
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR

YEAR = Rule(term=timedelta(days=365))
KEYED = {"Idempotency-Key": "k-1"}
DONE = {"kind": "status.changed", "dossier": {"code": "H01-1"}, "data": {"status": 10, "closing": "granted"}}


async def finish(gate, body):
    """Submit a dossier, let its portal say that it is done, and let everything of it be taken; return its receipt."""
    first = await gate.post("/v1/dossiers", body("H01-1"), headers=KEYED)
    assert (await gate.post("/v1/events", DONE)).status == 202
    plan = a_planner(FakeIds())
    await gate.store.acknowledge(TAX, (await gate.store.read(TAX, "", limit=10)).next, plan=plan)
    while claimed := await gate.store.claim(slots(CIVIL_STATUS, PORTAL)):
        for delivery in claimed:
            await gate.store.settle(a_settlement(delivery, State.DELIVERED), plan=plan)
    return first.json


async def test_a_late_word_is_refused_and_a_late_repetition_gets_its_receipt(gate, body):
    """G7: in two languages, to whoever takes part; nothing begins anew."""
    first = await finish(gate, body)
    gate.clock.advance(366 * 86_400)
    (case,) = (await gate.store.survey(YEAR, after=None, limit=10)).ripe
    await gate.store.erase([case.root], rule=YEAR)

    seen = (await gate.get("/v1/dossiers/H01-1")).json
    assert seen["erased"]["rule"] == "dossiers 365d"
    assert "dossier" not in seen
    again = await gate.post("/v1/dossiers", body("H01-1"), headers=KEYED)
    assert again.status == 202
    assert again.json["message_id"] == first["message_id"]
    assert (again.json["duplicate"], again.json["warnings"][0]["code"]) == (True, "erased")
    status = {"kind": "status.changed", "dossier": {"code": "H01-1"}, "data": {"status": 9}}
    late = await gate.post("/v1/events", status, who=CIVIL_STATUS, headers={"Accept-Language": "en"})
    assert (late.status, late.json["code"]) == (410, "dossier.erased")
    assert "retention" in late.json["title"]
    new = await gate.post("/v1/dossiers", body("H01-1", summary="khác"))
    assert (new.status, new.json["title"]) == (410, "Hồ sơ đã hết thời hạn lưu")
    stranger = await gate.post("/v1/events", status, who=LAND)
    assert stranger.json["code"] == "dossier.not_yours"


async def test_operators_see_what_would_go_before_it_does(gate, body):
    """Page by page, with what stays and why; nothing is erased by asking, and only operators ask."""
    await finish(gate, body)
    gate.clock.advance(366 * 86_400)
    seen = await gate.get("/v1/ops/retention?days=365", who=OPERATOR)
    assert (seen.json["dossiers"], seen.json["cases"], seen.json["kept"], seen.json["next"]) == (1, 1, [], "")
    assert (await gate.get("/v1/ops/retention?days=400", who=OPERATOR)).json["dossiers"] == 0
    assert "erased" not in (await gate.get("/v1/dossiers/H01-1")).json
    for query in ("", "?days=0", "?days=99999", "?days=-1", "?days=365&cursor=x"):
        assert (await gate.get(f"/v1/ops/retention{query}", who=OPERATOR)).status == 400
    assert (await gate.get("/v1/ops/retention?days=365")).status == 403
