"""What the crash run waits for before it counts, and what it calls lost."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from gateway.cli.demo.tally import Report
from tests.crash.missing import Kept, stands
from tests.crash.rest import Rest

_ALL = {"dossiers": 1, "rows": (), "results": 0, "results_got": 0, "refused": 0, "bad_files": 0}


@dataclass(slots=True)
class Village:
    """A town in which one thing is still to be done, once ``comes`` says so of how often was looked and restarted."""

    comes: Callable[[int, int], bool]
    asks_until: int = 0  #: this look somebody waits for an answer
    steps: int = 0
    polls: int = 0
    looks: int = 0
    restarts: int = 0

    @property
    def is_asking(self) -> bool:
        return self.looks < self.asks_until

    def report(self) -> Report:
        return Report(**_ALL, is_complete=bool(self.steps))

    async def tend(self) -> None:
        self.looks += 1
        if not self.steps and self.comes(self.looks, self.restarts):
            self.steps = 1

    async def sees_work(self) -> bool:
        return False

    async def restart(self) -> None:
        self.restarts += 1
        self.polls += 1

    async def come_to_rest(self) -> None:
        await Rest(town=self, tend=self.tend, sees_work=self.sees_work, restart=self.restart, look=0).come()


async def test_what_only_a_restart_brings_is_waited_for():
    """News of a partner that does not call, which nothing shows to be under way."""
    village = Village(comes=lambda _, restarts: restarts == 2)
    await village.come_to_rest()
    assert (village.steps, village.restarts) == (1, 2)


async def test_a_town_is_not_at_rest_while_a_partner_waits_for_an_answer():
    """Nothing is missing in any book, nothing moves at the gateway: and the next event is on its way to it."""
    village = Village(comes=lambda looks, _: looks == 50, asks_until=50)
    await village.come_to_rest()
    assert (village.steps, village.restarts) == (1, 0)


async def test_where_nothing_more_comes_the_run_ends():
    village = Village(comes=lambda *_: False)
    await village.come_to_rest()
    assert (village.steps, village.restarts) == (0, 2)


def _kept(destination: str, state: str) -> Kept:
    return Kept(event="e#1", message="m", destination=destination, id="d", state=state)


@pytest.mark.parametrize(
    ("deliveries", "is_asked", "is_lost"),
    [
        ([], False, True),  # told yes, and not kept
        ([], True, False),
        ([Kept(event="e#1", message="m")], False, True),  # kept, and sent to nobody
        ([_kept("portal", "delivered")], False, True),
        ([_kept("portal", "cancelled")], False, True),
        ([_kept("portal", "delivered"), _kept("land_registry", "ready")], False, True),  # that is another one
        *(([_kept("portal", state)], False, False) for state in ("waiting", "delayed", "ready", "leased")),
        *(([_kept("portal", state)], False, False) for state in ("held", "dead")),
        ([_kept("operators", "held")], False, False),  # a person is shown what nobody can place
    ],
)
def test_lost_is_what_the_gateway_answers_for_and_neither_sends_nor_shows(
    deliveries: list[Kept], *, is_asked: bool, is_lost: bool
):
    """G2: it ends delivered or cancelled, or stays visible."""
    assert stands(deliveries, "portal", is_asked=is_asked)[0] is is_lost
