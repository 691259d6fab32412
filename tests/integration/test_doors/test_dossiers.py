"""``/v1/dossiers`` and ``/v1/events``: what a portal and a ministry do all day."""

import json
import unicodedata
from urllib.parse import quote

from gateway.model.event import NewDossier
from gateway.model.names import to_national
from gateway.testing.books import CIVIL_STATUS, LAND, PORTAL, TAX


async def test_a_code_is_found_however_unicode_composes_it(gate, body):
    """Statements compose codes; a caller who types one on another system means the same."""
    await gate.post("/v1/dossiers", body("H01-Đề-1"))
    taken_apart = quote(unicodedata.normalize("NFD", "H01-Đề-1"))
    assert (await gate.get(f"/v1/dossiers/{taken_apart}")).status == 200
    assert len((await gate.get(f"/v1/dossiers?code={taken_apart}")).json["items"]) == 1


async def test_a_submitted_dossier_is_answered_with_a_receipt(gate, body):
    """202, where it is, and who will get it."""
    reply = await gate.post("/v1/dossiers", body("H01/12,3"))
    assert reply.status == 202
    assert reply.headers["Location"] == "/v1/dossiers/H01%2F12%2C3"
    receipt = reply.json
    assert receipt["revision"] == 1
    assert len(receipt["deliveries"]) == 2
    assert receipt["files"] == "ready"
    assert not receipt["duplicate"]
    shown = await gate.get(reply.headers["Location"])
    assert shown.status == 200
    assert shown.json["dossier"]["summary"] == "Đăng ký kết hôn"
    assert shown.headers["ETag"] == '"1"'


async def test_a_dossier_without_a_code_of_the_province_is_amended_by_the_code_that_it_has(gate, body):
    """As a step of a chain: what is shown of it is sent back without a code, at the address it was shown at."""
    whole = body()["dossier"]
    del whole["code"]
    step = {"scheme": "chain", "code": "H01-1/residence"}
    stated = await gate.post("/v1/events", {"kind": "dossier.submitted", "dossier": step, "data": whole})
    assert stated.status == 202, stated.body
    place = "/v1/dossiers/H01-1%2Fresidence"
    shown = (await gate.get(place)).json["dossier"]
    amended = await gate.call("PUT", place, {"dossier": {**shown, "summary": "Sửa"}})
    assert (amended.status, amended.json.get("revision")) == (202, 2), amended.body
    refused = await gate.call("PUT", place, {"dossier": {**shown, "code": "H01-1/residence"}})
    (fault,) = refused.json["errors"]
    assert (refused.status, fault["path"], fault["code"]) == (422, "dossier.code", "not_allowed")
    assert "mã của tỉnh" in fault["message"]
    others = [{**step, "code": "H01-2/residence"}]
    assert (await gate.call("PUT", place, {"dossier": shown, "references": others})).code == "codes.conflict"
    codes = (await gate.get(place)).json["codes"]
    assert codes == [step]


NATIONAL = {"Content-Type": "application/vnd.qcvn120+json"}


async def test_the_national_names_are_spoken_both_ways(gate, body):
    """model.md: one table, the same model."""
    sent = to_national(NewDossier, body("H01-7"))
    assert sent["HoSo"]["MaHoSo"] == "H01-7"
    reply = await gate.post("/v1/dossiers", raw=json.dumps(sent).encode(), headers=NATIONAL)
    assert reply.status == 202, reply.body
    for path in ("/v1/dossiers/H01-7", "/v1/dossiers/H01-7/timeline", "/v1/dossiers?code=H01-7"):
        shown = await gate.get(path, headers={"Accept": NATIONAL["Content-Type"]})
        assert stated_in(shown)["MaHoSo"] == "H01-7"
        assert shown.headers["Content-Type"] == NATIONAL["Content-Type"]
        shown = await gate.get(path)
        assert stated_in(shown)["code"] == "H01-7"
        assert shown.headers["Content-Type"] == "application/json"


def stated_in(shown):
    """Return the document of the dossier, wherever an answer has it."""
    body = shown.json.get("items", [shown.json])[0]
    return body["dossier"].get("dossier", body["dossier"])


async def test_faults_in_national_names_are_told_in_national_names(gate):
    sent = {"HoSo": {"MaHoSo": "H01-7", "MaTTHC": 7, "code": "x"}}
    reply = await gate.post("/v1/dossiers", raw=json.dumps(sent).encode(), headers=NATIONAL)
    assert reply.status == 422, reply.body
    paths = {error["path"] for error in reply.json["errors"]}
    assert {"HoSo.MaTTHC", "HoSo.code"} <= paths or {"HoSo.ThuTuc", "HoSo.code"} <= paths, paths


