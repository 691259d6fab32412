"""What people read on the command line."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from msgspec import structs
from rich.text import Text

from gateway.cli import dossier_screen, proposal_screen, screen, system_screen, watch_screen
from gateway.core.sky import Condition
from gateway.ingress.attention_bodies import AttentionBody, PressureBody
from gateway.ingress.bodies import (
    ActBody,
    AttemptBody,
    AwaitedFileBody,
    CodeBody,
    DeliveryBody,
    DossierBody,
    MessageBody,
    NameBody,
    ReasonBody,
    RelatedBody,
    StatedBody,
    StatusBody,
    TimelineBody,
)
from gateway.ingress.ops_bodies import ProposalBody
from gateway.ingress.weather_bodies import BreakerBody, LimitsBody, SystemBody, TendedBody, WeatherBody, WindowBody

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PROPOSED = ActBody(
    id="a", at=AT, actor="An", verb="propose", text="đề nghị", target_kind="proposal", target="p", reason="Bổ sung"
)


def a_delivery(destination: str, seq: int, state: str, kind: str = "dossier.submitted") -> DeliveryBody:
    reason = ReasonBody(code="timeout", text="Quá thời hạn", words="") if state == "held" else None
    return DeliveryBody(
        id=f"{destination}{seq}",
        message_id="m",
        dossier_id="d",
        kind=kind,
        source="portal",
        destination=destination,
        lane_seq=seq,
        state=state,
        attempts=0,
        tries=0,
        reason=reason,
        created_at=AT,
        due_at=AT,
    )


def test_a_timeline_names_the_id_of_what_a_person_may_still_decide():
    """What waits for a file stands in no list: `judge` has its id from here. What has ended waits for none."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    said = MessageBody(id="m", kind="dossier.submitted", source="portal", accepted_at=AT, revision=1)
    stands = [a_delivery("land", 1, "cancelled"), a_delivery("tax", 1, "waiting")]
    waiting = tuple(structs.replace(one, files_pending=1) for one in stands)
    found = TimelineBody(dossier=dossier, messages=(said,), deliveries=waiting, attempts=(), acts=())
    ended, open_ = (line.plain for line in dossier_screen.timeline(found) if "→" in line.plain)
    assert ("tệp" in ended, "land1" in ended) == (False, False)
    assert open_.endswith("còn chờ 1 tệp  tax1")


def test_what_waits_for_a_file_says_why_it_could_not_be_had():
    """Whoever looks learns what to tell whom; of what has ended, and of a file not yet tried in vain, nothing."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    said = MessageBody(id="m", kind="dossier.submitted", source="portal", accepted_at=AT, revision=1)
    gone = ReasonBody(code="file_not_there", text="Không có tệp ở địa chỉ đã nêu", words="HTTP 404")
    files = (AwaitedFileBody(id="f-1", name="don.pdf", reason=gone, tried_at=AT), AwaitedFileBody(id="f-2"))
    stands = [a_delivery("land", 1, "cancelled"), a_delivery("tax", 1, "waiting")]
    waiting = tuple(structs.replace(one, files_pending=2, files=files) for one in stands)
    found = TimelineBody(dossier=dossier, messages=(said,), deliveries=waiting, attempts=(), acts=())
    for lines in (dossier_screen.timeline(found), dossier_screen.whereabouts(found)):
        (shown,) = (line.plain.strip() for line in lines if "tệp don.pdf" in line.plain)
        assert shown == f"tệp don.pdf: Không có tệp ở địa chỉ đã nêu «HTTP 404» ({screen.moment(AT)})"


def test_where_a_dossier_is_names_of_each_lane_what_goes_next():
    """What has ended is passed over, and what waits behind; one lane says nothing of another."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    found = TimelineBody(
        dossier=dossier,
        messages=(),
        deliveries=(
            a_delivery("land", 2, "held", "supplement.submitted"),
            a_delivery("land", 1, "delivered"),
            a_delivery("land", 3, "waiting", "withdrawal.requested"),
            a_delivery("tax", 1, "ready"),
            a_delivery("police", 1, "cancelled"),
        ),
        attempts=(),
        acts=(),
    )
    assert [line.plain for line in dossier_screen.whereabouts(found)] == [
        "    → tax  Sẵn sàng gửi (Nộp hồ sơ)",
        "    → land  Chờ quyết định: Quá thời hạn (Nộp bổ sung hồ sơ)",
    ]


