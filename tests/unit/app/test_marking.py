"""The mark in the data folder: whose it is."""

import shutil
from pathlib import Path

from gateway.app.layout import Layout
from gateway.app.marking import home
from gateway.stores.lock import held
from gateway.testing.clock import FakeClock


class Restarted(FakeClock):
    """The clock of a machine that was started anew, or of another one."""

    def boot_id(self) -> str:
        return "another-boot"


def test_who_holds_the_lock_of_a_mark_is_told_from_a_copy_of_its_folder(tmp_path: Path):
    """G4: a copy, or the same folder on another machine, may not end the gateway that serves here."""
    one = Layout(tmp_path / "one")
    one.prepare()
    with held(one.lock):
        wrote = home(one, FakeClock())
    with held(one.lock):
        assert home(one, FakeClock()) == wrote
        assert home(one, Restarted()) != wrote
    shutil.copytree(one.root, tmp_path / "two")
    assert home(Layout(tmp_path / "two"), FakeClock()) != wrote
