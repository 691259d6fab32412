"""``judge``, ``held`` and ``dead`` where no gateway serves: the same answers and refusals as over HTTP."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from gateway.core.delivery import State
from gateway.core.ids import KeyId
from gateway.core.message import Actor, ActorKind
from gateway.model.drafts import Stated
from gateway.model.drafts import draft as drafted
from gateway.model.reading import read_event
from gateway.ports.keys import KeyRole
from gateway.security.keys import new_key
from gateway.testing.books import PORTAL, a_draft
from gateway.testing.clock import FakeClock

from .books import Shell, as_of_now, called, on_the_store, stop

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SAMPLE = {
    "code": "H01-1",
    "procedure": {"code": "1.000894"},
    "owner": {"name": {"whole": "Lò Văn Mẫu"}},
    "submitted_at": "2026-03-02T08:00:00+07:00",
}
WHY = ("--reason", "Bộ xác nhận qua điện thoại")
PAUSE = ("--reason", "Bộ bảo trì đến thứ Hai, công văn 12")


@pytest.fixture
def config(config: Path) -> Path:
    return called(config)


def test_what_is_held_is_listed_and_judged_and_its_lane_goes_on(shell: Shell, config: Path, data: Path):
    """G3, G4: after a person's word the next one of the dossier is ready."""
    amended = a_draft(text="2", kind="dossier.amended")
    (delivery,) = stop(config, data, a_draft(), amended)
    (held,) = shell.items("held", "list", "--system", "land")
    assert held["id"] == delivery.id
    assert held["in_doubt_since"]
    assert (held["code"], delivery.id in (shown := shell.run("held").output)) == ("H01-1", True)
    assert "hồ sơ H01-1\n   portal  Nộp hồ sơ    → land" in shown
    (done,) = shell.items("judge", delivery.id, "--delivered", "--code", "national=G01", *WHY)
    assert done["delivery"]["state"] == "delivered"
    states = {item["state"] for item in json.loads(shell.run("show", "G01", "--json").stdout)["deliveries"]}
    assert states == {"delivered", "ready"}
    shown = shell.run("show", "G01").output
    kept = "hệ thống nhận đã có, trước đó «Chờ quyết định», hệ thống land, mã national G01"
    assert f"kết luận: «Bộ xác nhận qua điện thoại» ({kept})" in shown


def test_what_is_dead_is_listed_sent_again_and_skipped(shell: Shell, config: Path, data: Path):
    (delivery,) = stop(config, data, state=State.DEAD, doubt=False)
    assert [item["id"] for item in shell.items("dead", "list")] == [delivery.id]
    (again,) = shell.items("dead", "retry", delivery.id, *WHY)
    assert again["delivery"]["state"] == "ready"
    assert shell.items("dead", "list") == []
    assert "vẫn đang trên đường" in shell.failure("dead", "skip", delivery.id, *WHY)


def test_a_list_that_may_not_be_whole_says_so(shell: Shell, config: Path, data: Path):
    """Of seven hundred refused a hundred are shown: they would be taken for all."""
    stop(config, data, a_draft("A"), a_draft("B"), state=State.DEAD, doubt=False)
    assert "Mới liệt kê 1, có thể còn nữa" in shell.run("dead", "list", "--limit", "1").output
    assert "Mới liệt kê" not in shell.run("dead", "list", "--limit", "3").output
    assert len(shell.items("dead", "list", "--limit", "1")) == 1


def test_of_many_what_was_done_is_told_also_where_one_is_refused(shell: Shell, config: Path, data: Path):
    """Whoever sees a refusal alone takes it for all of them, and does them again."""
    (delivery,) = stop(config, data, state=State.DEAD, doubt=False)
    result = shell.run("dead", "retry", delivery.id, "nowhere", "--json", *WHY)
    assert result.exit_code == 1
    (done,) = json.loads(result.stdout)["items"]
    assert (done["delivery"]["id"], done["delivery"]["state"]) == (delivery.id, "ready")
    assert "delivery.not_found" in str(result.exception)


