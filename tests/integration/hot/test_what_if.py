"""What a changed mapping would send, shown before it does, and what was delivered by the old one, amended."""

import asyncio
import csv
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from gateway.cli import command_line
from tests.integration.hot.ground import Gateway, Ground, Ministry, a_mapping, a_route, ministry

NAME = '[[row]]\nto = "chu.ten"\nfrom = "dossier.owner.name.whole"\n'
TAX = '[[row]]\nto = "lv"\nfrom = "code:tax"\nrequired = true\n'
TRIALS = "/v1/ops/systems/land/mapping-trials"


@dataclass
class Scene:
    """Three dossiers were delivered to ``land`` by its table, which writes the mark 1."""

    ground: Ground
    gateway: Gateway
    land: Ministry
    version: str

    async def ask(self, body: dict[str, Any], *, system: str = "land") -> tuple[int, dict[str, Any]]:
        return await self.gateway.call("operator", "POST", f"/v1/ops/systems/{system}/mapping-trials", body)

    async def run(self, *words: object) -> Result:
        places = ["--config", str(self.ground.config), "--data", str(self.ground.layout.root)]
        given = [*(str(word) for word in words), *places]
        return await asyncio.to_thread(
            lambda: CliRunner().invoke(command_line(given[0]), given, catch_exceptions=False)
        )

    async def viewed(self) -> int:
        """Return how often somebody was shown contents."""
        headers = {"Authorization": f"Bearer {self.gateway.keys['operator']}"}
        async with self.gateway.session.get(f"{self.gateway.url}/v1/ops/evidence", headers=headers) as reply:
            return (await reply.text()).count('"content.viewed"')


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    ground = Ground(folder)
    async with ministry() as land:
        ground.connect("land", land.port)
        ground.route(a_route("land"))
        async with ground.serving() as gateway:
            await gateway.give_key("portal")
            for number in (1, 2, 3):
                await gateway.submit(f"H01-{number}")
            await gateway.until("land", "delivered")
            yield Scene(ground, gateway, land, (await gateway.review())[1]["before"])


async def test_a_changed_table_is_tried_on_what_was_sent_and_sends_nothing(tmp_path: Path):
    """G9: values are shapes until they are asked for, and who looked is kept."""
    async with scene(tmp_path) as it:
        table = tmp_path / "land.toml"
        table.write_text(a_mapping("2") + NAME, encoding="utf-8")
        before = await it.viewed()
        found = await it.run("mapping", "try", "land", "--with", table, "--last", 2)
        assert found.exit_code == 0, found.output
        assert "H01-3" in found.output
        assert "H01-1" not in found.output
        assert "chu.ten\n      + Xxxxxx Xxx Xxx\n" in found.output
        assert "ban\n      - 9\n      + 9\n" in found.output
        assert "2  gửi khác đi" in found.output
        assert "Mẫu" not in found.output
        assert await it.viewed() == before + 1
        shown = await it.run("mapping", "try", "land", "--with", table, "--reveal", "--json")
        assert '"Nguyễn Văn Mẫu"' in shown.output
        assert await it.viewed() == before + 2
        assert len(it.land.seen) == 3
        assert (await it.gateway.review())[1]["after"] == it.version


async def test_a_table_that_says_a_value_in_a_name_is_tried_on_nobody_unseen(tmp_path: Path):
    """G10: who has an operator's key makes up the table, and reads the places that it writes to."""
    async with scene(tmp_path) as it:
        before = await it.viewed()
        spying = {"to": "x", "as": "raw", "jsonata": "{dossier.owner.name.whole: 1}"}
        table = {"version": "1", "row": [spying]}
        status, told = await it.ask({"new": {"mappings": {"land": table}}, "last": 1})
        assert (status, told["items"][0]["differences"][0]["path"]) == (200, "x.Nguyễn Văn Mẫu")
        assert await it.viewed() == before + 1


