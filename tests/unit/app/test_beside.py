"""A part beside the relay that ends by a fault of ours is told at once, and ends nothing else."""

import asyncio

from structlog.testing import capture_logs

from gateway.app.beside import beside


async def fails():
    raise KeyError("no fault of the database's")


async def test_a_part_that_ends_by_a_fault_is_told_with_its_place():
    with capture_logs() as lines:
        async with beside(fails(), "gauge"):
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # it has ended, and who waits for that is told
            told = list(lines)
    [line] = told
    assert (line["event"], line["part"], line["error"], line["alert"]) == ("part_ended", "gauge", "KeyError", True)
    assert line["at"].startswith(f"{__file__}:")


async def test_a_part_that_runs_is_ended_with_its_context_and_nothing_is_told():
    ended = asyncio.Event()

    async def runs():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with capture_logs() as lines:
        async with beside(runs(), "gauge"):
            await asyncio.sleep(0)
        async with beside(runs(), "gauge"):
            pass  # it is over before the part has begun
    assert ended.is_set()
    assert lines == []