def test_what_is_in_doubt_is_not_sent_again_without_a_verdict(shell: Shell, config: Path, data: Path):
    """G4: the refusal says what to do instead."""
    (delivery,) = stop(config, data)
    for command in ("retry", "skip"):
        assert "judge --delivered" in shell.failure("held", command, delivery.id, *WHY)


NOBODY = "01990000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("command", "what", "remedy"),
    [
        (("judge", "nope", "--delivered", *WHY), "delivery 'nope' (delivery.not_found)", "`held`, `dead`"),
        (("dead", "retry", "no/pe", *WHY), "delivery 'no/pe' (delivery.not_found)", "`show CODE`"),
        (("edit", "nope", *WHY), "delivery 'nope' (delivery.not_found)", "`dead`"),
        (("show", NOBODY), f"dossier {NOBODY!r} (dossier.not_found)", "`find CODE`"),
        (("keys", "revoke", "nope"), "live key 'nope' (key.not_found)", "`keys list`"),
        (("approve", "nope", *WHY), "proposal 'nope' (proposal.not_found)", "`approve`"),
        (("replay", "show", "nope"), "replay 'nope' (replay.not_found)", "`replay list`"),
        (("reconcile", "show", "nope"), "reconciliation 'nope' (reconciliation.not_found)", "`reconcile list`"),
        (("systems", "pause", "nope", *WHY), "system 'nope' (system.not_found)", "`systems`"),
    ],
)
def test_what_is_not_there_is_told_by_name_place_and_remedy(
    shell: Shell, config: Path, data: Path, command: tuple[str, ...], what: str, remedy: str
):
    """The doors' own words are for partners, too: they would say that it is not the operator's to see."""
    stop(config, data)
    result = shell.run(*command)
    said, _, try_next = str(result.exception).partition(": ")
    assert (said, result.exit_code) == (f"the gateway in {data} has no {what}", 1)
    assert remedy in try_next


@pytest.mark.parametrize("reason", ["", " ", "\t", "Lỗi \x1b mạng", "a" * 1001])
@pytest.mark.parametrize(
    "command",
    [
        ("judge", "x", "--absent"),
        ("approve", "x"),
        ("edit", "x"),
        ("held", "settle", "land", "--list", "x"),
        ("dead", "skip", "x"),
        ("replay", "pause", "x"),
        ("reconcile", "start", "land"),
        ("systems", "resume", "land"),
        ("db", "restored"),
        ("config", "apply"),
    ],
)
def test_a_reason_that_says_nothing_is_wrong_use_in_every_command(shell: Shell, command: tuple[str, ...], reason: str):
    """One exit status, 2, before anything is opened: there is not even a data folder here."""
    refusal = shell.refusal(*command, "--reason", reason)
    assert refusal.startswith("--reason: give a reason of 1 to 1000 characters")


def test_wrong_use_is_said_before_anything_is_opened(shell: Shell):
    assert "exactly one" in shell.failure("judge", "x", *WHY)
    assert "exactly one" in shell.failure("judge", "x", "--absent", "--delivered", *WHY)
    assert "SCHEME=VALUE" in shell.failure("judge", "x", "--delivered", "--code", "G01", *WHY)
    assert "--delivered only" in shell.failure("judge", "x", "--absent", "--code", "a=b", *WHY)
    assert shell.run("judge", "x", "--absent").exit_code == 2


def test_an_act_has_the_name_of_the_key_that_is_given(shell: Shell, config: Path, data: Path):
    """G10, Rule of the doors: a person's own key, not the account of the machine, nor the key of a system."""
    (delivery,) = stop(config, data)
    keys = {role: new_key(KeyId(f"k-{role}"), role=role, name="Lan", created_at=FakeClock().now()) for role in KeyRole}

    async def keep(store, _plan):
        for key in keys.values():
            await store.add(key.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))

    on_the_store(config, data, keep)
    judge = ("judge", delivery.id, "--cancelled", *WHY)
    assert "key of a system" in shell.failure(*judge, GATEWAY_OPERATOR_KEY=keys[KeyRole.SYSTEM].text)
    assert "no live key" in shell.failure(*judge, GATEWAY_OPERATOR_KEY="gw_x_" + "A" * 43)
    (done,) = shell.items(*judge, GATEWAY_OPERATOR_KEY=keys[KeyRole.OPERATOR].text)
    assert (done["act"]["actor"], done["act"]["key_id"]) == ("Lan", "k-operator")


