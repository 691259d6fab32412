"""What the composition root supplies of the machine itself: time, ids, wake-ups, secrets."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.app.clock import SystemClock
from gateway.app.ids import RandomIds
from gateway.app.secrets import LocalSecrets
from gateway.app.wakeups import LoopWakeups
from gateway.core.errors import ConfigError
from gateway.core.ids import SystemId

A, B = SystemId("a"), SystemId("b")


def test_ids_are_version_7_and_grow():
    ids = RandomIds()
    made = [ids.new() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {(uuid.UUID(value).version, uuid.UUID(value).variant) for value in made} == {(7, uuid.RFC_4122)}
    assert {str(uuid.UUID(value)) for value in made} == set(made)


def test_ids_of_many_threads_never_repeat():
    ids = RandomIds()
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: ids.new(), range(4000)))
    assert len(set(made)) == 4000


def test_tokens_have_128_bits_and_jitter_stays_below_one():
    ids = RandomIds()
    assert len(ids.token()) == 32
    assert ids.token() != ids.token()
    assert 0 <= ids.jitter() < 1


async def test_the_clock_is_aware_and_sleeps():
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() - before >= 0.001
    assert clock.now().utcoffset() is not None


async def test_wakes_everybody_who_waits_for_the_system():
    wakeups = LoopWakeups()
    waiting = [asyncio.create_task(wakeups.wait(systems, seconds=30)) for systems in ([A], [A, B], [A])]
    await asyncio.sleep(0)
    wakeups.wake([A, A])
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_waiting_ends_after_its_time_without_news():
    wakeups = LoopWakeups()
    assert await wakeups.wait([A], seconds=0.001) is False
    wakeups.wake([A, B])


async def test_a_cancelled_wait_leaves_nothing_behind():
    wakeups = LoopWakeups()
    waiting = asyncio.create_task(wakeups.wait([A], seconds=30))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    wakeups.wake([A])


def test_reads_secrets_from_environment_and_file(tmp_path: Path):
    (tmp_path / "secret").write_bytes("mật khẩu\r\n".encode())
    secrets = LocalSecrets(tmp_path, {"NAME": "value"})
    assert secrets.get("env:NAME").reveal() == "value"
    assert secrets.get("file:secret").reveal() == "mật khẩu"
    assert secrets.get(f"file:{tmp_path}/secret").reveal() == "mật khẩu"
    (tmp_path / "secret").write_bytes("\ufeffmật khẩu\r\n".encode())  # as Notepad saves it
    assert secrets.get("file:secret").reveal() == "mật khẩu"


def test_a_secret_cannot_print_itself(tmp_path: Path):
    """G9: not in a log line, not in a traceback."""
    secret = LocalSecrets(tmp_path, {"NAME": "value"}).get("env:NAME")
    assert "value" not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("env:MISSING", "the variable is not set"),
        ("env:", "this is no reference to a secret"),
        ("file:missing", "the file cannot be read: No such file or directory"),
        ("file:empty", "the file is empty or larger than 64 KiB"),
        ("file:binary", "the file is not UTF-8"),
        ("plain", "this is no reference to a secret"),
    ],
)
def test_a_secret_that_is_not_there_names_the_remedy(tmp_path: Path, reference: str, text: str):
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError) as caught:
        LocalSecrets(tmp_path, {}).get(reference)
    (problem,) = caught.value.problems
    assert problem.key.endswith(reference.rpartition(":")[2])
    assert problem.text == text
    assert problem.remedy
