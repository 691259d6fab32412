"""``deadlines`` where no gateway serves, and the due date in ``show``."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from gateway.testing.books import a_draft

from .books import on_the_store


def run(config: Path, data: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(command_line(arguments[0]), [*arguments, "--config", str(config), "--data", str(data)])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.fixture
def promised(config: Path, data: Path) -> None:
    async def accept(store, plan):
        now = datetime.now(UTC)
        drafts = [a_draft(f"H01-{days}", text=str(days), due_at=now + timedelta(days=days)) for days in (-9, 0, 60)]
        await store.accept(drafts, plan=plan)

    on_the_store(config, data, accept)


@pytest.mark.usefixtures("promised")
def test_what_will_be_late_is_listed(config: Path, data: Path):
    """The overdue first; the rest only where it is asked for; JSON, CSV, and a table for people."""
    table = run(config, data, "deadlines").output.splitlines()
    assert "H01--9" in table[1]
    assert "quá" in table[1]
    assert "land" in table[1]
    assert not any("H01-60" in line for line in table)
    found = json.loads(run(config, data, "deadlines", "--which", "all", "--json").stdout)
    assert [item["deadline"]["outlook"] for item in found["items"]] == ["overdue", "overdue", "on_time"]
    rows = list(csv.DictReader(io.StringIO(run(config, data, "deadlines", "--csv", "--limit", "0").stdout)))
    assert [row["codes"] for row in rows] == ["H01--9", "H01-0"]


@pytest.mark.usefixtures("promised")
def test_the_table_fits_a_terminal_and_says_that_there_is_more(config: Path, data: Path):
    lines = run(config, data, "deadlines", "--which", "all", "--limit", "1").output.splitlines()
    assert max(map(len, lines)) <= 100
    assert "--limit 0" in lines[-1]


def test_a_csv_holds_all_there_is_unless_it_is_limited(config: Path, data: Path):
    """Nothing in it could say that there is more."""

    async def accept(store, plan):
        due = datetime.now(UTC) - timedelta(days=1)
        await store.accept([a_draft(f"H01-{n}", text=str(n), due_at=due) for n in range(60)], plan=plan)

    on_the_store(config, data, accept)
    printed = [run(config, data, "deadlines", "--csv", *limit).stdout for limit in ((), ("--limit", "5"))]
    assert [len(list(csv.DictReader(io.StringIO(text)))) for text in printed] == [60, 5]
    assert len(json.loads(run(config, data, "deadlines", "--json").stdout)["items"]) == 50


@pytest.mark.usefixtures("promised")
def test_show_says_how_the_due_date_stands(config: Path, data: Path):
    assert "Còn trong hạn, còn" in run(config, data, "show", "H01-60").output
    assert "Quá hạn, quá" in run(config, data, "show", "H01--9").output


def test_nothing_late_is_good_news(config: Path, data: Path):
    on_the_store(config, data, lambda store, plan: store.accept([a_draft()], plan=plan))
    assert "Không có hồ sơ quá hạn" in run(config, data, "deadlines").output
