"""``replay`` where no gateway serves: begun and steered on the file; the next gateway goes on with it."""

import json
from pathlib import Path

import pytest

from gateway.core.acts import By
from gateway.core.delivery import State
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.core.proposals import ALONE
from gateway.ports.keys import KeyRole
from gateway.security.keys import new_key
from gateway.testing.books import a_draft, an_order
from gateway.testing.clock import FakeClock

from .books import Shell, called, on_the_store, stop

WHY = ("--reason", "Bộ đã sửa bảng mã")


@pytest.fixture
def config(config: Path) -> Path:
    return called(config)


def begun(shell: Shell, *arguments: str):
    result = shell.run("replay", "start", *arguments, *WHY, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)["replay"]


def test_a_replay_is_planned_begun_and_gone_on_with(shell: Shell, config: Path, data: Path, tmp_path: Path):
    """The dry run, the frozen set, the steps, and the exact counts."""
    first, second = stop(config, data, a_draft("H01-1"), a_draft("H01-2"), state=State.DEAD, doubt=False)
    file = tmp_path / "list.csv"
    file.write_text("Mã hồ sơ\nH01-1\nH09\n", encoding="utf-8")
    shown = shell.run("replay", "plan", "--list", str(file)).output
    assert "sẽ gửi lại 1 lượt gửi" in shown
    assert first.id in shown
    assert "H09: không có lượt gửi hay hồ sơ này" in shown
    run = begun(shell, "--system", "land", "--steps", "1-2", "--rate", "9", "--stop-at", "0.5")
    assert (run["requested"], run["steps"], run["rate"], run["stop_at"]) == (2, [1, 2], 9, 0.5)
    assert "đã thuộc một đợt gửi lại khác" in shell.run("replay", "plan", "--all").output

    async def go_on(store, plan):
        await store.advance(plan=plan)

    on_the_store(config, data, go_on)
    (item, waits) = shell.items("replay", "show", run["id"])
    assert (item["delivery_id"], item["state"], waits["delivery_id"], waits["state"]) == (
        first.id,
        "sent",
        second.id,
        "chosen",
    )
    assert "yêu cầu 2 = xong 0 + lỗi 0 + bỏ qua 0 + đang gửi 1 + chờ 1" in shell.run("replay", "list").output
    assert "tạm dừng" in shell.run("replay", "pause", run["id"], *WHY).output
    assert "đang chạy" in shell.run("replay", "resume", run["id"], *WHY).output
    assert "đã huỷ" in shell.run("replay", "cancel", run["id"], *WHY).output
    assert "bỏ qua: đợt gửi lại đã huỷ" in shell.run("replay", "show", run["id"], "--state", "skipped").output
    assert "replay.closed" in shell.failure("replay", "resume", run["id"], *WHY)