def test_a_timeline_says_which_status_was_stated():
    """The national number in words, with how it ended; what it does not know in the words of the source."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    said = (
        StatedBody(status=4),
        StatedBody(status=9, closing="refused"),
        StatedBody(status=None, code="77", text="Chờ in"),
    )
    messages = tuple(
        MessageBody(id="m", kind="status.changed", source="land", revision=1, accepted_at=AT, stated=stated)
        for stated in said
    )
    found = TimelineBody(dossier=dossier, messages=messages, deliveries=(), attempts=(), acts=())
    shown = "\n".join(line.plain for line in dossier_screen.timeline(found))
    assert "Cập nhật trạng thái: Đang xử lý  status.changed" in shown
    assert "Cập nhật trạng thái: Đã xử lý xong: Từ chối giải quyết  status.changed" in shown
    assert "Cập nhật trạng thái: Chờ in  status.changed" in shown


def test_a_timeline_says_in_words_what_is_odd():
    """Model rule 19: codes for machines, words for people."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    message = MessageBody(
        id="m", kind="status.changed", source="land", revision=1, accepted_at=AT, anomalies=("late", "closing_missing")
    )
    found = TimelineBody(dossier=dossier, messages=(message,), deliveries=(), attempts=(), acts=())
    shown = "\n".join(line.plain for line in dossier_screen.timeline(found))
    assert "! Xảy ra trước trạng thái đã báo; đến muộn; Không ghi hồ sơ kết thúc thế nào" in shown


def test_what_the_gateway_is_short_of_stands_above_what_needs_a_person():
    """Nothing else to do is not nothing to do."""
    short = PressureBody(what="space", refuses=("new",), text="Đĩa sắp đầy", next="Giải phóng đĩa")
    shown = [line.plain for line in watch_screen.attention(AttentionBody(items=(), total=0, pressure=(short,)))]
    assert shown == ["! Đĩa sắp đầy", "  Giải phóng đĩa", "", "Không có gì khác cần xử lý."]


def test_what_was_done_about_the_dossier_as_a_whole_stands_by_itself():
    """It belongs to no message: not to the last one either."""
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    message = MessageBody(id="m", kind="dossier.submitted", source="portal", revision=1, accepted_at=AT)
    found = TimelineBody(dossier=dossier, messages=(message,), deliveries=(), attempts=(), acts=(PROPOSED,))
    shown = [line.plain for line in dossier_screen.timeline(found)]
    assert shown[-2:] == [
        "\nViệc đã làm với cả hồ sơ",
        "        02/03/2026 08:00:00 An đề nghị: «Bổ sung»",
    ]


def test_many_tries_alike_are_shown_by_the_first_and_the_last():
    """An outage of three days is three lines; what went otherwise is told apart."""
    refused, late = (ReasonBody(code=code, text=code, words="") for code in ("refused", "timeout"))
    tried = tuple(
        AttemptBody(
            number=number, delivery_id="land1", at=AT, step="send", outcome="retryable", duration_ms=number, reason=why
        )
        for number, why in enumerate((late, *(refused,) * 9, late, late), start=1)
    )
    dossier = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=(), procedure="", agency="")
    message = MessageBody(id="m", kind="dossier.submitted", source="portal", revision=1, accepted_at=AT)
    found = TimelineBody(
        dossier=dossier, messages=(message,), deliveries=(a_delivery("land", 1, "delayed"),), attempts=tried, acts=()
    )
    shown = [line.plain.strip() for line in dossier_screen.timeline(found)]
    assert shown[-4] == "… 7 lần nữa như vậy"
    assert re.findall(r" lần (\d+) ", " ".join(shown)) == ["1", "2", "10", "11", "12"]


def test_a_timeline_tells_a_chain_from_both_ends():
    """Which result began which dossier, and how that one stands."""
    status = StatusBody(system="residence", status=4, accepted_at=AT, message_id="s")
    first = CodeBody(scheme="province", code="H1"), CodeBody(scheme="chain", code="H1/residence")
    step = RelatedBody(step="residence", id="f", codes=first[1:], procedure="1.2", message_id="m", statuses=(status,))
    origin = RelatedBody(step="residence", id="d", codes=first[:1], procedure="1.1", message_id="m")
    born = DossierBody(id="d", source="portal", revision=1, created_at=AT, codes=first[:1], followers=(step,))
    follower = DossierBody(id="f", source="portal", revision=1, created_at=AT, codes=first[1:], follows=origin)
    issued = MessageBody(id="m", kind="result.issued", source="civil_status", revision=1, accepted_at=AT)
    made = MessageBody(id="n", kind="dossier.submitted", source="portal", revision=1, accepted_at=AT, causation_id="m")
    told = MessageBody(id="o", kind="relay.delivered", source="gateway", revision=1, accepted_at=AT, causation_id="n")
    parent, child = (
        [
            line.plain
            for line in dossier_screen.timeline(
                TimelineBody(dossier=dossier, messages=messages, deliveries=(), attempts=(), acts=())
            )
        ]
        for dossier, messages in ((born, (issued,)), (follower, (made, told)))
    )
    assert "  liên thông đến hồ sơ H1/residence, thủ tục 1.2; bước residence" in parent
    assert "    residence: Đang xử lý (02/03/2026 08:00:00)" in parent
    assert "    ⇒ mở hồ sơ liên thông H1/residence" in parent
    assert "  liên thông từ hồ sơ H1, thủ tục 1.1; bước residence" in child
    assert child.count("    ⇐ gateway lập theo hồ sơ H1") == 1


