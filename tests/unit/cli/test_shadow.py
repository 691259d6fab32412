"""``shadow compare``: what was rehearsed against a recorded log, by places and never by values."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.core.delivery import State
from gateway.core.ids import SystemId
from gateway.core.kinds import AMENDED
from gateway.core.message import Payload
from gateway.core.planning import Planning
from gateway.core.reason import Reason, Why
from gateway.ports.store import Store
from gateway.testing.books import a_draft, a_settlement
from gateway.testing.store_contract.world import slots

from .books import Shell, called, on_the_store

LAND = SystemId("land")
RENDERED = Payload(body=b'{"ma": "A", "ten": "Nguy\xe1\xbb\x85n", "so": 1}', media_type="application/json")
TIME = "2126-01-01T00:00:00+07:00"
YEARS = (2020, 2126)  # before and after whatever is rehearsed here


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    """Dossier A was rehearsed, dossier B delivered."""
    called(config)

    async def work(store: Store, plan: Planning) -> None:
        await store.accept([a_draft("A"), a_draft("B")], plan=plan)
        for delivery in await store.claim(slots(LAND)):
            is_a = delivery.message.codes[0].value == "A"
            settlement = (
                a_settlement(delivery, State.CANCELLED, reason=Reason(Why.SHADOW)) if is_a else a_settlement(delivery)
            )
            assert settlement.attempt is not None
            attempt = replace(settlement.attempt, reply=RENDERED if is_a else None)
            await store.settle(replace(settlement, attempt=attempt), plan=plan)

    on_the_store(config, data, work)
    return Shell(config, data)


async def rehearse_again(store: Store, plan: Planning) -> None:
    """Rehearse an amendment of dossier A that says the same as its submission did."""
    await store.accept([a_draft("A", text="again", kind=AMENDED)], plan=plan)
    (delivery,) = await store.claim(slots(LAND))
    settlement = a_settlement(delivery, State.CANCELLED, reason=Reason(Why.SHADOW))
    assert settlement.attempt is not None
    await store.settle(replace(settlement, attempt=replace(settlement.attempt, reply=RENDERED)), plan=plan)


def log(tmp_path: Path, *lines: object) -> tuple[str, ...]:
    file = tmp_path / "log.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return ("shadow", "compare", "land", "--log", str(file))


def test_a_byte_order_mark_before_a_log_is_left_out(shell: Shell, tmp_path: Path):
    """Notepad, and what is exported on Windows, begins a file with one."""
    words = log(tmp_path, {"time": TIME, "code": "B", "body": {}})
    (tmp_path / "log.jsonl").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "log.jsonl").read_bytes())
    assert shell.run(*words).output.startswith("     1  B  ")


def test_each_line_comes_to_something_and_no_value_is_shown(shell: Shell, tmp_path: Path):
    """G9: places only."""
    same = {"time": TIME, "code": " A ", "body": {"so": "1", "ten": "Nguyễn", "ma": "A"}}
    lines = (same, {**same, "body": {"so": 2, "ten": "Trần", "ma": "A"}}, {**same, "code": "B"}, {**same, "code": "C"})
    found = shell.run(*log(tmp_path, *lines))
    assert found.exit_code == 1
    assert "A  khác nhau" in found.output
    assert "$.ten" in found.output
    assert "Trần" not in found.output
    assert "B  cổng đã gửi, cách cũ vẫn gửi" in found.output
    assert "C  chỉ cách cũ gửi" in found.output
    counts = json.loads(shell.run(*log(tmp_path, *lines), "--json").stdout)["counts"]
    assert counts == {"same": 1, "different": 1, "not_kept": 0, "only_theirs": 1, "only_ours": 0, "double": 1}


def test_a_log_that_agrees_ends_well(shell: Shell, tmp_path: Path):
    line = {"time": TIME, "code": "A", "body": RENDERED.body.decode(), "service": "DongBoHoSoMC"}
    found = shell.run(*log(tmp_path, line))
    assert found.exit_code == 0, found.output
    assert "1  giống nhau" in found.output


def test_what_no_line_is_like_only_we_would_send(shell: Shell, tmp_path: Path):
    """Between the first line and the last; what a line was compared with is not among it."""
    first, last = ({"time": f"{year}-01-01T00:00:00+07:00", "code": "C", "body": {}} for year in (2020, 2126))
    found = shell.run(*log(tmp_path, first, last))
    assert found.exit_code == 1
    assert "A  chỉ cổng sẽ gửi: Nộp hồ sơ" in found.output
    assert "1  chỉ cổng sẽ gửi" in found.output
    assert "chỉ cổng sẽ gửi" not in shell.run(*log(tmp_path, first, {**last, "code": "A"})).output
    assert "chỉ cổng sẽ gửi" not in shell.run(*log(tmp_path, first)).output


def test_a_comparison_can_be_kept(shell: Shell, tmp_path: Path):
    """G9: of which log, and what was found; places, never values."""
    kept = tmp_path / "report.json"
    line = {"time": TIME, "code": "A", "body": {"so": 2, "ten": "Trần", "ma": "A"}}
    found = shell.run(*log(tmp_path, line), "--report", str(kept))
    assert found.exit_code == 1, found.output
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert (told["system"], told["log"], told["lines"], told["counts"]["different"]) == ("land", "log.jsonl", 1, 1)
    assert told["log_sha256"] == hashlib.sha256((tmp_path / "log.jsonl").read_bytes()).hexdigest()
    assert told["items"][0]["paths"] == ["$.so", "$.ten"]
    assert "Trần" not in kept.read_text(encoding="utf-8")
    assert "No such file" in shell.failure(*log(tmp_path, line), "--report", str(tmp_path / "none" / "r.json"))


def test_who_still_sends_is_counted_by_unit_and_procedure(config: Path, data: Path):
    """The system had a dossier at our first try; another one it took from us alone."""
    called(config)

    async def work(store: Store, plan: Planning) -> None:
        await store.accept([a_draft("A"), a_draft("B")], plan=plan)
        for delivery in await store.claim(slots(LAND)):
            had = delivery.message.codes[0].value == "A"
            reason = Reason(Why.ALREADY_EXISTS) if had else None
            settlement = a_settlement(delivery, State.HELD if had else State.DELIVERED, reason=reason)
            await store.settle(settlement, plan=plan)

    on_the_store(config, data, work)
    shell = Shell(config, data)
    found = shell.run("shadow", "twice", "land", "--since", "2020-01-01T00:00:00+07:00")
    assert found.exit_code == 1
    assert "hệ thống nhận có hồ sơ này rồi" in found.output
    assert "1  H01.12  1.000894" in found.output
    told = json.loads(shell.run("shadow", "twice", "land", "--since", "2020-01-01T00:00:00Z", "--json").stdout)
    assert [(item["code"], item["sign"]) for item in told["items"]] == [("A", "had")]
    assert "still to come" in shell.failure("shadow", "twice", "land", "--since", "2126-01-01T00:00:00+07:00")
    nobody = shell.run("shadow", "twice", "portal", "--since", "2020-01-01T00:00:00+07:00")
    assert (nobody.exit_code, "Không thấy hồ sơ nào" in nobody.output) == (0, True)
    assert "no time with a zone" in shell.failure("shadow", "twice", "land", "--since", "2026-01-01")
    assert "system.not_found" in shell.failure("shadow", "twice", "lnd", "--since", "2026-01-01T00:00:00Z")


def test_wrong_use_is_said(shell: Shell, tmp_path: Path):
    assert "no lines" in shell.failure(*log(tmp_path))
    assert "line 1 is no JSON" in shell.failure(*log(tmp_path, {"code": "A"}))
    assert "has no zone" in shell.failure(*log(tmp_path, {"time": TIME[:19], "code": "A", "body": {}}))
    unknown = log(tmp_path, {"time": TIME, "code": "A", "body": {}})
    assert "system.not_found" in shell.failure("shadow", "compare", "lnd", *unknown[3:])


def test_a_line_that_cannot_be_compared_is_named(shell: Shell, tmp_path: Path):
    """The gateway is asked part by part, and knows no line of the file; another charset was a traceback."""
    sound = {"time": TIME, "code": "A", "body": {}}
    beside = {
        "the code is empty": {**sound, "code": " "},
        "the code is longer than 100 letters": {**sound, "code": "A" * 101},
        "the time is of no year from 1000 to 9998": {**sound, "time": "0001-01-01T00:00:00+07:00"},
        "U+0000": {**sound, "body": "a\0"},
    }
    for why, line in beside.items():
        assert f"line 2: {why}" in shell.failure(*log(tmp_path, sound, line))
    words = log(tmp_path, sound)
    whole = (tmp_path / "log.jsonl").read_bytes()
    for body in (b'"Nguy\xea\xben"', b'{"x":' * 5000 + b"1" + b"}" * 5000):
        (tmp_path / "log.jsonl").write_bytes(whole + b"\n" + whole.replace(b"{}", body))
        assert "line 2 is no JSON in UTF-8" in shell.failure(*words)


def test_a_log_is_compared_in_parts_that_the_gateway_reads(shell: Shell, tmp_path: Path):
    """A log of 16 MiB is taken, and every quote of it takes two bytes more on the way: it was refused as too large."""
    line = {"time": TIME, "code": "A", "body": {"a": '"' * 100_000}}
    found = shell.run(*log(tmp_path, *[line] * 60))
    assert "60  khác nhau" in found.output, (found.output, found.exception)


def test_lines_that_are_alike_take_a_rehearsal_each_however_far_apart_they_stand(
    shell: Shell, config: Path, data: Path, tmp_path: Path
):
    """One that lay in another part of the log took the same one again, and the other was «only the gateway»."""
    on_the_store(config, data, rehearse_again)
    first, last = (
        {"time": f"{year}-01-01T00:00:00+07:00", "code": "A", "body": RENDERED.body.decode()} for year in YEARS
    )
    between = {"time": TIME, "code": "C", "body": {"a": '"' * 100_000}}
    found = shell.run(*log(tmp_path, first, *[between] * 9, last, between))
    assert "2  giống nhau" in found.output, (found.output, found.exception)
    assert "chỉ cổng sẽ gửi" not in found.output
    numbers = [int(line.split()[0]) for line in found.output.splitlines() if "  C  " in line]
    assert numbers == [*range(2, 11), 12]


def test_a_log_of_more_lines_than_one_question_may_name_is_to_be_split(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.cli.shadow.MOST_MATCHED", 2)
    line = {"time": TIME, "code": "C", "body": {}}
    assert "more than 2 lines; split it" in shell.failure(*log(tmp_path, *[line] * 3))
