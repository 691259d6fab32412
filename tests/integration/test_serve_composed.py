"""The composed gateway within one event loop: it starts whole or not at all, and ends soon."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from aiohttp import ClientSession, ClientTimeout, TraceConfig
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from gateway.app.compose import serving
from gateway.app.layout import Layout
from gateway.app.restoring import back_up
from gateway.cli import command_line
from gateway.config.loader import load
from gateway.config.settings import Configuration
from gateway.core.errors import ConfigError, PutBack, StoreUnavailable
from gateway.stores.lock import FileLock
from gateway.testing.postgres import database

FILES = {
    "gateway.toml": "[server]\nport = 0\n[store]\nreserve = 0\n",
    "routes.toml": '[[route]]\nid = "out"\nsource = "portal"\nto = ["land"]\n',
    "systems/portal.toml": 'id = "portal"\nrole = "portal"\nadapter = "feed"\n[name]\nvi = "Cổng"\n',
    "systems/land.toml": 'id = "land"\nrole = "system"\nadapter = "feed"\n[name]\nvi = "Đất đai"\n',
}
QUICK = ClientTimeout(total=20)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "config" / name).write_text(text, encoding="utf-8")
    return tmp_path / "config"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "data")


def operator(layout: Layout) -> dict[str, str]:
    return {"Authorization": f"Bearer {layout.operator_key.read_text().strip()}"}


async def test_a_folder_in_which_nothing_was_ever_accepted_is_told_once(config: Path, layout: Layout):
    """G3: so looks one whose disk is not mounted, and all that it held would be taken, and applied, again."""
    told = []
    for _ in range(2):
        with capture_logs() as lines:
            async with serving(load(config), layout):
                told.append([line for line in lines if line["event"] == "new_database"])
    ((new,), again) = told
    assert (new["place"], new["log_level"], new["alert"]) == (str(layout.database), "warning", True)
    assert "mount" in new["remedy"]
    assert again == []


async def test_a_database_of_several_that_no_gateway_ever_served_is_told_once(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """G3: so looks another one than is meant; a gateway that joins from a new folder is no news."""
    told = []
    async with database() as url:
        monkeypatch.setenv("GATEWAY_POSTGRES", url)
        configuration = load(config, overrides={"store.postgres": "env:GATEWAY_POSTGRES"})
        for folder in ("one", "one", "two"):
            with capture_logs() as lines:
                async with serving(configuration, Layout(tmp_path / folder)):
                    told.append([line for line in lines if line["event"] == "new_database"])
    ((new,), *again) = told
    name = url.partition("?")[0].rpartition("/")[2]
    assert (new["place"], new["log_level"], new["alert"]) == (f"store.postgres, at /{name}", "warning", True)
    assert "store.postgres" in new["remedy"]
    assert again == [[], []]


async def test_is_ready_as_soon_as_it_listens(config: Path, layout: Layout):
    """G11: what earlier incarnations lost is recovered before the first request."""
    async with serving(load(config), layout) as gateway, ClientSession(timeout=QUICK) as session:
        async with session.get(f"{gateway.url}/readyz") as reply:
            assert reply.status == 200
        async with session.get(f"{gateway.url}/metrics", headers=operator(layout)) as reply:
            assert reply.status == 200
        assert layout.address.read_text().strip() == gateway.url
        assert not gateway.life.done()
    assert gateway.life.done()


async def test_the_operators_key_survives_a_restart_and_is_made_anew_when_lost(config: Path, layout: Layout):
    """The command line on this machine always gets in; two keys are live at most."""
    texts: list[str] = []
    for is_lost in (False, False, True, True, True):
        if is_lost:
            layout.operator_key.unlink()
        async with serving(load(config), layout) as gateway, ClientSession(timeout=QUICK) as session:
            texts.append(layout.operator_key.read_text())
            async with session.get(f"{gateway.url}/v1/ops/keys", headers=operator(layout)) as reply:
                live = [item for item in (await reply.json())["items"] if not item.get("revoked_at")]
                assert len(live) == 1
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4


async def test_a_long_poll_does_not_delay_the_end(config: Path, layout: Layout):
    """Who waits for news is answered, with none, and the gateway ends."""
    polls: list[asyncio.Task[int]] = []
    async with ClientSession(timeout=QUICK) as session:
        async with serving(load(config), layout) as gateway:
            body = {"name": "land", "role": "system"}
            async with session.post(f"{gateway.url}/v1/ops/keys", json=body, headers=operator(layout)) as reply:
                key = (await reply.json())["key"]
            sent = asyncio.Event()
            polls.append(asyncio.create_task(poll(f"{gateway.url}/v1/events?wait=30", key, sent)))
            await sent.wait()
            async with session.get(f"{gateway.url}/livez"):
                pass
            ended = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ended < 5
        assert await polls[0] == 200


async def poll(url: str, key: str, sent: asyncio.Event) -> int:
    async def on_sent(*_: object) -> None:
        sent.set()

    trace = TraceConfig()
    trace.on_request_headers_sent.append(on_sent)
    async with (
        ClientSession(trace_configs=[trace]) as session,
        session.get(url, headers={"Authorization": f"Bearer {key}"}) as reply,
    ):
        await reply.read()
        return reply.status


async def test_problems_of_adapters_are_found_before_a_port_is_opened(config: Path, layout: Layout):
    """All of them, of all systems."""
    for name in ("land", "portal"):
        path = config / "systems" / f"{name}.toml"
        path.write_text(path.read_text().replace('"feed"', '"soap"') + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n')
    with pytest.raises(ConfigError) as caught:
        async with serving(load(config), layout):
            pytest.fail("it started")
    assert {problem.file for problem in caught.value.problems} == {"systems/land.toml", "systems/portal.toml"}
    assert not layout.address.exists()
    assert not layout.database.exists()


async def test_a_store_that_is_in_use_is_waited_for_but_not_for_ever(config: Path, layout: Layout):
    """A command may hold it for a moment; another gateway holds it for good."""
    layout.prepare()
    lock = FileLock(layout.lock).take()
    starting = asyncio.create_task(start_once(config, layout))
    await asyncio.sleep(0)
    lock.give_back()
    await starting
    lock.take()
    with pytest.raises(StoreUnavailable, match="in use by process"):
        await start_once(config, layout)


async def test_an_act_that_the_disk_has_damaged_keeps_no_gateway_from_starting(config: Path, layout: Layout):
    """G11: the last change of the configuration is asked for at each start; it is written anew."""
    await start_once(config, layout)
    with closing(sqlite3.connect(layout.database)) as found, found:
        found.execute("UPDATE act SET facts = '{'")
    await start_once(config, layout)
    with closing(sqlite3.connect(layout.database)) as found:
        assert found.execute("SELECT count(*) FROM act WHERE verb = 'configure'").fetchone() == (2,)


async def test_a_database_that_was_put_back_without_a_word_is_not_served(config: Path, layout: Layout, tmp_path: Path):
    """G2, G4: nobody has said so yet: what it does not know of would be sent again. Once it is said, it serves."""
    places = ["--config", str(config), "--data", str(layout.root)]
    key = (await command("keys", "new", "land", *places)).stdout[3:15]
    await start_once(config, layout)
    copy = (await asyncio.to_thread(back_up, layout, tmp_path / "copy.db")).path
    await command("keys", "revoke", key, *places)
    await start_once(config, layout)
    assert not list(layout.root.glob("gateway.db-*"))  # it ended in order: the file is whole without its log
    copy.replace(layout.database)
    with pytest.raises(PutBack, match="db restored"):
        await start_once(config, layout)
    asked = ("attention", *places)
    told = await asyncio.to_thread(CliRunner().invoke, command_line("attention"), asked)
    assert "db restored first" in str(told.exception)  # an earlier state would look like the present one
    mark = layout.mark.read_bytes()
    done = await command("db", "restored", "--reason", "Hỏng đĩa", "--json", *places)
    told = json.loads(done.stdout)
    assert ([one["id"] for one in told["revoked"]], key in str(told["keys"])) == ([key], False)
    for there in (layout.mark.read_bytes(), mark):  # … and as another gateway's folder still has it
        layout.mark.write_bytes(there)
        await start_once(config, layout)
        assert layout.mark.read_bytes() not in {there, mark}
    layout.mark.unlink()
    with pytest.raises(PutBack, match="not from here"):
        await start_once(config, layout)
    await command("db", "restored", "--reason", "Máy mới", *places)
    await start_once(config, layout)
    assert json.loads(layout.mark.read_bytes())["revoked"] == [key]


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_database_of_which_nothing_is_left_is_not_begun_anew(config: Path, layout: Layout, *, is_there: bool):
    """G4: the folder's mark says that there was one; a new one in its place would look like an earlier state."""
    await start_once(config, layout)
    layout.database.unlink()
    if is_there:
        layout.database.touch()
    for _ in range(2):
        with pytest.raises(PutBack, match=r"(is empty \(0 bytes\)|is missing), .* by \d{4}-.* UTC.*db restore FILE"):
            await start_once(config, layout)
        assert layout.database.exists() == is_there
    for asked in (("attention",), ("keys", "new", "land")):
        places = ("--config", str(config), "--data", str(layout.root))
        told = await asyncio.to_thread(CliRunner().invoke, command_line(asked[0]), (*asked, *places))
        assert "db restore FILE" in str(told.exception)
    layout.mark.unlink()
    await start_once(config, layout)


