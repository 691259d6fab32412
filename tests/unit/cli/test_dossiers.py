"""``dossiers adopt``: what was sent before the gateway becomes known, and nothing is sent."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.core.planning import Planning
from gateway.ports.store import Store
from gateway.testing.books import a_draft

from .books import Shell, called, on_the_store

WHY = ("--reason", "Chuyển sang cổng tích hợp")
HEAD = "Mã hồ sơ;Mã hồ sơ QG;Mã TTHC;Đơn vị tiếp nhận;Hệ thống;Trạng thái;Đồng bộ lúc;Ngày hẹn trả"
ONE = "H01-1;G-1;1.000894;H01.12;;Đang xử lý;24/11/2025 17:00;01/12/2125"
TWO = "H01-2;;1.000894;H01.12;portal;2;20251124170000;"


def listed(tmp_path: Path, *rows: str) -> str:
    file = tmp_path / "list.csv"
    file.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    return str(file)


def test_a_list_is_only_shown_until_it_is_written(shell: Shell, tmp_path: Path):
    asked = ("dossiers", "adopt", listed(tmp_path, ONE, TWO), "--system", "land", *WHY)
    shown = shell.run(*asked)
    assert shown.exit_code == 0, shown.output
    assert "2  hồ sơ mới ghi nhận" in shown.output
    assert "--write" in shown.output
    assert "no dossier has the code H01-1" in shell.failure("find", "H01-1")


def test_what_is_adopted_is_found_with_its_status_and_the_same_again_is_nothing(shell: Shell, tmp_path: Path):
    asked = ("dossiers", "adopt", listed(tmp_path, ONE, TWO), "--system", "land", *WHY, "--write", "--json")
    done = json.loads(shell.run(*asked).stdout)
    assert (done["adopted"], done["counts"]["new"], done["faults"]) == (True, 2, [])
    (found,) = shell.items("find", "G-1", "--scheme", "national")
    assert [(item["system"], item["status"]) for item in found["statuses"]] == [("land", 4)]
    shown = shell.run("show", " h01-1 ").output  # as it may be typed from a telephone call
    assert "Ghi nhận hồ sơ đã có từ trước" in shown
    again = json.loads(shell.run(*asked).stdout)
    assert (again["counts"]["same"], again["counts"]["new"]) == (2, 0)


def test_a_dossier_is_found_by_what_a_person_copies(shell: Shell, config: Path, data: Path):
    """Out of a document or a chat, where hyphens become dashes and blanks creep in; or by our own id."""
    on_the_store(config, data, lambda store, plan: store.accept([a_draft("H01.12-260301-0001")], plan=plan))
    (by_code,) = shell.items("find", "H01.12-260301-0001")
    copied = ("h01.12 - 260301 - 0001", "H01.12–260301–0001", "\ufeffH01.12-2603\u200b01-0001\u00a0")  # noqa: RUF001
    for typed in (*copied, by_code["id"], by_code["id"].upper()):
        assert shell.items("find", typed) == [by_code]
        assert shell.json("show", typed)["dossier"] == by_code
    for unknown in ("H01.12-260301", "01a2220d-b3ca-707b-9eb1-611d323b3007"):
        assert "no dossier" in shell.failure("find", unknown)


def test_a_code_that_was_kept_with_blanks_is_found_as_it_was_kept(shell: Shell, config: Path, data: Path):
    async def keep(store: Store, plan: Planning) -> None:
        await store.accept([a_draft("H01-1 "), a_draft("H01-1")], plan=plan)

    on_the_store(config, data, keep)
    for typed in ("H01-1", "H01-1 ", "\tH01-1 \n"):
        (found,) = shell.items("find", typed)
        assert found["codes"] == [{"scheme": "province", "code": typed.strip("\t\n")}]


def test_a_row_that_contradicts_the_books_is_named_and_nothing_is_adopted(shell: Shell, tmp_path: Path):
    shell.run("dossiers", "adopt", listed(tmp_path, ONE), "--system", "land", *WHY, "--write")
    file = listed(tmp_path, ONE.replace("1.000894", "2.000001"), TWO)
    refused = shell.run("dossiers", "adopt", file, "--system", "land", *WHY, "--write")
    assert refused.exit_code == 1
    assert "dòng 2: khác với sổ của cổng (procedure)" in refused.output
    assert "no dossier has the code H01-2" in shell.failure("find", "H01-2")


def test_every_faulty_row_is_named_at_once_and_no_value_is_shown(shell: Shell, tmp_path: Path):
    rows = (
        ONE.replace("24/11/2025 17:00", "hôm qua"),
        TWO.replace("portal", "lnd"),
        ONE.replace("24/11/2025", "24/11/2125").replace("H01-1", ""),
    )
    refused = shell.run("dossiers", "adopt", listed(tmp_path, *rows), "--system", "land", *WHY, "--json")
    assert refused.exit_code == 2
    problems = json.loads(refused.stdout)["problems"]
    assert [problem["key"] for problem in problems] == [
        "row 2, «Đồng bộ lúc»",
        "row 3, «Hệ thống»",
        "row 4, «Mã hồ sơ»",
        "row 4, «Đồng bộ lúc»",
    ]
    assert "hôm qua" not in refused.stdout


def test_a_faulty_row_is_named_by_the_number_that_people_see_beside_it(shell: Shell, tmp_path: Path):
    file = tmp_path / "list.csv"
    rows = ("", HEAD, ONE, "", ";;;;;;;", TWO.replace("portal", "lnd"), "")
    file.write_text("\n".join(rows), encoding="utf-8")
    refused = shell.run("dossiers", "adopt", str(file), "--system", "land", *WHY, "--json")
    assert [problem["key"] for problem in json.loads(refused.stdout)["problems"]] == ["row 6, «Hệ thống»"]


def test_a_time_as_a_spreadsheet_keeps_it_is_read(shell: Shell, tmp_path: Path):
    """Days since 1900 and the part of the day: so every cell stands in a workbook that is shown as a time."""
    file = listed(tmp_path, ONE.replace("24/11/2025 17:00", "45985.708333333336").replace("01/12/2125", "82516"))
    done = shell.run("dossiers", "adopt", file, "--system", "land", *WHY, "--write")
    assert done.exit_code == 0, done.output
    (found,) = shell.items("find", "H01-1")
    assert found["statuses"][0]["occurred_at"] == "2025-11-24T10:00:00Z"
    assert found["deadline"]["due_at"].startswith("2125-11-30T17:00:00")


def test_a_telephone_number_in_a_column_of_times_is_named(shell: Shell, tmp_path: Path):
    """Its first digits look like those of a spreadsheet's day; all of it lies beyond every calendar."""
    rows = (ONE.replace("01/12/2125", "0912345678"), TWO.replace("20251124170000", "0358123456"))
    refused = shell.run("dossiers", "adopt", listed(tmp_path, *rows), "--system", "land", *WHY, "--json")
    problems = json.loads(refused.stdout)["problems"]
    assert [problem["key"] for problem in problems] == ["row 2, «Ngày hẹn trả»", "row 3, «Đồng bộ lúc»"]


