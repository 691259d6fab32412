"""Many sent again: shown, begun by one or proposed to two, steered, and read item by item."""

import pytest

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.core.proposals import ALONE, UNNAMED
from gateway.core.reason import Reason, Why
from gateway.ports.keys import KeyRole
from gateway.security.keys import new_key
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner, a_settlement, an_order
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR

WHY = "Bộ đã sửa bảng mã"
PLAN = a_planner(FakeIds(9))
NOBODY = Actor(kind=ActorKind.OPERATOR, name=UNNAMED)


async def dead(gate, *codes):
    await gate.store.accept([a_draft(code) for code in codes], plan=PLAN)
    taken = await gate.store.claim(slots(CIVIL_STATUS, free=500))
    for delivery in taken:
        settlement = a_settlement(delivery, State.DEAD, reason=Reason(Why.REFUSED_BY_PARTNER))
        await gate.store.settle(settlement, plan=PLAN)
    return [delivery.id for delivery in taken]


async def post(gate, path, body, who=OPERATOR):
    return await gate.post(f"/v1/ops/replays{path}", body, who=who)


async def get(gate, path):
    return (await gate.get(f"/v1/ops/replays{path}", who=OPERATOR)).json


async def test_a_replay_is_shown_begun_steered_and_read(gate):
    """What was shown is what is sent; every item is accounted for."""
    first, second = await dead(gate, "H01-1", "H01-2")
    shown = (await post(gate, "/plans", {"system": CIVIL_STATUS, "names": ["H01-1", "H01-2", "H09"]})).json
    assert (shown["requested"], shown["second_person"], shown["left_out"]) == (2, False, {"unknown": 1})
    assert (shown["by_system"], shown["by_reason"]) == ({CIVIL_STATUS: 2}, {"refused_by_partner": 2})
    assert [item["delivery_id"] for item in shown["first"]] == [first, second]
    begun = await post(gate, "", {"selection": {"system": CIVIL_STATUS}, "reason": WHY, "steps": [1]})
    run = begun.json["replay"]
    assert (begun.status, run["state"], run["requested"], run["chosen"]) == (201, "running", 2, 2)
    await gate.store.advance(plan=PLAN)
    assert (await get(gate, f"/{run['id']}"))["sent"] == 1
    paused = await post(gate, f"/{run['id']}/pause", {"reason": "Bộ báo quá tải"})
    assert paused.json["state"] == "paused"
    assert (await post(gate, f"/{run['id']}/resume", {"reason": WHY})).json["state"] == "running"
    (delivery,) = await gate.store.claim(slots(CIVIL_STATUS))
    await gate.store.settle(a_settlement(delivery), plan=PLAN)
    ended = (await post(gate, f"/{run['id']}/cancel", {"reason": WHY})).json
    assert [ended[name] for name in ("requested", "done", "failed", "skipped")] == [2, 1, 0, 1]
    items = (await get(gate, f"/{run['id']}/items"))["items"]
    assert [(item["delivery_id"], item["state"], item["why"]) for item in items] == [
        (first, "done", ""),
        (second, "skipped", "run_cancelled"),
    ]
    assert (await get(gate, f"/{run['id']}/items?state=done&limit=1"))["items"] == items[:1]
    assert (await get(gate, f"/{run['id']}/items?behind=1"))["items"] == items[1:]
    assert (await get(gate, ""))["items"] == [ended]
    acts = (await gate.get(f"/v1/ops/acts?target_kind=replay&target={run['id']}", who=OPERATOR)).json["items"]
    assert [act["verb"] for act in acts] == ["cancel", "resume", "pause", "replay"]
    (act,) = (await gate.get(f"/v1/ops/acts?target_kind=delivery&target={first}", who=OPERATOR)).json["items"]
    assert (act["verb"], act["facts"]["replay"]) == ("retry", run["id"])


async def test_a_reason_that_nobody_knows_is_refused(gate):
    """A slip of the pen must not choose nothing, and look as if there were nothing."""
    asked = {"selection": {"reason": "tomorrow"}, "reason": WHY}
    reply = await gate.post("/v1/ops/replays", asked, who=OPERATOR)
    assert (reply.status, reply.code) == (400, "parameter.invalid")


async def test_a_large_replay_waits_for_a_second_person(gate):
    """Frozen as proposed; the machine's own key proposes nothing."""
    made = new_key(KeyId("k-binh"), role=KeyRole.OPERATOR, name="Bình", created_at=gate.clock.now())
    await gate.store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
    gate.keys["Bình"] = made.text
    await dead(gate, *(f"H{number}" for number in range(ALONE + 1)))
    reply = await post(gate, "", {"selection": {}, "reason": WHY})
    proposal = reply.json["proposal"]
    assert (reply.json["replay"], proposal["verb"], proposal["facts"]["requested"]) == (None, "replay", str(ALONE + 1))
    assert (await get(gate, ""))["items"] == []
    own = await gate.post(f"/v1/ops/proposals/{proposal['id']}/approval", {"reason": WHY}, who=OPERATOR)
    assert own.code == "proposal.own"
    done = await gate.post(f"/v1/ops/proposals/{proposal['id']}/approval", {"reason": WHY}, who="Bình")
    (run,) = (await get(gate, ""))["items"]
    assert (done.json["outcome"]["replay"], run["requested"]) == (run["id"], ALONE + 1)


