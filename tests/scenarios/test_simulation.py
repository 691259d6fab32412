"""The whole relay in a simulated world: a short round of ``make simulate``, and what its seeds rest on."""

import os
import random
import re
import subprocess
import sys
from asyncio import gather, sleep
from pathlib import Path

import pytest

from gateway.testing.simulation.loop import Deadlock, Process, VirtualLoop

ROOT = Path(__file__).parents[2]
SEEDS = 20  #: one of them on SQLite; `make simulate-short` tries these and 180 more in every check


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tools.simulate", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_short_round_breaks_no_promise_and_the_broken_gateways_are_found_out():
    """G1, G2, G3, G4, G5, G7, G8, G11: in every seed, after every step; nine broken gateways are noticed."""
    done = simulate("--seeds", str(SEEDS), "--workers", "1")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    last = done.stdout.splitlines()[-1]
    found = re.fullmatch(
        rf"simulate: seeds={SEEDS} steps=(\d+) lost=0 doubled=0 reordered=0 stuck=0 held=(\d+) held_expected=(\d+)",
        last,
    )
    assert found is not None, last
    assert int(found[1]) >= SEEDS * 200
    assert found[2] == found[3]
    control = re.search(r"control: doubled=(\d+) reordered=(\d+) stuck=(\d+) lost=(\d+) unruly=(\d+)", done.stdout)
    assert control is not None
    assert all(int(count) > 0 for count in control.groups())
    of_two = re.search(r"control: never_fenced unruly=(\d+)", done.stdout)
    assert of_two is not None
    assert int(of_two[1]) > 0


def test_a_gateway_that_sends_in_shadow_mode_is_found_out_by_what_it_sends():
    """G4: not by what follows from it."""
    failed = simulate("--seed", "12", "--control", "send_in_shadow")
    assert failed.returncode == 1
    assert "and was to be rehearsed" in failed.stdout


def test_a_node_that_is_over_and_takes_over_is_found_out():
    """G11: as one that claims or sends."""
    failed = simulate("--seed", "23", "--relays", "2", "--control", "never_fenced", "--trace")
    assert failed.returncode == 1
    assert re.search(r"!!! unruly: \S+ is taken over by node-\d+, which is over", failed.stdout)


@pytest.mark.parametrize("kind", [(), ("--sqlite",), ("--relays", "2")], ids=["memory", "sqlite", "two relays"])
def test_a_seed_repeats_step_by_step(kind):
    """What fails in one run can be watched in the next."""
    first, again = (simulate("--seed", "7", "--trace", *kind) for _ in range(2))
    assert first.returncode == 0, first.stdout[-4000:]
    assert len(first.stdout.splitlines()) > 200
    assert first.stdout == again.stdout


def test_a_failing_seed_names_the_command_that_repeats_it():
    """One line to copy."""
    failed = simulate("--seed", "1", "--relays", "2", "--control", "share_leases")
    assert failed.returncode == 1
    assert "python -m tools.simulate --seed 1 --relays 2 --control share_leases --trace" in failed.stdout


def a_loop(seed: int = 1) -> VirtualLoop:
    return VirtualLoop(random.Random(seed))  # noqa: S311 - repeatable on purpose


def test_time_passes_only_when_nobody_has_a_turn():
    """A virtual day is over at once."""
    loop = a_loop()

    async def day() -> float:
        await sleep(86_400)
        return loop.time()

    assert loop.run_until_complete(day()) == 86_400
    loop.close()


def test_a_dead_process_never_has_a_turn_again():
    """Not even for its `finally`: it vanishes as after kill -9."""
    loop, process, said = a_loop(), Process("p"), []

    async def talk() -> None:
        try:
            said.append("begun")
            await sleep(10)
        finally:
            said.append("last word")

    async def world() -> None:
        loop.begin(process, talk())
        await sleep(1)
        loop.kill(process)
        await sleep(100)

    loop.run_until_complete(world())
    assert said == ["begun"]
    loop.bury()
    loop.close()


def test_a_frozen_process_goes_on_where_it_was_and_finds_that_time_has_passed():
    """As after a pause of the machine."""
    loop, process, woke = a_loop(), Process("p"), []

    async def nap() -> None:
        await sleep(1)
        woke.append(loop.time())

    async def world() -> None:
        loop.begin(process, nap())
        await sleep(0.5)
        loop.freeze(process)
        await sleep(50)
        loop.thaw(process)
        await sleep(1)

    loop.run_until_complete(world())
    assert woke == [50.5]
    loop.close()


def test_whose_turn_it_is_depends_on_the_seed_alone():
    """The same seed gives the same order, another seed another one."""

    def order(seed: int) -> list[int]:
        loop, said = a_loop(seed), []

        async def world() -> None:
            async def one(number: int) -> None:
                await sleep(0)
                said.append(number)

            await gather(*(one(number) for number in range(20)))

        loop.run_until_complete(world())
        loop.close()
        return said

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_a_world_in_which_nothing_will_ever_happen_is_said_to_be_stuck():
    """Rather than waiting for ever."""
    loop = a_loop()
    with pytest.raises(Deadlock):
        loop.run_until_complete(loop.create_future())
    loop.bury()
    loop.close()
