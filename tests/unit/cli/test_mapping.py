"""The commands on mapping tables."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.config.loader import examine, load
from gateway.sdk.mapping_compiler import table_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


def run(*words: object) -> str:
    result = CliRunner().invoke(command_line(str(words[0])), [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_table_is_signed_as_a_sheet_and_comes_back_in_its_place(config: Path):
    """The signed sheet replaces the TOML: what was agreed is what runs."""
    toml = config / "mappings" / "driver_licence" / "dossier.toml"
    sheet = toml.with_suffix(".xlsx")
    said = run("mapping", "export", "driver_licence/dossier", sheet, "--config", config)
    assert said.endswith("21 dòng của driver_licence/dossier\n")
    assert "keep one of them" in str(examine(config)[1])
    raw = tomllib.loads(toml.read_text(encoding="utf-8"))
    toml.unlink()
    configuration = load(config)
    assert table_of(configuration.mappings["driver_licence/dossier"], "driver_licence/dossier") == raw
    assert "✓" in run("check", "--config", config, "--no-with-secrets")


@pytest.mark.parametrize(
    ("name", "file", "problem"),
    [
        ("driver_licence/dosier", "a.xlsx", "did you mean 'driver_licence/dossier'"),
        ("driver_licence/dossier", "a.csv", "written as .xlsx"),
        ("driver_licence/dossier", "there.xlsx", "there already"),
    ],
)
def test_writes_nothing_over_what_is_there(config: Path, tmp_path: Path, name: str, file: str, problem: str):
    """A slip costs no file."""
    (tmp_path / "there.xlsx").write_bytes(b"signed")
    with pytest.raises(Failed, match=problem):
        run("mapping", "export", name, tmp_path / file, "--config", config)
    assert (tmp_path / "there.xlsx").read_bytes() == b"signed"


def test_the_shipped_tables_fill_what_their_partners_insist_on():
    """Nothing unmapped, nothing unknown; what dossiers may be without is listed."""
    said = run("mapping", "check", "--config", ROOT / "config")
    assert "0 bắt buộc nhưng chưa ánh xạ; 0 trường không có" in said
    assert "health_insurance, dossier.*: health_insurance/card" in said


def test_what_nobody_fills_is_named_and_is_a_failure(config: Path):
    """By the WSDL here; the exit status is for scripts."""
    table = config / "mappings" / "business_registry" / "dossier.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace('to = "hoSo.maTTHC"', 'to = "hoSo.tenTTHC2"'), encoding="utf-8")
    words = ["mapping", "check", "business_registry", "--config", str(config)]
    result = CliRunner().invoke(command_line("mapping"), words)
    assert result.exit_code == 1
    assert "✗ hoSo.maTTHC ← dossier.procedure.code (ThuTuc.MaTTHC)" in result.output
    found = json.loads(CliRunner().invoke(command_line("mapping"), [*words, "--json"]).output)["findings"]
    assert {one["system"] for one in found} == {"business_registry"}
    assert {one["theirs"] for one in found if one["lack"] == "unmapped"} == {"hoSo.maTTHC"}
