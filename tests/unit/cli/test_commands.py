"""The command line where no gateway serves."""

import json
import re
import shutil
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.app.layout import Layout
from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.stores.lock import held
from gateway.testing.sample_secrets import sample_secrets

from .books import Shell

ROOT = Path(__file__).resolve().parents[3]


def failure(result: Result) -> str:
    assert isinstance(result.exception, Failed), result.output
    return str(result.exception)


class Hindered(BaseHTTPRequestHandler):
    """A gateway that cannot keep anything, and says so as every door does."""

    code = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({
            "type": "t", "title": "Hết chỗ", "status": 503, "code": self.code, "detail": "Gửi lại.", "trace_id": "x",
        }).encode()  # fmt: skip
        self.send_response(503)
        for name, value in (("Retry-After", "60"), ("Content-Length", str(len(body))), ("Connection", "close")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("code", "remedy"), [("store.full", "Make room"), ("store.unavailable", "database_failed")])
def test_what_a_gateway_lacks_is_told_to_who_can_mend_it(shell: Shell, data: Path, code: str, remedy: str):
    """A portal is told to come again by itself; an operator, what has to be done first."""
    layout = Layout(data)
    layout.prepare()
    layout.operator_key.write_text("gw_sample", encoding="utf-8")
    handler = type("Lacking", (Hindered,), {"code": code})
    with held(layout.lock), HTTPServer(("127.0.0.1", 0), handler) as server:
        layout.address.write_text(f"http://127.0.0.1:{server.server_port}\n", encoding="utf-8")
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        said = shell.failure("systems", "pause", "land", "--reason", "Bộ bảo trì đến thứ Hai")
        answering.join()
    assert (code in said, remedy in said, "127.0.0.1" in said, "Gửi lại" in said) == (True, True, True, False), said


def test_a_new_key_is_printed_once_and_only_its_hash_is_kept(shell: Shell, data: Path):
    """G9: nothing in the data folder gives the key away."""
    result = shell.run("keys", "new", "portal")
    assert result.exit_code == 0
    key = result.stdout.strip()
    assert key.startswith("gw_")
    assert [path for path in data.rglob("*") if path.is_file() and key.encode() in path.read_bytes()] == []


def test_what_became_of_a_key_and_what_the_files_would_change_is_said_in_vietnamese(shell: Shell):
    """As everything that says how things stand; why a command fails is said in English."""
    made = shell.run("keys", "new", "--operator", "Bình")
    id_ = shell.json("keys", "list")["items"][0]["id"]
    assert made.stderr == f"khoá {id_} của người vận hành Bình; chỉ hiện một lần này\n"
    assert shell.run("keys", "revoke", id_).output == f"đã thu hồi khoá {id_}\n"
    shown = shell.run("config", "diff").output.splitlines()
    assert "  thêm systems/land.toml" in shown
    assert [shown[-1].startswith("(chưa có) → "), shown[-1].endswith(" nếu áp dụng")] == [True, True]


def test_keys_are_listed_and_revoked(shell: Shell):
    made = shell.json("keys", "new", "portal")
    shell.json("keys", "revoke", made["id"])
    (listed,) = shell.json("keys", "list")["items"]
    assert (listed["id"], listed["name"], listed["role"]) == (made["id"], "portal", "system")
    assert listed["revoked_at"]
    assert "key" not in listed
    shown = shell.run("keys", "list").output
    assert made["id"] in shown
    assert "thu hồi lúc" in shown


def test_keys_are_listed_in_words_and_within_the_terminal(shell: Shell):
    """As a table; where a holder's name leaves no room for one, each key in lines of its own."""
    shell.json("keys", "new", "portal")
    shell.json("keys", "new", "--operator", "Bình")
    table = shell.run("keys", "list", COLUMNS="80").output.splitlines()
    assert [len(table), max(map(len, table)) <= 80] == [3, True]
    assert ("hệ thống" in table[1], "người vận hành" in table[2]) == (True, True)
    shell.json("keys", "new", "--operator", "Trần Thị Bình ở Trung tâm phục vụ hành chính công")
    lines = shell.run("keys", "list", COLUMNS="80").output.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("người vận hành" in line for line in lines) == 2
    assert "vai trò" not in lines[0]


