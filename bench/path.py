"""The whole path: accept durably, send, record durably; against two proxies that keep nothing (docs/adr/0012)."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.config import write
from bench.lines import Line, ratio
from bench.run import Run, await_delivered
from tools.gateway_process import Launch, new_key, serving

RELAYED = "1.1001"  #: a procedure that the partner is called for


def whole_path(run: Run) -> Sequence[Line]:
    """The gateway, the careful proxy and the bare one, in turn."""
    with run.peer("sink") as sink:
        target = f"http://127.0.0.1:{sink}"
        config = write(run.folder, target)
        launch = Launch(config=config, data=run.fresh("path"))
        key = new_key(launch, "portal")
        with serving(launch) as port, _proxies(run, config, f"{target}/in") as (careful, other_key, bare):
            rounds = [
                (
                    relay(run, launch, port, key, number * run.requests),
                    run.press(careful, other_key, RELAYED),
                    run.press(bare, other_key, RELAYED),
                )
                for number in range(1, run.rounds + 2)
            ]
    return (
        ratio("whole_path", [(ours, careful) for ours, careful, _ in rounds[1:]]),
        ratio("whole_path_bare", [(ours, bare) for ours, _, bare in rounds[1:]]),
    )


def relay(run: Run, launch: Launch, port: int, key: str, delivered: int) -> float:
    """Send one round and wait until so many are delivered in all; return dossiers per second."""
    started = time.perf_counter()
    run.press(port, key, RELAYED)
    await_delivered(launch, port, delivered)
    return run.requests / (time.perf_counter() - started)


@contextmanager
def _proxies(run: Run, config: Path, target: str) -> Generator[tuple[int, str, int]]:
    """Run both proxies; yields the careful one's port and key, and the bare one's port."""
    data = run.fresh("careful")
    options = ("--config", config, "--data", data, "--target", target)
    with run.peer("careful", *options) as careful, run.peer("bare", "--target", target) as bare:
        yield careful, (data / "key").read_text(encoding="utf-8"), bare
