"""``attention`` where no gateway serves: the same list as over HTTP, made to be read."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from gateway.core.delivery import State
from gateway.core.message import Code
from gateway.testing.books import a_draft, a_status

from .books import LAND, called, on_the_store, stop


def run(config: Path, data: Path, *arguments: str) -> Result:
    places = ["--config", str(config), "--data", str(data)]
    result = CliRunner().invoke(command_line("attention"), ["attention", *arguments, *places])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.fixture
def config(config: Path) -> Path:
    return called(config)


@pytest.fixture
def troubled(config: Path, data: Path) -> None:
    """Three held in doubt, one dead, one that nobody can place."""
    names = [f"H01.12-26030{number}-000{number}" for number in range(1, 4)]
    drafts = [a_draft(name, codes=(Code("province", name),)) for name in names]
    stop(config, data, *drafts)
    stop(config, data, a_draft("H01-dead"), state=State.DEAD, doubt=False)
    on_the_store(config, data, lambda store, plan: store.accept([a_status("H01-unknown", source=LAND)], plan=plan))


@pytest.mark.usefixtures("troubled")
def test_each_cause_is_told_once_with_the_command_to_begin_with(config: Path, data: Path):
    """G2: an operator sees at a glance what, how many, since when, and what to run."""
    lines = run(config, data).output.splitlines()
    assert lines[0] == "Cần xử lý: 3 nguyên nhân, khẩn cấp nhất trước"
    assert lines[2] == " 1. Chờ quyết định  land"
    assert lines[3] == "    Đã gửi nhưng quá thời gian chờ trả lời"
    assert lines[4].startswith("    3 lượt gửi, từ ")
    assert lines[4].endswith(": H01.12-260301-0001, H01.12-260302-0002, H01.12-260303-0003")
    assert lines[5] == "    → ./run_gateway.py held list --system land"
    assert "held settle land" in " ".join(lines[6:8])


@pytest.mark.usefixtures("troubled")
@pytest.mark.parametrize(("given", "width"), [("80", 80), ("100", 100), ("160", 100), ("", 100)])
def test_it_fits_the_terminal_and_no_line_is_longer_than_is_read_with_ease(
    config: Path, data: Path, monkeypatch, given: str, width: int
):
    monkeypatch.setenv("COLUMNS", given)
    assert width - 20 < max(map(len, run(config, data).output.splitlines())) <= width


@pytest.mark.usefixtures("troubled")
def test_it_is_cut_by_system_and_by_number(config: Path, data: Path):
    found = json.loads(run(config, data, "--system", "operators", "--json").stdout)
    assert [item["matter"] for item in found["items"]] == ["held"]
    short = run(config, data, "--limit", "1").output
    assert "Còn 2 nguyên nhân nữa" in short
    assert len(json.loads(run(config, data, "--limit", "0", "--json").stdout)["items"]) == 3


def test_nothing_to_do_is_good_news(config: Path, data: Path):
    on_the_store(config, data, lambda store, plan: store.accept([a_draft()], plan=plan))
    assert run(config, data).output == "Không có gì cần xử lý.\n"
