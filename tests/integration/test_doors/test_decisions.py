"""Operators decide: judged, sent again, skipped, with who and why."""

import pytest

from gateway.core.delivery import DoubtMark, State
from gateway.core.ids import SystemId
from gateway.core.reason import Reason, Why
from gateway.testing.books import (
    CIVIL_STATUS,
    PORTAL,
    a_book,
    a_draft,
    a_planner,
    a_route,
    a_settlement,
    a_system,
)
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR

WHY = "Bộ xác nhận qua điện thoại"


async def stopped(gate, state=State.HELD, *, doubt=True):
    """Return the id of a submission that has stopped."""
    plan = a_planner(FakeIds(7))
    await gate.store.accept([a_draft()], plan=plan)
    (delivery,) = await gate.store.claim(slots(CIVIL_STATUS))
    mark = DoubtMark.SET if doubt else DoubtMark.KEEP
    settlement = a_settlement(delivery, state, doubt=mark, reason=Reason(Why.TIMEOUT))
    await gate.store.settle(settlement, plan=plan)
    return delivery.id


async def decide(gate, delivery, what, body, who=OPERATOR):
    return await gate.post(f"/v1/ops/deliveries/{delivery}/{what}", body, who=who)


async def test_what_the_partner_has_is_judged_and_kept(gate):
    """G4, G10: delivered, its code bound, the act in the timeline of operators only."""
    delivery = await stopped(gate)
    body = {"verdict": "delivered", "codes": {"national": " G01 "}, "reason": WHY}
    reply = await decide(gate, delivery, "judgement", body)
    assert reply.status == 200
    assert reply.json["delivery"]["state"] == "delivered"
    assert (reply.json["act"]["actor"], reply.json["act"]["reason"]) == (OPERATOR, WHY)
    (dossier,) = (await gate.get("/v1/ops/dossiers?code=G01", who=OPERATOR)).json["items"]
    timeline = (await gate.get(f"/v1/ops/dossiers/{dossier['id']}/timeline", who=OPERATOR)).json
    assert [act["verb"] for act in timeline["acts"]] == ["judge"]
    assert (await gate.get("/v1/dossiers/G01/timeline", who=PORTAL)).json["acts"] == []


async def test_what_is_dead_is_sent_again_or_skipped(gate):
    delivery = await stopped(gate, State.DEAD, doubt=False)
    assert (await decide(gate, delivery, "retry", {"reason": WHY})).json["delivery"]["state"] == "ready"
    (again,) = await gate.store.claim(slots(CIVIL_STATUS))
    await gate.store.settle(a_settlement(again, State.DEAD), plan=a_planner(FakeIds(8)))
    assert (await decide(gate, delivery, "skip", {"reason": WHY})).json["delivery"]["state"] == "cancelled"
    acts = (await gate.get(f"/v1/ops/acts?target_kind=delivery&target={delivery}", who=OPERATOR)).json["items"]
    assert [act["verb"] for act in acts] == ["skip", "retry"]
    older = (await gate.get(f"/v1/ops/acts?before={acts[0]['id']}&limit=1", who=OPERATOR)).json["items"]
    assert older == acts[1:]


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("retry", {"reason": WHY}, "delivery.in_doubt"),
        ("skip", {"reason": WHY}, "delivery.in_doubt"),
        ("retry", {"reason": " "}, "reason.invalid"),
        ("retry", {}, "request.invalid"),
        ("retry", {"reason": WHY, "x": 1}, "request.invalid"),
        ("judgement", {"verdict": "perhaps", "reason": WHY}, "request.invalid"),
        ("judgement", {"verdict": "retry", "reason": WHY}, "request.invalid"),
        ("judgement", {"verdict": "delivered", "reason": WHY, "codes": {"": "1"}}, "request.invalid"),
        ("judgement", {"verdict": "delivered", "reason": WHY, "codes": {"n": "a\u0000"}}, "request.invalid"),
        ("judgement", {"verdict": "delivered", "reason": WHY, "codes": {"n": "x" * 101}}, "request.invalid"),
    ],
)
async def test_what_cannot_be_decided_so_is_refused_and_nothing_is_done(gate, what, body, code):
    """G4: with what to do instead; no act is left behind."""
    delivery = await stopped(gate)
    reply = await decide(gate, delivery, what, body)
    assert reply.code == code
    assert reply.json["detail"]
    assert (await gate.get("/v1/ops/acts", who=OPERATOR)).json["items"] == []


async def test_nothing_is_sent_again_to_a_system_that_is_not_configured_any_more(gate):
    """G2: it would wait for ever; what it is to be instead is still a person's to say."""
    former = SystemId("former")
    plan = a_planner(FakeIds(7), a_book(systems=[a_system(former)], routes=[a_route(former)]))
    await gate.store.accept([a_draft()], plan=plan)
    (delivery,) = await gate.store.claim(slots(former))
    await gate.store.settle(a_settlement(delivery, State.DEAD), plan=plan)
    reply = await decide(gate, delivery.id, "retry", {"reason": WHY})
    assert (reply.status, reply.code) == (409, "delivery.no_system")
    assert (await gate.get("/v1/ops/acts", who=OPERATOR)).json["items"] == []
    assert (await decide(gate, "nothing", "retry", {"reason": WHY})).code == "delivery.not_found"
    assert (await decide(gate, delivery.id, "skip", {"reason": WHY})).json["delivery"]["state"] == "cancelled"


async def test_only_operators_decide(gate):
    delivery = await stopped(gate)
    body = {"verdict": "delivered", "reason": WHY}
    assert (await decide(gate, delivery, "judgement", body, who=PORTAL)).code == "key.forbidden"
    assert (await decide(gate, "nothing", "judgement", body)).code == "delivery.not_found"


async def test_what_a_newer_gateway_has_a_word_for_cannot_be_asked_for(gate):
    """Its place in an act is no kind: neither the refusal nor the description offers it."""
    for kind in ("x", "other"):
        reply = await gate.get(f"/v1/ops/acts?target_kind={kind}&target=y", who=OPERATOR)
        assert reply.code == "parameter.invalid"
        assert "configuration" in reply.json["detail"]
        assert "other" not in reply.json["detail"]
    described = (await gate.get("/openapi.json")).json["paths"]["/v1/ops/acts"]["get"]["parameters"]
    (kinds,) = [one["schema"]["enum"] for one in described if one["name"] == "target_kind"]
    assert "configuration" in kinds
    assert "other" not in kinds