async def test_every_fault_is_named_at_once_in_the_senders_names(gate, body):
    """Wrong types, unknown keys and missing fields, never a value."""
    sent = body(summary=7, owner={"name": {"whole": "X"}, "phon": "secret-0912"})
    del sent["dossier"]["procedure"]
    reply = await gate.post("/v1/dossiers", sent)
    assert reply.status == 422
    assert reply.code == "body.invalid"
    errors = {error["path"]: error["code"] for error in reply.json["errors"]}
    assert errors["dossier.summary"] == "type"
    assert errors["dossier.procedure"] == "required"
    assert errors["dossier.owner.phon"] == "unknown_key"
    assert "secret-0912" not in reply.body.decode()
    assert await gate.is_empty()


async def test_the_same_again_gets_the_first_receipt(gate, body):
    """G7: same key, same content: the first receipt."""
    first = await gate.post("/v1/dossiers", body(), headers={"Idempotency-Key": '"k-1"'})
    again = await gate.post("/v1/dossiers", body(), headers={"Idempotency-Key": "k-1"})
    assert again.status == 202
    assert again.json["duplicate"]
    assert again.json["message_id"] == first.json["message_id"]
    assert len(gate.accepted) == 1


async def test_a_key_used_for_other_content_is_refused(gate, body):
    """G7: same key, other content: 422."""
    await gate.post("/v1/dossiers", body(), headers={"Idempotency-Key": "k-1"})
    reply = await gate.post("/v1/dossiers", body(summary="Khác"), headers={"Idempotency-Key": "k-1"})
    assert (reply.status, reply.code) == (422, "idempotency.conflict")


async def test_other_content_for_a_known_code_must_amend(gate, body):
    """409 names the way; PUT makes revision 2, said again too; a stale If-Match is told the number."""
    await gate.post("/v1/dossiers", body())
    refused = await gate.post("/v1/dossiers", body(summary="Khác"))
    assert (refused.status, refused.code, refused.json["revision"]) == (409, "dossier.exists", 1)
    assert "PUT /v1/dossiers/" in refused.json["detail"]
    amended = await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="Khác"), headers={"If-Match": '"1"'})
    assert (amended.status, amended.json["revision"]) == (202, 2)
    again = await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="Khác"), headers={"If-Match": '"1"'})
    assert (again.status, again.json["revision"], again.json["duplicate"]) == (202, 2, True)
    stale = await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="Nữa"), headers={"If-Match": '"1"'})
    assert (stale.status, stale.code, stale.json["revision"]) == (412, "revision.stale", 2)


async def test_a_submission_is_known_again_by_its_senders_own_id(gate, body):
    """G7: as by the header, which a sender that names its submissions need not give."""
    named = {**body(), "source_event_id": "E-1"}
    first = await gate.post("/v1/dossiers", named)
    await gate.call("PUT", "/v1/dossiers/H01-1", body(summary="Khác"))
    again = await gate.post("/v1/dossiers", named)
    assert (again.status, again.json["message_id"]) == (202, first.json["message_id"])
    other = await gate.post("/v1/dossiers", {**named, **body("H01-2")})
    assert (other.status, other.code) == (422, "idempotency.conflict")


async def test_a_dossier_is_amended_in_the_national_names_too(gate, body):
    """Under the code of the address, where the body gives none."""
    await gate.post("/v1/dossiers", body())
    sent = to_national(NewDossier, body(summary="Khác"))
    del sent["HoSo"]["MaHoSo"]
    reply = await gate.call("PUT", "/v1/dossiers/H01-1", raw=json.dumps(sent).encode(), headers=NATIONAL)
    assert (reply.status, reply.json["revision"]) == (202, 2), reply.body
    assert (await gate.get("/v1/dossiers/H01-1")).json["dossier"]["summary"] == "Khác"


async def test_amending_what_nobody_knows_is_404(gate, body):
    reply = await gate.call("PUT", "/v1/dossiers/H01-9", body("H01-9"))
    assert (reply.status, reply.code) == (404, "dossier.not_found")


async def test_a_ministry_states_a_status_and_the_dossier_lists_it(gate, body, status):
    """Status belongs to (dossier, system)."""
    await gate.post("/v1/dossiers", body())
    reply = await gate.post("/v1/events", status(number=4), who=CIVIL_STATUS)
    assert reply.status == 202, reply.body
    shown = (await gate.get("/v1/dossiers/H01-1")).json
    assert [(item["system"], item["status"]) for item in shown["statuses"]] == [(CIVIL_STATUS, 4)]


