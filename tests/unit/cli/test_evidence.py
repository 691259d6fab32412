"""``evidence export`` and ``evidence verify``: a file that proves itself, without the gateway."""

import fcntl
import json
import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from gateway.app.layout import Layout
from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.core.record import RecordType
from gateway.evidence.verify import Flaw
from gateway.model.texts import CATALOGUE
from gateway.testing.books import a_draft

from .books import called, stop


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line("evidence"), ["evidence", *arguments])


@pytest.fixture
def places(config: Path, data: Path) -> list[str]:
    called(config)
    stop(config, data, a_draft("A"), a_draft("B"), a_draft("C"))
    return ["--config", str(config), "--data", str(data)]


@pytest.fixture
def file(places: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "evidence.jsonl"
    result = run("export", str(path), *places)
    assert result.exit_code == 0, result.output
    return path


def test_an_export_is_sound_and_says_what_is_in_it(file: Path):
    """G10: without the database, the configuration or a key."""
    found = json.loads(run("verify", str(file), "--json").stdout)
    assert (found["sound"], found["bad"]) == (True, None)
    assert found["by_type"][RecordType.ACCEPTED] == 3
    assert found["by_type"][RecordType.ATTEMPTED] == 3
    shown = run("verify", str(file)).stdout
    assert "nguyên vẹn" in shown
    assert found["chains"][-1]["link"] in shown


def test_an_export_that_breaks_off_raises_what_broke_it(places: list[str], data: Path, tmp_path: Path):
    """Its first line is written already: what comes is no refusal, and no file is left."""
    with closing(sqlite3.connect(data / "gateway.db")) as database, database:
        database.execute("UPDATE evidence SET record = x'00' WHERE number = 1")
    result = run("export", str(tmp_path / "evidence.jsonl"), *places)
    assert isinstance(result.exception, msgspec.DecodeError)
    assert not [*tmp_path.glob("*evidence*")]


def test_what_was_changed_is_named_by_its_record(file: Path):
    """G10: exit status 1, and the first bad record."""
    lines = file.read_bytes().splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if b"message.accepted" in line)
    number = json.loads(run("verify", str(file), "--json").stdout)["chains"][0]["first"]
    lines[at] = lines[at].replace(b'"revision":1', b'"revision":2')
    file.write_bytes(b"".join(lines))
    result = run("verify", str(file), "--json")
    assert isinstance(result.exception, Failed)
    assert result.exception.status == 1
    bad = json.loads(result.stdout)["bad"]
    assert (bad["flaw"], bad["line"], bad["number"]) == ("link", at + 1, number + at - 2)
    assert f"bản ghi {bad['number']} của chuỗi {bad['node']}" in str(result.exception)


def test_a_row_changed_in_the_database_is_found_by_the_export(places: list[str], data: Path, tmp_path: Path):
    """G10: the file is kept, so that it can be looked into."""
    with sqlite3.connect(Layout(data).database) as database:
        changed = """CAST(replace(CAST(record AS TEXT), '"revision":1', '"revision":2') AS BLOB)"""
        database.execute(f"UPDATE evidence SET record = {changed} WHERE seq = 2")  # noqa: S608 - words of this test
    database.close()
    result = run("export", str(tmp_path / "bad.jsonl"), *places)
    assert isinstance(result.exception, Failed)
    assert "bản ghi 2 của chuỗi" in str(result.exception)
    assert (tmp_path / "bad.jsonl").exists()


def test_wrong_use_is_exit_status_2(tmp_path: Path, places: list[str]):
    assert run("verify", str(tmp_path)).exit_code == 2
    for since in ("yesterday", "2026-11-24T17:00:00"):
        result = run("export", str(tmp_path / "x"), "--since", since, *places)
        assert isinstance(result.exception, Failed)
        assert result.exception.status == 2
    assert not (tmp_path / "x").exists()


def test_an_export_that_fails_leaves_the_file_before_as_it_was(file: Path, tmp_path: Path):
    """What lies there is always a whole export."""
    before = file.read_bytes()
    assert isinstance(run("export", str(file), "--data", str(tmp_path / "none")).exception, Failed)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_what_a_killed_export_left_goes_with_the_next_and_what_another_writes_stays(file: Path, places: list[str]):
    """A draft whose writer has ended holds no lock any more: the kernel gives it up however that ended."""
    dead, alive, other = (
        file.with_name(name) for name in (f".{file.name}.0badf00d.part", f".{file.name}.600df00d.part", ".other.1.part")
    )
    for draft in (dead, alive, other):
        draft.write_bytes(b"half")
    with alive.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert run("export", str(file), *places).exit_code == 0
    assert [draft.exists() for draft in (dead, alive, other)] == [False, True, True]
    assert run("verify", str(file)).exit_code == 0


def test_an_export_takes_the_place_of_a_file_and_of_nothing_else(places: list[str], tmp_path: Path):
    """`evidence export /dev/stdout | gzip`, as root, put a file where the device was."""
    pipe, link, kept = tmp_path / "pipe", tmp_path / "last.jsonl", tmp_path / "2026-11.jsonl"
    os.mkfifo(pipe)
    link.symlink_to(kept)
    refused = run("export", str(pipe), *places).exception
    assert isinstance(refused, Failed)
    assert refused.status == 2
    assert pipe.is_fifo()
    run("export", str(link), *places)
    assert link.is_symlink()
    assert run("verify", str(kept)).exit_code == 0


def test_an_export_may_begin_later(file: Path, places: list[str]):
    run("export", str(file), "--since", "2099-01-01T00:00:00+07:00", *places)
    found = json.loads(run("verify", str(file), "--json").stdout)
    assert (found["sound"], found["records"]) == (True, 0)


def test_verifying_opens_no_connection(file: Path, monkeypatch: pytest.MonkeyPatch):
    """G10: offline."""
    monkeypatch.setattr(socket, "socket", None)
    assert run("verify", str(file)).exit_code == 0


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_has_words(flaw: Flaw):
    assert f"evidence.{flaw}" in CATALOGUE


def test_what_people_are_shown_at_the_desk_is_recorded(places: list[str], file: Path):
    """G10: content views on the file, too."""
    for command in (("find", "A"), ("show", "A"), ("held",)):
        assert CliRunner().invoke(command_line(command[0]), [*command, *places]).exit_code == 0
    run("export", str(file), *places)
    records = [json.loads(line).get("record", {}) for line in file.read_bytes().splitlines()]
    shown = [record["shown"] for record in records if record.get("type") == RecordType.VIEWED]
    assert shown == ["dossier", "timeline", "dossier", "timeline", "delivery"]


def test_each_restoration_of_the_database_is_told_with_what_the_file_lacks(places: list[str], tmp_path: Path):
    """G10: nobody takes a gap for a whole book, nor the shorter chain for a forgery."""
    for reason in ("Hỏng đĩa", "Nhầm bản sao"):
        done = CliRunner().invoke(command_line("db"), ["db", "restored", "--reason", reason, *places])
        assert done.exit_code == 0, done.output
    told = run("export", str(tmp_path / "e.jsonl"), *places).output
    assert told.count("cơ sở dữ liệu được khôi phục về bản cũ") == len(("Hỏng đĩa", "Nhầm bản sao"))
