"""What every `--help` says of the exit status: 1 where something that was named is not there, 2 for wrong use."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.core.delivery import State
from tests.unit.cli.books import stop

WHY = ("--reason", "Thử")
AS_OF = ("--as-of", "2026-01-01T00:00:00+07:00")
SINCE = ("--since", "2026-01-01T00:00:00+07:00")
ADOPTED = "Mã hồ sơ,Mã TTHC,Đơn vị tiếp nhận,Trạng thái,Đồng bộ lúc\nH01-1,1.000894,H01.12,4,24/11/2025 17:00\n"
LOGGED = '{"time": "2026-01-01T00:00:00+07:00", "code": "H01-1", "body": {}}\n'


@pytest.fixture
def run(config: Path, data: Path) -> Callable[..., tuple[int, str]]:
    """Run a command at a configuration and a data folder; return its exit status and what it says."""
    stop(config, data, state=State.DEAD, doubt=False)
    places = {"GATEWAY_CONFIG": str(config), "GATEWAY_DATA": str(data)}

    def run_one(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(command_line(arguments[0]), list(arguments), env=places)
        status = result.exception.status if isinstance(result.exception, Failed) else result.exit_code
        return status, f"{result.output}{result.exception}"

    return run_one


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "lnad", "x", "a=b", "--officer", "A", "--purpose", "B"),
        ("attention", "--system", "lnad"),
        ("dead", "list", "--system", "lnad"),
        ("deadlines", "--system", "lnad"),
        ("dossiers", "adopt", "{}", "--system", "lnad", *WHY),
        ("dossiers", "adopt", "{}", "--system", "land", "--source", "lnad", *WHY),
        ("dossiers", "handback", "lnad", *SINCE, *WHY),
        ("held", "list", "--system", "lnad"),
        ("held", "settle", "lnad", "--list", "{}", *AS_OF, *WHY),
        ("keys", "new", "lnad"),
        ("mapping", "check", "lnad"),
        ("mapping", "try", "lnad"),
        ("mapping", "impact", "current", "current", "--system", "lnad"),
        ("reconcile", "list", "--system", "lnad"),
        ("reconcile", "start", "lnad", *WHY),
        ("replay", "plan", "--system", "lnad"),
        ("replay", "start", "--system", "lnad", *WHY),
        ("shadow", "compare", "lnad", "--log", "{}"),
        ("shadow", "twice", "lnad", *SINCE),
        ("systems", "pause", "lnad", *WHY),
        ("systems", "probe", "lnad", *WHY),
        ("systems", "resume", "lnad", *WHY),
    ],
    ids=" ".join,
)
def test_a_system_that_is_not_there_is_not_found(
    run: Callable[..., tuple[int, str]], tmp_path: Path, arguments: tuple[str, ...]
):
    """A script that asks about a system of another province is told so alike, whatever it asks."""
    log = arguments[0] == "shadow"
    file = tmp_path / ("log.jsonl" if log else "list.csv")
    file.write_text(LOGGED if log else ADOPTED, encoding="utf-8")
    status, said = run(*(part.format(file) for part in arguments))
    assert ("lnad" in said, status) == (True, 1), said


@pytest.mark.parametrize(
    "arguments",
    [
        ("catalogue", "import", "{}"),
        ("db", "restore", "{}", *WHY),
        ("dossiers", "adopt", "{}", "--system", "land", *WHY),
        ("edit", "x", "--file", "{}", *WHY),
        ("evidence", "verify", "{}"),
        ("held", "settle", "land", "--list", "{}", *AS_OF, *WHY),
        ("mapping", "try", "land", "--with", "{}.toml"),
        ("reconcile", "start", "land", "--list", "{}", *WHY),
        ("replay", "plan", "--list", "{}"),
        ("shadow", "compare", "land", "--log", "{}"),
        ("submit", "{}", "--key", "gw_x"),
        ("systems", "import", "tax", "--openapi", "{}"),
        ("systems", "import", "tax", "--wsdl", "{}"),
    ],
    ids=" ".join,
)
def test_a_file_that_is_not_there_is_not_found(
    run: Callable[..., tuple[int, str]], config: Path, arguments: tuple[str, ...]
):
    """Nor is it wrong use, even where the file is all that a command takes."""
    nowhere = str(config / "nowhere.csv")
    status, said = run(*(part.format(nowhere) for part in arguments))
    assert ("nowhere.csv" in said, status) == (True, 1), said


def test_a_table_or_an_operation_that_is_not_there_is_not_found(run: Callable[..., tuple[int, str]], tmp_path: Path):
    """They are told by the nearest name, as systems are."""
    (tmp_path / "x.json").write_text(
        '{"openapi": "3.0.0", "paths": {"/ho-so": {"post": {"responses": {"200": {"description": ""}}}}}}'
    )
    status, said = run("mapping", "export", "land/nothing", str(tmp_path / "x.xlsx"))
    assert ("there is no mapping" in said, status) == (True, 1), said
    described = ("systems", "import", "tax", "--openapi", str(tmp_path / "x.json"))
    status, said = run(*described, "--operation", "POST /hs=dossier.submitted")
    assert ("has no operation" in said, status) == (True, 1), said


def test_a_place_that_is_taken_is_wrong_use(run: Callable[..., tuple[int, str]], config: Path, tmp_path: Path):
    """Nothing is replaced without a word for it, and a script is told so alike, whatever it writes."""
    (config / "mappings" / "land").mkdir(parents=True)
    (config / "mappings" / "land" / "x.toml").write_text('version = "1"\nrow = []\n')
    taken, described = tmp_path / "taken.xlsx", tmp_path / "x.json"
    taken.write_bytes(b"")
    described.write_text(
        '{"openapi": "3.0.0", "paths": {"/ho-so": {"post": {"responses": {"200": {"description": ""}}}}}}'
    )
    for arguments in (
        ("db", "backup", str(taken)),
        ("mapping", "export", "land/x", str(taken)),
        ("systems", "import", "land", "--openapi", str(described), "--operation", "POST /ho-so=dossier.submitted"),
    ):
        status, said = run(*arguments)
        assert ("is there already" in said, status) == (True, 2), said


@pytest.mark.parametrize("option", [("--per-second", "0"), ("--kills", "-1")], ids=" ".join)
def test_a_demo_that_cannot_be_played_is_wrong_use(
    run: Callable[..., tuple[int, str]], data: Path, option: tuple[str, str]
):
    """It is refused before a process is started, or a folder looked at: this one would be refused as well."""
    status, said = run("demo", *option, "--data", str(data))
    assert (option[0] in said, status) == (True, 2), said
