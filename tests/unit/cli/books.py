"""A data folder with deliveries that have stopped, made without a gateway that serves."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner, Result

from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.cli import command_line
from gateway.cli.failures import Failed
from gateway.config.book import route_book
from gateway.config.loader import load
from gateway.core.delivery import Delivery, DoubtMark, State
from gateway.core.ids import SystemId
from gateway.core.message import Draft
from gateway.core.planning import Planning
from gateway.core.reason import Reason, Why
from gateway.ports.store import Store
from gateway.stores.sqlite import SqliteStore
from gateway.testing.books import a_draft, a_settlement
from gateway.testing.store_contract.world import slots

LAND = SystemId("land")


def called(config: Path) -> Path:
    """Let ``land`` be called instead of reading a feed."""
    land = config / "systems" / "land.toml"
    text = land.read_text(encoding="utf-8").replace('adapter = "feed"', 'adapter = "webhook"')
    land.write_text(text + '[endpoint]\nsandbox = "http://127.0.0.1:1"\n', encoding="utf-8")
    return config


def on_the_store(config: Path, data: Path, work: Callable[[Store, Planning], Awaitable[object]]) -> None:
    """Work on a data folder's store, as a gateway with this configuration would."""

    async def run() -> None:
        machine = Machine()
        layout = Layout(data)
        layout.prepare()
        plan = Planning(book=route_book(load(config)), new_id=machine.ids.new)
        async with SqliteStore(layout.database, clock=machine.clock, ids=machine.ids) as store:
            await work(store, plan)

    asyncio.run(run())


def stop(config: Path, data: Path, *drafts: Draft, state: State = State.HELD, doubt: bool = True) -> list[Delivery]:
    """Accept these drafts (else one) for ``land``, and let each claimed delivery stop, or end; return them."""
    taken: list[Delivery] = []

    async def work(store: Store, plan: Planning) -> None:
        await store.accept(drafts or (a_draft(),), plan=plan)
        taken.extend(await store.claim(slots(LAND, free=100)))
        mark = DoubtMark.SET if doubt else DoubtMark.KEEP
        reason = None if state is State.DELIVERED else Reason(Why.TIMEOUT)
        for delivery in taken:
            settlement = a_settlement(delivery, state, doubt=mark, reason=reason)
            await store.settle(settlement, plan=plan)

    on_the_store(config, data, work)
    return taken


def as_of_now() -> tuple[str, str]:
    """Return how a list is said to be of this moment."""
    return "--as-of", datetime.now(UTC).isoformat()


class Shell:
    """The command line at one configuration and one data folder."""

    def __init__(self, config: Path, data: Path) -> None:
        self.places = ["--config", str(config), "--data", str(data)]

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(command_line(arguments[0]), [*arguments, *self.places], env=environment)

    def json(self, *arguments: str, **environment: str):
        result = self.run(*arguments, "--json", **environment)
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)

    def items(self, *arguments: str, **environment: str):
        return self.json(*arguments, **environment)["items"]

    def failure(self, *arguments: str, **environment: str) -> str:
        result = self.run(*arguments, **environment)
        assert isinstance(result.exception, Failed), result.output
        return str(result.exception)

    def refusal(self, *arguments: str, **environment: str) -> str:
        """Return why a command does not take what it was given: wrong use, whose exit status is another."""
        result = self.run(*arguments, **environment)
        assert isinstance(result.exception, Failed), result.output
        assert result.exception.status == 2
        return str(result.exception)
