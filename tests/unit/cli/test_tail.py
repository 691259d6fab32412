"""Following a log file, and what a person sees of it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import command_line
from gateway.cli.follow import Follower, last_lines
from gateway.cli.tail import readable
from gateway.core.calendar import VIETNAM


def script(*steps: Callable[[], object]) -> Callable[[], bool]:
    """Return a wait that does one step each time it is called, and ends after the last."""
    left = list(steps)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    return wait


def append(path: Path, text: str) -> Callable[[], object]:
    def step() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)

    return step


def test_yields_whole_lines_only(tmp_path: Path):
    path = tmp_path / "log"
    path.write_text("one\ntw")
    found = Follower(path).follow(script(append(path, "o\nthree"), append(path, "\n")))
    assert list(found) == [b"one\n", b"two\n", b"three\n"]


def test_waits_for_a_file_that_is_not_there_yet(tmp_path: Path):
    path = tmp_path / "log"
    assert list(Follower(path).follow(script(lambda: None, append(path, "first\n")))) == [b"first\n"]


def test_goes_on_with_the_new_file_after_a_rotation(tmp_path: Path):
    """Nothing between the last look and the rotation is skipped."""
    path = tmp_path / "log"
    path.write_text("one\n")

    def rotate() -> None:
        append(path, "two\n")()
        path.replace(tmp_path / "log.1")
        path.write_text("three\n")

    assert list(Follower(path).follow(script(rotate, append(path, "four\n")))) == [
        b"one\n",
        b"two\n",
        b"three\n",
        b"four\n",
    ]


def test_begins_anew_where_a_file_was_truncated(tmp_path: Path):
    path = tmp_path / "log"
    path.write_text("one\ntwo\n")
    found = Follower(path).follow(script(lambda: path.write_text("new\n")))
    assert list(found) == [b"one\n", b"two\n", b"new\n"]


@pytest.mark.parametrize(("text", "lines"), [("", 0), ("half", 0), ("a\n", 1), ("a\nb\nhalf", 2)])
def test_past_lines_end_where_following_begins(tmp_path: Path, text: str, lines: int):
    path = tmp_path / "log"
    path.write_text(text)
    past, position = last_lines(path)
    assert len(past) == lines
    assert position == text.rfind("\n") + 1


LINES = (
    {"timestamp": "2026-03-02T01:00:00.123Z", "level": "info", "event": "request", "dossier": "H1", "caller": "portal"},
    {
        "timestamp": "2026-03-02T01:00:01.123Z",
        "level": "info",
        "event": "attempt",
        "dossier": "H2",
        "system": "land",
        "outcome": "ambiguous",
        "reason": "timeout",
        "duration_ms": 12.5,
    },
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "log" / "gateway.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return tmp_path


def run(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(command_line("tail"), ["tail", "--data", str(data), "--no-follow", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_shows_readable_lines(data: Path):
    """In Việt Nam's time, as `show` does."""
    output = run(data)
    assert "02/03 08:00:01.123 attempt" in output
    assert "attempt" in output
    assert "H2 land ambiguous (timeout) 12 ms" in output


def test_a_line_of_today_has_no_date():
    """What is looked at live is of today; an older one would else be taken for it."""
    now = datetime.now(VIETNAM)
    assert readable({"timestamp": now.isoformat(), "event": "x"}).plain.startswith(now.strftime("%H:%M:%S."))
    assert readable({"timestamp": (now - timedelta(days=1)).isoformat(), "event": "x"}).plain[2] == "/"


def test_filters_by_dossier_and_by_system(data: Path):
    assert [json.loads(line)["dossier"] for line in run(data, "--json", "--dossier", "H1").splitlines()] == ["H1"]
    assert [json.loads(line)["dossier"] for line in run(data, "--json", "--system", "land").splitlines()] == ["H2"]
    assert [json.loads(line)["dossier"] for line in run(data, "--json", "--system", "portal").splitlines()] == ["H1"]


def test_a_dossier_is_meant_as_it_is_by_find(data: Path):
    assert [json.loads(line)["dossier"] for line in run(data, "--json", "--dossier", " h1").splitlines()] == ["H1"]


@pytest.mark.parametrize("asked", [("--dossier", "H3"), ("--system", "lnd")])
def test_silence_is_no_answer(data: Path, asked: tuple[str, str]):
    """The past that is looked through is short: whoever sees nothing would think that nothing has happened."""
    assert f"no line about {asked[1]} in the newest mebibyte of {data}/log/gateway.jsonl" in run(data, *asked)
    assert run(data, *asked, "-n", "0") == ""


def test_a_log_that_is_not_there_is_said(data: Path):
    (data / "log" / "gateway.jsonl").unlink()
    assert "see logs.to in gateway.toml" in run(data)


def test_begins_with_so_many_lines(data: Path):
    assert len(run(data, "--json", "-n", "1").splitlines()) == 1
    assert run(data, "-n", "0") == ""


def test_a_line_that_is_no_json_is_shown_as_it_is(data: Path):
    append(data / "log" / "gateway.jsonl", "Traceback: something\n")()
    assert "Traceback: something" in run(data)


def test_empty_values_are_left_out():
    assert readable({"event": "request", "caller": "", "path": "/v1/events"}).plain.endswith("request  /v1/events")


def test_a_request_reads_as_one_and_numbers_for_machines_are_left_out():
    line = {"event": "request", "method": "POST", "path": "/v1/events", "status": 422, "trace_id": "a1", "caller": "x"}
    assert readable(line).plain.endswith("request  POST /v1/events 422 caller=x")


def test_a_folder_without_a_gateway_is_said(tmp_path: Path):
    result = CliRunner().invoke(command_line("tail"), ["tail", "--data", str(tmp_path / "nothing"), "--no-follow"])
    assert "--data" in str(result.exception)


def test_shows_what_is_odd_about_what_was_accepted():
    """The codes of the closed list, on the request's line."""
    line = {"event": "request", "status": 202, "method": "POST", "anomalies": "late closing_missing"}
    assert "anomalies=late closing_missing" in readable(line).plain
