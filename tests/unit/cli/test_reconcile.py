"""``reconcile`` where no gateway serves: a list is compared at once; a system is asked when a gateway serves."""

import json
from pathlib import Path

import pytest

from gateway.core.delivery import State
from gateway.testing.books import a_draft

from .books import Shell, as_of_now, called, stop

WHY = ("--reason", "Đối chiếu tháng 11")


@pytest.fixture
def config(config: Path) -> Path:
    return called(config)


def test_a_list_is_compared_and_says_what_to_do(shell: Shell, config: Path, data: Path, tmp_path: Path):
    """The planted ones, and no others."""
    stop(config, data, a_draft("H01-1"), a_draft("H01-2"), a_draft("H01-3"), state=State.DELIVERED, doubt=False)
    file = tmp_path / "list.csv"
    file.write_text("Mã hồ sơ\nH01-1\nH01-2\nH09\n", encoding="utf-8")
    asked = ("reconcile", "start", "land", "--list", str(file), *as_of_now(), *WHY)
    done = json.loads(shell.run(*asked, "--json").stdout)
    assert done["counts"] == {"missing": 1, "extra": 1, "different": 0}
    shown = shell.run("reconcile", "show", done["id"]).output
    assert "H01-3  cổng ghi đã gửi, hệ thống báo không có" in shown
    assert "H09  hệ thống báo có, cổng không ghi đã gửi" in shown
    assert json.loads(shell.run("reconcile", "show", done["id"], "--behind", "1", "--json").stdout)["items"]
    since = json.loads(shell.run(*asked, "--since", "2125-01-01T00:00:00+07:00", "--json").stdout)
    assert since["counts"]["missing"] == 0
    assert [item["id"] for item in shell.items("reconcile", "list", "--system", "land")] == [since["id"], done["id"]]


def test_a_system_is_asked_once_a_gateway_serves(shell: Shell, config: Path, data: Path):
    stop(config, data, state=State.DELIVERED, doubt=False)
    asked = json.loads(shell.run("reconcile", "start", "land", "--dossier", "H01-1", *WHY, "--json").stdout)
    assert (asked["state"], asked["dossiers"]) == ("asked", ["H01-1"])
    assert "chờ cổng hỏi hệ thống" in shell.run("reconcile", "list").output


def test_wrong_use_is_said(shell: Shell, config: Path, data: Path, tmp_path: Path):
    stop(config, data)
    file = tmp_path / "list.csv"
    file.write_text("Mã hồ sơ\nH01-1\n", encoding="utf-8")
    start = ("reconcile", "start", "land", *WHY)
    assert "do not go together" in shell.failure(*start, "--dossier", "A", "--list", str(file))
    assert "No such file" in shell.failure(*start, "--list", "nowhere.csv")
    assert "no time" in shell.failure(*start, "--list", str(file), "--as-of", "yesterday")
    assert "there is no system 'lnd'; did you mean 'land'" in shell.failure("reconcile", "start", "lnd", *WHY)
    assert "reconciliation.not_found" in shell.failure("reconcile", "show", "x")