def test_a_code_that_the_spreadsheet_has_rounded_is_named(shell: Shell, tmp_path: Path):
    refused = shell.run(
        "dossiers", "adopt", listed(tmp_path, ONE.replace("G-1", "1.23457E+17")), "--system", "land", *WHY, "--json"
    )
    (problem,) = json.loads(refused.stdout)["problems"]
    assert problem["key"] == "row 2, «Mã hồ sơ QG»"
    assert "text" in problem["remedy"]


def test_a_time_that_a_database_writes_for_none_is_no_due_date(shell: Shell, tmp_path: Path):
    """One of the year 9999 was taken, and no list of due dates could be shown any more."""
    rows = (ONE.replace("01/12/2125", "9999-12-31T23:59:59Z"), ONE.replace("24/11/2025 17:00", "0001-01-01 00:00:00"))
    refused = shell.run("dossiers", "adopt", listed(tmp_path, *rows), "--system", "land", *WHY, "--json")
    problems = json.loads(refused.stdout)["problems"]
    assert [problem["key"] for problem in problems] == ["row 2, «Ngày hẹn trả»", "row 3, «Đồng bộ lúc»"]


def test_a_status_of_the_systems_own_is_kept_as_it_is(shell: Shell, tmp_path: Path):
    """A foreign code gives no number, and is no fault."""
    file = listed(tmp_path, ONE.replace("Đang xử lý", "CHO_THAM_DINH"))
    shell.run("dossiers", "adopt", file, "--system", "land", *WHY, "--write")
    (found,) = shell.items("find", "H01-1")
    assert [(item["status"], item["code"]) for item in found["statuses"]] == [(None, "CHO_THAM_DINH")]


