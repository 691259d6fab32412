"""``db`` where no gateway serves: a database that was put back."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.app.layout import Layout
from gateway.app.restoring import bringing
from gateway.core.delivery import State
from gateway.stores.sqlite.copying import put_in_place
from gateway.testing.books import a_draft

from .books import LAND, Shell, called, stop


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    return Shell(called(config), data)


def values(database: Path, statement: str) -> list[object]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute(statement)]


def test_what_was_refused_is_held_in_doubt_and_every_partner_paused(shell: Shell, config: Path, data: Path):
    """G4: somebody may have sent it again since the copy was made."""
    stop(config, data, state=State.DEAD, doubt=False)
    done = shell.run("db", "restored", "--reason", "Đặt lại bản sao 02:00", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["in_doubt"], found["dead"], found["leased"]) == (1, 1, 0)
    (held,) = shell.items("held", "list")
    assert (held["reason"]["code"], held["in_doubt_since"] is None) == ("restored", False)
    (land,) = [system for system in shell.items("systems") if system["id"] == LAND]
    assert land["weather"]["pause"]["text"] == "Đặt lại bản sao 02:00"


def test_it_says_what_to_do_next_in_order_and_wants_to_know_why(shell: Shell, config: Path, data: Path):
    """A ministry is resumed last, and whoever resumes one too early reads so at once."""
    stop(config, data)
    shell.run("keys", "new", "land")
    told = shell.run("db", "restored", "--reason", "Hỏng đĩa").output
    steps = ["Đặt lại", str(data / "blobs"), "keys revoke", "(serve)", "công gửi lại", "(land)", "systems resume"]
    assert sorted(steps, key=told.rindex) == steps
    assert re.search(r"[0-9a-f]{12} +hệ thống +land", told)
    resumed = shell.run("systems", "resume", "land", "--reason", "Cổng đã gửi lại").output
    assert "0 lượt gửi nhận từ khi khôi phục" in resumed
    assert "Cổng dịch vụ công chưa gửi lại xong: dừng cổng tích hợp" in resumed
    assert shell.failure("db", "restored", "--reason", " ")


def test_a_copy_is_whole_while_the_database_is_written_and_replaces_nothing(shell: Shell, config, data, tmp_path):
    """One file, proved; what it names has to be copied after it."""
    stop(config, data)
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(data / "gateway.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        done = shell.run("db", "backup", str(copy), "--json")
    found = json.loads(done.stdout)
    assert (found["bytes"], found["then"]) == (copy.stat().st_size, [str(data / "blobs"), str(data / "config")])
    assert not list(tmp_path.glob("copy.db-*"))
    assert "nothing is replaced" in shell.refusal("db", "backup", str(copy))
    assert "no database of a gateway" in shell.failure("db", "restore", str(config / "gateway.toml"), "--reason", "X")
    assert len(shell.items("held", "list")) == 1


def test_a_copy_is_made_while_a_partners_file_is_half_edited(shell: Shell, config, data, tmp_path):
    """A nightly copy needs to know where the database is, and nothing else; a fault there stops it."""
    stop(config, data)
    (config / "systems" / "land.toml").write_text('id = "land', encoding="utf-8")
    (config / "routes.toml").write_text("[[route", encoding="utf-8")
    shell.run("db", "backup", str(tmp_path / "copy.db"))
    (config / "gateway.toml").write_text("[stor]", encoding="utf-8")
    assert "gateway.toml: stor" in str(shell.run("db", "backup", str(tmp_path / "other.db")).exception)


def test_a_damaged_database_makes_no_copy(shell: Shell, config, data, tmp_path):
    """Nobody learns on the day of a restoration that the copy was none."""
    stop(config, data)
    database = data / "gateway.db"
    (page,) = values(database, "SELECT rootpage FROM sqlite_schema WHERE name = 'replay_item'")
    (size,) = values(database, "PRAGMA page_size")
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 100)
    assert "damaged" in shell.failure("db", "backup", str(tmp_path / "copy.db"))
    assert not list(tmp_path.glob("*copy.db*"))
    database.write_bytes(database.read_bytes()[: size // 2])
    assert "damaged" in shell.failure("db", "backup", str(tmp_path / "copy.db"))


def test_what_cannot_be_asked_of_a_copy_is_refused(shell: Shell, config, data, tmp_path):
    """Wrong use, before anything is touched."""
    stop(config, data)
    copy = tmp_path / "copy.db"
    shell.run("db", "backup", str(copy))
    assert "is in place already" in shell.refusal("db", "restore", str(data / "gateway.db"), "--reason", "X")
    assert "reason" in shell.refusal("db", "restore", str(copy), "--reason", " ")
    (config / "gateway.toml").write_text('[store]\npostgres = "env:NONE"\n', encoding="utf-8")
    assert "its own tools" in shell.refusal("db", "backup", str(tmp_path / "other.db"))
    assert "its own tools" in shell.refusal("db", "restore", str(copy), "--reason", "X")


def test_a_copy_into_a_folder_that_is_not_there_names_it(shell: Shell, config, data, tmp_path):
    """Not the draft that would have become the copy: nobody has heard of that."""
    stop(config, data)
    told = shell.failure("db", "backup", str(tmp_path / "none" / "copy.db"))
    assert f"no copy was made: {tmp_path / 'none'}: No such file" in told


def test_a_copy_takes_the_place_of_the_database_with_its_log(shell: Shell, config, data, tmp_path):
    """G4, G10: what came since is put aside, not mixed in; who did it and which copy it was stands in the books."""
    stop(config, data, a_draft("A"))
    copy = tmp_path / "copy.db"
    shell.run("db", "backup", str(copy))
    stop(config, data, a_draft("B"))
    with closing(sqlite3.connect(data / "gateway.db", isolation_level=None)) as killed:
        killed.execute("INSERT INTO meta (name, value) VALUES ('only', 'in the log')")
        done = shell.run("db", "restore", str(copy), "--reason", "Đặt lại bản sao", "--json")
        assert done.exit_code == 0, (done.output, done.exception)
        assert not values(data / "gateway.db", "SELECT value FROM meta WHERE name = 'only'")
    (held,) = shell.items("held", "list")
    assert (held["code"], held["reason"]["code"]) == ("A", "restored")
    (aside,) = data.glob("gateway.db.before-*[0-9]")
    assert values(aside, "SELECT count(*) FROM message WHERE source = 'portal'") == [2]
    assert values(aside, "SELECT value FROM meta WHERE name = 'only'")


def test_nothing_opens_a_database_whose_restoring_broke_off(shell: Shell, config, data, tmp_path):
    """G11: killed between two steps; the same again ends it, and the database of before is still the one put aside."""
    stop(config, data, a_draft("A"))
    copy = tmp_path / "copy.db"
    shell.run("db", "backup", str(copy))
    stop(config, data, a_draft("B"))
    with bringing(Layout(data), copy) as coming:
        put_in_place(coming.apart.database, coming.place.database, datetime.now(UTC))
    for command in (("held", "list"), ("db", "restored", "--reason", "X"), ("db", "backup", str(tmp_path / "new.db"))):
        assert "db restore FILE again" in shell.failure(*command)
    (data / "gateway.db").unlink()
    assert "db restore FILE again" in shell.failure("held", "list")
    assert shell.run("db", "restore", str(copy), "--reason", "Đặt lại bản sao").exit_code == 0
    assert [one["code"] for one in shell.items("held", "list")] == ["A"]
    (aside,) = data.glob("gateway.db.before-*[0-9]")
    assert values(aside, "SELECT count(*) FROM message WHERE source = 'portal'") == [2]


def test_an_empty_file_is_not_taken_for_a_gateway_where_nothing_ever_happened(shell: Shell, config, data, tmp_path):
    """A disk that lost the content left it: «nothing needs you» would be the worst answer of all."""
    stop(config, data)
    for each in data.glob("gateway.db-*"):
        each.unlink()
    (data / "gateway.db").write_bytes(b"")
    for command in (
        ("held", "list"),
        ("attention",),
        ("db", "restored", "--reason", "X"),
        ("db", "backup", str(tmp_path / "a")),
    ):
        told = shell.refusal(*command)
        assert f"{data / 'gateway.db'} is empty (0 bytes)" in told
        assert "./run_gateway.py db restore FILE" in told
    assert (data / "gateway.db").stat().st_size == 0


def test_a_copy_that_cannot_be_marked_leaves_all_as_it_was(shell: Shell, config, data, tmp_path):
    """The copy is marked before it takes its place: whatever is wrong with it is told while the old one stands."""
    stop(config, data, a_draft("A"))
    copy = tmp_path / "copy.db"
    shell.run("db", "backup", str(copy))
    stop(config, data, a_draft("B"))
    told = shell.failure("db", "restore", str(copy), "--reason", "X", GATEWAY_OPERATOR_KEY="gw_made_since_then")
    assert "no live key" in told
    assert len(shell.items("held", "list")) == len("AB")
    assert not list(data.glob("gateway.db.before-*")) + list(data.glob("gateway.coming"))