def test_operators_keys_name_a_person(shell: Shell):
    made = shell.json("keys", "new", "--operator", "Trần Thị Bình")
    assert (made["role"], made["name"]) == ("operator", "Trần Thị Bình")


def test_a_key_for_nobody_is_refused_with_the_nearest_name(shell: Shell):
    assert "did you mean 'portal'?" in shell.failure("keys", "new", "portl")
    assert "either" in shell.failure("keys", "new")


@pytest.mark.parametrize("name", ["   ", "A" * 101, "Bình\x1b[2J", "Bình\u200b"])
def test_a_key_is_for_a_name_that_can_be_seen(shell: Shell, name: str):
    """As over HTTP; who agrees as the second person is known by it."""
    assert "can be seen" in shell.failure("keys", "new", "--operator", name)


def test_a_third_live_key_is_refused(shell: Shell):
    shell.json("keys", "new", "land")
    shell.json("keys", "new", "land")
    assert "keys.too_many" in shell.failure("keys", "new", "land")


def test_revoking_what_is_not_there_says_so(shell: Shell):
    shell.json("keys", "new", "land")
    assert "key.not_found" in shell.failure("keys", "revoke", "nothing")


def test_no_list_under_a_name_that_nobody_has_says_that_all_is_well(shell: Shell):
    shell.json("keys", "new", "land")
    for command in (("queries", "list"), ("reconcile", "list")):
        assert "did you mean 'land'?" in shell.failure(*command, "--system", "lnd")
        assert shell.run(*command, "--system", "land").exit_code == 0


def test_agreeing_to_nothing_is_no_success(shell: Shell):
    """A script's empty variable: the open proposals were listed, and the exit status said that it was done."""
    shell.json("keys", "new", "land")
    for beside in (("--reason", "Đã đối chiếu"), ("--reject",), ("--show",)):
        assert "say which proposal" in shell.failure("approve", "", *beside)


def test_looking_into_an_empty_folder_names_the_remedy(shell: Shell):
    for command in (("find", "X"), ("show", "X"), ("systems",), ("keys", "list")):
        assert "--data" in shell.failure(*command)


def test_systems_are_listed_with_counts(shell: Shell):
    shell.json("keys", "new", "land")
    found = shell.json("systems")["items"]
    assert {item["id"] for item in found} == {"portal", "land"}
    shown = shell.run("systems").output
    assert "sandbox" in shown
    assert "chế độ" in shown
    assert "luồng đọc" in shown  # both are read here, and not called: they have no weather
    assert "mode" not in shown


@pytest.mark.parametrize("command", [("attention",), ("deadlines",), ("held", "list"), ("dead", "list")])
def test_an_empty_list_of_a_system_that_there_is_not_does_not_look_as_if_all_were_well(shell: Shell, command):
    shell.json("keys", "new", "land")
    assert "did you mean 'land'?" in shell.failure(*command, "--system", "lnd")
    assert shell.run(*command, "--system", "land").exit_code == 0


def test_finding_nothing_is_exit_status_1(shell: Shell):
    shell.json("keys", "new", "land")
    assert "no dossier has the code X; messages that wait for a code" in shell.failure("find", "X")
    assert "no dossier has the code or id X" in shell.failure("show", "X")


def check(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command_line("check"), ["check", "--config", str(config), *arguments])


def test_check_counts_what_is_well(config: Path):
    result = check(config)
    assert result.exit_code == 0
    assert "2 hệ thống (2 sandbox), 2 tuyến" in result.output
    assert json.loads(check(config, "--json").stdout)["valid"] is True


def test_check_warns_of_a_year_without_holidays_and_proposes_one(config: Path):
    (config / "calendar.toml").write_text("", encoding="utf-8")
    checked = check(config)
    assert checked.exit_code == 0
    assert "calendar.toml: year." in checked.stderr
    assert json.loads(check(config, "--json").stdout)["warnings"]
    proposed = check(config, "--propose", "2027").stdout
    assert "2027-02-06,  # thứ Bảy, Tết Nguyên Đán" in proposed


