"""A small valid configuration to break."""

from pathlib import Path

import pytest

FILES = {
    "gateway.toml": "[server]\nport = 0\n",
    "routes.toml": (
        '[[route]]\nid = "out"\nsource = "portal"\nto = ["land"]\n\n[[route]]\nid = "back"\nto = ["portal"]\n'
    ),
    "services.toml": (
        '[[service]]\ncode = "1.001"\nname = "Cấp đổi"\nlevel = 3\ntier = "province"\nsystem = ["land"]\n'
    ),
    "calendar.toml": 'hours = ["08:00-12:00"]\n[year.2026]\nholidays = [2026-09-02]\nmoved = [2026-08-22]\n',
    "statuses.toml": '[[procedure]]\ncodes = ["1.0*"]\nnext = { 6 = [4, 7, 9] }\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/land.toml": (
        'id = "land"\nrole = "system"\nadapter = "rest"\n[name]\nvi = "Đất đai"\n'
        '[endpoint]\nsandbox = "http://127.0.0.1:9001"\n[doubt."*"]\ndoubt = "resend"\n'
    ),
    "mappings/land/dossier.toml": 'version = "1"\n',
}


class Directory:
    """Files of a configuration, to be changed one by one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        self.write(name, (self.path / name).read_text(encoding="utf-8") + text)

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.path / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "config")
