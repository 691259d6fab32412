"""What needs two operators: shown, proposed by one, done by another's approval."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.delivery import DoubtMark, State
from gateway.core.files import public_id
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.core.reason import Reason, Why
from gateway.model.envelope import event_of as carried
from gateway.ports.keys import KeyRole
from gateway.security.keys import new_key
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_draft, a_planner, a_settlement
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.world import slots

from .conftest import OPERATOR

WHY = "Thiếu số điện thoại"
PDF = b"%PDF-1.7 sample"
DOSSIER = {
    "code": "H01-1",
    "procedure": {"code": "1.000894"},
    "owner": {"name": {"whole": "Lò Văn Mẫu"}},
    "submitted_at": "2026-03-02T08:00:00+07:00",
}


@pytest.fixture
async def gate(gate):
    """A second operator has a key of her own."""
    made = new_key(KeyId("k-binh"), role=KeyRole.OPERATOR, name="Bình", created_at=gate.clock.now())
    await gate.store.add(made.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))
    gate.keys["Bình"] = made.text
    return gate


async def stopped(gate, state=State.DEAD, *, doubt=False):
    reply = await gate.post("/v1/dossiers", {"dossier": DOSSIER})
    assert reply.status == 202, reply.body
    return await ended(gate, state, doubt=doubt)


async def ended(gate, state=State.DEAD, *, doubt=False):
    (delivery,) = await gate.store.claim(slots(CIVIL_STATUS))
    mark = DoubtMark.SET if doubt else DoubtMark.KEEP
    settlement = a_settlement(delivery, state, doubt=mark, reason=Reason(Why.CANNOT_RENDER))
    await gate.store.settle(settlement, plan=a_planner(FakeIds(9)))
    return delivery.id


async def ops(gate, path, body, who=OPERATOR):
    return await gate.post(f"/v1/ops/{path}", body, who=who)


async def event_of(gate, delivery):
    return (await ops(gate, f"deliveries/{delivery}/content", {"reason": WHY})).json["event"]


async def test_a_corrected_message_is_sent_once_another_person_agrees(gate):
    """The diff is shown, the approval does it, and everything is in the timeline."""
    delivery = await stopped(gate)
    event = await event_of(gate, delivery)
    event["data"]["owner"]["phone"] = "0912345678"
    shown = await ops(gate, f"deliveries/{delivery}/edits", {"event": event, "reason": WHY})
    assert shown.json["items"] == [{"path": "data.owner.phone", "now": "0912345678"}]
    assert shown.json["proposal"] is None
    made = await ops(gate, f"deliveries/{delivery}/edits", {"event": event, "reason": WHY, "propose": True})
    proposal = made.json["proposal"]
    assert (proposal["state"], proposal["facts"]["changes"]) == ("open", "1")
    assert "0912345678" not in json.dumps(proposal)
    own = await ops(gate, f"proposals/{proposal['id']}/approval", {"reason": WHY})
    assert (own.status, own.code) == (403, "proposal.own")
    seen = await ops(gate, f"proposals/{proposal['id']}/changes", {"reason": "Xem trước"}, who="Bình")
    assert seen.json["items"] == shown.json["items"]
    done = await ops(gate, f"proposals/{proposal['id']}/approval", {"reason": "Đúng"}, who="Bình")
    assert (done.json["state"], done.json["decided_by"]) == ("approved", "Bình")
    (again,) = await gate.store.claim(slots(CIVIL_STATUS))
    assert json.loads(again.message.payload.body)["data"]["owner"]["phone"] == "0912345678"
    path = f"/v1/ops/dossiers/{proposal['dossier_id']}/timeline"
    verbs = [act["verb"] for act in (await gate.get(path, who=OPERATOR)).json["acts"]]
    assert verbs == ["view", "view", "propose", "view", "edit", "approve"]
    assert (
        await ops(gate, f"proposals/{proposal['id']}/approval", {"reason": "x"}, who="Bình")
    ).code == "proposal.closed"


async def test_a_delivery_that_is_not_there_cannot_be_read_or_corrected(gate):
    for what, body in (("content", {"reason": WHY}), ("edits", {"event": {}, "reason": WHY})):
        assert (await ops(gate, f"deliveries/nothing/{what}", body)).code == "delivery.not_found"


@pytest.mark.parametrize("named", ["as its source did", "by its id"])
async def test_a_correction_keeps_the_files_that_were_fetched(gate, named):
    """The message shows the address that its source named; the file is here, whichever way the correction names it."""
    file = {"url": "https://files.example/don", "name": "don.pdf"}
    assert (await gate.post("/v1/dossiers", {"dossier": {**DOSSIER, "files": [file]}})).status == 202
    ((message, pending),) = await gate.store.fetches(limit=9)
    blob = gate.blobs.hold(PDF, name="don.pdf")
    await gate.store.attach(message, pending.file_id, blob)
    delivery = await ended(gate)
    event = await event_of(gate, delivery)
    assert event["data"]["files"] == [file]
    asked = {"event": event, "reason": WHY, "propose": True}
    assert (await ops(gate, f"deliveries/{delivery}/edits", asked)).json["errors"][0]["code"] == "unchanged"
    other = {**event, "data": {**event["data"], "files": [{**file, "sha256": "0" * 64}]}}
    unlike = await ops(gate, f"deliveries/{delivery}/edits", {**asked, "event": other})
    assert [(fault["path"], fault["code"]) for fault in unlike.json["errors"]] == [("data.files[0].sha256", "differs")]
    event["data"]["owner"]["phone"] = "0912345678"
    if named == "by its id":
        event["data"]["files"] = [{"id": public_id(replace(blob, file_id=pending.file_id))}]
    proposal = (await ops(gate, f"deliveries/{delivery}/edits", asked)).json["proposal"]["id"]
    await ops(gate, f"proposals/{proposal}/approval", {"reason": "Đúng"}, who="Bình")
    (again,) = await gate.store.claim(slots(CIVIL_STATUS))
    (shown,) = carried(again).data["files"]
    assert shown["sha256"] == blob.sha256
    assert (await gate.get(shown["url"], who=CIVIL_STATUS)).body == PDF


async def test_whoever_proposed_another_correction_reads_which_was_approved_instead(gate):
    """It waits for nobody any more, and says by what it was overtaken."""
    delivery = await stopped(gate)
    event = await event_of(gate, delivery)
    made = []
    for phone in ("0912345678", "0987654321"):
        event["data"]["owner"]["phone"] = phone
        asked = {"event": event, "reason": WHY, "propose": True}
        made.append((await ops(gate, f"deliveries/{delivery}/edits", asked)).json["proposal"]["id"])
    await ops(gate, f"proposals/{made[1]}/approval", {"reason": "Số mới nhất"}, who="Bình")
    shown = (await ops(gate, f"proposals/{made[0]}/changes", {"reason": "Sao chưa gửi?"})).json["proposal"]
    assert (shown["state"], shown["outcome"]) == ("rejected", {"overtaken_by": made[1]})
    assert (shown["decided_by"], shown["decided_reason"]) == ("Bình", "Số mới nhất")
    assert (await gate.get("/v1/ops/proposals?state=open", who=OPERATOR)).json["items"] == []


async def test_a_correction_shows_how_its_delivery_stands_and_is_refused_once_that_has_ended(gate):
    """It waits for the second person to say no, or lapses; until then nobody need guess why it cannot be approved."""
    delivery = await stopped(gate)
    event = await event_of(gate, delivery)
    event["data"]["owner"]["phone"] = "0912345678"
    asked = {"event": event, "reason": WHY, "propose": True}
    proposal = (await ops(gate, f"deliveries/{delivery}/edits", asked)).json["proposal"]["id"]
    await ops(gate, f"deliveries/{delivery}/judgement", {"verdict": "cancelled", "reason": "Nộp lại trực tiếp"})
    seen = (await ops(gate, f"proposals/{proposal}/changes", {"reason": "Xem trước"}, who="Bình")).json
    assert [change["path"] for change in seen["items"]] == ["data.owner.phone"]
    (one,) = seen["deliveries"]
    assert (one["delivery_id"], one["state"], one["text"]) == (delivery, "cancelled", "sửa và gửi lại")
    refused = await ops(gate, f"proposals/{proposal}/approval", {"reason": "Đúng"}, who="Bình")
    assert (refused.status, refused.code) == (409, "delivery.final")
    no = await ops(gate, f"proposals/{proposal}/rejection", {"reason": "Đã huỷ gửi"}, who="Bình")
    assert no.json["state"] == "rejected"


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({}, "", "unchanged"),
        ({"source_event_id": "E-9"}, "", "unchanged"),  # its sender's own id is nothing that it states
        ({"kind": "dossier.amended"}, "kind", "not_allowed"),
        ({"dossier": {"code": "H01-2"}, "data": {**DOSSIER, "code": "H01-2"}}, "dossier", "not_allowed"),
        ({"data": {**DOSSIER, "code": "H01-2"}}, "data.code", "not_allowed"),
        ({"files": [{"id": "f-1"}]}, "files[0].id", "not_allowed"),
        ({"files": [{"url": "https://files.example/a"}]}, "files[0].url", "not_allowed"),
        ({"nonsense": 1}, "nonsense", "unknown_key"),
    ],
)
async def test_a_correction_is_read_like_anything_from_outside(gate, change, path, code):
    """The same kind, the same dossier, its own files, and a change: or nothing is kept."""
    delivery = await stopped(gate)
    event = {**await event_of(gate, delivery), **change}
    reply = await ops(gate, f"deliveries/{delivery}/edits", {"event": event, "reason": WHY, "propose": True})
    assert (reply.status, reply.code) == (422, "body.invalid")
    assert [(fault["path"], fault["code"]) for fault in reply.json["errors"]] == [(path, code)]
    assert not any(
        fault["expected"] in fault["message"] for fault in reply.json["errors"] if " " in fault.get("expected", "")
    )
    assert (await gate.get("/v1/ops/proposals", who=OPERATOR)).json["items"] == []


async def test_a_code_that_was_kept_with_blanks_is_corrected(gate):
    """No door takes it any more: the correction without them is one of the same dossier, which has both codes then."""
    await gate.store.accept([a_draft("H01-1 \u00a0", digest="old")], plan=a_planner(FakeIds(7)))
    (delivery,) = await gate.store.claim(slots(CIVIL_STATUS))
    settlement = a_settlement(delivery, State.DEAD, reason=Reason(Why.CANNOT_RENDER))
    await gate.store.settle(settlement, plan=a_planner(FakeIds(9)))
    event = {"kind": "dossier.submitted", "dossier": {"code": "H01-1"}, "data": DOSSIER}
    made = await ops(gate, f"deliveries/{delivery.id}/edits", {"event": event, "reason": WHY, "propose": True})
    assert made.status == 200, made.body
    await ops(gate, f"proposals/{made.json['proposal']['id']}/approval", {"reason": WHY}, who="Bình")
    (found,) = await gate.store.dossiers("H01-1")
    assert found.id == delivery.message.dossier_id


async def test_what_is_in_doubt_cannot_be_edited(gate):
    """G4: said before anything is proposed."""
    delivery = await stopped(gate, State.HELD, doubt=True)
    event = await event_of(gate, delivery)
    event["text"] = "x"
    reply = await ops(gate, f"deliveries/{delivery}/edits", {"event": event, "reason": WHY, "propose": True})
    assert reply.code == "delivery.in_doubt"


def the_list(gate, *codes, **more):
    gate.clock.advance(60)
    return {"codes": list(codes), "as_of": gate.clock.now().isoformat(), "file_sha256": "a" * 64, **more}


async def test_a_partner_s_list_settles_what_is_in_doubt(gate):
    """G4: shown exactly, proposed, done by a second person."""
    delivery = await stopped(gate, State.HELD, doubt=True)
    path = f"systems/{CIVIL_STATUS}/settlements"
    shown = (await ops(gate, path, the_list(gate, "H01-1", "other"))).json
    assert (shown["counts"]["listed"], shown["unknown"], shown["proposal"]) == (1, 1, None)
    assert [(item["delivery_id"], item["finding"]) for item in shown["items"]] == [(delivery, "listed")]
    asked = the_list(gate, "H01-1", propose=True, reason="Danh sách của Bộ")
    proposal = (await ops(gate, path, asked)).json["proposal"]
    listed = (await gate.get("/v1/ops/proposals?state=open", who=OPERATOR)).json["items"]
    assert [item["id"] for item in listed] == [proposal["id"]]
    assert (await gate.get(f"/v1/ops/proposals/{proposal['id']}", who=OPERATOR)).json == listed[0]
    seen = await ops(gate, f"proposals/{proposal['id']}/changes", {"reason": "Xem trước"}, who="Bình")
    (one,) = seen.json["deliveries"]
    assert (one["delivery_id"], one["codes"], one["state"]) == (delivery, ["H01-1"], "held")
    assert one["text"] == "có trong danh sách: đã nhận"
    done = await ops(gate, f"proposals/{proposal['id']}/approval", {"reason": "Đúng"}, who="Bình")
    assert done.json["outcome"] == {"absent": "0", "delivered": "1", "skipped": "0"}
    assert (await gate.get(f"/v1/deliveries/{delivery}", who=OPERATOR)).json["state"] == "delivered"


async def test_a_list_that_names_nothing_of_ours_is_not_proposed(gate):
    """G4: by another column all would be absent, and sent again; one that names what is not in doubt is proposed."""
    await stopped(gate, State.HELD, doubt=True)
    path = f"systems/{CIVIL_STATUS}/settlements"
    assert (await ops(gate, path, the_list(gate, "1", "2"))).json["counts"]["absent"] == 1
    reply = await ops(gate, path, the_list(gate, "1", "2", propose=True, reason=WHY))
    assert (reply.status, reply.code) == (422, "list.unknown")
    assert (await ops(gate, path, the_list(gate, propose=True, reason=WHY))).code == "list.unknown"
    accepted = await gate.store.accept([a_draft("H01-9")], plan=a_planner(FakeIds()))
    (sent,) = accepted.results[0].deliveries
    for name in ("H01-9", sent):  # by the dossier's code, or by what we told the partner as our own id
        proposal = (await ops(gate, path, the_list(gate, "1", name, propose=True, reason=WHY))).json["proposal"]
        assert proposal["facts"]["absent"] == "1"


async def test_a_list_that_decides_nothing_is_not_proposed(gate):
    await stopped(gate, State.HELD, doubt=True)
    early = {**the_list(gate, "x", propose=True, reason=WHY), "as_of": "2020-01-01T00:00:00Z"}
    reply = await ops(gate, f"systems/{CIVIL_STATUS}/settlements", early)
    assert reply.code == "proposal.empty"
    assert (await ops(gate, "systems/nobody/settlements", the_list(gate, "x"))).code == "system.not_found"
    bad = {**the_list(gate, "x"), "as_of": "2026-01-01T00:00:00"}
    assert (await ops(gate, f"systems/{CIVIL_STATUS}/settlements", bad)).code == "request.invalid"
    ahead = {
        **the_list(gate, "x", propose=True, reason=WHY),
        "as_of": (gate.clock.now() + timedelta(hours=7)).isoformat(),
    }
    assert (await ops(gate, f"systems/{CIVIL_STATUS}/settlements", ahead)).code == "list.ahead"
    assert (await gate.get("/v1/ops/proposals?state=open", who=OPERATOR)).json["items"] == []
    bare = the_list(gate, "x", propose=True)
    assert (await ops(gate, f"systems/{CIVIL_STATUS}/settlements", bare)).code == "reason.invalid"


async def test_a_proposal_is_taken_back_and_only_operators_see_any(gate):
    await stopped(gate, State.HELD, doubt=True)
    asked = the_list(gate, "H01-1", propose=True, reason=WHY)
    made = await ops(gate, f"systems/{CIVIL_STATUS}/settlements", asked)
    proposal = made.json["proposal"]["id"]
    assert (await ops(gate, f"proposals/{proposal}/rejection", {"reason": "Nhầm"})).json["state"] == "rejected"
    assert (await ops(gate, f"proposals/{proposal}/changes", {"reason": "x"})).json["items"] == []
    assert (await gate.get("/v1/ops/proposals", who=PORTAL)).code == "key.forbidden"
    assert (await gate.get("/v1/ops/proposals?state=x", who=OPERATOR)).code == "parameter.invalid"
    assert (await gate.get("/v1/ops/proposals/x", who=OPERATOR)).code == "proposal.not_found"