def test_a_proposal_that_is_done_in_part_says_how_to_go_on():
    item = ProposalBody(
        id="P",
        verb="settle",
        text="đối chiếu danh sách",
        target_kind="system",
        target="land",
        digest="0",
        state="approved",
        proposed_by="Lan",
        reason="Danh sách của Bộ",
        made_at=AT,
        expires_at=AT,
        decided_at=AT,
        outcome={"delivered": "100", "left": "20"},
    )
    assert "còn 20 chưa làm: duyệt lại (approve)" in "\n".join(line.plain for line in proposal_screen.proposal(item))
    overtaken = msgspec.structs.replace(item, verb="edit", state="rejected", outcome={"overtaken_by": "Q"})
    assert "đã được sửa theo đề nghị Q" in "\n".join(line.plain for line in proposal_screen.proposal(overtaken))


def test_what_others_said_writes_nowhere_else_on_the_terminal(capsys):
    """Rich lets an escape pass: a ministry's words could clear the screen, and paint another state over it."""
    screen.console().print(Text.assemble("hồ sơ ", ("sai\x1b[2J\x1b]0;x\x00Đã gửi\x9b1A", "bold")))
    assert capsys.readouterr().out == "hồ sơ sai [2J ]0;x Đã gửi 1A\n"


def test_what_others_said_reads_in_the_order_in_which_it_stands(capsys):
    """Marks of direction turn round what is behind them on the line, and could make one state look like another."""
    screen.console().print(Text("từ chối \u202e, iửg ãđ\u2066 rồi\u200f"))
    assert capsys.readouterr().out == "từ chối  , iửg ãđ  rồi \n"


def a_system(condition: str, **counts: int) -> SystemBody:
    weather = WeatherBody(
        condition=condition,
        text=screen.words("condition", condition),
        breaker=BreakerBody(state="closed"),
        window=WindowBody(open=True),
        limits=LimitsBody(concurrency=1, allowed=1, rate="", burst=1),
    )
    return SystemBody(
        id="land",
        name=NameBody(vi="Đất đai", en="Land"),
        role="system",
        mode="live",
        adapter="rest",
        by_state=counts,
        in_doubt=0,
        oldest_open=AT if "waiting" in counts else None,
        weather=weather,
    )


@pytest.mark.parametrize("condition", Condition)
def test_a_system_stands_in_words_for_people(condition, monkeypatch, capsys):
    """Model rule 19: the codes are for machines."""
    for width in ("80", "400"):
        monkeypatch.setenv("COLUMNS", width)
        screen.tell(None, system_screen.systems([a_system(condition, waiting=1)]), as_json=False)
        assert not re.search(rf"\b{condition}\b", capsys.readouterr().out)


def test_systems_fit_a_narrow_terminal_whole(monkeypatch, capsys):
    """A row of the table that the terminal breaks cannot be read: each system has lines of its own there."""
    found = [a_system("clear"), a_system("open", waiting=14, delayed=57, ready=3, delivered=310, dead=1)]
    told = {}
    for width in (60, 80, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        screen.tell(None, system_screen.systems(found), as_json=False)
        told[width] = capsys.readouterr().out
        assert max(map(len, told[width].splitlines())) <= width
    assert told[160].splitlines()[3].split()[:4] == ["land", "live", "không", "trả"]
    assert told[80].splitlines()[:4] == [
        "land  live  bình thường",
        "    chưa có lượt gửi nào",
        "land  live  không trả lời",
        "    chờ lượt 14, hẹn gửi lại 57, sẵn sàng gửi 3, đã gửi 310, không gửi được 1,",
    ]
    assert told[80].splitlines()[4] == "    chờ từ 02/03 08:00"


def test_what_is_kept_with_an_act_is_said_in_words_and_what_a_later_version_keeps_by_its_name():
    kept = {"in_doubt": "3", "as_of": "2026-03-02T01:00:00+00:00", "stop_at": "0.2", "{new}": "{1}"}
    told = "chuyển 3 lượt gửi sang chưa rõ đã nhận hay chưa, danh sách lúc 02/03/2026 08:00:00, dừng khi lỗi quá 20%"
    assert screen.act(structs.replace(PROPOSED, facts=kept)).plain.endswith(f"({told}, {{new}} {{1}})")


def test_beside_a_silence_nobody_reads_that_all_is_well():
    """One is no outage yet, so its weather is still clear."""
    land = a_system("clear")
    probed = {found: TendedBody(act=PROPOSED, system=land, found=found) for found in ("answers", "silent")}
    told = {found: [line.plain for line in system_screen.tended(done)] for found, done in probed.items()}
    assert told["answers"][1:] == ["    Có trả lời", "    Hoạt động bình thường; còn phải gửi: 0"]
    assert told["silent"][1] == "    Không trả lời"
    assert told["silent"][2].startswith("    Vẫn tiếp tục gửi")


def test_a_terminal_that_can_nothing_cuts_no_number(monkeypatch):
    """``TERM=dumb``: of a script that runs beside an editor, or over a serial line."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert screen.console().size.width > 80