async def test_a_batch_has_an_answer_for_each_item(gate, body, status):
    """One bad item does not refuse its neighbours."""
    await gate.post("/v1/dossiers", body())
    items = [status(number=4), status(number=77), {"kind": "no.such"}, status(number=5)]
    reply = await gate.post("/v1/events", {"items": items}, who=CIVIL_STATUS)
    assert reply.status == 207
    assert (reply.json["accepted"], reply.json["refused"]) == (2, 2)
    assert [item["status"] for item in reply.json["items"]] == [202, 422, 422, 202]
    assert reply.json["items"][1]["problem"]["errors"][0]["path"] == "items[1].data.status"
    plain = await gate.post("/v1/events", [status(number=9)], who=CIVIL_STATUS)
    assert plain.status == 202
    assert plain.json["items"][0]["receipt"]["matched"]


async def test_a_batch_has_at_most_200_items(gate, status):
    reply = await gate.post("/v1/events", {"items": [status() for _ in range(201)]}, who=CIVIL_STATUS)
    assert reply.status == 422
    assert reply.json["errors"][0]["path"] == "items"


async def test_who_may_state_what_is_held_to(gate, body):
    """The kinds table: P portal, S system, G nobody from outside."""
    await gate.post("/v1/dossiers", body())
    event = {"dossier": {"code": "H01-1"}}
    issued = await gate.post("/v1/events", {**event, "kind": "result.issued", "data": {"name": "Giấy"}})
    assert (issued.status, issued.code) == (403, "kind.not_yours")
    news = {**event, "kind": "relay.delivered", "data": {"system": TAX}}
    for who in (PORTAL, CIVIL_STATUS):
        assert (await gate.post("/v1/events", news, who=who)).code == "kind.not_yours"


async def test_others_dossiers_do_not_exist_for_a_system(gate, body, status):
    """G9: own traffic only."""
    receipt = (await gate.post("/v1/dossiers", body())).json
    for path in ("/v1/dossiers/H01-1", "/v1/dossiers/H01-1/timeline", f"/v1/deliveries/{receipt['deliveries'][0]}"):
        assert (await gate.get(path, who=LAND)).status == 404
    assert (await gate.get("/v1/dossiers?scheme=province&code=H01-1", who=LAND)).json == {"items": []}
    refused = await gate.post("/v1/events", status(), who=LAND)
    assert (refused.status, refused.code) == (403, "dossier.not_yours")


async def test_a_participant_sees_its_own_part_of_the_timeline(gate, body, status):
    """G9: what another ministry said is the portal's to see, not this one's."""
    await gate.post("/v1/dossiers", body())
    await gate.post("/v1/events", status(number=4), who=TAX)
    whole = (await gate.get("/v1/dossiers/H01-1/timeline")).json
    assert [item["kind"] for item in whole["messages"]] == ["dossier.submitted", "status.changed"]
    part = (await gate.get("/v1/dossiers/H01-1/timeline", who=CIVIL_STATUS)).json
    assert [item["kind"] for item in part["messages"]] == ["dossier.submitted"]
    assert {item["destination"] for item in part["deliveries"]} == {CIVIL_STATUS}
    assert not part["dossier"].get("statuses")


async def test_a_delivery_is_shown_to_both_its_ends(gate, body):
    receipt = (await gate.post("/v1/dossiers", body())).json
    path = f"/v1/deliveries/{receipt['deliveries'][0]}"
    found = (await gate.get(path, who=CIVIL_STATUS)).json
    assert (found["destination"], found["source"], found["kind"]) == (CIVIL_STATUS, PORTAL, "dossier.submitted")
    assert (await gate.get(path)).status == 200
    assert (await gate.get("/v1/deliveries/none")).code == "delivery.not_found"


async def test_a_code_of_two_dossiers_is_ambiguous_in_a_path(gate, body):
    """Codes are data: the list form tells them apart."""
    guid = [{"scheme": "guid", "code": "H01-2"}]
    await gate.post("/v1/dossiers", {**body("H01-1"), "references": guid})
    await gate.post("/v1/dossiers", body("H01-2"))
    reply = await gate.get("/v1/dossiers/H01-2")
    assert (reply.status, reply.code) == (409, "dossier.ambiguous")
    assert {"scheme": "guid", "code": "H01-2"} in reply.json["matches"]
    found = (await gate.get("/v1/dossiers?scheme=guid&code=H01-2")).json["items"]
    assert len(found) == 1
    assert {"scheme": "province", "code": "H01-1"} in found[0]["codes"]


async def test_warnings_are_said_in_the_callers_language(gate, body):
    """A system that is off or without a route is a warning, not a refusal."""
    reply = await gate.post("/v1/dossiers", {**body(), "test": True}, headers={"Accept-Language": "en"})
    assert reply.status == 202
    assert {item["code"] for item in reply.json["warnings"]} == {"test_event"}
