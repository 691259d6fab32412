"""Our books against a system's word: by its list at once, or asked by the relay; read with findings and repairs."""

import pytest

from gateway.core.delivery import State
from gateway.core.reconcile import Divergence, Divergent, Repair, Report
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner, a_settlement
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR

WHY = "Đối chiếu tháng 11"
PLAN = a_planner(FakeIds(9))
PATH = "/v1/ops/reconciliations"


async def settled(gate, **states):
    await gate.store.accept([a_draft(code) for code in states], plan=PLAN)
    for delivery in await gate.store.claim(slots(CIVIL_STATUS, free=100)):
        await gate.store.settle(a_settlement(delivery, states[delivery.message.codes[0].value]), plan=PLAN)


def the_list(gate, *codes, **more):
    gate.clock.advance(60)
    return {"codes": codes, "as_of": gate.clock.now().isoformat(), "file_sha256": "a" * 64, **more}


async def post(gate, body, who=OPERATOR):
    return await gate.post(PATH, {"system": CIVIL_STATUS, "reason": WHY, **body}, who=who)


async def test_a_list_is_compared_at_once_and_each_finding_names_its_repair(gate):
    await settled(gate, A=State.DELIVERED, B=State.DELIVERED, C=State.DEAD)
    reply = await post(gate, {"list": the_list(gate, "A", "C", "X")})
    done = reply.json
    assert (reply.status, done["state"], done["compared"]) == (201, "finished", 3)
    assert done["counts"] == {"missing": 1, "extra": 2, "different": 0}
    assert done["facts"]["file_sha256"] == "a" * 64
    found = (await gate.get(f"{PATH}/{done['id']}", who=OPERATOR)).json
    assert found["reconciliation"] == done
    shown = [(item["code"], item["divergence"], item["ours"], item["repair"]) for item in found["items"]]
    assert sorted(shown) == [
        ("B", "missing", "delivered", "resend"),
        ("C", "extra", "dead", "judge"),
        ("X", "extra", "", "ask"),
    ]
    rest = (await gate.get(f"{PATH}/{done['id']}?behind=1&limit=1", who=OPERATOR)).json["items"]
    assert rest == found["items"][1:2]
    (act,) = (await gate.get(f"/v1/ops/acts?target_kind=reconciliation&target={done['id']}", who=OPERATOR)).json[
        "items"
    ]
    assert (act["verb"], act["reason"]) == ("reconcile", WHY)


async def test_a_system_is_asked_by_the_relay(gate):
    """The door only writes down who wants to know; the report comes later."""
    asked = (await post(gate, {"dossiers": ["A"]})).json
    assert (asked["state"], asked["dossiers"], asked["asked_by"]) == ("asked", ["A"], OPERATOR)
    (waits,) = await gate.store.asked()
    finding = Divergent(divergence=Divergence.MISSING, repair=Repair.RESEND, code="A")
    await gate.store.conclude(waits.id, Report(compared=1, findings=(finding,)))
    await gate.store.ask(PORTAL)
    listed = (await gate.get(f"{PATH}?system={CIVIL_STATUS}", who=OPERATOR)).json["items"]
    assert [(item["id"], item["counts"]["missing"]) for item in listed] == [(asked["id"], 1)]
    assert len((await gate.get(PATH, who=OPERATOR)).json["items"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"system": "nobody"}, 404, "system.not_found"),
        ({"reason": ""}, 422, "reason.invalid"),
        ({"dossiers": ["x" * 101]}, 400, "request.invalid"),
        ({"nonsense": 1}, 400, "request.invalid"),
        ({"list": {"codes": ["A"], "as_of": "2026-01-01T00:00:00", "file_sha256": "a" * 64}}, 400, "request.invalid"),
        ({"list": {"codes": ["A"], "as_of": "2026-01-01T00:00:00Z", "file_sha256": "x"}}, 400, "request.invalid"),
        ({"list": {"codes": ["A"], "as_of": "9998-01-01T00:00:00Z", "file_sha256": "a" * 64}}, 422, "list.ahead"),
        (
            {"dossiers": ["A"], "list": {"codes": [], "as_of": "2026-01-01T00:00:00Z", "file_sha256": "a" * 64}},
            400,
            "request.invalid",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_kept(gate, body, status, code):
    reply = await post(gate, body)
    assert (reply.status, reply.code) == (status, code)
    assert (await gate.get(PATH, who=OPERATOR)).json["items"] == []
    assert (await gate.get(f"{PATH}/x", who=OPERATOR)).code == "reconciliation.not_found"


async def test_no_system_sees_what_the_books_say(gate):
    assert (await gate.get(PATH, who=PORTAL)).status == 403
    assert (await post(gate, {}, who=PORTAL)).status == 403