def test_check_names_every_problem_and_ends_with_2(config: Path):
    (config / "gateway.toml").write_text("[sever]\n")
    (config / "routes.toml").write_text('[[route]]\nid = "out"\nto = ["lnd"]\n')
    result = check(config)
    assert result.exit_code == 2
    assert "did you mean 'server'?" in result.stderr
    assert "did you mean 'land'?" in result.stderr
    problems = json.loads(check(config, "--json").stdout)["problems"]
    assert {problem["file"] for problem in problems} == {"gateway.toml", "routes.toml"}
    assert all(problem["remedy"] for problem in problems)


def test_check_builds_the_adapters(config: Path):
    land = config / "systems" / "land.toml"
    land.write_text(land.read_text().replace('"feed"', '"sopa"') + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n')
    result = check(config)
    assert result.exit_code == 2
    assert "sopa" in result.stderr


def test_the_shipped_configuration_passes_without_its_secrets():
    result = check(ROOT / "config", "--no-with-secrets")
    assert result.exit_code == 0, result.stderr


def test_check_names_secrets_that_are_not_there():
    """Of systems, of links, of the database and of the bucket, all at once."""
    store = {
        "postgres": "env:SAMPLE_POSTGRES",
        "s3.bucket": "sample",
        "s3.endpoint": "https://objects.example",
        "s3.access_key": "env:SAMPLE_S3_KEY",
        "s3.secret_key": "env:SAMPLE_S3_SECRET",
    }
    names = (*NAMES, "SAMPLE_POSTGRES", "SAMPLE_S3_KEY", "SAMPLE_S3_SECRET")
    sets = [part for key, value in store.items() for part in ("--set", f"store.{key}={value}")]
    command = ["check", "--config", str(ROOT / "config"), *sets]
    result = CliRunner().invoke(command_line(command[0]), command, env=dict.fromkeys(names))
    assert result.exit_code == 2
    assert [name for name in names if name not in result.stderr] == []


NAMES = tuple(sample_secrets())


def test_serve_opens_no_port_with_a_wrong_configuration(config: Path, data: Path, tmp_path: Path):
    (config / "gateway.toml").write_text("[server]\nport = -1\n")
    port_file = tmp_path / "port"
    result = CliRunner().invoke(
        command_line("serve"), ["serve", "--config", str(config), "--data", str(data), "--port-file", str(port_file)]
    )
    assert result.exit_code == 2
    assert "server.port" in result.stderr
    told = CliRunner().invoke(command_line("serve"), ["serve", "--config", str(config), "--data", str(data), "--json"])
    assert told.exit_code == 2
    assert [problem["key"] for problem in json.loads(told.stdout)["problems"]] == ["server.port"]
    assert not port_file.exists()
    assert not data.exists()


def test_a_set_without_a_value_is_wrong_use(config: Path):
    assert check(config, "--set", "server.port").exit_code == 2


def test_submit_needs_a_gateway_and_a_file(tmp_path: Path, data: Path):
    file = tmp_path / "dossier.json"
    submit = ["submit", str(file), "--key", "gw_x", "--data", str(data)]
    assert "No such file" in failure(CliRunner().invoke(command_line("submit"), submit))
    for none in ("[1", '{"n": NaN}', '{"n": -Infinity}', '{"n": 1e999}', '{"n": ' * 50_000):
        file.write_text(none)
        assert "is not JSON" in failure(CliRunner().invoke(command_line("submit"), submit)), none
    file.write_text("{}")
    assert "no gateway serves" in failure(CliRunner().invoke(command_line("submit"), submit))


def test_check_names_the_problems_of_files_and_of_adapters_at_once(config: Path):
    """One broken file does not hide what an adapter would say of another."""
    (config / "gateway.toml").write_text("[sever]\n")
    for name in ("land", "portal"):
        file = config / "systems" / f"{name}.toml"
        file.write_text(file.read_text().replace('"feed"', '"soap"') + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n')
    for command in ("check", "serve"):
        result = CliRunner().invoke(command_line(command), [command, "--config", str(config)])
        assert result.exit_code == 2
        for file in ("gateway.toml", "systems/land.toml", "systems/portal.toml"):
            assert file in result.stderr


def test_check_looks_into_the_options_of_a_system_with_other_faults(tmp_path: Path):
    """Its own keys and its adapter's, in one round; a mapping that cannot be read hides none, and makes none."""
    config = copied(tmp_path)
    mapping = config / "mappings/driver_licence/dossier.toml"
    mapping.write_text(mapping.read_text() + "[[row\n")
    system = config / "systems/driver_licence.toml"
    system.write_text(system.read_text().replace('mode = "sandbox"', 'mode = "snadbox"') + "\n[options.lokup]\n")
    found = {(one["file"], one["key"]) for one in problems_of(config)}
    assert found == {
        ("mappings/driver_licence/dossier.toml", ""),
        ("systems/driver_licence.toml", "mode"),
        ("systems/driver_licence.toml", "options.lokup"),
    }


@pytest.mark.parametrize("address", ["", "licence.example"])
def test_an_address_that_is_none_is_one_fault(tmp_path: Path, address: str):
    """By the configuration's check; its adapter, which is read beside it, does not say so once more."""
    config = copied(tmp_path)
    system = config / "systems/driver_licence.toml"
    system.write_text(re.sub(r'(?m)^sandbox = ".*"$', f'sandbox = "{address}"', system.read_text()))
    found = [(one["file"], one["key"]) for one in problems_of(config)]
    assert found == [("systems/driver_licence.toml", "endpoint.sandbox")]


@pytest.mark.parametrize("key", ["mode", "endpoint", "secrets", "limits", "queries"])
def test_a_fault_of_a_system_is_no_fault_of_what_rests_on_it(tmp_path: Path, key: str):
    """Whether it is its address, its secrets, or who may ask it: each file has the one that it has."""
    config = copied(tmp_path)
    for file in (config / "systems").glob("*.toml"):
        head, tables, rest = file.read_text().partition("\n[")
        fault = f"{key} = 1" if f"\n[{key}]" not in tables + rest else ""
        kept = (tables + rest).replace(f"\n[{key}]\n", f"\n[{key}]\nslip = 1\n")
        file.write_text(
            "\n".join(line for line in head.splitlines() if not line.startswith(f"{key} =")) + f"\n{fault}{kept}"
        )
    found = [(one["file"], one["key"].partition(".")[0]) for one in problems_of(config)]
    assert sorted(found) == [(f"systems/{file.name}", key) for file in sorted((config / "systems").iterdir())]


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def problems_of(config: Path) -> list[dict[str, str]]:
    return json.loads(check(config, "--no-with-secrets", "--json").stdout)["problems"]


def test_a_store_that_cannot_be_read_is_said_without_a_traceback(shell: Shell, data: Path):
    shell.json("keys", "new", "land")
    with closing(sqlite3.connect(data / "gateway.db")) as database, database:
        database.execute("DROP TABLE key")
    assert "gateway.db cannot be used" in shell.failure("keys", "list")


def test_a_fault_of_our_own_is_shown_as_it_is(shell: Shell, data: Path):
    """The doors tell a caller only that we failed; here there is nobody to tell it but the one who can report it."""
    shell.json("keys", "new", "land")
    with closing(sqlite3.connect(data / "gateway.db")) as database, database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        database.execute("UPDATE key SET role = 'stranger'")
    result = shell.run("keys", "list")
    assert isinstance(result.exception, ValueError)
    assert "stranger" in str(result.exception)


def test_names_are_whole_in_a_narrow_terminal(shell: Shell):
    """A line too long is the terminal's to wrap."""
    shell.json("keys", "new", "--operator", "Trần Thị Bình ở Trung tâm phục vụ hành chính công")
    assert "Trần Thị Bình ở Trung tâm phục vụ hành chính công" in shell.run("keys", "list", COLUMNS="30").output


@pytest.mark.parametrize("command", ["find", "show"])
def test_what_can_be_no_code_is_refused_before_anybody_is_asked(shell: Shell, command: str):
    """A server refuses so long a line in words of its own, which help nobody."""
    shell.run("keys", "new", "portal")
    result = shell.run(command, "A" * 10_000)
    assert "1 to 100 characters" in failure(result)
    assert result.exception.status == 2


def test_a_port_file_replaces_nothing_but_a_file(shell: Shell, tmp_path: Path):
    """Neither a device nor a folder; and nothing is opened before."""
    for place in (Path("/dev/null"), tmp_path, tmp_path / "nowhere" / "port"):
        refused = shell.run("serve", "--port-file", str(place))
        assert (str(place) in failure(refused), refused.exception.status) == (True, 2)
    assert Path("/dev/null").is_char_device()
