"""Due dates through the doors: how each stands, and the list of them as JSON and CSV."""

import csv
import io
from datetime import timedelta

import pytest

from gateway.testing.books import CIVIL_STATUS
from gateway.testing.clock import MONDAY_MORNING

from .conftest import OPERATOR

DAY = timedelta(days=1)


async def submit(gate, body, code, days):
    due = (MONDAY_MORNING + days * DAY).isoformat()
    assert (await gate.post("/v1/dossiers", body(code, due_at=due))).status == 202


async def listed(gate, query=""):
    reply = await gate.get(f"/v1/ops/deadlines{query}", who=OPERATOR)
    assert reply.status == 200, reply.json
    return reply.json


async def test_a_dossier_says_how_its_due_date_stands(gate, body):
    """Working days; while a supplement is awaited they are not counted, and a new date is believed."""
    await submit(gate, body, "H01-1", 8)
    seen = (await gate.get("/v1/dossiers/H01-1")).json["deadline"]
    assert (seen["outlook"], seen["days_left"], seen["days_over"]) == ("on_time", 6, 0)
    asked = {"kind": "supplement.requested", "dossier": {"code": "H01-1"}, "data": {"content": "Bổ sung ảnh"}}
    assert (await gate.post("/v1/events", asked, who=CIVIL_STATUS)).status == 202
    gate.clock.advance(30 * 86400)
    seen = (await gate.get("/v1/dossiers/H01-1")).json["deadline"]
    assert (seen["outlook"], seen["days_left"]) == ("paused", 6)
    assert seen["text"] == "Tạm dừng tính hạn"
    due = (MONDAY_MORNING + 29 * DAY).isoformat()
    closed = {"result": "accepted", "due_after": due}
    event = {"kind": "supplement.closed", "dossier": {"code": "H01-1"}, "data": closed}
    assert (await gate.post("/v1/events", event, who=CIVIL_STATUS)).status == 202
    seen = (await gate.get("/v1/dossiers/H01-1")).json["deadline"]
    assert (seen["outlook"], seen["days_over"]) == ("overdue", 1)


async def test_a_dossier_without_a_due_date_says_nothing_of_it(gate, body):
    await gate.post("/v1/dossiers", body())
    assert "deadline" not in (await gate.get("/v1/dossiers/H01-1")).json


async def test_due_dates_are_listed_by_what_is_asked(gate, body):
    for code, days in (("H01-late", -3), ("H01-soon", 1), ("H01-later", 20)):
        await submit(gate, body, code, days)
    for which, codes in (
        ("all", ["H01-late", "H01-soon", "H01-later"]),
        ("breach", ["H01-late", "H01-soon"]),
        ("overdue", ["H01-late"]),
        ("soon", ["H01-soon"]),
        ("paused", []),
    ):
        found = await listed(gate, f"?which={which}")
        assert [item["codes"][0]["code"] for item in found["items"]] == codes
    (first, *_) = (await listed(gate))["items"]
    assert first["open_with"] == ["civil_status", "tax"]
    assert (await listed(gate, "?system=land"))["items"] == []


async def test_pages_follow_each_other(gate, body):
    for number in range(3):
        await submit(gate, body, f"H01-{number}", number + 5)
    first = await listed(gate, "?limit=2")
    second = await listed(gate, f"?limit=2&cursor={first['next']}")
    codes = [item["codes"][0]["code"] for item in (*first["items"], *second["items"])]
    assert (codes, second["next"]) == (["H01-0", "H01-1", "H01-2"], "")


async def test_the_list_is_exported_as_csv_that_no_spreadsheet_calculates(gate, body):
    await submit(gate, body, "=HYPERLINK(1)", 1)
    reply = await gate.get("/v1/ops/deadlines?format=csv", who=OPERATOR)
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    ((head), row) = csv.reader(io.StringIO(reply.body.decode(), newline=""))
    found = dict(zip(head, row, strict=True))
    assert found["codes"] == "'=HYPERLINK(1)"
    assert (found["due_at"], found["outlook"], found["days_left"]) == ("2026-03-03T08:00:00+07:00", "soon", "1")


@pytest.mark.parametrize(
    "query", ["?which=late", "?cursor=x", "?cursor=1", "?cursor=999999999999999999.a", "?format=xml", "?limit=0"]
)
async def test_nonsense_is_a_wrong_parameter(gate, query):
    assert (await gate.get(f"/v1/ops/deadlines{query}", who=OPERATOR)).status == 400


async def test_the_list_is_for_operators(gate):
    assert (await gate.get("/v1/ops/deadlines")).status == 403