@pytest.fixture
def people(config: Path, data: Path) -> dict[str, str]:
    """Two operators with keys of their own."""
    made = {
        name: new_key(KeyId(f"k-{place}"), role=KeyRole.OPERATOR, name=name, created_at=FakeClock().now())
        for place, name in enumerate(("Lan", "Bình"))
    }

    async def keep(store, _plan):
        for key in made.values():
            await store.add(key.record, actor=Actor(kind=ActorKind.OPERATOR, name="test"))

    on_the_store(config, data, keep)
    return {name: key.text for name, key in made.items()}


def xlsx(codes: list[str]) -> bytes:
    """Return a workbook with one column of codes under a heading."""
    cells = "".join(f'<row><c t="inlineStr"><is><t>{code}</t></is></c></row>' for code in ["Mã hồ sơ", *codes])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_a_partner_s_list_settles_what_is_held(shell: Shell, config, data, people, tmp_path: Path, shape: str):
    """G3, G4: dry run, proposal, a second person; the listed one is delivered, the other is sent again in its place."""
    first, second = stop(
        config, data, a_draft("H01-1"), a_draft("H01-2"), a_draft("H01-1", text="2", kind="dossier.amended")
    )
    file = tmp_path / f"list.{shape}"
    content = xlsx(["H01-1", "H09"]) if shape == "xlsx" else "STT;Mã hồ sơ\n1;H01-1\n2;H09\n".encode()
    file.write_bytes(content)
    asked = ("held", "settle", "land", "--list", str(file), *as_of_now())
    shown = json.loads(shell.run(*asked, "--json").stdout)
    assert (shown["counts"]["listed"], shown["counts"]["absent"], shown["unknown"]) == (1, 1, 1)
    assert "chưa thực hiện gì" in shell.run(*asked).output
    assert {item["id"] for item in shell.items("held", "list")} == {first.id, second.id}
    lan, binh = ({"GATEWAY_OPERATOR_KEY": people[name]} for name in ("Lan", "Bình"))
    made = json.loads(shell.run(*asked, "--propose", *WHY, "--json", **lan).stdout)["proposal"]
    assert made["facts"]["file_sha256"] == hashlib.sha256(content).hexdigest()
    (waits,) = shell.items("approve")
    assert waits["id"] == made["id"]
    whole = shell.run("approve", made["id"], "--show", *WHY, **binh).output
    assert f"{first.id}  H01-1  Nộp hồ sơ → land  có trong danh sách: đã nhận" in whole
    assert f"{second.id}  H01-2  Nộp hồ sơ → land  không có trong danh sách: gửi lại" in whole
    assert "--as-of" in shell.failure(*asked[:5], "--propose", *WHY, **lan)
    assert "chính mình" in shell.failure("approve", made["id"], *WHY, **lan)
    assert "proposal.unnamed" in shell.failure(
        "approve", made["id"], *WHY
    )  # at the file without a key: Lan, for all we know
    assert "--reason" in shell.failure("approve", made["id"])
    assert "đã duyệt" in shell.run("approve", made["id"], *WHY, **binh).output
    assert shell.items("held", "list") == []
    (ready,) = [item["by_state"] for item in shell.items("systems") if item["id"] == "land"]
    assert ready == {"delivered": 1, "ready": 2}