async def test_what_the_directory_holds_is_tried_as_a_whole(tmp_path: Path):
    """Without a table: everything that `config apply` would let hold; a message that could not be written is named."""
    async with scene(tmp_path) as it:
        assert "3  gửi như cũ" in (await it.run("mapping", "try", "land")).output
        it.ground.write(
            "mappings/land.toml", a_mapping("1") + '[[row]]\nto = "lv"\nfrom = "code:tax"\nrequired = true\n'
        )
        found = await it.run("mapping", "try", "land")
        assert found.exit_code == 1
        assert "3  bản mới không tạo được bản tin" in found.output
        assert "lv" in found.output
        it.ground.write("mappings/land.toml", a_mapping("1").replace("code:province", "cod:province"))
        status, told = await it.ask({"new": {"version": "files"}})
        assert (status, told["code"]) == (422, "configuration.invalid")
        assert told["errors"][0]["path"].startswith("mappings/land.toml")


async def test_what_was_delivered_by_the_old_table_is_listed_and_amended(tmp_path: Path):
    """Final stays final: each dossier is told once more, by a new delivery, and a person has said so."""
    async with scene(tmp_path) as it:
        it.ground.write("mappings/land.toml", a_mapping("2"))
        assert (await it.gateway.apply())[0] == 200
        report = tmp_path / "khac.csv"
        found = await it.run("mapping", "impact", it.version, "current", "--system", "land", "--report", report)
        assert found.exit_code == 0, found.output
        with report.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["Mã hồ sơ", "Mã receipt", "Kết quả", "Trường khác nhau"]
        assert sorted(row[:2] for row in rows[1:]) == [[f"H01-{one}", f"B-H01-{one}"] for one in (1, 2, 3)]
        assert {row[3] for row in rows[1:]} == {"ban"}
        amended = ("replay", "start", "--amend", "--system", "land", "--list", report, "--rate", 1000)
        begun = await it.run(*amended, "--reason", "Công văn 31")
        assert begun.exit_code == 0, begun.output
        marks = sorted((body["ma"], body["ban"]) for _, body, _ in it.land.seen)
        assert marks == sorted((f"H01-{one}", mark) for one in (1, 2, 3) for mark in "12")
        table = tmp_path / "land.toml"
        table.write_text(a_mapping("1"), encoding="utf-8")
        back = await it.run("mapping", "impact", table, "current", "--system", "land", "--json")
        assert back.output.count('"differs"') == 3


REFUSED: list[tuple[dict[str, Any], str, int, str]] = [
    ({"old": {"version": "0123456789ab"}}, "land", 404, "version.not_found"),
    ({"old": {"version": "../../etc"}}, "land", 400, "request.invalid"),
    ({"last": 201}, "land", 400, "request.invalid"),
    ({}, "nobody", 404, "system.not_found"),
    ({}, "portal", 409, "system.not_outlined"),
    ({"new": {"mappings": {"lnd": {"version": "1"}}}}, "land", 422, "configuration.invalid"),
    (
        {"new": {"mappings": {"land": {"version": "1", "row": [{"to": "x", "from": "y:z"}]}}}},
        "land",
        422,
        "configuration.invalid",
    ),
]


async def test_what_cannot_be_tried_is_refused_and_the_rest_is_answered_in_pages(tmp_path: Path):
    """Each by its own code; systems' keys do not open this door."""
    async with scene(tmp_path) as it:
        for body, system, status, code in REFUSED:
            found, told = await it.ask(body, system=system)
            assert (found, told["code"]) == (status, code), body
        assert (await it.gateway.call("portal", "POST", TRIALS, {}))[0] == 403
        table = tomllib.loads(a_mapping("3"))
        status, told = await it.ask({"new": {"mappings": {"land": table}}, "last": 1, "skip": 1})
        assert (status, told["more"], told["whole"]) == (200, True, False)
        [item] = told["items"]
        assert item["codes"] == {"province": "H01-2", "receipt": "B-H01-2"}
        assert (item["verdict"], item["text"]) == ("differs", "sent otherwise")
        assert item["differences"] == [{"path": "ban", "old": "9", "new": "9"}]
