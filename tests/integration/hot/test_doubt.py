"""G8: what the partner may have is sent again with the same id, bytes and endpoint, whatever has changed since."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.integration.hot.ground import Ground, Ministry, a_route, ministry

Says = Callable[[dict[str, Any]], Coroutine[None, None, web.Response | None]]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def dropping(times: int, status: int = 200) -> Says:
    """Take so many requests without a reply, and answer the next one."""
    left = [times]

    async def says(_: dict[str, Any]) -> web.Response | None:
        left[0] -= 1
        return None if left[0] >= 0 else web.json_response({"ok": "1"}, status=status)

    return says


async def in_doubt(land: Ministry, gateway: Any) -> None:
    """Let one dossier be sent, and its reply be lost; the gateway is told to wait before it sends again."""
    await gateway.give_key("portal")
    await gateway.submit("H01-1")
    while not land.seen:
        await gateway.deliveries("land")


async def test_what_is_in_doubt_is_sent_again_as_it_was_though_mapping_and_address_change(ground: Ground):
    """G8: the adapter of then sends it; what is new goes by the one of now."""
    async with ministry() as land, ministry() as moved:
        land.says = dropping(3)
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await in_doubt(land, gateway)
            ground.connect("land", moved.port, mark="2")
            assert (await gateway.apply())[1]["changed"] == ["land"]
            await gateway.submit("H01-2")
            await gateway.until("land", "delivered")
    assert {(body["ma"], body["ban"]) for _, body, _ in land.seen} == {("H01-1", "1")}
    assert len(land.seen) == 4
    assert len({ours for _, _, ours in land.seen}) == 1
    assert [(body["ma"], body["ban"]) for _, body, _ in moved.seen] == [("H01-2", "2")]


async def test_it_is_so_after_a_restart_too(ground: Ground):
    """G8, G11: the version of then is read from where every version is kept."""
    async with ministry() as land:
        land.says = dropping(1)
        ground.connect("land", land.port, wait="2s")
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await in_doubt(land, gateway)
        ground.connect("land", land.port, mark="2")
        async with ground.serving() as gateway:
            await gateway.until("land", "delivered")
    assert [body["ban"] for _, body, _ in land.seen] == ["1", "1"]


async def test_a_version_that_is_gone_leaves_it_to_a_person(ground: Ground):
    """G8: it is not sent otherwise than it was: nobody knows what the partner would make of it."""
    async with ministry() as land:
        land.says = dropping(1)
        ground.connect("land", land.port, wait="1s")
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await in_doubt(land, gateway)
        ground.forget()
        ground.connect("land", land.port, mark="2")
        async with ground.serving() as gateway:
            (held,) = await gateway.until("land", "held")
    assert held["reason"]["code"] == "version_lost"
    assert len(land.seen) == 1


async def test_what_was_surely_not_taken_goes_by_what_holds_now(ground: Ground):
    """An address that was wrong, and a mapping that was refused, are put right for what waits as well."""
    async with ministry() as land, ministry() as moved:

        async def busy(_: dict[str, Any]) -> web.Response:
            return web.Response(status=429)

        land.says = busy
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await in_doubt(land, gateway)
            ground.connect("land", moved.port, mark="2")
            assert (await gateway.apply())[0] == 200
            await gateway.until("land", "delivered")
    assert [(body["ma"], body["ban"]) for _, body, _ in moved.seen] == [("H01-1", "2")]