def test_a_refused_message_is_printed_corrected_and_sent_instead(shell: Shell, config, data, people, tmp_path: Path):
    """Two people; what was refused stays as it was."""
    raw = {"kind": "dossier.submitted", "dossier": {"code": "H01-1"}, "data": SAMPLE}
    draft = drafted(
        read_event(raw), Stated(source=PORTAL, operation="x", actor=Actor(kind=ActorKind.SYSTEM, name=PORTAL))
    )
    (refused,) = stop(config, data, draft, state=State.DEAD, doubt=False)
    lan, binh = ({"GATEWAY_OPERATOR_KEY": people[name]} for name in ("Lan", "Bình"))
    event = json.loads(shell.run("edit", refused.id, *WHY, **lan).stdout)
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    edit = ("edit", refused.id, "--file", str(file), *WHY)
    assert "\n  Không có gì thay đổi" in shell.failure(*edit, **lan)
    event["data"]["owner"]["phone"] = "0912345678"
    file.write_text(json.dumps(event), encoding="utf-8")
    shown = shell.run(*edit, "--dry-run", **lan).output
    assert "data.owner.phone" in shown
    assert shell.items("approve") == []
    made = json.loads(shell.run(*edit, "--json", **lan).stdout)["proposal"]
    assert "0912345678" in shell.run("approve", made["id"], "--show", *WHY, **binh).output
    assert "đã duyệt" in shell.run("approve", made["id"], *WHY, **binh).output
    found = json.loads(shell.run("show", "H01-1", "--json").stdout)
    assert [item["state"] for item in found["deliveries"] if item["destination"] == "land"] == ["cancelled", "ready"]
    assert found["messages"][1]["causation_id"] == refused.message.id


def test_wrong_lists_are_refused_with_what_to_do(shell: Shell, config, data, tmp_path: Path):
    stop(config, data)
    file = tmp_path / "list.csv"
    settle = ("held", "settle", "land", "--list", str(file))
    assert "No such file" in shell.failure(*settle)
    file.write_bytes(b"a,b\n1,2\n")
    assert "--column" in shell.failure(*settle)
    assert "no time" in shell.failure(*settle, "--column", "1", "--as-of", "yesterday")
    assert "zone" in shell.failure(*settle, "--column", "1", "--as-of", "2026-01-01T00:00:00")
    assert "--reason" in shell.failure(*settle, "--propose")
    assert "system.not_found" in shell.failure("held", "settle", "lnd", "--list", str(file), "--column", "1")
    assert "proposal.not_found" in shell.failure("approve", "x", *WHY)


def test_a_system_is_paused_and_resumed_where_no_gateway_serves(shell: Shell, config: Path, data: Path):
    """G10: the pause waits in the file for the gateway that serves next; who and why stand beside it."""
    stop(config, data)
    shell.run("systems", "pause", "land", *PAUSE)
    (land,) = [item for item in shell.items("systems") if item["id"] == "land"]
    assert (land["weather"]["condition"], land["weather"]["pause"]["text"]) == ("paused", PAUSE[1])
    assert PAUSE[1] in shell.run("systems", "list").output
    assert re.match(r"land  [0-9/]+ [0-9:]+ \S+ cho gửi tiếp: ", shell.run("systems", "resume", "land", *WHY).output)
    assert PAUSE[1] not in shell.run("systems").output


def test_what_cannot_be_paused_or_tried_says_why(shell: Shell, config: Path, data: Path):
    stop(config, data)
    assert "system.not_paused" in shell.failure("systems", "resume", "land", *WHY)
    assert "system.not_called" in shell.failure("systems", "pause", "portal", *WHY)
    assert "system.not_found" in shell.failure("systems", "pause", "nobody", *WHY)
    assert "system.not_probed" in shell.failure("systems", "probe", "land", *WHY)


def test_an_answer_is_whole_in_however_many_pieces_it_comes(shell: Shell, config: Path, data: Path):
    """More than a socket gives at once: a long list, or the timeline of a large dossier."""
    draft = a_draft(text="x" * 600_000)
    on_the_store(config, data, lambda store, plan: store.accept([draft], plan=plan))
    (found,) = shell.items("find", "H01-1")
    assert len(found["dossier"]["text"]) == 600_000
