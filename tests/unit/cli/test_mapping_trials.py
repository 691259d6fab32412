"""``mapping try`` and ``mapping impact`` on the file, while no gateway serves."""

import csv
import json
from pathlib import Path

import pytest

from gateway.cli.failures import Failed
from gateway.core.planning import Planning
from gateway.ports.store import Store
from gateway.testing.books import a_birth, a_draft, a_settlement
from gateway.testing.store_contract.world import slots

from .books import LAND, Shell, on_the_store

REST = """[endpoint]
sandbox = "http://127.0.0.1:1"
[doubt."*"]
doubt = "resend"
dedup_window = "7d"
[options.auth]
kind = "none"
[options.operations."*"]
path = "/ho-so"
mapping = "land/dossier"
[[options.outcomes]]
http = [200]
then = "delivered"
"""
ROW = '[[row]]\nto = "{}"\nfrom = "{}"\nrequired = true\n'
OLD = 'version = "1"\n' + ROW.format("ma", "code:province")
NEW = OLD + ROW.format("ten", "dossier.owner.name.whole")


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    """``land`` has taken a birth; another dossier, without an owner, waits."""
    land = config / "systems" / "land.toml"
    land.write_text(land.read_text(encoding="utf-8").replace('"feed"', '"rest"') + REST, encoding="utf-8")
    table = config / "mappings" / "land" / "dossier.toml"
    table.parent.mkdir(parents=True)
    table.write_text(OLD, encoding="utf-8")

    async def work(store: Store, plan: Planning) -> None:
        await store.accept([a_birth("=1+1")], plan=plan)
        [taken] = await store.claim(slots(LAND))
        await store.settle(a_settlement(taken), plan=plan)
        await store.accept([a_draft("B")], plan=plan)

    on_the_store(config, data, work)
    return Shell(config, data)


def changed(tmp_path: Path, name: str = "dossier.toml", text: str = NEW) -> str:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_table_is_tried_without_a_gateway(shell: Shell, tmp_path: Path):
    """The file's place or its own name says which table it is."""
    found = shell.run("mapping", "try", "land", "--with", changed(tmp_path))
    assert found.exit_code == 1
    assert "=1+1  Nộp hồ sơ" in found.output
    assert "+ Xxxxx Xxx" in found.output
    assert "B  Nộp hồ sơ" in found.output
    assert "1  bản mới không tạo được bản tin" in found.output
    assert "Mẫu" not in found.output
    told = json.loads(shell.run("mapping", "try", "land", "--with", changed(tmp_path), "--reveal", "--json").stdout)
    assert [item["verdict"] for item in told["items"]] == ["breaks", "differs"]
    assert told["items"][0]["new_problem"]["code"] == "cannot_render"
    assert told["items"][1]["differences"] == [{"path": "ten", "old": None, "new": "Người Mẫu"}]


def test_what_was_taken_is_listed_for_an_amend_run(shell: Shell, tmp_path: Path):
    """Only what was delivered; a code that a spreadsheet would compute is a text."""
    report = tmp_path / "khac.csv"
    old = changed(tmp_path, "old.toml", OLD)
    words = ("mapping", "impact", old, changed(tmp_path, "new.toml"), "--as", "land/dossier", "--system", "land")
    found = shell.run(*words, "--report", str(report))
    assert found.exit_code == 0, found.output
    assert "1  gửi khác đi" in found.output
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [["'=1+1", "gửi khác đi", "ten"]]
    same = shell.run("mapping", "impact", "current", "files", "--system", "land")
    assert "1  gửi như cũ" in same.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("try", "land", "--with", "{}/dossier.xml"), "is not TOML"),
        (("try", "land", "--with", "{}/nothing.toml"), "No such file"),
        (("try", "land", "--with", "{}/other.toml"), "which table is it"),
        (("try", "land", "--with", "{}/other.toml", "--as", "lnd/dossier"), "land sends by no table of this name"),
        (("try", "portal"), "không xem trước được"),
        (("try", "nobody"), "system.not_found"),
        (("impact", "0123456789ab", "current", "--system", "land"), "version.not_found"),
        (("impact", "latest", "current", "--system", "land"), "is no version"),
    ],
)
def test_what_cannot_be_tried_is_said(shell: Shell, tmp_path: Path, words: tuple[str, ...], problem: str):
    """By what is wrong, and what there is."""
    changed(tmp_path, "other.toml")
    changed(tmp_path, "dossier.xml", "<a/>")
    with pytest.raises(Failed, match=problem):
        raise shell.run("mapping", *(word.format(tmp_path) for word in words)).exception or AssertionError