async def test_replays_of_one_person_that_are_many_together_wait_for_a_second(gate):
    """Said before, when it is asked for, and to the second person: how many went lately, and how many may."""
    codes = [f"H{number}" for number in range(ALONE + 1)]
    await dead(gate, *codes)
    first = await post(gate, "", {"selection": {"names": codes[:60]}, "reason": WHY})
    assert (first.json["replay"]["requested"], first.json["why"]) == (60, "")
    shown = (await post(gate, "/plans", {})).json
    reply = await post(gate, "", {"selection": {}, "reason": WHY})
    assert (reply.status, reply.json["replay"]) == (201, None)
    assert reply.json["proposal"]["facts"]["lately"] == "60"
    assert (shown["second_person"], shown["lately"], shown["why"]) == (True, 60, reply.json["why"])
    assert "60" in reply.json["why"]
    assert "41" in reply.json["why"]
    assert [run["id"] for run in (await get(gate, ""))["items"]] == [first.json["replay"]["id"]]
    single = (await post(gate, "/plans", {"names": codes[60:61]})).json
    assert (single["second_person"], single["lately"], single["why"]) == (False, 60, "")


async def test_a_single_decision_beyond_what_one_may_do_alone_says_where_the_number_is_from_and_what_to_do(gate):
    (first,) = await dead(gate, "H1")
    await gate.store.begin_run(an_order(*range(ALONE)), by=By(actor=NOBODY, reason=WHY))
    reply = await gate.post(f"/v1/ops/deliveries/{first}/retry", {"reason": WHY}, who=OPERATOR)
    assert (reply.status, reply.code) == (403, "proposal.needed")
    assert all(word in reply.json["detail"] for word in (str(ALONE), "24 giờ", f"đã có {ALONE}", "replay start"))
    assert (await gate.get(f"/v1/ops/acts?target_kind=delivery&target={first}", who=OPERATOR)).json["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("", {"selection": {}, "reason": WHY}, 409, "replay.empty"),
        ("", {"selection": {}, "reason": ""}, 422, "reason.invalid"),
        ("", {"selection": {}, "reason": WHY, "steps": []}, 400, "request.invalid"),
        ("", {"selection": {}, "reason": WHY, "steps": [10**30]}, 400, "request.invalid"),
        ("", {"selection": {}, "reason": WHY, "rate": 0}, 400, "request.invalid"),
        ("", {"selection": {}, "reason": WHY, "stop_at": 2}, 400, "request.invalid"),
        ("/plans", {"state": "delivered"}, 400, "parameter.invalid"),
        ("/plans", {"state": "nonsense"}, 400, "parameter.invalid"),
        ("/plans", {"reason": "nonsense"}, 400, "parameter.invalid"),
        ("/plans", {"since": "2026-01-01T00:00:00"}, 400, "request.invalid"),
        ("/plans", {"names": ["x" * 101]}, 400, "request.invalid"),
        ("", {"selection": {"names": ["", " "]}, "reason": WHY}, 400, "request.invalid"),
        ("/plans", {"nonsense": 1}, 400, "request.invalid"),
        ("/x/pause", {"reason": WHY}, 404, "replay.not_found"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_begun(gate, path, body, status, code):
    reply = await post(gate, path, body)
    assert (reply.status, reply.code) == (status, code)
    assert (await get(gate, ""))["items"] == []


async def test_a_replay_that_has_ended_is_not_steered(gate):
    await dead(gate, "H01-1")
    run = (await post(gate, "", {"selection": {}, "reason": WHY})).json["replay"]["id"]
    await post(gate, f"/{run}/cancel", {"reason": WHY})
    assert (await post(gate, f"/{run}/resume", {"reason": WHY})).code == "replay.closed"
    assert (await gate.get(f"/v1/ops/replays/{run}/items?state=x", who=OPERATOR)).code == "parameter.invalid"
    assert (await gate.get("/v1/ops/replays/x", who=OPERATOR)).code == "replay.not_found"


async def test_no_system_sees_or_begins_a_replay(gate):
    assert (await gate.get("/v1/ops/replays", who=PORTAL)).status == 403
    assert (await post(gate, "", {"selection": {}, "reason": WHY}, who=PORTAL)).status == 403
