"""A configuration changes while the gateway serves: whole or not at all, and nothing is lost, doubled or mixed."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from tests.integration.hot.ground import PORTAL, SETTINGS, WORD, Ground, a_mapping, a_route, ministry


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


async def test_a_change_under_load_fails_no_delivery_and_doubles_none(ground: Ground):
    """Seven versions under a stream of dossiers: each arrives once, as one of them made it; no caller is refused."""
    async with ministry() as land, ministry() as tax:
        ground.connect("land", land.port, mark="0")
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            stop = asyncio.Event()
            codes: list[str] = []

            async def stream(lane: int) -> None:
                while not stop.is_set():
                    codes.append(f"H01-{lane}-{len(codes)}")
                    await gateway.submit(codes[-1])

            async with asyncio.TaskGroup() as group:
                for lane in range(4):
                    group.create_task(stream(lane))
                for mark in range(1, 6):
                    ground.connect("land", land.port, mark=str(mark))
                    assert (await gateway.apply())[0] == 200
                ground.connect("tax", tax.port)
                ground.route(a_route("land"), a_route("tax"))
                assert (await gateway.apply())[1]["added"] == ["tax"]
                late = [f"H01-late-{number}" for number in range(4)]
                for code in late:
                    await gateway.submit(code)
                stop.set()
            await gateway.until("land", "delivered")
            await gateway.until("tax", "delivered")
    assert land.effects() == dict.fromkeys([*codes, *late], 1)
    assert len(land.seen) == len(codes) + len(late)
    assert {body["ban"] for _, body, _ in land.seen} == {"0", "1", "2", "3", "4", "5"}
    assert tax.effects().items() >= dict.fromkeys(late, 1).items()


async def test_a_bad_file_is_refused_with_every_fault_and_the_old_one_goes_on(ground: Ground):
    """Nothing changes in memory, on disk or in the audit."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            ground.write("routes.toml", a_route("lnd"))
            ground.write("mappings/land.toml", a_mapping("2").replace("code:province", "cod:province"))
            ground.write("mappings/old.toml", "[[row")
            ground.write("gateway.toml", SETTINGS.replace("port = 0", "port = 1\nreuse_port = true"))
            ground.write("systems/tax.toml", 'id = "tax"\nrole = "system"\nadapter = "rest"\nmodus = "live"\n')
            called = PORTAL.replace('"feed"', '"webhook"') + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n'
            ground.write("systems/portal.toml", called)
            status, told = await gateway.apply(version="whatever")
            assert (status, told["code"]) == (409, "configuration.moved")
            status, told = await gateway.review()
            assert (status, told["code"]) == (422, "configuration.invalid")
            places = {fault["path"] for fault in told["errors"]}
            assert places >= {"routes.toml: route[0].to", "gateway.toml: server.port", "systems/tax.toml: modus"}
            assert places >= {"gateway.toml: server.reuse_port", "mappings/old.toml", "mappings/land.toml: row[0]"}
            assert "systems/portal.toml: adapter" in places
            await gateway.submit("H01-1")
            await gateway.until("land", "delivered")
            assert len(await gateway.history()) == 1
    assert [body["ban"] for _, body, _ in land.seen] == ["1"]


async def test_a_system_appears_and_is_called_polled_and_heard_at_once(ground: Ground):
    """Its key, its route and its call-backs work without a restart."""
    async with ministry() as land, ministry() as tax:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            receive = '[options.receive.trang-thai]\nmapping = "tax_in"\nreply = { ok = true }\n'
            ground.connect("tax", tax.port, tables=receive)
            rows = '[[row]]\nto = "kind"\nvalue = "status.changed"\n[[row]]\nto = "dossier.code"\nfrom = "body.ma"\n'
            rows += '[[row]]\nto = "data.status"\nfrom = "body.tt"\nas = "int"\n'
            ground.write("mappings/tax_in.toml", 'version = "1"\n' + rows)
            ground.route(a_route("tax"))
            status, done = await gateway.apply("nối hệ thống thuế")
            assert (status, done["added"], done["kept"]) == (200, ["tax"], ["land", "portal"])
            await gateway.give_key("tax")
            await gateway.submit("H01-1")
            await gateway.until("tax", "delivered")
            called = await gateway.call("tax", "POST", "/callbacks/tax/trang-thai", {"ma": "H01-1", "tt": 4})
            assert called == (200, {"ok": True})
            assert {item["id"] for item in (await gateway.call("operator", "GET", "/v1/systems"))[1]["items"]} == {
                "land",
                "portal",
                "tax",
            }
    assert not land.seen