async def test_a_gateway_whose_database_is_put_back_while_it_serves_says_so_and_is_not_served_again(
    config: Path, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """G1, G4: what it had committed is gone from the server; the mark names it, though nobody had looked since."""
    async with database() as url:
        monkeypatch.setenv("GATEWAY_POSTGRES", url)
        configuration = load(config, overrides={"store.postgres": "env:GATEWAY_POSTGRES"})
        async with serving(configuration, layout) as gateway, ClientSession(timeout=QUICK) as session:

            async def makes_a_key() -> int:
                new = {"name": "land", "role": "system"}
                async with session.post(f"{gateway.url}/v1/ops/keys", json=new, headers=operator(layout)) as reply:
                    return reply.status

            await until_the_mark_names_the_last_record(layout, url)  # for the next few seconds nobody looks
            assert await makes_a_key() == 201
            lost = await lose_the_last_record(url)
            assert [await makes_a_key() for _ in range(2)] == [503, 503]  # the first finds that its session was ended
            async with session.get(f"{gateway.url}/readyz") as reply:
                assert (await reply.json())["missing"] == ["store", "put_back"]
        mark = json.loads(layout.mark.read_bytes())
        assert (mark["place"], mark["number"]) == lost  # for the database's own word may be gone with the next copy
        for folder in (layout, Layout(tmp_path / "new")):  # whoever had committed nothing of it hears of it, too
            with pytest.raises(PutBack, match="db restored"):
                async with serving(configuration, folder):
                    pass
        (config / "gateway.toml").write_text('[store]\npostgres = "env:GATEWAY_POSTGRES"\n', encoding="utf-8")
        said = ["db", "restored", "--reason", "Máy dự phòng", "--config", str(config), "--data", str(layout.root)]
        for folder in (layout, Layout(tmp_path / "other")):  # the second has no mark that could tell by itself
            made = ["keys", "new", "land", "--config", str(config), "--data", str(folder.root)]
            done = await asyncio.to_thread(CliRunner().invoke, command_line("keys"), made)
            assert "db restored" in str(done.exception)  # what it would write is lost where the address is led back
        done = await asyncio.to_thread(CliRunner().invoke, command_line("db"), said)
        assert "stop them" in str(done.exception)  # it is let in, and names who was heard a moment ago
        assert "only in a copy that was made a moment ago: wait half a minute" in str(done.exception)


async def test_of_gateways_that_begin_at_once_one_notes_which_configuration_holds(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """G8: workers of one machine do; each wrote into the history that the version holds from its own start on."""
    async with database() as url:
        monkeypatch.setenv("GATEWAY_POSTGRES", url)
        configuration = load(config, overrides={"store.postgres": "env:GATEWAY_POSTGRES"})
        await asyncio.gather(*(start_once(configuration, Layout(tmp_path / f"{number}")) for number in range(4)))
        connection = await asyncpg.connect(url)
        noted = await connection.fetch("SELECT facts FROM act WHERE verb = 'configure'")
        await connection.close()
    assert [json.loads(one["facts"]) for one in noted] == [{"after": configuration.version}]


LAST = "SELECT place, number FROM evidence ORDER BY place DESC, number DESC LIMIT 1"


async def until_the_mark_names_the_last_record(layout: Layout, url: str) -> None:
    connection = await asyncpg.connect(url)
    while True:
        mark, last = json.loads(layout.mark.read_bytes()), await connection.fetchrow(LAST)
        if (mark["place"], mark["number"]) == tuple(last):
            break
        await asyncio.sleep(0.02)
    await connection.close()


async def lose_the_last_record(url: str) -> tuple[int, int]:
    """Leave a server as a standby that lagged behind, without its sessions too; return the place of what it lacks."""
    connection = await asyncpg.connect(url)
    lost = await connection.fetchrow(f"DELETE FROM evidence WHERE (place, number) = ({LAST}) RETURNING place, number")  # noqa: S608
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")  # noqa: S608
    await connection.close()
    return lost["place"], lost["number"]


async def command(*arguments: str) -> Result:
    done = await asyncio.to_thread(CliRunner().invoke, command_line(arguments[0]), arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done


async def start_once(config: Path | Configuration, layout: Layout) -> None:
    async with serving(load(config) if isinstance(config, Path) else config, layout):
        pass


async def _say(session: ClientSession, url: str, body: dict[str, object]) -> dict[str, str]:
    async with session.post(f"{url}/dvcqg/portal/mapi/g", json=body) as reply:
        return await reply.json()


async def test_a_session_of_the_plug_in_door_survives_a_restart_and_ends_with_its_password(
    config: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
):
    """G11: nothing is stored of it; another password is another login, and the key of the sessions is private."""
    file = config / "systems" / "portal.toml"
    file.write_text(file.read_text() + '[plug_in]\nusername = "mau"\npassword = "env:MAU"\n', encoding="utf-8")
    login: dict[str, object] = {"username": "mau", "password": "một"}
    asks: dict[str, object] = {"service": "LayDanhSachTTHC"}
    codes: list[str] = []
    for password in ("một", "một", "hai"):
        monkeypatch.setenv("MAU", password)
        async with serving(load(config), layout) as gateway, ClientSession(timeout=QUICK) as session:
            if "session" not in asks:
                asks["session"] = (await _say(session, gateway.url, login))["session"]
            codes.append((await _say(session, gateway.url, asks))["error_code"])
    assert codes == ["0", "0", "-1"]
    assert layout.session_key.stat().st_mode & 0o777 == 0o600


async def test_a_password_that_cannot_be_read_is_named_before_a_port_is_opened(config: Path, layout: Layout):
    file = config / "systems" / "portal.toml"
    file.write_text(file.read_text() + '[plug_in]\nusername = "mau"\npassword = "env:NOT_THERE"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        async with serving(load(config), layout):
            pass
    assert [problem.key for problem in told.value.problems] == ["env:NOT_THERE"]
