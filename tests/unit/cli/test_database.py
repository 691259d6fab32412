"""``db`` where no gateway serves: a database that was put back."""

import json
from pathlib import Path

import pytest

from gateway.core.delivery import State

from .books import LAND, Shell, called, stop


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    return Shell(called(config), data)


def test_what_was_refused_is_held_in_doubt_and_every_partner_paused(shell: Shell, config: Path, data: Path):
    """G4: somebody may have sent it again since the copy was made."""
    stop(config, data, state=State.DEAD, doubt=False)
    done = shell.run("db", "restored", "--reason", "Đặt lại bản sao 02:00", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["in_doubt"], found["dead"], found["leased"]) == (1, 1, 0)
    (held,) = shell.json("held", "list")
    assert (held["reason"]["code"], held["in_doubt_since"] is None) == ("restored", False)
    (land,) = [system for system in shell.json("systems") if system["id"] == LAND]
    assert land["weather"]["pause"]["text"] == "Đặt lại bản sao 02:00"


def test_it_says_what_to_do_next_and_wants_to_know_why(shell: Shell, config: Path, data: Path):
    stop(config, data)
    assert "systems resume" in shell.run("db", "restored", "--reason", "Hỏng đĩa").output
    assert shell.failure("db", "restored", "--reason", " ")