async def test_a_system_goes_only_when_nothing_is_open_for_it(ground: Ground):
    """G2: what was accepted for it would be sent by nobody."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            gate = asyncio.Event()

            async def late(_: dict[str, str]) -> web.Response:
                await gate.wait()
                return web.json_response({"ok": "1"})

            land.says = late
            await gateway.submit("H01-1")
            ground.remove("land")
            ground.route()
            status, told = await gateway.apply()
            assert (status, told["errors"][0]["path"]) == (422, "systems/land.toml")
            gate.set()
            await gateway.until("land", "delivered")
            status, done = await gateway.apply()
            assert (status, done["removed"]) == (200, ["land"])
            await gateway.submit("H01-2")
            assert len(await gateway.deliveries("land")) == 1


async def test_a_key_opens_nothing_while_no_file_names_its_system(ground: Ground):
    """Rule of the doors: it read on in the dossiers that it had, also what the portal said of them afterwards."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            await gateway.give_key("land")
            await gateway.submit("H01-1")
            await gateway.until("land", "delivered")
            assert (await gateway.call("land", "GET", "/v1/dossiers/H01-1"))[0] == 200
            ground.remove("land")
            ground.route()
            assert (await gateway.apply())[0] == 200
            for path in ("/v1/dossiers/H01-1", "/v1/dossiers/H01-1/timeline", "/v1/systems", "/v1/events"):
                status, told = await gateway.call("land", "GET", path)
                assert (status, told["code"]) == (403, "key.forbidden")
            ground.connect("land", land.port)
            ground.route(a_route("land"))
            assert (await gateway.apply())[0] == 200
            assert (await gateway.call("land", "GET", "/v1/dossiers/H01-1"))[0] == 200


async def test_a_system_that_comes_back_otherwise_is_called_as_it_is_now(ground: Ground):
    """G2: at once, or after another change; as it stands now, not as it stood when it went."""
    async with ministry() as land, ministry() as other:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            why = {"reason": "bảo trì"}
            assert (await gateway.call("operator", "POST", "/v1/ops/systems/land/pause", why))[0] == 200
            for change in ("none", "another"):
                ground.remove("land")
                ground.route()
                assert (await gateway.apply())[0] == 200
                if change == "another":
                    ground.connect("tax", other.port)
                    assert (await gateway.apply())[0] == 200
                ground.connect("land", other.port, mark=change)
                ground.route(a_route("land"))
                status, done = await gateway.apply()
                assert (status, done["added"]) == (200, ["land"])
            assert (await gateway.call("operator", "POST", "/v1/ops/systems/land/resume", why))[0] == 200
            await gateway.submit("H01-1")
            await gateway.until("land", "delivered")
    assert [body["ban"] for _, body, _ in other.seen] == ["another"]


async def test_what_is_dead_for_a_system_that_is_gone_is_not_sent_again(ground: Ground):
    """G2: ready for nobody, it would be in no list, and its replay would never end."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")

            async def refuse(_: dict[str, str]) -> web.Response:
                return web.json_response({}, status=422)

            land.says = refuse
            await gateway.submit("H01-1")
            (dead,) = await gateway.until("land", "dead")
            why = {"reason": "thử"}
            ground.remove("land")
            ground.route()
            assert (await gateway.apply())[0] == 200
            again = await gateway.call("operator", "POST", f"/v1/ops/deliveries/{dead['id']}/retry", why)
            assert (again[0], again[1]["code"]) == (409, "delivery.no_system")
            _, plan = await gateway.call("operator", "POST", "/v1/ops/replays/plans", {})
            assert (plan["requested"], plan["left_out"]) == (0, {"no_system": 1})
            assert {item["state"] for item in await gateway.deliveries("land")} == {"dead"}


async def test_what_is_under_way_ends_as_it_began(ground: Ground):
    """G4: the adapter that sends stays open until it is answered, and what it learns is settled."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            begun, gate = asyncio.Event(), asyncio.Event()

            async def late(_: dict[str, str]) -> web.Response:
                begun.set()
                await gate.wait()
                return web.json_response({"ok": "1", "soBienNhan": "B-1"})

            land.says = late
            await gateway.submit("H01-1")
            await begun.wait()
            ground.connect("land", land.port, mark="2")
            assert (await gateway.apply())[0] == 200
            gate.set()
            await gateway.until("land", "delivered")
            await gateway.submit("H01-2")
            await gateway.until("land", "delivered")
    assert [body["ban"] for _, body, _ in land.seen] == ["1", "2"]


