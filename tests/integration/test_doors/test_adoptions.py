"""``POST /v1/ops/adoptions``: dossiers that systems have from before the gateway."""

from dataclasses import replace

import pytest

from gateway.core.message import Code
from gateway.core.routing import Mode
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, a_book, a_draft, a_planner, a_route, a_system
from gateway.testing.ids import FakeIds

from .conftest import OPERATOR

PATH = "/v1/ops/adoptions"
ITEM = {
    "row": 2,
    "codes": [{"scheme": "province", "code": "H01-1"}],
    "system": CIVIL_STATUS,
    "synced_at": "2025-11-24T17:00:00+07:00",
    "status": {"status": 4},
}


async def post(gate, *items, who=OPERATOR, **more):
    body = {"source": PORTAL, "items": items, "file_sha256": "a" * 64, "reason": "Chuyển hệ thống", **more}
    return await gate.post(PATH, body, who=who)


async def test_dossiers_are_adopted_and_their_system_may_speak(gate):
    """Nothing is sent: there is no delivery."""
    done = await post(gate, ITEM)
    assert (done.status, done.json["adopted"], done.json["counts"]["new"]) == (200, True, 1)
    (found,) = (await gate.get("/v1/ops/dossiers?code=H01-1", who=OPERATOR)).json["items"]
    assert [(item["system"], item["status"]) for item in found["statuses"]] == [(CIVIL_STATUS, 4)]
    assert (await gate.get("/v1/ops/deliveries", who=OPERATOR)).json["items"] == []
    assert (await gate.get("/v1/dossiers/H01-1", who=CIVIL_STATUS)).status == 200


async def test_a_trial_says_what_would_be(gate):
    done = await post(gate, ITEM, trial=True)
    assert (done.json["adopted"], done.json["counts"]["new"]) == (False, 1)
    assert (await gate.get("/v1/ops/dossiers?code=H01-1", who=OPERATOR)).json["items"] == []


async def test_what_contradicts_our_books_is_told_by_line_and_field(gate):
    await post(gate, ITEM)
    done = await post(gate, {**ITEM, "status": {"status": 9}})
    assert done.json["adopted"] is False
    assert [(item["row"], item["verdict"], item["fields"]) for item in done.json["faults"]] == [
        (2, "different", ["status"])
    ]


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({**ITEM, "system": "nobody"}, 404),
        ({**ITEM, "codes": []}, 400),
        ({**ITEM, "codes": [{"scheme": "province", "code": "a\u0000b"}]}, 400),
        ({**ITEM, "synced_at": "2025-11-24T17:00:00"}, 400),
        ({**ITEM, "synced_at": "0001-01-01T00:00:00+07:00"}, 400),
        ({**ITEM, "due_at": "9999-12-31T23:59:59Z"}, 400),
        ({**ITEM, "status": {"status": 11}}, 400),
        ({**ITEM, "more": 1}, 400),
    ],
)
async def test_what_cannot_be_an_adoption_is_refused(gate, item, status):
    """And nothing is stored of it."""
    assert (await post(gate, item)).status == status
    assert (await gate.get("/v1/ops/dossiers?code=H01-1", who=OPERATOR)).json["items"] == []


async def test_a_time_that_leaves_the_calendar_elsewhere_is_no_fault_of_ours(gate):
    """An operator's door says what is wrong with it, as every other."""
    asked = {"since": "9999-12-31T23:59:59-07:00", "reason": "Quay lại"}
    reply = await gate.post(f"/v1/ops/systems/{CIVIL_STATUS}/handbacks", asked, who=OPERATOR)
    assert (reply.status, reply.code) == (400, "request.invalid")


async def test_only_operators_adopt(gate):
    assert (await post(gate, ITEM, who=PORTAL)).status == 403


