"""Kept configurations: which one is in force here, for a worker that comes back."""

from pathlib import Path

import pytest

from gateway.app.versions import Versions
from gateway.config.loader import load

PORTAL = 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n'
CHOSEN = {"server.port": "8099"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "systems").mkdir(parents=True)
    for name, text in (("gateway.toml", ""), ("routes.toml", ""), ("systems/portal.toml", PORTAL)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_what_is_in_force_is_had_again_whatever_the_directory_holds_now(config: Path, tmp_path: Path) -> None:
    """As a configuration of that directory: secrets and later changes are looked for there."""
    versions, held = Versions(tmp_path / "kept"), load(config, overrides=CHOSEN)
    assert versions.in_force(config, CHOSEN) is None
    versions.keep(held, {})
    assert versions.in_force(config, CHOSEN) is None
    versions.mark(held.version)
    (config / "systems" / "portal.toml").write_text("half an edit", encoding="utf-8")
    assert versions.in_force(config, CHOSEN) == held
    versions.forget_mark()
    assert versions.in_force(config, CHOSEN) is None


def test_what_is_damaged_or_was_started_otherwise_is_not_had(config: Path, tmp_path: Path) -> None:
    """Then the files count, as at any start."""
    versions, held = Versions(tmp_path / "kept"), load(config, overrides=CHOSEN)
    versions.keep(held, {})
    versions.mark(held.version)
    assert versions.in_force(config, {"server.port": "8098"}) is None
    kept = versions.place(held.version) / "systems" / "portal.toml"
    kept.write_text(PORTAL.replace("Cổng", "Khác"), encoding="utf-8")
    assert versions.in_force(config, CHOSEN) is None
    versions.keep(held, {})
    assert versions.in_force(config, CHOSEN) == held
    versions.mark("../../etc")
    assert versions.in_force(config, CHOSEN) is None
    versions.mark(held.version)
    (tmp_path / "kept" / f"{held.version}.json").write_bytes(b'{"version": "\xff"}')
    assert versions.in_force(config, CHOSEN) is None


def test_what_was_killed_while_it_kept_a_version_leaves_nothing_behind(config: Path, tmp_path: Path) -> None:
    """The next one takes its draft's place."""
    versions, held = Versions(tmp_path / "kept"), load(config, overrides=CHOSEN)
    folder = tmp_path / "kept"
    (folder / ".draft" / "systems").mkdir(parents=True)
    versions.keep(held, {})
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        held.version,
        f"{held.version}.json",
    ]
