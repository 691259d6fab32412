"""A command starts without what only other commands are made of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: What takes longest to load: `tail` has no use for any of it, `find` only for what asks the gateway that serves.
HEAVY = ("aiohttp", "zeep", "lxml", "obstore", "sqlite3")
CALL = """
import sys
from gateway.cli import main
sys.argv = ["gateway", *{arguments}]
try:
    main()
finally:
    print(sorted(set({heavy}) & set(sys.modules)))
"""


def called(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the command line in a process of its own, which says at the end what it has loaded."""
    program = CALL.format(arguments=ascii(arguments), heavy=HEAVY)
    around = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, env=around)  # noqa: S603 - our own


@pytest.mark.parametrize(("command", "loaded"), [("tail", "[]"), ("find", "['aiohttp', 'lxml']")])
def test_a_command_loads_no_network_and_no_store_that_it_may_not_need(command: str, loaded: str):
    shown = called(command, "--help")
    assert f" {command} [OPTIONS]" in shown.stdout, shown.stderr
    assert shown.stdout.splitlines()[-1] == loaded


def test_a_slip_still_finds_its_neighbour_among_all_commands():
    slip = called("tial")
    assert (slip.returncode, "tail" in slip.stderr) == (2, True)


def test_what_is_not_utf_8_is_refused_as_such():
    """A terminal set to another encoding: a traceback is no answer, and such a reason could be kept nowhere."""
    result = called("find", "H01.12-260301-0001", "--scheme", "đ".encode("cp1258").decode(errors="surrogateescape"))
    assert (result.returncode, "argument 4 is not UTF-8" in result.stderr) == (2, True)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("judge", "--help")])
def test_help_that_nothing_has_room_for_is_one_sentence(arguments: tuple[str, ...]):
    """As any answer; and not once more by the interpreter at its end, with exit status 120."""
    around = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", "from gateway.cli import main; main()", *arguments]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, env=around)  # noqa: S603 - our own
    assert (done.returncode, done.stderr.decode()) == (
        1,
        "✗ the answer could not be written: No space left on device\n",
    )


def test_a_terminal_of_another_encoding_is_shown_utf_8():
    """Vietnamese has no place in it, and a traceback is no answer."""
    shown = called("attention", "--help", PYTHONIOENCODING="ascii")
    assert (shown.returncode, "Cần xử lý" in shown.stdout) == (0, True)