def test_wrong_use_is_said(shell: Shell, tmp_path: Path):
    assert "No such file" in shell.failure("dossiers", "adopt", "nowhere.csv", *WHY)
    assert "no rows below" in shell.failure("dossiers", "adopt", listed(tmp_path), *WHY)
    unknown = ("--system", "land", "--source", "prtal", *WHY)
    assert "there is no system 'prtal'; did you mean 'portal'" in shell.failure(
        "dossiers", "adopt", listed(tmp_path, ONE), *unknown
    )


def never_sent(config: Path, data: Path, *more: str, shadow: bool) -> None:
    """Accept dossiers for ``land`` that nobody claims, by a route that sends or does not."""
    called(config)
    if shadow:
        routes = config / "routes.toml"
        text = routes.read_text(encoding="utf-8").replace('to = ["land"]', 'to = ["land"]\nmode = "shadow"')
        routes.write_text(text, encoding="utf-8")

    async def work(store: Store, plan: Planning) -> None:
        await store.accept([a_draft(), *map(a_draft, more)], plan=plan)

    on_the_store(config, data, work)


BACK = ("dossiers", "handback", "land", "--since", "2025-11-24T17:00:00+07:00", *WHY)


def test_what_was_never_sent_is_handed_back_once_its_route_is_in_shadow(shell: Shell, config: Path, data: Path):
    never_sent(config, data, shadow=True)
    shown = shell.run(*BACK)
    assert shown.exit_code == 0, shown.output
    assert "H01-1  chưa gửi: cách cũ nộp hồ sơ này  (dossier.submitted)" in shown.output
    assert "--write" in shown.output
    done = json.loads(shell.run(*BACK, "--write", "--json").stdout)
    assert (done["done"], done["counts"]["whole"]) == (True, 1)
    assert "Trả lại cho cách đồng bộ cũ" in shell.run("show", "H01-1").output
    again = shell.run(*BACK)
    assert "(dossier.submitted)  [đã trả lại từ trước]" in again.output
    assert "Đã trả lại." in again.output


def test_a_hand_back_that_breaks_off_says_how_much_is_done(shell: Shell, config: Path, data: Path):
    """Run again it does the rest, and names all."""
    never_sent(config, data, *map(str, range(100)), shadow=True)
    full = "(SELECT count(*) FROM delivery WHERE state = 'cancelled') = 100"
    with closing(sqlite3.connect(data / "gateway.db", isolation_level=None)) as database:
        database.execute(
            f"CREATE TRIGGER fault BEFORE UPDATE ON delivery WHEN {full} BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        assert "Đã làm xong ít nhất 100/101" in shell.failure(*BACK, "--write")
        database.execute("DROP TRIGGER fault")
    assert "Đã trả lại 100/101 hồ sơ từ trước: chạy lại với --write" in shell.run(*BACK).output
    done = json.loads(shell.run(*BACK, "--write", "--json").stdout)
    assert (done["done"], len(done["items"])) == (True, 101)


def test_nothing_is_handed_back_while_a_route_sends(shell: Shell, config: Path, data: Path):
    """Exit status 1, and what to do first."""
    never_sent(config, data, shadow=False)
    refused = shell.run(*BACK, "--write")
    assert refused.exit_code == 1
    assert "chuyển tuyến sang shadow trước" in refused.output
    assert "Không có hồ sơ nào" in shell.run(*BACK, "--agency", "H99").output
    assert "still to come" in shell.failure(*BACK[:3], "--since", "2125-01-01T00:00:00+07:00", *WHY)
    assert "system.not_found" in shell.failure("dossiers", "handback", "lnd", *BACK[3:])
