"""Lines of a busy event loop are written together, soon, in order, and never lost in an orderly end."""

import asyncio
import threading

from gateway.observability.lines import Lines


class Paper:
    """A sink that notes each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.written = asyncio.Event()
        self.closed = False

    def write(self, lines: bytes) -> None:
        self.writes.append(lines)
        self.written.set()

    def close(self) -> None:
        self.closed = True


async def test_quiet_lines_of_an_event_loop_are_written_together_in_order():
    """One system call for all of a moment."""
    paper = Paper()
    lines = Lines([paper])
    for number in range(5):
        lines.info(b"%d\n" % number)
    assert paper.writes == []
    async with asyncio.timeout(5):
        await paper.written.wait()
    assert paper.writes == [b"0\n1\n2\n3\n4\n"]


async def test_the_next_moment_is_promised_anew():
    """What comes after a write is written too."""
    paper = Paper()
    lines = Lines([paper])
    for line in (b"first\n", b"second\n"):
        paper.written.clear()
        lines.info(line)
        async with asyncio.timeout(5):
            await paper.written.wait()
    assert paper.writes == [b"first\n", b"second\n"]


async def test_a_warning_takes_what_waits_along_at_once():
    """What an operator must see does not wait, and stays in its place."""
    paper = Paper()
    lines = Lines([paper])
    lines.info(b"before\n")
    lines.warning(b"trouble\n")
    assert paper.writes == [b"before\ntrouble\n"]


async def test_much_is_not_kept_waiting():
    """Memory is bounded however fast lines come."""
    paper = Paper()
    lines = Lines([paper])
    for _ in range(70):
        lines.info(b"x" * 1023 + b"\n")
    assert [len(write) for write in paper.writes] == [32768, 32768]


def test_a_loop_that_ended_before_its_moment_leaves_nothing_behind():
    """Closing writes what waits, and a later loop makes its own promise."""
    paper = Paper()
    lines = Lines([paper])

    async def say(line: bytes) -> None:
        lines.info(line)
        await asyncio.sleep(0)

    asyncio.run(say(b"first\n"))
    asyncio.run(say(b"second\n"))
    lines.close()
    assert b"".join(paper.writes) == b"first\nsecond\n"
    assert paper.closed


def test_a_thread_without_a_loop_writes_at_once():
    """Nobody would come back to write its lines."""
    paper = Paper()
    lines = Lines([paper])
    thread = threading.Thread(target=lines.info, args=(b"here\n",))
    thread.start()
    thread.join()
    assert paper.writes == [b"here\n"]