async def test_a_login_outlives_a_change_of_others_and_a_new_password_is_used(ground: Ground):
    """Only what has changed logs in again."""
    async with ministry() as land, ministry() as tax:
        ground.connect("land", land.port)
        ground.connect("tax", tax.port)
        ground.route(a_route("land"), a_route("tax"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            await gateway.submit("H01-1")
            await gateway.until("tax", "delivered")
            await gateway.until("land", "delivered")
            ground.connect("tax", tax.port, mark="2")
            status, done = await gateway.apply()
            assert (status, done["changed"], done["kept"]) == (200, ["tax"], ["land", "portal"])
            await gateway.submit("H01-2")
            await gateway.until("tax", "delivered")
            await gateway.until("land", "delivered")
            assert (land.logins, tax.logins) == (1, 2)
            ground.write("secret.txt", "bí mật khác")
            status, done = await gateway.apply()
            assert (status, done["changed"], "files" in done) == (200, ["land", "tax"], False)


async def test_how_often_a_login_may_fail_counts_at_once_and_what_has_failed_is_not_forgotten(ground: Ground):
    """Whoever guesses gains nothing from a change, and who was locked out by a number too low need not wait."""
    ground.write("systems/portal.toml", PORTAL + '[plug_in]\nusername = "mau"\npassword = "file:secret.txt"\n')
    ground.route()
    async with ground.serving() as gateway:

        async def is_let_in(password: str) -> bool:
            body = {"username": "mau", "password": password}
            async with gateway.session.post(f"{gateway.url}/dvcqg/portal/mapi/g", json=body) as reply:
                return "session" in await reply.json()

        assert [await is_let_in(word) for word in ("sai", "sai", WORD)] == [False, False, True]
        for most in (2, 3):
            ground.write("gateway.toml", f"{SETTINGS}[plug_in]\nfailures = {most}\n")
            assert (await gateway.apply())[0] == 200
            assert await is_let_in(WORD) is (most > 2)


async def test_a_pause_holds_through_a_change_of_the_paused_system(ground: Ground):
    """What people decided about a system outlives its file."""
    async with ministry() as land, ministry() as tax:
        ground.connect("land", land.port)
        ground.connect("tax", tax.port)
        ground.route(a_route("land"), a_route("tax"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            why = {"reason": "bảo trì"}
            assert (await gateway.call("operator", "POST", "/v1/ops/systems/land/pause", why))[0] == 200
            ground.connect("land", land.port, mark="2", tables='[limits]\nrate = "600/m"\n')
            assert (await gateway.apply())[0] == 200
            for number in range(3):
                await gateway.submit(f"H01-{number}")
                await gateway.until("tax", "delivered")
            assert {item["state"] for item in await gateway.deliveries("land")} == {"ready"}
            assert (await gateway.call("operator", "POST", "/v1/ops/systems/land/resume", why))[0] == 200
            await gateway.until("land", "delivered")
    assert [body["ban"] for _, body, _ in land.seen] == ["2", "2", "2"]


async def test_who_changed_what_is_kept_with_the_files_and_without_secrets(ground: Ground):
    """An act with the digest of the diff; the files of both versions; a start says that it was one."""
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            ground.connect("land", land.port, mark="2")
            _, seen = await gateway.review()
            assert '-value = "1"' in seen["diff"]
            status, done = await gateway.apply("theo công văn 12")
            assert (status, done["act"]["reason"], done["act"]["actor"]) == (200, "theo công văn 12", "local")
            assert (await gateway.apply())[1]["code"] == "configuration.unchanged"
            newest, first = await gateway.history()
            assert newest["facts"]["files"] == "mappings/land.toml"
            assert (newest["facts"]["before"], newest["facts"]["after"]) == (seen["before"], seen["after"])
            assert (first["actor"], first["facts"]) == ("gateway", {"after": seen["before"]})
        place = ground.layout.configurations / seen["before"] / "mappings" / "land.toml"
        assert place.read_text(encoding="utf-8") == a_mapping("1")
        assert "secret.txt" not in ground.kept()
        async with ground.serving() as gateway:
            assert len(await gateway.history()) == 2
