"""``retention`` and ``show`` where no gateway serves: what has reached its age, and what is left of it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.app.layout import Layout
from gateway.core.adoption import AdoptionList
from gateway.core.message import SourceStatus
from gateway.core.retention import Rule
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import PORTAL, a_planner, a_status
from gateway.testing.clock import FakeClock
from gateway.testing.ids import FakeIds
from gateway.testing.store_contract.acting import by
from gateway.testing.store_contract.adopting import had
from gateway.testing.store_contract.world import World

from .books import Shell

RULE = Rule(term=timedelta(days=365))


@pytest.fixture
def shell(config: Path, data: Path) -> Shell:
    """A folder with two dossiers that ended in 2015, of which one was erased in 2020, and a parked status."""

    async def live() -> None:
        layout, clock, ids = Layout(data), FakeClock(datetime(2015, 3, 2, tzinfo=UTC)), FakeIds()
        layout.prepare()
        async with SqliteStore(layout.database, clock=clock, ids=ids) as store:
            world = World(store, clock, ids, a_planner(ids))
            items = tuple(had(world, code, status=SourceStatus(status=9)) for code in ("A", "B"))
            for item in items:
                listed = AdoptionList(source=PORTAL, items=(item,), file_sha256="f" * 64)
                await store.adopt(listed, by=by(), plan=world.plan)
                clock.advance(1)
            await world.receive(a_status("C"))
            clock.advance(5 * 365 * 86_400)
            first = (await store.survey(RULE, after=None, limit=1)).ripe
            await store.erase([case.root for case in first], rule=RULE)

    asyncio.run(live())
    return Shell(config, data)


def test_people_see_what_would_go_and_what_went(shell: Shell):
    """In words and as JSON; the days are those of the settings unless somebody says others."""
    shown = shell.run("retention", "--days", "365").output
    what = "1 hồ sơ kết thúc từ 02/03/2015 đến 02/03/2015 và 1 bản tin chờ khớp mã, cũ nhất từ 02/03/2015"
    assert f"Sau 365 ngày sẽ xoá {what}: tổng cộng 2 bản tin, 0 tệp, 0.0 MB." in " ".join(shown.split())
    found = json.loads(shell.run("retention", "--days", "365", "--json").stdout)
    assert (found["dossiers"], found["parked"], found["kept"], found["next"]) == (1, 1, [], "")
    assert "--days" in shell.failure("retention")
    assert "đã hết thời hạn lưu, xoá ngày 29/02/2020 theo quy tắc «dossiers 365d»" in shell.run("show", "A").output
    assert json.loads(shell.run("show", "A", "--json").stdout)["dossier"]["erased"]["rule"] == "dossiers 365d"
