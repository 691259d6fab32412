"""``catalogue`` in the terminal."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line

ROOT = Path(__file__).resolve().parents[3]
LIST = "Mã TTHC;Tên TTHC;Mức độ;Cấp;Hệ thống\n1.001;Cấp đổi;Toàn trình;Tỉnh;\n1.002;Cấp lại;3;Xã;{system}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    files = {
        "gateway.toml": "",
        "routes.toml": '[[route]]\nid = "out"\nto = ["portal"]\n',
        "services.toml": '[[service]]\ncode = "1.001"\nname = "Cấp đổi"\nlevel = 3\ntier = "province"\n',
        "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    }
    for name, text in files.items():
        place = tmp_path / "config" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return tmp_path / "config"


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command_line("catalogue"), ["catalogue", *arguments, "--config", str(config)])


def listed(config: Path, system: str = "") -> str:
    file = config.parent / "list.csv"
    file.write_text(LIST.format(system=system), encoding="utf-8")
    return str(file)


def test_the_report_counts_the_provinces_services():
    result = run(ROOT / "config", "report", "--on", "2017-06-30", "--json")
    found = json.loads(result.stdout)
    assert sum(count["number"] for count in found["counts"]) == found["offered"] == 40
    assert found["unrouted"] == []


def test_an_import_only_shows_what_it_would_change(config: Path):
    before = (config / "services.toml").read_text(encoding="utf-8")
    result = run(config, "import", listed(config))
    assert result.exit_code == 0, result.output
    assert "+ 1.002 Cấp lại" in result.output
    assert "~ 1.001 Cấp đổi: level 3 → 4" in result.output
    assert (config / "services.toml").read_text(encoding="utf-8") == before


def test_what_was_imported_is_the_catalogue(config: Path):
    assert run(config, "import", listed(config), "--write").exit_code == 0
    result = run(config, "report", "--json")
    assert [(count["tier"], count["level"]) for count in json.loads(result.stdout)["counts"]] == [
        ("province", 4),
        ("commune", 3),
    ]
    again = json.loads(run(config, "import", listed(config), "--write", "--json").stdout)
    assert (again["added"], again["changed"], again["ended"], again["written"]) == ([], [], [], False)


def test_json_says_whether_anything_was_written(config: Path):
    said = [json.loads(run(config, "import", listed(config), *more, "--json").stdout) for more in ([], ["--write"])]
    assert [one["written"] for one in said] == [False, True]


def test_a_list_that_names_an_unknown_system_changes_nothing(config: Path):
    before = (config / "services.toml").read_bytes()
    result = run(config, "import", listed(config, "nobody"), "--write")
    assert result.exit_code != 0
    assert (config / "services.toml").read_bytes() == before
    assert [path.name for path in config.iterdir() if path.name.startswith(".")] == []


def test_a_bad_list_is_refused_with_the_place(config: Path):
    file = config.parent / "list.csv"
    file.write_text("Mã TTHC,Tên TTHC,Mức độ,Cấp\n1.1,A,9,Xã\n", encoding="utf-8")
    result = run(config, "import", str(file))
    assert result.exit_code == 2
    assert "row 2, «Mức độ»" in result.output


def test_an_empty_list_does_not_end_the_whole_catalogue(config: Path):
    """``--complete`` ends what a list leaves out: an export that went wrong leaves out all."""
    file = config.parent / "list.csv"
    file.write_text("Mã TTHC,Tên TTHC,Mức độ,Cấp\n", encoding="utf-8")
    before = (config / "services.toml").read_bytes()
    result = run(config, "import", str(file), "--complete", "2030-01-01", "--write")
    assert "no row" in str(result.exception)
    assert (config / "services.toml").read_bytes() == before


def test_a_catalogue_that_is_linked_is_written_where_it_is_and_its_readers_stay(config: Path):
    place = config.parent / "real.toml"
    (config / "services.toml").rename(place)
    place.chmod(0o600)
    (config / "services.toml").symlink_to(place)
    assert run(config, "import", listed(config), "--write").exit_code == 0
    assert "1.002" in place.read_text(encoding="utf-8")
    assert (place.stat().st_mode & 0o777, (config / "services.toml").is_symlink()) == (0o600, True)
