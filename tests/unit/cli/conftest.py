"""A small valid configuration with a portal that reads a feed and one system."""

from pathlib import Path

import pytest
import structlog

from .books import Shell

FILES = {
    "gateway.toml": "[server]\nport = 0\n[store]\nreserve = 0\n",
    "routes.toml": (
        '[[route]]\nid = "out"\nsource = "portal"\nto = ["land"]\n\n[[route]]\nid = "back"\nto = ["portal"]\n'
    ),
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng dịch vụ công"\n',
    "systems/land.toml": 'id = "land"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Đất đai"\n',
}


@pytest.fixture(autouse=True)
def unset_log():
    """Begin as a command does, in a process where nobody has set up the log: tests before have."""
    structlog.reset_defaults()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    directory = tmp_path / "config"
    for name, text in FILES.items():
        place = directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return directory


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    return Shell(config, data)
