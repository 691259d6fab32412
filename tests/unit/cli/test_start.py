"""A command starts without what only other commands are made of."""

import subprocess
import sys

#: What takes longest to load, and what `tail` has no use for.
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


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the command line in a process of its own, which says at the end what it has loaded."""
    program = CALL.format(arguments=arguments, heavy=HEAVY)
    return subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)  # noqa: S603 - our own


def test_a_command_that_reads_one_file_loads_no_network_and_no_store():
    shown = called("tail", "--help")
    assert " tail [OPTIONS]" in shown.stdout, shown.stderr
    assert shown.stdout.splitlines()[-1] == "[]"


def test_a_slip_still_finds_its_neighbour_among_all_commands():
    slip = called("tial")
    assert (slip.returncode, "tail" in slip.stderr) == (2, True)