def test_a_plan_says_in_words_what_is_left_out_and_fails_over_a_name_that_is_nobodys(
    shell: Shell, config: Path, data: Path
):
    """A script that misspelt one would go on as if all were well."""
    (held,) = stop(config, data, a_draft("H01-1"))
    known = shell.run("replay", "plan", held.id)
    assert (known.exit_code, "1  chưa rõ hệ thống nhận đã có hay chưa" in known.output) == (0, True)
    assert "in_doubt" not in known.output
    told = shell.run("replay", "plan", held.id, "H09")
    assert (told.exit_code, "1  không có lượt gửi hay hồ sơ này" in told.output) == (1, True)
    as_json = shell.run("replay", "plan", "H09", "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["left_out"]) == (1, {"unknown": 1})


def test_a_plan_and_a_replay_are_told_in_words_with_the_codes_that_narrow_them(
    shell: Shell, config: Path, data: Path, tmp_path: Path
):
    """As held and dead tell the same deliveries; a code stands where the next command may want it."""
    stop(config, data, state=State.DEAD, doubt=False)
    file = tmp_path / "list.csv"
    file.write_text("Mã hồ sơ\nH01-1\n", encoding="utf-8")
    shown = " ".join(shell.run("replay", "plan", "--list", str(file)).output.split())
    assert "lý do: Đã gửi nhưng quá thời gian chờ trả lời (timeout): 1 loại: Nộp hồ sơ (dossier.submitted): 1" in shown
    assert "H01-1 Nộp hồ sơ → land Không gửi được: Đã gửi nhưng quá thời gian chờ trả lời chưa thực hiện" in shown
    by_list = begun(shell, "--list", str(file))
    assert "1 mã được nêu; bước" in shell.run("replay", "show", by_list["id"]).output
    shell.run("replay", "cancel", by_list["id"], *WHY)
    since, kind = ("--since", "2026-01-01T00:00:00+07:00"), ("--kind", "dossier.submitted")
    wide = begun(shell, "--system", "land", "--state", "dead", "--stopped-for", "timeout", *kind, *since)
    told = " ".join(shell.run("replay", "show", wide["id"]).output.split())
    assert (
        "trạng thái «Không gửi được», hệ thống land, lý do «Đã gửi nhưng quá thời gian chờ trả lời», "
        "loại «Nộp hồ sơ», từ 01/01/2026 00:00:00; bước"
    ) in told


def test_a_plan_to_amend_names_no_reason(shell: Shell, config: Path, data: Path):
    """What a system has taken has not stopped: nothing, and no colon before nothing, stands for why."""
    stop(config, data, state=State.DELIVERED, doubt=False)
    asked = ("replay", "plan", "--amend", "--system", "land", "H01-1")
    shown = shell.run(*asked).output
    assert "lý do" not in shown
    assert "hệ thống nhận đã xác nhận bản tin\n" in shown
    assert json.loads(shell.run(*asked, "--json").stdout)["by_reason"] == {}


def test_a_replay_without_a_gateway_says_that_it_waits(shell: Shell, config: Path, data: Path):
    (delivery,) = stop(config, data, state=State.DEAD, doubt=False)
    started = shell.run("replay", "start", delivery.id, *WHY)
    assert "chưa có cổng nào đang chạy" in started.output
    (run,) = shell.items("replay", "list")
    assert json.loads(shell.run("replay", "watch", run["id"], "--json").stdout) == run
    assert run["chosen"] == 1


def test_a_small_replay_after_others_is_proposed_and_said_why(shell: Shell, config: Path, data: Path):
    """What Lan has begun today counts with it: who sits at the file without a key may be Lan."""
    (delivery,) = stop(config, data, state=State.DEAD, doubt=False)
    lan = By(actor=Actor(kind=ActorKind.OPERATOR, name="Lan", key_id=KeyId("k-lan")), reason="lần trước")
    made = new_key(KeyId("k-lan"), role=KeyRole.OPERATOR, name="Lan", created_at=FakeClock().now())
    on_the_store(config, data, lambda store, _plan: store.add(made.record, actor=lan.actor))
    on_the_store(config, data, lambda store, _plan: store.begin_run(an_order(*range(ALONE)), by=lan))
    assert "proposal.unnamed" in shell.failure("replay", "start", "--all", *WHY)
    said = " ".join(shell.run("replay", "start", "--all", *WHY, GATEWAY_OPERATOR_KEY=made.text).output.split())
    assert "proposal.needed" in shell.failure("dead", "retry", delivery.id, *WHY)
    assert f"chưa bắt đầu, chờ người thứ hai duyệt: 1 lượt gửi này cộng {ALONE} lượt đã tự cho gửi lại" in said


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [
        (("--stopped-for", "refused_by"), "did you mean 'refused_by_partner'?"),
        (("--kind", "dossier.submited"), "did you mean 'dossier.submitted'?"),
        (("--state", "waiting"), "known: dead, held"),
    ],
)
def test_a_condition_that_nothing_ever_meets_is_wrong_use(shell: Shell, asked: tuple[str, str], remedy: str):
    """«sẽ gửi lại 0 lượt gửi» would read as if nothing had stopped; and it is named as it was typed."""
    for command in ("plan", "start"):
        told = shell.refusal("replay", command, *asked, *(WHY if command == "start" else ()))
        assert told == f"{asked[0]}: there is no {asked[1]!r}; {remedy}"


def test_wrong_use_is_said_before_anything_is_sent(shell: Shell, config: Path, data: Path):
    """Nobody sends everything by forgetting the conditions."""
    stop(config, data, state=State.DEAD, doubt=False)
    assert "--all" in shell.refusal("replay", "start", *WHY)
    assert "--amend goes with --system" in shell.refusal("replay", "start", "--amend", "--all", *WHY)
    assert "names" in shell.failure("replay", "start", "", *WHY)
    assert "--version is empty" in shell.refusal("config", "apply", "--version", " ", *WHY)
    assert "--system is empty" in shell.refusal("replay", "start", "--state", "dead", "--system", "", *WHY)
    assert "not like 1-5-20-100" in shell.refusal("replay", "start", "--all", "--steps", "a", *WHY)
    assert "no time" in shell.failure("replay", "plan", "--since", "yesterday")
    assert "no time" in shell.failure("replay", "plan", "--until", "2026-01-01T00:00:00")
    assert "No such file" in shell.failure("replay", "plan", "--list", "nowhere.csv")
    assert "replay.empty" in shell.failure("replay", "start", "--kind", "x.y", *WHY)
    for command in (("plan",), ("start", *WHY)):  # «0 to send again» would say that all is well
        assert "there is no system 'lnad'" in shell.failure("replay", *command, "--system", "lnad")
    assert "replay.not_found" in shell.failure("replay", "watch", "x")
    assert shell.run("replay", "list", "--json").stdout.strip() == '{\n  "items": []\n}'
