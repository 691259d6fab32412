"""The commands on mapping tables."""

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
    result = CliRunner().invoke(command_line(), [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_table_is_signed_as_a_sheet_and_comes_back_in_its_place(config: Path):
    """The signed sheet replaces the TOML: what was agreed is what runs."""
    toml = config / "mappings" / "driver_licence" / "dossier.toml"
    said = run("mapping", "export", "driver_licence/dossier", toml.with_suffix(".xlsx"), "--config", config)
    assert said.endswith("21 lines of driver_licence/dossier\n")
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