async def test_what_a_live_route_would_send_is_not_handed_back(gate):
    """It is named, and stays."""
    await gate.store.accept([a_draft()], plan=a_planner(FakeIds(9)))
    asked = {"since": "2020-01-01T00:00:00Z", "reason": "Quay lại"}
    reply = await gate.post(f"/v1/ops/systems/{CIVIL_STATUS}/handbacks", asked, who=OPERATOR)
    assert (reply.status, reply.json["done"], reply.json["counts"]["live"]) == (200, False, 1)
    (item,) = reply.json["items"]
    assert (item["handing"], item["codes"][0]["code"], item["kinds"]) == ("live", "H01-1", ["dossier.submitted"])
    assert (await gate.post("/v1/ops/systems/nobody/handbacks", asked, who=OPERATOR)).status == 404
    assert (await gate.post(f"/v1/ops/systems/{CIVIL_STATUS}/handbacks", asked, who=PORTAL)).status == 403


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
async def test_what_a_system_is_sent_nothing_of_is_handed_back(gate_with, mode):
    """G4: also where its file says so, and not the route: nothing of it may leave any more."""
    book = a_book(systems=[a_system(CIVIL_STATUS, mode=mode)], routes=[a_route(CIVIL_STATUS, LAND)])
    async with gate_with(book=book) as gate:
        await gate.store.accept([a_draft()], plan=a_planner(FakeIds(9)))
        asked = {"since": "2020-01-01T00:00:00Z", "reason": "Quay lại"}
        reply = await gate.post(f"/v1/ops/systems/{CIVIL_STATUS}/handbacks", asked, who=OPERATOR)
        assert (reply.status, [item["handing"] for item in reply.json["items"]]) == (200, ["whole"])


async def test_a_log_is_compared_by_operators_only(gate):
    """What nobody has rehearsed only the way before sends."""
    path = f"/v1/ops/systems/{CIVIL_STATUS}/comparisons"
    asked = {"lines": [{"line": 1, "time": "2026-01-01T00:00:00Z", "code": "X", "body": "{}"}]}
    reply = await gate.post(path, asked, who=OPERATOR)
    assert (reply.status, reply.json["counts"]["only_theirs"]) == (200, 1)
    asked["lines"][0]["time"] = "2026-01-01T00:00:00"
    assert (await gate.post(path, asked, who=OPERATOR)).status == 400
    assert (await gate.post(path, asked, who=PORTAL)).status == 403


async def test_what_only_we_would_send_and_what_is_sent_twice_is_for_operators_only(gate):
    """Times have a zone, systems are known."""
    path = f"/v1/ops/systems/{CIVIL_STATUS}"
    asked = {"since": "2026-01-01T00:00:00Z", "until": "2126-01-01T00:00:00Z", "matched": ["d-1"]}
    reply = await gate.post(f"{path}/comparisons/ours", asked, who=OPERATOR)
    assert (reply.status, reply.json) == (200, {"items": [], "whole": True})
    assert (await gate.post(f"{path}/comparisons/ours", asked, who=PORTAL)).status == 403
    asked["until"] = "2126-01-01T00:00:00"
    assert (await gate.post(f"{path}/comparisons/ours", asked, who=OPERATOR)).status == 400
    reply = await gate.get(f"{path}/doubles?since=2026-01-01T00:00:00Z", who=OPERATOR)
    assert (reply.status, reply.json) == (200, {"items": [], "whole": True})
    assert (await gate.get(f"{path}/doubles?since=2026", who=OPERATOR)).status == 400
    assert (await gate.get(f"{path}/doubles", who=PORTAL)).status == 403
    assert (await gate.get("/v1/ops/systems/nobody/doubles", who=OPERATOR)).status == 404


async def test_a_dossier_that_was_taken_under_a_code_with_a_blank_gets_its_own_by_another_one(gate):
    """Such a code is refused now; what was taken under it before is found by it, and by the receipt's number, too."""
    codes = (Code("province", "H01-1 "), Code("receipt", "BN-7"))
    await gate.store.accept([replace(a_draft(), codes=codes)], plan=a_planner(FakeIds(9)))
    (found,) = (await gate.get("/v1/ops/dossiers?code=H01-1%20", who=OPERATOR)).json["items"]
    item = {**ITEM, "system": PORTAL, "status": None}
    item["codes"] = [*ITEM["codes"], {"scheme": "receipt", "code": "BN-7"}]
    done = await post(gate, item)
    assert (done.json["adopted"], done.json["counts"]["added"]) == (True, 1)
    (again,) = (await gate.get("/v1/ops/dossiers?code=H01-1", who=OPERATOR)).json["items"]
    assert again["id"] == found["id"]
